//! What a process has cost so far: CPU time and peak memory, from `/proc`.

use std::fs;
use std::time::Duration;

/// CPU time and peak resident memory of one process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// User and system time of all its threads.
    pub cpu: Duration,
    /// The largest resident set so far, in bytes.
    pub memory_bytes_max: u64,
}

impl Usage {
    /// Of the process with that id; `None` where the system does not tell.
    #[must_use]
    pub fn of(process_id: u32) -> Option<Usage> {
        let stat = fs::read_to_string(format!("/proc/{process_id}/stat")).ok()?;
        let status = fs::read_to_string(format!("/proc/{process_id}/status")).ok()?;
        parse(&stat, &status)
    }

    /// Of this process.
    #[must_use]
    pub fn own() -> Option<Usage> {
        Usage::of(std::process::id())
    }
}

/// `stat` counts CPU time in ticks of 10 ms (`USER_HZ` is 100 on every Linux that Rust runs on).
fn parse(stat: &str, status: &str) -> Option<Usage> {
    // The name in parentheses may hold spaces; utime and stime are fields 14 and 15.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = peak.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(Usage {
        cpu: Duration::from_millis((user + system) * 10),
        memory_bytes_max: kibibytes * 1024,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_kernel_s_tables() {
        let stat = "42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 150 25 0 0 20 0 3 0 100 1000 200";
        let usage = parse(stat, "Name:\tx\nVmHWM:\t   2048 kB\nVmRSS:\t 10 kB\n").unwrap();
        assert_eq!(usage.cpu, Duration::from_millis(1_750));
        assert_eq!(usage.memory_bytes_max, 2 << 20);
        assert_eq!(parse("garbage", ""), None);
    }
}
