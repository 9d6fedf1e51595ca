//! A run rebuilt from its files against the run itself, cut off anywhere.

use std::fs;

use super::super::intervals::{CSV, HLOG};
use super::super::{IntervalWriter, read_run, sample, write_run};
use super::{Damage, Rebuilt, from_bytes, load, rebuild, whole_lines};
use crate::measure::{Interval, Totals};

/// The files of the sample run, and their lengths after each second.
struct Files {
    hlog: Vec<u8>,
    csv: Vec<u8>,
    ends: Vec<(usize, usize)>,
}

fn files(seconds: &[Interval]) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let mut writer = IntervalWriter::create(folder.path(), &sample::info()).unwrap();
    let mut ends = Vec::new();
    for (second, interval) in (0..).zip(seconds) {
        writer.write(second, interval).unwrap();
        ends.push((read(HLOG).len(), read(CSV).len()));
    }
    writer.finish(&sample::end()).unwrap();
    Files { hlog: read(HLOG), csv: read(CSV), ends }
}

#[test]
fn a_summary_rebuilt_from_disk_equals_the_live_one() {
    let folder = tempfile::tempdir().unwrap();
    write_run(folder.path(), &sample::info()).unwrap();
    assert_eq!(read_run(folder.path()).unwrap(), sample::info());
    let mut writer = IntervalWriter::create(folder.path(), &sample::info()).unwrap();
    let mut live = Totals::new(sample::info());
    for (second, interval) in (0..).zip(&sample::seconds()) {
        live.add(second, interval);
        writer.write(second, interval).unwrap();
    }
    writer.finish(&sample::end()).unwrap();
    let rebuilt = rebuild(folder.path()).unwrap();
    assert_eq!(rebuilt.end, Some(sample::end()));
    assert_eq!(rebuilt.totals.sum(), live.sum(), "table for table, histogram for histogram");
    assert_eq!(load(folder.path()).unwrap(), live.summary(Some(&sample::end())));
}

#[test]
fn a_run_cut_off_at_any_byte_keeps_all_whole_seconds() {
    let seconds = &sample::seconds()[..3];
    let files = files(seconds);
    let until: Vec<Totals> = (0..=seconds.len())
        .map(|whole| {
            let mut totals = Totals::new(sample::info());
            for (second, interval) in (0..).zip(&seconds[..whole]) {
                totals.add(second, interval);
            }
            totals
        })
        .collect();
    let check = |hlog: &[u8], csv: &[u8], whole: usize, complete: bool| {
        let Rebuilt { totals, end } =
            from_bytes(sample::info(), hlog, csv).unwrap_or_else(|damage| {
                panic!("{} bytes, {} bytes: {damage:?}", hlog.len(), csv.len())
            });
        assert_eq!(end.is_some(), complete, "{} {}", hlog.len(), csv.len());
        assert!(totals.sum() == until[whole].sum(), "{} {}", hlog.len(), csv.len());
    };
    check(&files.hlog, &files.csv, seconds.len(), true);
    let last = seconds.len() - 1;
    let from = files.ends[last - 2];
    // Decoding takes time: all of it about the ends of lines, the reading of lines at every byte.
    let is_near_end =
        |bytes: &[u8], length: usize| bytes[length - 2..].iter().take(4).any(|&byte| byte == b'\n');
    // The table is cut off: what is in the log beyond it does not count.
    for length in from.1..files.csv.len() {
        let whole = files.ends.iter().filter(|end| end.1 <= length).count();
        let (read, end) = super::seconds(whole_lines(&files.csv[..length])).unwrap();
        assert_eq!((read.len(), end), (whole, None), "{length}");
        if is_near_end(&files.csv, length) {
            check(&files.hlog, &files.csv[..length], whole, false);
        }
    }
    // The log is cut off: the table alone does not make a second. (The machine, not the process,
    // must have gone down for that.)
    for length in from.0..files.hlog.len() {
        super::histograms(whole_lines(&files.hlog[..length])).unwrap();
        if is_near_end(&files.hlog, length) {
            let whole = files.ends.iter().filter(|end| end.0 <= length).count();
            check(&files.hlog[..length], &files.csv, whole, false);
        }
    }
    // A kill between the two writes of a second.
    for whole in 1..seconds.len() {
        check(
            &files.hlog[..files.ends[whole].0],
            &files.csv[..files.ends[whole - 1].1],
            whole,
            false,
        );
    }
}

#[test]
fn a_record_that_breaks_off_is_reported_as_interrupted() {
    let seconds = sample::seconds();
    let files = files(&seconds);
    let cut = files.ends[3];
    let rebuilt = from_bytes(sample::info(), &files.hlog[..cut.0], &files.csv[..cut.1]).unwrap();
    let summary = rebuilt.totals.summary(rebuilt.end.as_ref());
    assert!(!summary.complete);
    assert_eq!(summary.verdict.exit_code(), 130);
    assert_eq!(summary.seconds, 4);
}

#[test]
fn damage_is_an_error_and_names_the_place() {
    let files = files(&sample::seconds());
    let table = String::from_utf8(files.csv.clone()).unwrap();
    let check = |table: &str, expect: &str| {
        let Damage { file, problem } =
            from_bytes(sample::info(), &files.hlog, table.as_bytes()).expect_err(expect);
        assert_eq!(format!("{file}: {problem}"), expect);
    };
    check(
        &table.replacen("0,planned,join,40", "0,planned,join,many", 1),
        "intervals.csv: second 0, planned: \"many\" is no count",
    );
    check(
        &table.replacen("0,planned,join,40", "0,planned,jion,40", 1),
        "intervals.csv: second 0, planned: unknown intent kind \"jion\"",
    );
    check(
        &table.replacen("0,planned,join,40\n", "", 1),
        "intervals.csv: line 22: the second has not as many rows as its end says",
    );
    check(
        &table.replacen("0,planned,join,40", "0,planned,join,39", 1),
        "intervals.csv: join: 40 outcomes of 39 planned intents",
    );
    check(
        &table.replacen("0,planned,join,40", "0,planned,w7.join,40", 1),
        "intervals.csv: second 0, planned: no such window",
    );
    let log = String::from_utf8(files.hlog.clone()).unwrap();
    let torn =
        log.replacen("Tag=join.response,0.000,1.000,", "Tag=join.response,0.000,nonsense,", 1);
    assert_ne!(torn, log);
    let damage = from_bytes(sample::info(), torn.as_bytes(), &files.csv).expect_err("a torn line");
    assert_eq!(damage.file, HLOG);
}

#[test]
fn another_version_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    write_run(folder.path(), &sample::info()).unwrap();
    let path = folder.path().join("run.json");
    let text = fs::read_to_string(&path).unwrap().replacen("\"version\": 1", "\"version\": 99", 1);
    fs::write(&path, text).unwrap();
    assert_eq!(
        load(folder.path()).unwrap_err().to_string(),
        "the results are of format version 99, which this version of claque does not read"
    );
}
