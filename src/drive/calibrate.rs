//! How many deliveries a second this machine can receive, by trying it for a moment.
//!
//! System calls and the WebSocket codec are what a delivery costs, so the trial receives real
//! frames over loopback through the carrier that a run uses, one frame a read as in a fan-out, and
//! takes the CPU time of the receiving thread. Wall time would measure whoever else uses the
//! machine.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use tokio_tungstenite::tungstenite;

use super::Clock;
use super::transport::{Broken, Frames, Plain};
use crate::binding::Upgrade;
use crate::measure::Stamp;

/// Connections of the trial; each receives one frame a round.
const CONNECTIONS: usize = 64;

/// How long the trial receives.
const LENGTH: Duration = Duration::from_millis(120);

/// The share of a core's time that bare receiving may take; the rest is for waking, the ledger,
/// sending and the replay.
const SHARE: f64 = 0.5;

/// What a machine can take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// CPU time to receive one delivery.
    pub cpu_per_delivery: Duration,
    /// Deliveries a second that `shards` threads can receive.
    pub deliveries_per_second: f64,
}

/// Measures this machine for about a tenth of a second; `None` if it cannot be told, as where
/// thread CPU time is not to be had.
#[must_use]
pub fn calibrate(shards: u32) -> Option<Budget> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
    let address = listener.local_addr().ok()?;
    let (next_round, rounds) = sync_channel(1);
    // The server ends with the trial, whose end of the channel is its sign.
    thread::spawn(move || serve(&listener, &rounds));
    let trial = receive(address, &next_round);
    let (frames, cpu) = trial.ok()?;
    let cpu_per_delivery = cpu.checked_div(frames)?;
    if cpu_per_delivery.is_zero() {
        return None;
    }
    let deliveries_per_second = f64::from(shards) * SHARE / cpu_per_delivery.as_secs_f64();
    Some(Budget { cpu_per_delivery, deliveries_per_second })
}

/// Writes a frame to each of its connections whenever a round is asked for.
fn serve(listener: &TcpListener, rounds: &Receiver<()>) {
    let mut streams = Vec::new();
    for _ in 0..CONNECTIONS {
        let Ok((stream, _)) = listener.accept() else { return };
        let _ = stream.set_nodelay(true);
        let _ = stream.set_write_timeout(Some(LENGTH * 4));
        let Ok(socket) = tungstenite::accept(stream) else { return };
        streams.push(socket);
    }
    let payload = [b'x'; 200];
    let mut frame = vec![0x82, 126, 0, 200];
    frame.extend_from_slice(&payload);
    while rounds.recv().is_ok() {
        for socket in &mut streams {
            if socket.get_mut().write_all(&frame).is_err() {
                return;
            }
        }
    }
}

fn receive(address: SocketAddr, next_round: &SyncSender<()>) -> Result<(u32, Duration), Broken> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let clock = Clock::starting_in(Duration::ZERO);
        let upgrade =
            Upgrade { url: format!("ws://{address}/"), headers: Vec::new(), subprotocol: None };
        let mut carriers = Vec::new();
        for _ in 0..CONNECTIONS {
            carriers.push(Plain::connect(address, &upgrade, clock).await?);
        }
        let end = Stamp(clock.now().0 + u64::try_from(LENGTH.as_nanos()).unwrap_or(u64::MAX));
        let before = Clock::thread_cpu();
        let mut frames = 0;
        while clock.now() < end && next_round.send(()).is_ok() {
            for carrier in &mut carriers {
                std::future::poll_fn(|cx| carrier.poll_read(cx)).await?;
                frames += 1;
            }
        }
        Ok((frames, Clock::thread_cpu().saturating_sub(before)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_budget_grows_with_the_threads() {
        let one = calibrate(1).unwrap();
        let two = calibrate(2).unwrap();
        for budget in [one, two] {
            let micros = budget.cpu_per_delivery.as_secs_f64() * 1e6;
            assert!((0.2..1_000.0).contains(&micros), "{micros} µs a delivery");
        }
        // The same thread cost, give or take the noise of the machine, on twice the threads.
        let ratio = two.deliveries_per_second / one.deliveries_per_second;
        assert!(ratio > 0.5 && ratio < 8.0, "{ratio}");
    }
}
