//! What a run costs beside a bare tokio-tungstenite client that reads the same broadcasts in the
//! same run: CPU a received frame, memory a viewer; and the generator's lag at half the budget.
//!
//! `cargo bench --bench drive` (about two minutes; needs 11,000 open files in all). Both clients are
//! processes of their own, read from `/proc` from outside, one after the other on an otherwise idle
//! machine; the server is `claque serve`.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use claque::drive::Usage;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// Viewers who only receive.
const VIEWERS: u32 = 5_000;
/// Viewers who write, each twice a second.
const TALKERS: u32 = 4;
/// When viewers begin to come, and have all come, in seconds of the run.
const ARRIVALS: (u64, u64) = (2, 8);
/// The seconds between which CPU and frames are counted.
const WINDOW: (u64, u64) = (11, 21);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, role, url] = arguments.as_slice()
        && role == "bare"
    {
        return bare(url);
    }
    println!("{VIEWERS} viewers, {} broadcasts/s, received over loopback\n", 2 * TALKERS);
    println!("| client | frames/s | CPU a frame | memory a viewer |");
    println!("|---|---|---|---|");
    let bare = measure("bare tokio-tungstenite", |url| {
        let program = std::env::current_exe().expect("this program");
        Command::new(program).args(["bare", url]).spawn()
    });
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = folder.path().join("fan-out.toml");
    std::fs::write(&scenario, fan_out()).expect("a scenario");
    let claque = measure("claque run", |url| {
        play(&scenario, folder.path()).args(["--url", url]).stdout(Stdio::null()).spawn()
    });
    println!("| ratio | | {:.2} | {:.2} |\n", claque.0 / bare.0, claque.1 / bare.1);
    lag_at_half_the_budget(folder.path());
}

fn play(scenario: &Path, results: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claque"));
    command.arg("run").arg(scenario).args(["--force", "--quiet", "--results"]).arg(results);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

fn fan_out() -> String {
    let (from, to) = ARRIVALS;
    format!(
        r#"
name = "fan-out"
length = "{end}s"
[[shows]]
creator = "mia"
[[audience]]
name = "silent"
viewers = {VIEWERS}
arrivals = {{ points = [["{from}s", 1.0], ["{to}s", 1.0]] }}
stay = {{ fixed = "1h" }}
[[audience]]
name = "talkers"
viewers = {TALKERS}
arrivals = {{ points = [["0s", 1.0], ["1s", 1.0]] }}
stay = {{ fixed = "1h" }}
chat = {{ per_viewer = "2/s", metronome = true }}
"#,
        end = WINDOW.1 + 2,
    )
}

/// CPU seconds a frame and bytes a viewer of a client process.
fn measure(name: &str, start: impl Fn(&str) -> std::io::Result<Child>) -> (f64, f64) {
    let (mut server, url) = serve();
    let mut client = start(&url).expect("the client starts");
    let began = Instant::now();
    let at = |second: u64| {
        let passed = began.elapsed();
        std::thread::sleep(Duration::from_secs(second).saturating_sub(passed));
        let usage = Usage::of(client.id()).expect("the client runs");
        (usage.cpu.as_secs_f64(), resident(client.id()), received(&url))
    };
    let before = at(ARRIVALS.0 - 1);
    let first = at(WINDOW.0);
    let last = at(WINDOW.1);
    let _ = client.kill();
    let _ = client.wait();
    let _ = server.kill();
    let _ = server.wait();
    let frames = (last.2 - first.2) as f64;
    let seconds = (WINDOW.1 - WINDOW.0) as f64;
    let cpu = (last.0 - first.0) / frames;
    let memory = last.1.saturating_sub(before.1) as f64 / f64::from(VIEWERS);
    println!(
        "| {name} | {:.0} | {:.2} µs | {:.1} KiB |",
        frames / seconds,
        cpu * 1e6,
        memory / 1024.0
    );
    (cpu, memory)
}

/// Resident memory of a process, in bytes.
fn resident(process_id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().expect("kB");
    kibibytes * 1024
}

/// Deliveries that the server has made so far.
fn received(url: &str) -> u64 {
    let address = url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).expect("the server listens");
    let request = format!("GET /stats HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    let start = body.find('{').expect("JSON");
    let stats: Value = serde_json::Deserializer::from_str(&body[start..])
        .into_iter()
        .next()
        .expect("a value")
        .expect("JSON");
    stats["deliveries"].as_u64().expect("deliveries")
}

fn serve() -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_claque"))
        .args(["serve", "--listen", "127.0.0.1:0", "--until-stdin-closes"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("stdout")).read_line(&mut line).expect("a line");
    let url = line.trim().rsplit(' ').next().expect("a url").to_owned();
    (child, url)
}

/// The bare client: the same connections, read and thrown away.
fn bare(url: &str) {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let tasks = tokio::task::LocalSet::new();
    let ws = url.replace("http://", "ws://");
    tasks.block_on(&runtime, async {
        let start = tokio::time::Instant::now();
        let (from, to) = ARRIVALS;
        let gap = Duration::from_secs(to - from) / VIEWERS;
        for number in 0..TALKERS {
            // Evenly apart, as a metronome's: together they would come in one read.
            let phase = Duration::from_millis(500) / TALKERS * number;
            tokio::task::spawn_local(talk(format!("{ws}/live?user=talker-{number}"), phase));
        }
        for number in 0..VIEWERS {
            let due = start + Duration::from_secs(from) + gap * number;
            tokio::time::sleep_until(due).await;
            tokio::task::spawn_local(listen(format!("{ws}/live?user=viewer-{number}")));
        }
        tokio::time::sleep_until(start + Duration::from_secs(WINDOW.1 + 2)).await;
    });
}

async fn join(url: String) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
    let config = WebSocketConfig::default()
        .read_buffer_size(4 << 10)
        .write_buffer_size(0)
        .max_write_buffer_size(256 << 10);
    let connected = tokio_tungstenite::connect_async_with_config(url, Some(config), true).await;
    let (mut socket, _) = connected.expect("a connection");
    let join = r#"{"type":"join","id":1,"room":"mia"}"#;
    socket.send(Message::text(join)).await.expect("joined");
    socket
}

async fn listen(url: String) {
    let mut socket = join(url).await;
    while socket.next().await.is_some() {}
}

async fn talk(url: String, phase: Duration) {
    let (mut sink, mut stream) = join(url).await.split();
    let start = tokio::time::Instant::now() + phase;
    let mut pace = tokio::time::interval_at(start, Duration::from_millis(500));
    let chat = concat!(
        r#"{"type":"chat","id":2,"text":"hello from the sofa","#,
        r#""cid":"6f1d2c3b-100000000-9-98a3f2-4b"}"#
    );
    loop {
        tokio::select! {
            message = stream.next() => if message.is_none() { return },
            _ = pace.tick() => sink.send(Message::text(chat)).await.expect("sent"),
        }
    }
}

/// A run whose deliveries are half of what the machine is calibrated for.
fn lag_at_half_the_budget(folder: &Path) {
    let budget = claque::drive::calibrate(1).expect("a budget").deliveries_per_second;
    let per_talker = budget / 2.0 / 1_000.0 / 50.0;
    let scenario = folder.join("half.toml");
    let text = format!(
        r#"
name = "half"
length = "15s"
[[shows]]
creator = "mia"
[[audience]]
name = "silent"
viewers = 950
arrivals = {{ points = [["0s", 1.0], ["3s", 1.0]] }}
stay = {{ fixed = "1h" }}
[[audience]]
name = "talkers"
viewers = 50
arrivals = {{ points = [["0s", 1.0], ["3s", 1.0]] }}
stay = {{ fixed = "1h" }}
chat = {{ per_viewer = "{per_talker:.3}/s", metronome = true }}
"#
    );
    std::fs::write(&scenario, text).expect("a scenario");
    let results = folder.join("half");
    play(&scenario, &results).stdout(Stdio::null()).status().expect("a run");
    let run = std::fs::read_dir(&results).expect("results").next().expect("a run").expect("a run");
    let summary = std::fs::read_to_string(run.path().join("summary.json")).expect("a summary");
    let summary: Value = serde_json::from_str(&summary).expect("JSON");
    println!(
        "budget {budget:.0} deliveries/s; at half of it: verdict {}",
        summary["verdict"]["name"]
    );
    let intents = summary["intents"].as_array().expect("intents");
    let chat = intents.iter().find(|row| row["kind"] == "chat").expect("chat");
    let micros = |field: &str| chat["lag"][field].as_f64().map_or(f64::NAN, |ns| ns / 1e3);
    println!("chat lag p50 {:.0} µs, p99 {:.0} µs", micros("p50_ns"), micros("p99_ns"));
}
