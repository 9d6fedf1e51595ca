//! Whole shows against the real nginx with nchan, unchanged but for their binding and their address.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::stage::{Ended, Stage, root, signal};

/// Where Debian puts the module.
const MODULE: &str = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/// How long nginx has to listen, and to end.
const PATIENCE: Duration = Duration::from_secs(10);

/// The nginx under test: a master, which ends its worker when it is told to end.
struct Nginx {
    master: Child,
    url: String,
}

impl Nginx {
    /// Starts it in `stage` on a free port, and waits until it takes connections.
    fn start(stage: &Stage) -> Nginx {
        // Between finding a free port and nginx taking it, somebody else may.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let config = stage.file("nginx.conf", &config(&stage.path(""), port));
            let master = Command::new("nginx")
                .arg("-p")
                .arg(stage.path(""))
                .arg("-c")
                .arg(config)
                .arg("-e")
                .arg("stderr")
                .stdin(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut nginx = Nginx { master, url: format!("http://127.0.0.1:{port}") };
            if nginx.listens(port) {
                return nginx;
            }
        }
        panic!("nginx found no port");
    }

    /// Whether it takes connections; false if it has ended because the port was taken.
    fn listens(&mut self, port: u16) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.master.try_wait().unwrap() {
                let mut said = String::new();
                self.master.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                assert!(said.contains("Address already in use"), "nginx ended, {status}: {said}");
                return false;
            }
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return true;
            }
            thread::yield_now();
        }
        panic!("nginx does not listen on port {port}");
    }

    /// The ids of its workers.
    fn workers(&self) -> Vec<i32> {
        let id = self.master.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        children.unwrap_or_default().split_whitespace().map(|id| id.parse().unwrap()).collect()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        if matches!(self.master.try_wait(), Ok(Some(_))) {
            return;
        }
        // A master that is killed leaves its workers behind; one that is asked ends them first.
        let workers = self.workers();
        signal(&self.master, Signal::TERM);
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if matches!(self.master.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        for id in workers {
            let _ = rustix::process::kill_process(
                rustix::process::Pid::from_raw(id).unwrap(),
                Signal::KILL,
            );
        }
        let _ = self.master.kill();
        let _ = self.master.wait();
    }
}

fn config(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    // As root, workers would change to a user who may not enter the folder.
    let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
    format!(
        r"load_module {MODULE};
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location ~ ^/room/(\w+)$ {{
      nchan_pubsub websocket;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
      nchan_message_buffer_length 5000;
    }}
  }}
}}
"
    )
}

/// Whether nginx and the module are there; where they are not, the test is skipped, aloud.
fn is_installed() -> bool {
    let nginx = Command::new("nginx").arg("-v").stderr(Stdio::null()).status();
    if nginx.is_ok_and(|status| status.success()) && Path::new(MODULE).exists() {
        return true;
    }
    assert!(
        std::env::var_os("CLAQUE_REQUIRE_SERVERS").is_none(),
        "nginx or {MODULE} is missing: install nginx and libnginx-mod-nchan"
    );
    #[expect(
        clippy::print_stderr,
        reason = "a test that did not run must not look like one that did"
    )]
    {
        eprintln!("skipped: nginx or {MODULE} is not installed");
    }
    false
}

/// The row of a table that is about a kind of intent.
fn row<'a>(summary: &'a Value, table: &str, kind: &str) -> &'a Value {
    let rows = summary[table].as_array().unwrap();
    rows.iter().find(|row| row["kind"] == kind).unwrap_or_else(|| panic!("no {kind} in {table}"))
}

/// What holds for every show there: people get in, every message comes back to its sender and to
/// everybody else, nothing breaks, and what nginx cannot do is said to be not played.
fn check(ended: &Ended, viewers: u64, chats_min: u64, not_played: &[&str]) {
    ended.expect_code(0);
    let summary = ended.summary();
    let report = &ended.stdout;
    for (kind, planned_min) in
        [("go_live", 1), ("join", viewers), ("chat", chats_min), ("leave", viewers)]
    {
        let row = row(&summary, "intents", kind);
        let planned = row["planned"].as_u64().unwrap();
        assert!(planned >= planned_min, "{kind}: {planned} planned\n{report}");
        assert_eq!(row["answered"], row["planned"], "{kind}\n{report}");
        assert_eq!(row["response"]["n"], row["planned"], "{kind}\n{report}");
    }
    assert_eq!(row(&summary, "intents", "join")["planned"], viewers, "{report}");

    let chat = &row(&summary, "deliveries", "chat")["all"];
    let figure = |name: &str| chat[name].as_f64().unwrap();
    assert!(figure("expected") > 5_000.0, "{report}");
    for flaw in ["missing", "duplicate", "late", "ghost", "outside", "out_of_order_by_sender"] {
        assert_eq!(chat[flaw], 0, "{flaw}\n{report}");
    }
    assert!((figure("completeness") - 1.0).abs() < f64::EPSILON, "{report}");
    assert!(figure("boundary_share") < 0.02, "{report}");
    let p50 = chat["delivery"]["p50_ns"].as_u64().unwrap();
    assert!(chat["delivery"]["n"].as_u64().unwrap() > 5_000, "{report}");
    assert!((10_000..100_000_000).contains(&p50), "{report}");

    assert_eq!(summary["words"], serde_json::json!([]), "{report}");
    assert_eq!(summary["run"]["not_played"], serde_json::json!(not_played));
    for kind in not_played {
        assert!(summary["intents"].as_array().unwrap().iter().all(|row| row["kind"] != *kind));
    }
    let line = format!("  not played {}: the binding has no verb for", not_played.join(", "));
    assert!(report.contains(&line), "{report}");
    for objective in summary["objectives"].as_array().unwrap() {
        let kind = objective["objective"]["kind"].as_str().unwrap_or("check_out");
        if not_played.contains(&kind) {
            assert_eq!(objective["evaluated"], false, "{objective}");
            assert_eq!(objective["why_not"], format!("the binding plays no {kind}"), "{objective}");
        } else {
            assert_eq!(objective["holds"], true, "{objective}");
        }
    }
}

#[test]
fn two_shows_are_served_by_nginx_with_nchan() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let nginx = Nginx::start(&stage);
    let stages = [Stage::new(), Stage::new()];
    let run = |stage: &Stage, name: &str| {
        let scenario = root().join("scenarios").join(format!("{name}.toml"));
        stage.run_valid(&scenario, &["--binding", "nchan", "--url", &nginx.url])
    };
    let (first, crowd) = thread::scope(|scope| {
        let first = scope.spawn(|| run(&stages[0], "first-show"));
        let crowd = run(&stages[1], "world-cup-crowd");
        (first.join().unwrap(), crowd)
    });
    check(&first, 500, 80, &["like", "click", "add_to_cart", "check_out"]);
    let report = &first.stdout;
    let line = "– check-out failed = 0%                          not evaluated: the binding plays no check_out";
    assert!(report.contains(line), "{report}");
    assert!(report.contains("4 of 7 objectives were evaluated, and hold"), "{report}");
    check(&crowd, 600, 120, &["like"]);
    assert!(crowd.stdout.contains("all 6 objectives hold"), "{}", crowd.stdout);
}
