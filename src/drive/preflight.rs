//! What must be there before a run: descriptors, ports, a budget for the plan, and a backend that
//! can be spoken to. Says what is short and how to mend it.

use std::time::Duration;

use bytes::BytesMut;

use super::address::Address;
use super::calibrate::Budget;
use super::clock::Clock;
use super::transport::{Broken, Frames, Plain};
use crate::binding::{Binding, Handshake, Heard, Progress, Scratch, Session, Values};

/// How long the backend has to answer the trial connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// Descriptors that the program itself needs.
const OWN_FILES: u64 = 64;

/// What a plan needs of the machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// Most viewers and creators connected at once.
    pub viewers_max: u64,
    /// Whether each may hold an HTTP connection too.
    pub http: bool,
    /// Most deliveries in a second.
    pub deliveries_max: f64,
}

impl Needs {
    fn sockets(&self) -> u64 {
        self.viewers_max * (1 + u64::from(self.http))
    }
}

/// What is short.
#[derive(Debug, thiserror::Error)]
pub enum PreflightError {
    /// Too few open files.
    #[error(
        "the plan needs {needed} open files ({per_viewer} for each of {viewers} viewers at once), \
         and this process may have {allowed}: raise the limit (`ulimit -n {needed}`) or plan fewer viewers"
    )]
    OpenFiles {
        /// Needed in all.
        needed: u64,
        /// Needed for a viewer.
        per_viewer: u64,
        /// Viewers at once.
        viewers: u64,
        /// The hard limit.
        allowed: u64,
    },
    /// Too few local ports.
    #[error(
        "the plan needs {needed} connections at once to one address, and this machine has {ports} \
         local ports for them: widen net.ipv4.ip_local_port_range or plan fewer viewers"
    )]
    Ports {
        /// Connections at once.
        needed: u64,
        /// Ports there are.
        ports: u64,
    },
    /// More deliveries than this machine can receive.
    #[error(
        "the plan makes {planned:.0} deliveries in its worst second, and this machine can receive some \
         {budget:.0}: plan fewer viewers or messages, or --force it and have the run judged invalid if \
         the generator falls behind"
    )]
    Budget {
        /// Deliveries in the plan's worst second.
        planned: f64,
        /// Deliveries a second that were calibrated.
        budget: f64,
    },
    /// The backend cannot be spoken to.
    #[error("cannot talk to {url}: {why}")]
    Unreachable {
        /// The target.
        url: String,
        /// What happened.
        why: String,
    },
}

/// Raises the limit of open files as far as needed; a child started afterwards inherits it.
///
/// # Errors
/// If there are not enough descriptors.
pub fn reserve_files(needs: &Needs) -> Result<(), PreflightError> {
    let needed = needs.sockets() + OWN_FILES;
    if let Ok(allowed) = rlimit::increase_nofile_limit(needed.max(1024))
        && allowed < needed
    {
        return Err(PreflightError::OpenFiles {
            needed,
            per_viewer: 1 + u64::from(needs.http),
            viewers: needs.viewers_max,
            allowed,
        });
    }
    Ok(())
}

/// Spreads connections over several loopback addresses where one has too few ports.
///
/// # Errors
/// If there are not enough ports, and the target is not on loopback.
pub fn reserve_ports(needs: &Needs, address: &mut Address) -> Result<(), PreflightError> {
    let sockets = needs.sockets();
    let Some(ports) = local_ports() else { return Ok(()) };
    if sockets <= ports {
        return Ok(());
    }
    // A port in use towards one target is free towards another, and from another address.
    if address.socket.ip().is_loopback() && address.socket.is_ipv4() {
        let sources = sockets.div_ceil(ports / 10 * 9);
        address.sources = u8::try_from(sources).unwrap_or(u8::MAX);
        return Ok(());
    }
    Err(PreflightError::Ports { needed: sockets, ports })
}

/// Ports that the system gives to outgoing connections; `None` where it does not tell.
fn local_ports() -> Option<u64> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut ends = range.split_whitespace().map(str::parse::<u64>);
    let (first, last) = (ends.next()?.ok()?, ends.next()?.ok()?);
    Some(last.saturating_sub(first) + 1)
}

/// Whether the plan's deliveries fit the machine.
///
/// # Errors
/// If they do not.
pub fn afford(needs: &Needs, budget: &Budget) -> Result<(), PreflightError> {
    let (planned, budget) = (needs.deliveries_max, budget.deliveries_per_second);
    if planned > budget { Err(PreflightError::Budget { planned, budget }) } else { Ok(()) }
}

/// Connects once as a viewer would and goes through the binding's handshake, sending no intent.
///
/// # Errors
/// If the backend is not there, does not speak WebSocket at that address, refuses, says something
/// that is not what the binding expects, or says nothing.
pub fn probe(binding: &Binding, address: &Address, room: &str) -> Result<(), PreflightError> {
    let unreachable = |why: String| PreflightError::Unreachable { url: address.http.clone(), why };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| unreachable(error.to_string()))?;
    runtime.block_on(async {
        match tokio::time::timeout(PATIENCE, shake_hands(binding, address, room)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(broken)) => Err(unreachable(broken.detail)),
            Err(_) => {
                let name = binding.name();
                Err(unreachable(format!(
                    "within {} s it said nothing that the handshake of binding `{name}` waits for",
                    PATIENCE.as_secs()
                )))
            }
        }
    })
}

async fn shake_hands(binding: &Binding, address: &Address, room: &str) -> Result<(), Broken> {
    let mut session = Session::default();
    let values = Values {
        url: &address.ws,
        http: &address.http,
        host: &address.host,
        run: "preflight",
        room,
        creator: room,
        viewer: "preflight",
        ..Values::default()
    };
    let upgrade = binding.upgrade(&values, &session);
    let clock = Clock::starting_in(Duration::ZERO);
    let mut carrier = Plain::connect(address.route(0), &upgrade, clock).await?;
    let mut handshake = Handshake::start(binding);
    let mut scratch = Scratch::default();
    let mut out = BytesMut::new();
    loop {
        match handshake.advance(binding, &values, &mut session, &mut out) {
            Progress::Done => return Ok(()),
            Progress::Send { binary } => {
                carrier.send(out.split().freeze(), binary)?;
                continue;
            }
            Progress::Wait => {}
        }
        let received = std::future::poll_fn(|cx| carrier.poll_read(cx)).await;
        let received = received.map_err(|broken| match broken.word.as_str() {
            "closed" | "dropped" => {
                Broken::new(broken.word, "it closed the connection during the binding's handshake")
            }
            _ => broken,
        })?;
        let Some(payload) = received.payload else { continue };
        let mut records = binding.read(&payload, &mut scratch);
        while let Some(record) = records.next() {
            let record = record.map_err(|garbage| {
                let start = String::from_utf8_lossy(&payload[..payload.len().min(40)]).into_owned();
                let detail =
                    format!("it said {start:?}, which the binding's codec cannot read: {garbage}");
                Broken::new("garbage", detail)
            })?;
            if let Some(reply) = binding.reply(&record) {
                reply.encode(&record, &values, &mut session, &mut out);
                carrier.send(out.split().freeze(), reply.binary)?;
                continue;
            }
            match handshake.record(binding, &record, &values, &mut session) {
                Heard::Ignored | Heard::Advanced => {}
                Heard::Refused(reason) => {
                    return Err(Broken::new(
                        "refused",
                        format!("it refused the handshake: {reason}"),
                    ));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_is_too_large_says_what_is_short() {
        let needs = |viewers_max| Needs { viewers_max, http: true, deliveries_max: 1e4 };
        assert!(reserve_files(&needs(10)).is_ok());
        let error = reserve_files(&needs(1_000_000_000_000)).unwrap_err().to_string();
        assert!(error.contains("needs 2000000000064 open files (2 for each"), "{error}");
        let mut near = Address::resolve("http://127.0.0.1:9").unwrap();
        assert!(reserve_ports(&needs(10), &mut near).is_ok());
        assert_eq!(near.sources, 1);
        assert!(reserve_ports(&needs(50_000), &mut near).is_ok());
        assert!((3..10).contains(&near.sources), "{} addresses", near.sources);
        let mut far = Address::resolve("http://192.168.0.1:9").unwrap();
        let error = reserve_ports(&needs(50_000), &mut far).unwrap_err().to_string();
        assert!(error.contains("100000 connections"), "{error}");
        let budget =
            Budget { cpu_per_delivery: Duration::from_micros(7), deliveries_per_second: 9e3 };
        let error = afford(&needs(10), &budget).unwrap_err().to_string();
        assert!(error.contains("10000 deliveries") && error.contains("some 9000"), "{error}");
    }
}
