//! What the themes share: running the program, backends to run it against, and reading results.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// No run of the suite takes longer.
const PATIENCE: Duration = Duration::from_mins(5);

/// The program under test.
pub(crate) fn claque() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claque"));
    command.env_remove("CLICOLOR_FORCE").env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// The repository's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder for one run's scenario and results.
pub(crate) struct Stage {
    folder: TempDir,
}

/// How a run ended, and what it left behind.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The results folder, if there is one.
    pub(crate) results: Option<PathBuf>,
}

impl Stage {
    pub(crate) fn new() -> Stage {
        Stage { folder: TempDir::new().unwrap() }
    }

    /// A file of that name and text in the folder.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The path of a file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `claque run SCENARIO ARGUMENTS`, with results in this folder.
    pub(crate) fn run_command(&self, scenario: &Path, arguments: &[&str]) -> Command {
        let mut command = claque();
        command.arg("run").arg(scenario).arg("--quiet").arg("--results").arg(self.results());
        command.args(arguments);
        command
    }

    /// Runs a scenario to its end.
    pub(crate) fn run(&self, scenario: &Path, arguments: &[&str]) -> Ended {
        let command = self.run_command(scenario, arguments);
        self.ended(&finish(command, PATIENCE))
    }

    /// Runs a scenario to its end, and once more if this machine was so busy that the run is
    /// invalid: then it says nothing about anything.
    pub(crate) fn run_valid(&self, scenario: &Path, arguments: &[&str]) -> Ended {
        let ended = self.run(scenario, arguments);
        if ended.status.code() == Some(3) { self.run(scenario, arguments) } else { ended }
    }

    /// What a finished run left.
    pub(crate) fn ended(&self, output: &Output) -> Ended {
        Ended {
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            results: self.newest_results(),
        }
    }

    /// Waits until a running show has recorded that second, and with it all before.
    #[track_caller]
    pub(crate) fn wait_for_second(&self, second: u32) {
        let row = format!("\n{second},end,");
        let give_up = Instant::now() + Duration::from_mins(1);
        loop {
            let csv = self.newest_results().map(|folder| folder.join("intervals.csv"));
            let text = csv.and_then(|csv| std::fs::read_to_string(csv).ok());
            if text.is_some_and(|text| text.contains(&row)) {
                return;
            }
            assert!(Instant::now() < give_up, "second {second} was never recorded");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The newest results folder.
    pub(crate) fn newest_results(&self) -> Option<PathBuf> {
        let folders = std::fs::read_dir(self.results()).ok()?;
        let mut folders: Vec<_> = folders.map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        folders.pop()
    }

    fn results(&self) -> PathBuf {
        self.path("results")
    }
}

impl Ended {
    /// Its exit code, which must be `expect`; shows everything otherwise.
    #[track_caller]
    pub(crate) fn expect_code(&self, expect: i32) -> &Ended {
        assert_eq!(
            self.status.code(),
            Some(expect),
            "\n--- stdout\n{}\n--- stderr\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// The summary as JSON.
    #[track_caller]
    pub(crate) fn summary(&self) -> Value {
        let folder = self.results.as_deref().expect("a results folder");
        let text = std::fs::read_to_string(folder.join("summary.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

/// planned = answered + rejected + failed + timed out + unsent, for each kind, of the plan and of
/// reactions.
#[track_caller]
pub(crate) fn assert_conserved(summary: &Value) {
    let rows = ["intents", "reactions"].map(|list| summary[list].as_array().unwrap());
    for row in rows.into_iter().flatten() {
        let unsent = row["unsent"].as_object().unwrap().values();
        let ended: u64 = ["answered", "rejected", "failed", "timed_out"]
            .map(|name| number(&row[name]))
            .iter()
            .sum();
        assert_eq!(number(&row["planned"]), ended + unsent.map(number).sum::<u64>(), "{row}");
    }
}

/// Nothing was lost, doubled or misdirected, whoever came and went.
#[track_caller]
pub(crate) fn assert_delivered(summary: &Value) {
    for row in summary["deliveries"].as_array().unwrap() {
        for flaw in ["missing", "duplicate", "out_of_order", "late", "ghost"] {
            assert_eq!(row["all"][flaw], 0, "{flaw} of {row}");
        }
    }
    assert!(number(&row(summary, "deliveries", "chat")["all"]["received"]) > 0);
}

/// One row of a list in the summary, by kind.
#[track_caller]
pub(crate) fn row<'a>(summary: &'a Value, list: &str, kind: &str) -> &'a Value {
    let rows = summary[list].as_array().unwrap();
    rows.iter().find(|row| row["kind"] == kind).unwrap_or_else(|| panic!("no {kind}: {rows:?}"))
}

/// A count.
#[track_caller]
pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

/// A child process that is stopped, continued or killed by its own id, and never outlives the test.
pub(crate) struct Server {
    child: Child,
    /// `http://127.0.0.1:port`.
    pub(crate) url: String,
}

impl Server {
    /// `claque serve` on a free port.
    pub(crate) fn reference(arguments: &[&str]) -> Server {
        let mut child = claque()
            .args(["serve", "--listen", "127.0.0.1:0", "--until-stdin-closes"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(url.starts_with("http://"), "{line}");
        Server { child, url }
    }

    /// Stops it as if the machine had frozen.
    pub(crate) fn freeze(&self) {
        signal(&self.child, Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        signal(&self.child, Signal::CONT);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end; one that takes longer than `limit` hangs, and is killed.
#[track_caller]
pub(crate) fn finish(mut command: Command, limit: Duration) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    let (ended, wait) = mpsc::channel();
    thread::spawn(move || ended.send(child.wait_with_output().unwrap()));
    wait.recv_timeout(limit).unwrap_or_else(|_| {
        kill_process(id, Signal::KILL).unwrap();
        let output = wait.recv().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        panic!("{command:?} has not ended within {limit:?}\n{said}")
    })
}

/// Sends a signal to a child.
pub(crate) fn signal(child: &Child, signal: Signal) {
    let id = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(id, signal).unwrap();
}
