//! The embedded reference backend, as a child process on cores of its own.
//!
//! A child so that its CPU time and memory are its own, and so that it can be stopped without
//! stopping the generator. It ends when its standard input does, so it never outlives us.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

use claque_audience::Product;

/// Which cores the generator and an embedded target have; they are disjoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cores {
    /// The generator's.
    pub generator: Vec<usize>,
    /// The target's.
    pub target: Vec<usize>,
}

impl Cores {
    /// Half the cores that this process may use for each side; `None` if there is only one, or
    /// where threads cannot be pinned.
    #[must_use]
    #[cfg(target_os = "linux")]
    pub fn split() -> Option<Cores> {
        use rustix::thread::{CpuSet, sched_getaffinity};
        let allowed = sched_getaffinity(None).ok()?;
        let mut cores: Vec<usize> =
            (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core)).collect();
        if cores.len() < 2 {
            return None;
        }
        let target = cores.split_off(cores.len() / 2);
        Some(Cores { generator: cores, target })
    }

    /// Threads cannot be pinned here.
    #[must_use]
    #[cfg(not(target_os = "linux"))]
    pub fn split() -> Option<Cores> {
        None
    }

    /// Keeps the calling thread, and what it spawns from now on, on `cores`.
    ///
    /// Failing is harmless: the thread then goes where the scheduler likes.
    pub(crate) fn pin(cores: &[usize]) {
        #[cfg(target_os = "linux")]
        {
            let mut set = rustix::thread::CpuSet::new();
            for &core in cores {
                set.set(core);
            }
            let _ = rustix::thread::sched_setaffinity(None, &set);
        }
        #[cfg(not(target_os = "linux"))]
        let _ = cores;
    }
}

/// Why the embedded backend did not start.
#[derive(Debug, thiserror::Error)]
pub enum EmbedError {
    /// The child could not be started.
    #[error("cannot start the reference backend")]
    Spawn(#[from] std::io::Error),
    /// It cannot use what it was told, and has said why on standard error.
    #[error("the reference backend refused to start, for the reason above")]
    Refused,
    /// It ended, or said something else than where it listens.
    #[error("the reference backend did not say where it listens: {0}")]
    Silent(String),
}

/// A running reference backend. Dropping it ends it.
#[derive(Debug)]
pub struct Embedded {
    child: Child,
    stdin: Option<ChildStdin>,
    url: String,
}

impl Embedded {
    /// Starts this program's `serve` with the given products and further arguments, on `cores`.
    ///
    /// # Errors
    /// If the child does not start or does not say where it listens.
    pub fn start(
        products: &[Product],
        arguments: &[String],
        cores: Option<&Cores>,
    ) -> Result<Embedded, EmbedError> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--listen", "127.0.0.1:0", "--until-stdin-closes"]);
        for product in products {
            let Product { name, price, stock } = product;
            command.arg("--product").arg(format!("{name}={price} x{stock}"));
        }
        command.args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let target_cores = cores.map(|cores| cores.target.clone());
        // A child inherits the cores of the thread that starts it, so a thread is spent on that.
        let mut child = thread::scope(|scope| {
            let starter = scope.spawn(|| {
                if let Some(cores) = target_cores {
                    Cores::pin(&cores);
                }
                command.spawn()
            });
            starter.join().unwrap_or_else(|_| Err(std::io::Error::other("the starter panicked")))
        })?;
        let stdin = child.stdin.take();
        let mut first_line = String::new();
        if let Some(stdout) = child.stdout.take() {
            let mut stdout = BufReader::new(stdout);
            stdout.read_line(&mut first_line)?;
            // Whatever else it says is read away, so that it never blocks on a full pipe.
            thread::spawn(move || {
                let mut rest = [0_u8; 4096];
                while stdout.read(&mut rest).is_ok_and(|n| n > 0) {}
            });
        }
        let url = first_line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        let mut embedded = Embedded { child, stdin, url };
        if embedded.url.starts_with("http://") {
            return Ok(embedded);
        }
        embedded.end();
        match embedded.child.wait()?.code() {
            Some(2) => Err(EmbedError::Refused),
            _ => Err(EmbedError::Silent(first_line)),
        }
    }

    /// Where it listens: `http://127.0.0.1:port`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process id.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    fn end(&mut self) {
        // Closing its standard input asks it to end; a stopped or stuck child is killed.
        drop(self.stdin.take());
        for _ in 0..50 {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            thread::sleep(std::time::Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.end();
    }
}
