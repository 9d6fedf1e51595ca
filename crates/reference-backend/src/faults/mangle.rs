//! What faults do to the deliveries of one connection, between its outbox and its socket.
//!
//! A delivery is lost or not, waits for its delay, and is then replaced by garbage, doubled, or
//! held until the next one has passed. No clock and no socket here: the caller says what time it
//! is, and writes what is `ready`.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use tokio::time::Instant;

use super::{Act, Chance, FaultLog, Faults, key_of};
use crate::wire::{Broadcast, Mark};

/// How long a delivery is held for one to change places with.
const HOLD: Duration = Duration::from_millis(200);

/// Delayed deliveries that one connection may have; then its outbox is not drained any further.
const LATE_MAX: usize = 16_384;

/// Anything but JSON.
const GARBAGE: &str = "}garbage{";

/// The faults of one connection's deliveries.
pub(crate) struct Mangle {
    faults: Arc<Faults>,
    log: Arc<FaultLog>,
    viewer: Arc<str>,
    viewer_key: u64,
    late: BinaryHeap<Reverse<Late>>,
    arrivals: u64,
    held: Option<(Instant, Parcel)>,
}

/// A delivery that waits for its delay; the number keeps the order of equals.
struct Late {
    due: Instant,
    arrival: u64,
    broadcast: Arc<Broadcast>,
}

impl PartialEq for Late {
    fn eq(&self, other: &Late) -> bool {
        (self.due, self.arrival) == (other.due, other.arrival)
    }
}
impl Eq for Late {}
impl PartialOrd for Late {
    fn partial_cmp(&self, other: &Late) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Late {
    fn cmp(&self, other: &Late) -> std::cmp::Ordering {
        (self.due, self.arrival).cmp(&(other.due, other.arrival))
    }
}

/// A delivery as it is to be written.
struct Parcel {
    broadcast: Arc<Broadcast>,
    bytes: Utf8Bytes,
    copies: u32,
}

impl Mangle {
    /// The faults for deliveries to `viewer`; `None` if there are none.
    pub(crate) fn new(
        faults: &Arc<Faults>,
        log: &Arc<FaultLog>,
        viewer: &Arc<str>,
    ) -> Option<Mangle> {
        faults.touch_deliveries().then(|| Mangle {
            faults: Arc::clone(faults),
            log: Arc::clone(log),
            viewer: Arc::clone(viewer),
            viewer_key: key_of(viewer),
            late: BinaryHeap::new(),
            arrivals: 0,
            held: None,
        })
    }

    /// A broadcast left the outbox; what is to be written now is appended to `ready`.
    pub(crate) fn arrive(
        &mut self,
        broadcast: &Arc<Broadcast>,
        now: Instant,
        ready: &mut Vec<Utf8Bytes>,
    ) {
        let Some(mark) = &broadcast.mark else {
            ready.push(broadcast.text.clone());
            return;
        };
        if self.faults.hits(Chance::Lose, self.viewer_key, mark.key) {
            self.log(now, "lose", mark, None);
            return;
        }
        let delay = self.faults.delay(mark.kind);
        if delay.is_zero() {
            self.pass(broadcast, mark, now, ready);
            return;
        }
        self.log(now, "delay", mark, Some(delay.as_secs_f64() * 1e3));
        self.arrivals += 1;
        self.late.push(Reverse(Late {
            due: broadcast.published + delay,
            arrival: self.arrivals,
            broadcast: Arc::clone(broadcast),
        }));
    }

    /// Time has passed: whatever is due is appended to `ready`.
    pub(crate) fn due(&mut self, now: Instant, ready: &mut Vec<Utf8Bytes>) {
        while self.late.peek().is_some_and(|Reverse(late)| late.due <= now) {
            let Some(Reverse(late)) = self.late.pop() else { break };
            if let Some(mark) = &late.broadcast.mark {
                self.pass(&late.broadcast, mark, now, ready);
            }
        }
        if self.held.as_ref().is_some_and(|(until, _)| *until <= now) {
            self.release(ready);
        }
    }

    /// What is held for its successor goes out without one.
    pub(crate) fn release(&mut self, ready: &mut Vec<Utf8Bytes>) {
        if let Some((_, parcel)) = self.held.take() {
            emit(parcel, ready);
        }
    }

    /// When to call [`Mangle::due`] next.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let late = self.late.peek().map(|Reverse(late)| late.due);
        let held = self.held.as_ref().map(|(until, _)| *until);
        late.into_iter().chain(held).min()
    }

    /// Whether no further delivery may arrive for now.
    pub(crate) fn is_full(&self) -> bool {
        self.late.len() >= LATE_MAX
    }

    /// The last stretch of a delivery that is neither lost nor still delayed.
    fn pass(
        &mut self,
        broadcast: &Arc<Broadcast>,
        mark: &Mark,
        now: Instant,
        ready: &mut Vec<Utf8Bytes>,
    ) {
        let mut parcel =
            Parcel { broadcast: Arc::clone(broadcast), bytes: broadcast.text.clone(), copies: 1 };
        if self.faults.hits(Chance::Garbage, self.viewer_key, mark.key) {
            self.log(now, "garbage", mark, None);
            parcel.bytes = Utf8Bytes::from_static(GARBAGE);
        }
        if self.faults.hits(Chance::Duplicate, self.viewer_key, mark.key) {
            self.log(now, "duplicate", mark, None);
            parcel.copies = 2;
        }
        if let Some((_, held)) = self.held.take() {
            emit(parcel, ready);
            if let Some(mark) = &held.broadcast.mark {
                self.log(now, "reorder", mark, None);
            }
            emit(held, ready);
        } else if self.faults.hits(Chance::Reorder, self.viewer_key, mark.key) {
            self.held = Some((now + HOLD, parcel));
        } else {
            emit(parcel, ready);
        }
    }

    fn log(&self, now: Instant, fault: &'static str, mark: &Mark, for_ms: Option<f64>) {
        self.log.write(
            now,
            Act {
                fault,
                viewer: Some(&self.viewer),
                cid: Some(&mark.cid),
                for_ms,
                ..Act::default()
            },
        );
    }
}

fn emit(parcel: Parcel, ready: &mut Vec<Utf8Bytes>) {
    for _ in 1..parcel.copies {
        ready.push(parcel.bytes.clone());
    }
    ready.push(parcel.bytes);
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Mutex;

    use super::*;
    use crate::faults::Fault;
    use crate::wire::Kind;

    /// A log that tests can read.
    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    struct Bench {
        mangle: Mangle,
        page: Page,
        start: Instant,
    }

    fn bench(specs: &[&str]) -> Bench {
        let list: Vec<Fault> = specs.iter().map(|spec| spec.parse().unwrap()).collect();
        let page = Page::default();
        let log = Arc::new(FaultLog::to(Some(Box::new(page.clone()))));
        let start = Instant::now();
        log.begin(start);
        let mangle =
            Mangle::new(&Arc::new(Faults::new(7, &list)), &log, &Arc::from("followers-3")).unwrap();
        Bench { mangle, page, start }
    }

    impl Bench {
        fn at(&self, ms: u64) -> Instant {
            self.start + Duration::from_millis(ms)
        }

        /// Arrives at `ms` and says what is written then.
        fn arrive(&mut self, kind: Kind, cid: &str, ms: u64) -> Vec<String> {
            let broadcast = Broadcast {
                text: Utf8Bytes::from(cid),
                published: self.at(ms),
                mark: Some(Mark { kind, cid: cid.into(), key: key_of(cid) }),
            };
            let mut ready = Vec::new();
            let now = self.at(ms);
            self.mangle.arrive(&Arc::new(broadcast), now, &mut ready);
            ready.iter().map(ToString::to_string).collect()
        }

        fn due(&mut self, ms: u64) -> Vec<String> {
            let mut ready = Vec::new();
            let now = self.at(ms);
            self.mangle.due(now, &mut ready);
            ready.iter().map(ToString::to_string).collect()
        }

        fn logged(&self) -> String {
            String::from_utf8(self.page.0.lock().unwrap().clone()).unwrap()
        }
    }

    #[test]
    fn a_share_of_everything_hits_everything() {
        let check = |spec: &str, expect: &[&str], log: &str| {
            let mut bench = bench(&[spec]);
            assert_eq!(bench.arrive(Kind::Chat, "a", 5), expect, "{spec}");
            assert_eq!(bench.logged(), log, "{spec}");
        };
        let line = |fault: &str| {
            format!(
                "{{\"at_ms\":5,\"fault\":\"{fault}\",\"viewer\":\"followers-3\",\"cid\":\"a\"}}\n"
            )
        };
        check("lose=100%", &[], &line("lose"));
        check("duplicate=100%", &["a", "a"], &line("duplicate"));
        check("garbage=100%", &[GARBAGE], &line("garbage"));
        check("delay=1s:pin", &["a"], "");
    }

    #[test]
    fn a_delivery_changes_places_with_the_next() {
        let mut bench = bench(&["reorder=100%"]);
        assert!(bench.arrive(Kind::Chat, "a", 0).is_empty());
        assert_eq!(bench.logged(), "", "nothing has changed places yet");
        assert_eq!(bench.arrive(Kind::Chat, "b", 10), ["b", "a"]);
        assert_eq!(bench.logged().lines().count(), 1);
        assert!(bench.logged().contains(r#""fault":"reorder","viewer":"followers-3","cid":"a""#));
    }

    #[test]
    fn without_a_next_it_goes_out_alone_and_is_not_logged() {
        let mut bench = bench(&["reorder=100%"]);
        assert!(bench.arrive(Kind::Chat, "a", 0).is_empty());
        assert_eq!(bench.mangle.next_due(), Some(bench.at(200)));
        assert!(bench.due(199).is_empty());
        assert_eq!(bench.due(200), ["a"]);
        assert_eq!(bench.mangle.next_due(), None);
        assert_eq!(bench.logged(), "");
    }

    #[test]
    fn a_delay_keeps_the_order_of_its_kind() {
        let mut bench = bench(&["delay=50ms:pin"]);
        assert!(bench.arrive(Kind::Pin, "a", 0).is_empty());
        assert!(bench.arrive(Kind::Pin, "b", 0).is_empty());
        assert_eq!(bench.arrive(Kind::Chat, "c", 1), ["c"]);
        assert!(bench.arrive(Kind::Pin, "d", 2).is_empty());
        assert_eq!(bench.mangle.next_due(), Some(bench.at(50)));
        assert!(bench.due(49).is_empty());
        assert_eq!(bench.due(51), ["a", "b"]);
        assert_eq!(bench.due(52), ["d"]);
        assert_eq!(bench.logged().matches(r#""fault":"delay""#).count(), 3);
        assert!(bench.logged().contains(r#""for_ms":50.0"#));
    }

    #[test]
    fn what_has_no_cid_is_left_alone() {
        let mut bench = bench(&["lose=100%", "delay=1s"]);
        let mut ready = Vec::new();
        let likes =
            Broadcast { text: Utf8Bytes::from("likes"), published: bench.start, mark: None };
        bench.mangle.arrive(&Arc::new(likes), bench.start, &mut ready);
        assert_eq!(ready, [Utf8Bytes::from("likes")]);
    }
}
