//! Receiving allocates nothing of ours: allocations a received frame of a whole run in this process,
//! beside a bare tokio-tungstenite client that reads the same broadcasts of the same server.
//!
//! Both are counted by the process's allocator, whoever allocates. tungstenite gives a payload as a
//! part of its read buffer, and takes that back once nobody holds it; so neither client has anything
//! to allocate for a frame that it only reads. What is counted all the same are sends, notices
//! between shards, and what happens once a second.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers too")]
#![expect(clippy::print_stdout, reason = "the figures are to be seen")]
#![expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]

use std::alloc::System;
use std::cell::Cell;
use std::io::{BufRead as _, BufReader};
use std::ops::ControlFlow;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use claque::binding::{Binding, shipped};
use claque::drive::{Address, Play, Second, play};
use claque::measure::{Settings, Tally};
use claque_audience::{Audience, Micros};
use futures_util::{SinkExt as _, StreamExt as _};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Viewers who only receive: enough for sentinels.
const LISTENERS: u32 = 300;
/// Viewers who write, each ten times a second.
const TALKERS: u32 = 2;
/// Seconds until everybody is there and every buffer has its size.
const WARM: u32 = 4;
/// Seconds in which allocations are counted.
const COUNTED: u32 = 4;

/// Allocations of ours that a received frame may cost.
const LIMIT: f64 = 0.02;

/// Allocations until now, those that grow something included.
fn allocations() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// What happened in the seconds that are counted.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    received: u64,
    sent: u64,
    allocations: usize,
}

impl Count {
    fn since(self, before: Count) -> Count {
        Count {
            received: self.received - before.received,
            sent: self.sent - before.sent,
            allocations: self.allocations - before.allocations,
        }
    }

    fn a_frame(self) -> f64 {
        self.allocations as f64 / self.received as f64
    }
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn serve() -> (Server, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_claque"))
        .args(["serve", "--listen", "127.0.0.1:0", "--until-stdin-closes"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().rsplit(' ').next().unwrap().to_owned();
    (Server(child), url)
}

fn fan_out() -> String {
    format!(
        r#"
name = "fan-out"
length = "{length}s"
[[shows]]
creator = "mia"
[[audience]]
name = "listeners"
viewers = {LISTENERS}
arrivals = {{ points = [["0s", 1.0], ["1s", 1.0]] }}
stay = {{ fixed = "1h" }}
[[audience]]
name = "talkers"
viewers = {TALKERS}
arrivals = {{ points = [["0s", 1.0], ["1s", 1.0]] }}
stay = {{ fixed = "1h" }}
chat = {{ per_viewer = "10/s", metronome = true }}
"#,
        length = WARM + COUNTED + 1,
    )
}

/// The shipped driver, whole: two shards and the sentinels', with recorders and ledgers.
fn ours(url: &str) -> Count {
    let (scenario, _) =
        claque::scenario::parse("fan-out.toml", &fan_out(), &[], &|_| Err(String::new())).unwrap();
    let audience = Audience::new(&scenario.plan);
    let time_out = Micros(1_000_000);
    let settings = Settings {
        windows: Vec::new(),
        time_out,
        guard: Micros(20_000),
        deadline: Micros(200_000),
        // Long over when counting begins, so that closed rows are used again.
        close_after: Micros(2_000_000),
        complete_after: Micros(700_000),
        rooms: 1,
        rows_max: 65_536,
        findings_max: 1_000,
        max_ns: 60_000_000_000,
    };
    let run = Play {
        group_sizes: audience.sizes().to_vec(),
        plan: scenario.plan,
        binding: Binding::parse("reference.toml", shipped("reference").unwrap()).unwrap(),
        address: Address::resolve(url).unwrap(),
        shards: 2,
        run: 0xc1a9e,
        time_out,
        settings: Arc::new(settings),
        cores: None,
        trace: false,
    };
    let mut count = Count::default();
    let mut before = Count::default();
    let mut counted = Count::default();
    play(run, audience, |Second { number, measured, .. }| {
        count.received += measured.tally(Tally::FramesIn);
        count.sent += measured.tally(Tally::FramesOut);
        count.allocations = allocations();
        if number + 1 == WARM {
            before = count;
        } else if number + 1 == WARM + COUNTED {
            counted = count.since(before);
        }
        Ok(ControlFlow::Continue(()))
    })
    .unwrap();
    counted
}

/// As many connections to another room, with the same buffers, read and thrown away.
fn bare(url: &str) -> Count {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let tasks = tokio::task::LocalSet::new();
    let url = url.replace("http://", "ws://");
    tasks.block_on(&runtime, async {
        let (received, sent) = (Rc::<Cell<u64>>::default(), Rc::<Cell<u64>>::default());
        for number in 0..TALKERS + LISTENERS {
            let writes = number < TALKERS;
            let url = format!("{url}/live?user=bare-{number}");
            let (received, sent) = (Rc::clone(&received), Rc::clone(&sent));
            tokio::task::spawn_local(async move {
                // Evenly apart, as a metronome's.
                let phase = Duration::from_millis(100) / TALKERS * number;
                connect(url, writes.then_some(phase), received, sent).await;
            });
        }
        let count =
            || Count { received: received.get(), sent: sent.get(), allocations: allocations() };
        tokio::time::sleep(Duration::from_secs(WARM.into())).await;
        let before = count();
        tokio::time::sleep(Duration::from_secs(COUNTED.into())).await;
        count().since(before)
    })
}

async fn connect(
    url: String,
    talks: Option<Duration>,
    received: Rc<Cell<u64>>,
    sent: Rc<Cell<u64>>,
) {
    let config = WebSocketConfig::default()
        .read_buffer_size(4 << 10)
        .write_buffer_size(0)
        .max_write_buffer_size(256 << 10);
    let connected = tokio_tungstenite::connect_async_with_config(url, Some(config), true).await;
    let (mut socket, _) = connected.unwrap();
    socket.send(Message::text(r#"{"type":"join","id":1,"room":"noa"}"#)).await.unwrap();
    let Some(phase) = talks else {
        while socket.next().await.is_some() {
            received.set(received.get() + 1);
        }
        return;
    };
    let chat = concat!(
        r#"{"type":"chat","id":2,"text":"hello from the sofa","#,
        r#""cid":"6f1d2c3b-100000000-9-98a3f2-4b"}"#
    );
    let start = tokio::time::Instant::now() + phase;
    let mut pace = tokio::time::interval_at(start, Duration::from_millis(100));
    loop {
        tokio::select! {
            message = socket.next() => {
                if message.is_none() {
                    return;
                }
                received.set(received.get() + 1);
            }
            _ = pace.tick() => {
                socket.send(Message::text(chat)).await.unwrap();
                sent.set(sent.get() + 1);
            }
        }
    }
}

#[test]
fn an_allocation_is_counted() {
    let before = allocations();
    drop(std::hint::black_box(Box::new(7)));
    assert_eq!(allocations() - before, 1);
}

#[test]
fn a_received_frame_costs_no_allocation_of_ours() {
    let (_server, url) = serve();
    let ours = ours(&url);
    let bare = bare(&url);
    for (name, count) in [("claque", ours), ("bare", bare)] {
        println!(
            "{name:6} {:6} frames received, {:4} sent, {:6} allocations, {:.4} a received frame",
            count.received,
            count.sent,
            count.allocations,
            count.a_frame()
        );
        let expect = u64::from(TALKERS * 10 * (LISTENERS + TALKERS) * COUNTED);
        let share = count.received as f64 / expect as f64;
        assert!((0.8..1.2).contains(&share), "{name}: {} of {expect} frames", count.received);
    }
    let difference = ours.a_frame() - bare.a_frame();
    println!("difference {difference:.4}, limit {LIMIT}");
    assert!(difference < LIMIT, "{difference:.4} allocations of ours a received frame");
}
