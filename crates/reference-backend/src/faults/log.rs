//! The log of what faults did: the known truth that a tester's findings are compared with.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use serde::Serialize;
use tokio::time::Instant;

use crate::stats::Counter;

/// One act of a fault. `at_ms` counts from the first WebSocket connection.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Act<'a> {
    pub(crate) fault: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) viewer: Option<&'a str>,
    /// The broadcast, where the act concerns one that has an id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cid: Option<&'a str>,
    /// The message or attempt, counted a viewer from 0, where there is no `cid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<u64>,
    /// The order that was taken without stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<&'a str>,
    /// How long a stall or a delay is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) for_ms: Option<f64>,
}

#[derive(Serialize)]
struct Line<'a> {
    at_ms: u64,
    #[serde(flatten)]
    act: Act<'a>,
}

/// Writes each act as a line by one `write`, before the act takes effect, so that the log is
/// whole even if the process is killed.
pub(crate) struct FaultLog {
    out: Option<Mutex<Box<dyn Write + Send>>>,
    epoch: OnceLock<Instant>,
    /// Acts logged.
    pub(crate) acts: Counter,
    /// Lines that could not be written.
    pub(crate) failed: Counter,
}

impl FaultLog {
    /// A log into `path`, emptied; into nothing if `None`.
    pub(crate) fn open(path: Option<&Path>) -> io::Result<FaultLog> {
        let out = path.map(File::create).transpose()?;
        Ok(FaultLog::to(out.map(|file| Box::new(file) as Box<dyn Write + Send>)))
    }

    /// A log into `out`.
    pub(crate) fn to(out: Option<Box<dyn Write + Send>>) -> FaultLog {
        FaultLog {
            out: out.map(Mutex::new),
            epoch: OnceLock::new(),
            acts: Counter::default(),
            failed: Counter::default(),
        }
    }

    /// The instant from which `at_ms` counts is `now`, unless there is one already. True for the
    /// call that set it.
    pub(crate) fn begin(&self, now: Instant) -> bool {
        self.epoch.set(now).is_ok()
    }

    /// The instant from which `at_ms` counts.
    pub(crate) fn epoch(&self) -> Option<Instant> {
        self.epoch.get().copied()
    }

    /// Logs `act`.
    pub(crate) fn write(&self, now: Instant, act: Act<'_>) {
        self.acts.add(1);
        let Some(out) = &self.out else { return };
        let since =
            self.epoch().map_or(0, |epoch| now.saturating_duration_since(epoch).as_millis());
        let line = Line { at_ms: u64::try_from(since).unwrap_or(u64::MAX), act };
        let written = serde_json::to_vec(&line).map_err(io::Error::other).and_then(|mut bytes| {
            bytes.push(b'\n');
            let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
            out.write_all(&bytes)?;
            out.flush()
        });
        if written.is_err() {
            self.failed.add(1);
        }
    }
}
