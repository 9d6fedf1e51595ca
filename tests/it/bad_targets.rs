//! Backends that are not there, not what they should be, or say nothing: a clear error or a counted outcome, never a hang.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocket};

use crate::stage::{Ended, Server, Stage, finish, root};

/// A run that takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_mins(1);

/// What the reference backend says first.
const WELCOME: &str = r#"{"type":"welcome","user":"somebody"}"#;

/// A few people who come in the first second, chat and stay to the end.
const SMALL_SHOW: &str = r#"
name = "small"
seed = 5
length = "4s"
objectives = ["chat failed = 0%"]

[target]
time_out = "2s"

[products.lamp]
price = "39.00 EUR"
stock = 40

[[shows]]
creator = "mia"

[[audience]]
name = "fans"
viewers = 10
arrivals = { points = [["0s", 1.0], ["1s", 1.0]] }
stay = { fixed = "10s" }
chat = { per_viewer = "60/min" }
"#;

// --- backends made of a script --------------------------------------------------------------------

/// A server that does with each connection, numbered from 0, what `script` says. The first is the
/// trial connection before a run.
fn backend(script: impl Fn(u32, TcpStream) -> io::Result<()> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let script = Arc::new(script);
    thread::spawn(move || {
        for (number, stream) in (0..).zip(listener.incoming()) {
            let script = Arc::clone(&script);
            // It ends when its peer does, in whatever way.
            thread::spawn(move || script(number, stream.unwrap()));
        }
    });
    url
}

/// A server that answers every connection with the same bytes, once it has read the request, and
/// then waits for the peer to end.
fn answering(bytes: impl Into<Vec<u8>>) -> String {
    let bytes = bytes.into();
    backend(move |_, mut stream| {
        head(&mut stream)?;
        stream.write_all(&bytes)?;
        hold(stream)
    })
}

/// A server that accepts the upgrade and puts `bytes` into the same segment.
fn upgrading(bytes: impl Into<Vec<u8>>) -> String {
    let bytes = bytes.into();
    backend(move |_, mut stream| {
        upgrade(&mut stream, &bytes)?;
        hold(stream)
    })
}

/// The head of a request.
fn head(stream: &mut TcpStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Accepts a WebSocket, and sends `behind` in the same segment.
fn upgrade(stream: &mut TcpStream, behind: &[u8]) -> io::Result<()> {
    let head = head(stream)?;
    let key = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-key").then(|| value.trim())
    });
    let Some(key) = key else { return Err(io::Error::other("no WebSocket is asked for")) };
    let accept = derive_accept_key(key.as_bytes());
    let mut answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {accept}\r\n\r\n"
    )
    .into_bytes();
    answer.extend(behind);
    stream.write_all(&answer)
}

/// A short text frame as a server sends it.
fn text_frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    [&[0x81, length], text.as_bytes()].concat()
}

/// Says nothing more until the peer ends.
fn hold(mut stream: TcpStream) -> io::Result<()> {
    io::copy(&mut stream, &mut io::sink()).map(|_| ())
}

/// Ends a connection as a crashed machine's kernel does.
fn reset(stream: &TcpStream) -> io::Result<()> {
    let socket = socket2::SockRef::from(stream);
    socket.set_linger(Some(Duration::ZERO))
}

/// What a script does about a message.
enum Act {
    /// Answers it as it should be.
    Answer,
    /// Sends this text instead.
    Say(&'static str),
    /// Sends these bytes, which are no frame.
    Spill(&'static [u8]),
    /// Says nothing more, ever.
    Stall,
    /// Closes the connection by the rules of WebSocket.
    Close,
    /// Closes it without a word.
    Drop,
    /// Resets it.
    Reset,
}

/// Speaks the reference protocol over an upgraded connection, and answers each message, numbered
/// from 1, as `act` says.
fn speak(stream: TcpStream, act: impl Fn(u32) -> Act) -> io::Result<()> {
    let mut socket = WebSocket::from_raw_socket(stream, Role::Server, None);
    let mut messages = 0;
    loop {
        let message = match socket.read().map_err(io::Error::other)? {
            Message::Text(text) => serde_json::from_str::<Value>(&text).unwrap(),
            _ => continue,
        };
        messages += 1;
        let answer = match act(messages) {
            Act::Answer => json!({"type": "ok", "id": message["id"]}).to_string(),
            Act::Say(text) => text.to_owned(),
            Act::Spill(bytes) => {
                socket.get_mut().write_all(bytes)?;
                continue;
            }
            Act::Stall => return hold(socket.get_mut().try_clone()?),
            Act::Close => {
                socket.close(None).map_err(io::Error::other)?;
                continue;
            }
            Act::Drop => return Ok(()),
            Act::Reset => return reset(socket.get_ref()),
        };
        socket.send(Message::from(answer)).map_err(io::Error::other)?;
    }
}

/// A backend that speaks until `act` says otherwise of a connection and a message in it. Its
/// welcome comes in one segment with the end of the upgrade, so nobody gets in who loses that.
fn turning(act: impl Fn(u32, u32) -> Act + Send + Sync + 'static) -> String {
    backend(move |connection, mut stream| {
        upgrade(&mut stream, &text_frame(WELCOME))?;
        speak(stream, |message| act(connection, message))
    })
}

// --- before the run -------------------------------------------------------------------------------

/// `claque run` of a scenario against a backend, which must end by itself.
fn run(stage: &Stage, scenario: &str, url: &str, further: &[&str]) -> Ended {
    let scenario = stage.file("scenario.toml", scenario);
    let mut command = stage.run_command(&scenario, &["--url", url]);
    command.args(further);
    stage.ended(&finish(command, HANGS_AFTER))
}

/// Nothing could be played against it: one sentence says why, and there are no results.
#[track_caller]
fn check_unreachable(url: &str, sentences: &[&str]) {
    let stage = Stage::new();
    let begun = Instant::now();
    let ended = run(&stage, SMALL_SHOW, url, &[]);
    ended.expect_code(4);
    let said = ended.stderr.lines().next_back().unwrap();
    let why = said.strip_prefix(&format!("error: cannot talk to {url}: ")).unwrap_or(said);
    assert!(sentences.contains(&why), "{why}\nis none of {sentences:#?}");
    assert_eq!((ended.stdout.as_str(), ended.results), ("", None::<PathBuf>));
    // Its patience, and the time that calibrating takes on a busy machine.
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

const HUNG_UP: &str = "it closed the connection before it had answered the WebSocket upgrade";

const SILENT: &str =
    "within 5 s it said nothing that the handshake of binding `reference` waits for";

#[test]
fn a_backend_that_cannot_be_spoken_to_is_unreachable() {
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let endless = backend(|_, mut stream| {
        head(&mut stream)?;
        stream.write_all(b"HTTP/1.1 101 Switching Protocols\r\nx: ")?;
        loop {
            stream.write_all(&[b'a'; 4096])?;
        }
    });
    let chatty = backend(|_, mut stream| {
        upgrade(&mut stream, &[])?;
        loop {
            stream.write_all(&text_frame(r#"{"type":"news"}"#))?;
        }
    });
    let cases: Vec<(String, &[&str])> = vec![
        (nobody, &["nothing listens there"]),
        (
            answering("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"),
            &["it answered the WebSocket upgrade with HTTP 404 Not Found"],
        ),
        (
            answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"),
            &["it answered the WebSocket upgrade with HTTP 200 OK"],
        ),
        // Whether a request that was not read resets the connection is a matter of microseconds.
        (backend(|_, _| Ok(())), &[HUNG_UP, "it reset the connection"]),
        (backend(|_, mut stream| head(&mut stream).map(|_| ())), &[HUNG_UP]),
        (
            backend(|_, mut stream| upgrade(&mut stream, &[])),
            &["it closed the connection during the binding's handshake"],
        ),
        (
            answering(*b"\x00\x9f\x92\x96 220 smtp.example ESMTP\r\n\r\n"),
            &["its answer to the WebSocket upgrade is not HTTP: invalid HTTP version"],
        ),
        (upgrading([0xff; 64]), &["what it sent is not WebSocket: Encountered invalid opcode: 15"]),
        (
            upgrading(text_frame("220 hello")),
            &[
                "it said \"220 hello\", which the binding's codec cannot read: more after the document at byte 4",
            ],
        ),
        (backend(|_, stream| hold(stream)), &[SILENT]),
        (upgrading([]), &[SILENT]),
        (chatty, &[SILENT]),
        (
            upgrading([0x82, 127, 0, 0, 0x10, 0, 0, 0, 0, 0, 1, 2, 3]),
            &["it sent a message of 17592186044416 bytes, more than 1048576"],
        ),
        (
            upgrading([0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            &["it sent a message of 9223372036854775807 bytes, more than 1048576"],
        ),
        (endless, &["the head of its answer to the WebSocket upgrade never ends"]),
    ];
    thread::scope(|scope| {
        for (url, sentences) in &cases {
            scope.spawn(move || check_unreachable(url, sentences));
        }
    });
}

#[test]
fn a_target_that_must_not_be_spoken_to_is_bad_usage() {
    let check = |url: &str, expect: &str| {
        let stage = Stage::new();
        let ended = run(&stage, SMALL_SHOW, url, &[]);
        ended.expect_code(2);
        assert_eq!(ended.stderr.lines().next_back(), Some(&*format!("error: {expect}")));
        assert_eq!(ended.results, None);
    };
    // Addresses for documentation, which nobody has.
    for ip in ["192.0.2.1", "2001:db8::1"] {
        let host = if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() };
        check(
            &format!("http://{host}:8080"),
            &format!(
                "{ip} is neither loopback nor private, and a load test can take a service down; \
                 if its owner has agreed, say so with --authorised (or `authorised = true` under [target])"
            ),
        );
    }
    let not_a_target = |url: &str, why: &str| {
        check(
            url,
            &format!("`{url}` is not a target: {why}; write it like `http://127.0.0.1:8080`"),
        );
    };
    not_a_target("https://127.0.0.1:8080", "TLS is not built in yet");
    not_a_target("http://127.0.0.1:0", "nobody listens on port 0");
    not_a_target("http://127.0.0.1:65536", "invalid port number");
    not_a_target("ftp://127.0.0.1:21", "it begins with `ftp:`");
}

// --- during the run -------------------------------------------------------------------------------

/// Answered, rejected, failed, timed out and unsent intents of a kind.
type Outcomes = [u64; 5];

/// What a report's table of errors may speak of.
type Words<'a> = &'a [&'a str];

fn outcomes(summary: &Value, kind: &str) -> Outcomes {
    let rows = summary["intents"].as_array().unwrap();
    let row = rows.iter().find(|row| row["kind"] == kind).unwrap();
    let unsent = row["unsent"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    let count = |name: &str| row[name].as_u64().unwrap();
    let outcomes =
        [count("answered"), count("rejected"), count("failed"), count("timed_out"), unsent];
    assert_eq!(outcomes.iter().sum::<u64>(), count("planned"), "{row}");
    assert_eq!(row["unsent"]["overload"], 0, "{row}");
    outcomes
}

/// A run that went badly, and is accounted for: it has ended by itself, each intent has one
/// outcome, and the report speaks of nothing but `words`, and of something if there are any.
#[track_caller]
fn check_counted(ended: &Ended, code: i32, words: Words<'_>) -> Value {
    ended.expect_code(code);
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    let summary = ended.summary();
    assert_eq!(summary["complete"], true);
    for row in summary["intents"].as_array().unwrap() {
        outcomes(&summary, row["kind"].as_str().unwrap());
    }
    let found: Vec<String> = summary["words"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or_default();
            format!("{} {} {}", text("kind"), text("of"), text("word")).trim().to_owned()
        })
        .collect();
    let report = &ended.stdout;
    assert!(found.iter().all(|word| words.contains(&word.as_str())), "{found:?}\n{report}");
    assert_eq!(found.is_empty(), words.is_empty(), "{found:?}\n{report}");
    summary
}

#[test]
fn a_backend_that_turns_bad_is_accounted_for() {
    // A viewer's first three messages are answered: its join and two chats.
    let later = |act: fn() -> Act| {
        turning(
            move |connection, message| {
                if connection > 0 && message > 3 { act() } else { Act::Answer }
            },
        )
    };
    // Eight of ten viewers come to their fourth message.
    let (all, lost, unheard) = ([41, 0, 0, 0, 0], [18, 0, 8, 0, 15], [18, 0, 0, 23, 0]);
    let cases: Vec<(String, i32, Outcomes, Words<'_>)> = vec![
        (turning(|_, _| Act::Answer), 0, all, &[]),
        (later(|| Act::Reset), 1, lost, &["connection reset", "chat failed reset"]),
        (later(|| Act::Drop), 1, lost, &["connection dropped", "chat failed dropped"]),
        (later(|| Act::Close), 1, lost, &["connection closed", "chat failed closed"]),
        (
            later(|| Act::Spill(&[0xff; 32])),
            1,
            lost,
            &["connection garbage", "chat failed garbage"],
        ),
        (later(|| Act::Say("who are you?")), 1, unheard, &["connection garbage"]),
        (later(|| Act::Say(r#"{"type":"ok","id":999}"#)), 1, unheard, &[]),
        (later(|| Act::Stall), 1, unheard, &[]),
    ];
    thread::scope(|scope| {
        for (url, code, chat, words) in &cases {
            scope.spawn(move || {
                let stage = Stage::new();
                let ended = run(&stage, SMALL_SHOW, url, &[]);
                let summary = check_counted(&ended, *code, words);
                assert_eq!(outcomes(&summary, "join"), [10, 0, 0, 0, 0]);
                assert_eq!(outcomes(&summary, "chat"), *chat, "{}", ended.stdout);
            });
        }
    });
}

#[test]
fn a_backend_that_lets_nobody_in_any_more_is_accounted_for() {
    let trial_only = |then: fn(TcpStream) -> io::Result<()>| {
        backend(move |connection, mut stream| {
            if connection > 0 {
                return then(stream);
            }
            upgrade(&mut stream, &text_frame(WELCOME))?;
            hold(stream)
        })
    };
    let at_random = turning(|connection, message| {
        if connection > 0 && (connection * 7 + message * 13) % 5 == 0 {
            Act::Drop
        } else {
            Act::Answer
        }
    });
    // Whether what was not read resets the connection is a matter of microseconds.
    let broken = ["connection", "go_live failed", "join failed", "chat failed", "leave failed"];
    let broken = broken.map(|what| [format!("{what} dropped"), format!("{what} reset")]);
    let broken: Vec<&str> = broken.as_flattened().iter().map(String::as_str).collect();
    let (failed, timed_out) = ([0, 0, 10, 0, 0], [0, 0, 0, 10, 0]);
    let cases: Vec<(String, Option<Outcomes>, Words<'_>)> = vec![
        (turning(|_, _| Act::Stall), Some(timed_out), &[]),
        (trial_only(hold), Some(timed_out), &["connection timed out"]),
        (trial_only(|_| Ok(())), Some(failed), &broken),
        (at_random, None, &broken),
    ];
    thread::scope(|scope| {
        for (url, joins, words) in &cases {
            scope.spawn(move || {
                let stage = Stage::new();
                let ended = run(&stage, SMALL_SHOW, url, &[]);
                let summary = check_counted(&ended, 1, words);
                if let Some(joins) = joins {
                    assert_eq!(outcomes(&summary, "join"), *joins, "{}", ended.stdout);
                    assert_eq!(outcomes(&summary, "chat"), [0, 0, 0, 0, 41], "{}", ended.stdout);
                    let reason = "none of 63 planned intents was answered";
                    assert!(ended.stdout.contains(reason), "{}", ended.stdout);
                }
            });
        }
    });
}

/// A backend whose rooms are well, and whose shop answers a request, given by its head, with the
/// bytes that `shop` gives; with none, it says nothing more.
fn selling(shop: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> String {
    backend(move |_, mut stream| {
        let mut start = [0; 10];
        stream.peek(&mut start)?;
        if start.starts_with(b"GET /live") {
            upgrade(&mut stream, &text_frame(WELCOME))?;
            return speak(stream, |_| Act::Answer);
        }
        loop {
            let head = head(&mut stream)?.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |length| length.parse().unwrap());
            io::copy(&mut (&stream).take(length), &mut io::sink())?;
            match shop(&head) {
                Some(answer) if answer.is_empty() => return Ok(()),
                Some(answer) => stream.write_all(&answer)?,
                None => return hold(stream),
            }
        }
    })
}

/// An HTTP answer with a length of its body that may be a lie.
fn answer(status: &str, length: usize, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}").into_bytes()
}

#[test]
fn a_shop_that_turns_bad_is_accounted_for() {
    let everybody_buys = r#"funnel = { click_per_visit = "99%", cart_per_click = "99%", buy_per_cart = "99%", cart_delay = "200ms", check_out_delay = "200ms" }"#;
    let scenario = format!("{SMALL_SHOW}{everybody_buys}\n");
    let silent = [0, 0, 0, 23, 12];
    let failed = [0, 0, 35, 0, 0];
    let cases: Vec<(String, Outcomes, Words<'_>)> = vec![
        (selling(|_| Some(Vec::new())), failed, &["connection closed", "click failed closed"]),
        (
            selling(|_| Some(b"\x00\x01\x02 what?\r\n\r\n".to_vec())),
            failed,
            &["connection garbage", "click failed garbage"],
        ),
        (
            selling(|_| Some(answer("500 Internal Server Error", 4, "oops"))),
            failed,
            &["click failed Internal Server Error"],
        ),
        (
            selling(|_| Some(answer("200 OK", 6, "<html>"))),
            failed,
            &["click failed not understood"],
        ),
        (selling(|_| Some(answer("200 OK", 99_999_999_999, "<html>"))), silent, &[]),
        (selling(|_| None), silent, &[]),
    ];
    thread::scope(|scope| {
        for (url, clicks, words) in &cases {
            let scenario = &scenario;
            scope.spawn(move || {
                let stage = Stage::new();
                let ended = run(&stage, scenario, url, &[]);
                let summary = check_counted(&ended, 0, words);
                assert_eq!(outcomes(&summary, "chat"), [41, 0, 0, 0, 0]);
                assert_eq!(outcomes(&summary, "click"), *clicks, "{}", ended.stdout);
            });
        }
        // Nobody ever learns whether these orders were made.
        let url = selling(|head| {
            let body = r#"{"product":"lamp","cart":"c","price":"39.00","quantity":1}"#;
            let status = if head.starts_with("get") { "200 OK" } else { "201 Created" };
            (!head.contains(" /orders")).then(|| answer(status, body.len(), body))
        });
        let stage = Stage::new();
        let ended = run(&stage, &scenario, &url, &[]);
        let summary = check_counted(&ended, 0, &[]);
        let [answered, _, _, timed_out, _] = outcomes(&summary, "check_out");
        assert_eq!(answered, 0);
        // All that were sent, not those that waited for the viewer's connection in vain.
        let unresolved = summary["orders"]["unresolved"].as_u64().unwrap();
        assert!((10..=timed_out).contains(&unresolved), "{}", ended.stdout);
        let lamp = &summary["orders"]["products"][0];
        assert_eq!((&lamp["sold"], &lamp["sold_possible"]), (&json!(0), &json!(unresolved)));
    });
}

// --- silence --------------------------------------------------------------------------------------

/// Viewers who say nothing for 7 s, to a backend that closes connections which are silent for 3 s;
/// `heartbeat` stands for the shipped binding's 20 s.
fn silent_audience(heartbeat: &str, code: i32, words: Words<'_>, leaves: Outcomes) {
    let server = Server::reference(&["--idle", "3s"]);
    let stage = Stage::new();
    let shipped = root().join("scenarios/bindings/reference.toml");
    let shipped = std::fs::read_to_string(shipped).unwrap();
    assert_eq!(shipped.matches("\"20s\"").count(), 1);
    let binding = stage.file("binding.toml", &shipped.replace("20s", heartbeat));
    let scenario = SMALL_SHOW
        .replace("length = \"4s\"", "length = \"7s\"")
        .replace("chat = { per_viewer = \"60/min\" }", "")
        .replace("chat failed", "leave failed");
    let binding = ["--binding", binding.to_str().unwrap()];
    let ended = run(&stage, &scenario, &server.url, &binding);
    let summary = check_counted(&ended, code, words);
    assert_eq!(outcomes(&summary, "leave"), leaves, "{}", ended.stdout);
}

#[test]
fn a_heartbeat_keeps_silent_viewers_connected() {
    thread::scope(|scope| {
        scope.spawn(|| silent_audience("500ms", 0, &[], [10, 0, 0, 0, 0]));
        scope.spawn(|| silent_audience("20s", 1, &["connection closed 4408"], [0, 0, 0, 0, 10]));
    });
}
