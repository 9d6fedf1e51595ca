//! A small run for the tests of reports: made by the real recorder and ledger, without any clock.

use std::sync::Arc;

use claque_audience::{Actor, IntentId, IntentKind, Micros, PlanDigest, ProductId, ShowId};

use crate::measure::{
    Cid, Interval, Ledger, OrderSeen, Outcome, ProductInfo, Recorder, RunEnd, RunInfo, Settings,
    Settled, Stamp, Totals, Unsent, Usage,
};
use crate::scenario::{Acts, Comparison, Figure, Objective, Series, Statistic, Window};

const MS: u64 = 1_000_000;
const SECOND: u64 = 1_000 * MS;

/// Seconds of the run.
pub(super) const SECONDS: u32 = 6;

/// A limit on a latency in the whole run.
pub(super) fn objective(
    text: &str,
    figure: Figure,
    comparison: Comparison,
    limit: f64,
    window: Window,
) -> Objective {
    Objective { text: text.into(), acts: Acts::Planned, figure, comparison, limit, window }
}

fn p99(kind: IntentKind, series: Series) -> Figure {
    Figure::Latency { kind, series, statistic: Statistic::Quantile(0.99) }
}

pub(super) fn objectives() -> Vec<Objective> {
    use Comparison::{AtLeast, Below, Equal};
    use IntentKind::{AddToCart, Chat, CheckOut};

    let sale = Window::Planned {
        label: "during flash_sale(lamp)".into(),
        from: Micros(2_000_000),
        to: Micros(4_000_000),
    };
    vec![
        objective(
            "chat response p99 < 250ms",
            p99(Chat, Series::Response),
            Below,
            0.25,
            Window::Whole,
        ),
        objective(
            "chat delivery p99 < 500ms in the worst second",
            p99(Chat, Series::Delivery),
            Below,
            0.5,
            Window::WorstSecond,
        ),
        objective(
            "chat completeness = 100%",
            Figure::Completeness(Chat),
            Equal,
            1.0,
            Window::Whole,
        ),
        objective(
            "check-out response p99 < 1s during flash_sale(lamp)",
            p99(CheckOut, Series::Response),
            Below,
            1.0,
            sale,
        ),
        objective("oversold = 0", Figure::Oversold, Equal, 0.0, Window::Whole),
        objective("orders >= 1", Figure::Orders, AtLeast, 1.0, Window::Whole),
        objective(
            "add-to-cart response p99 < 1s",
            p99(AddToCart, Series::Response),
            Below,
            1.0,
            Window::Whole,
        ),
    ]
}

/// The plan's fingerprint: of the intents that are recorded, with a sum made up.
pub(super) const PLAN: PlanDigest = PlanDigest { intents: 166, sum: 0x0f3a_88d1_5c20_e4b7 };

pub(super) fn info() -> RunInfo {
    RunInfo {
        name: "first-show".into(),
        seed: 7,
        scenario_hash: "3fa9c1d2e4b5a697887766554433221100ffeeddccbbaa99".into(),
        version: "0.1.0".into(),
        binding: "reference".into(),
        target: "http://127.0.0.1:41234".into(),
        embedded: true,
        shards: 1,
        sentinels: 8,
        machine: "2 × Example 3000, Linux 6.18".into(),
        started_unix_ms: 1_764_086_823_000,
        length: Micros(6_000_000),
        viewers: 40,
        run: 0xbeef,
        time_out: Micros(1_000_000),
        guard: Micros(20_000),
        delivery_deadline: Micros(200_000),
        groups: vec!["followers".into()],
        creators: vec!["mia".into()],
        co_hosts: vec![vec!["ben".into()]],
        products: vec![ProductInfo { name: "lamp".into(), stock: 3 }],
        plan: PLAN,
        not_played: vec![IntentKind::AddToCart],
        warnings: vec!["chat is 30 times livelier than published rooms".into()],
        objectives: objectives(),
    }
}

pub(super) fn end() -> RunEnd {
    RunEnd {
        interrupted: false,
        aborted: None,
        played: PLAN,
        usage: Some(Usage {
            generator_cpu_ms: 740,
            generator_memory_bytes: 41_200_000,
            target_cpu_ms: Some(910),
            target_memory_bytes: Some(22_800_000),
        }),
    }
}

/// One shard of the sample: its books, and a little arithmetic in place of a backend.
struct Shard {
    recorder: Recorder,
    ledger: Ledger,
    /// Number of the first viewer.
    first: u32,
    viewers: u32,
    noise: u64,
    settings: Arc<Settings>,
}

impl Shard {
    fn new(settings: &Arc<Settings>, first: u32, viewers: u32, sentinel: bool) -> Shard {
        Shard {
            recorder: Recorder::new(Arc::clone(settings), sentinel),
            ledger: Ledger::new(Arc::clone(settings)),
            first,
            viewers,
            noise: u64::from(first) + 1,
            settings: Arc::clone(settings),
        }
    }

    /// The next of a sequence of latencies, mostly 1–5 ms, seldom more.
    fn latency(&mut self) -> u64 {
        self.noise = self.noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let draw = self.noise >> 33;
        let tail = if draw.is_multiple_of(97) { 30 * MS } else { 0 };
        MS + draw % (4 * MS) + tail
    }

    fn id(&self, viewer: u32, sequence: u32) -> IntentId {
        IntentId { actor: Actor::viewer(0, self.first + viewer), sequence }
    }

    fn settle(&mut self, id: IntentId, kind: IntentKind, at: u64, outcome: Outcome) {
        let planned = Stamp(at);
        let latency = self.latency();
        let is_sent = !matches!(outcome, Outcome::Unsent(_));
        let is_done = matches!(outcome, Outcome::Answered | Outcome::Rejected);
        let ready = is_sent.then_some(Stamp(at + latency / 8));
        let sent = is_sent.then_some(Stamp(at + latency / 8 + 40_000));
        if id.is_reaction() {
            self.recorder.reacted(kind);
        } else {
            self.recorder.planned(kind, planned);
        }
        self.recorder.settled(&Settled {
            id,
            kind,
            planned,
            ready,
            sent,
            answered: is_done.then_some(Stamp(at + latency)),
            paced: (kind == IntentKind::CheckOut).then_some(Stamp(at + latency / 4)),
            outcome,
            reason: match outcome {
                Outcome::Rejected => Some("sold_out"),
                Outcome::Failed => Some("reset"),
                _ => None,
            },
        });
    }

    /// Everybody joins within the first 400 ms; one in ten leaves at 3.5 s.
    fn enter(&mut self) {
        let show = ShowId(0);
        for viewer in 0..self.viewers {
            let at = u64::from(viewer) * 10 * MS;
            let id = self.id(viewer, 0);
            self.ledger.enter(show, viewer, id.actor);
            self.settle(id, IntentKind::Join, at, Outcome::Answered);
            self.ledger.joined(show, viewer, Stamp(at + 5 * MS));
            self.recorder.present(1);
            self.recorder.connected(1);
            if viewer % 10 == 9 {
                self.ledger.left(show, viewer, Stamp(3_500 * MS));
            }
        }
    }

    /// A message reaches everybody who is there, but one.
    fn deliver(&mut self, cid: &Cid, outcome: Outcome, number: u64) {
        let (show, kind) = (ShowId(0), IntentKind::Chat);
        self.ledger.published(kind, show, cid);
        self.ledger.settled(cid.id, outcome);
        if outcome != Outcome::Answered {
            return;
        }
        for viewer in 0..self.viewers {
            let is_lost = number == 5 && viewer == 3;
            let is_gone = viewer % 10 == 9 && cid.sent.0 > 3_510 * MS;
            if is_lost || is_gone {
                continue;
            }
            let at = Stamp(cid.sent.0 + self.latency());
            let copies = if number == 7 && viewer == 4 { 2 } else { 1 };
            for _ in 0..copies {
                self.recorder.frame_in(200);
                let recorder = &mut self.recorder;
                self.ledger.received(show, viewer, kind, cid, at, Some(number), recorder);
            }
        }
    }

    fn harvest(&mut self, now: u64) -> Box<Interval> {
        self.ledger.close_due(Stamp(now), &mut self.recorder);
        self.recorder.take(Box::new(Interval::new(&self.settings)))
    }
}

/// The merged seconds of the run.
pub(super) fn seconds() -> Vec<Interval> {
    let settings = Arc::new(Settings::of(&info()));
    let mut shards = [Shard::new(&settings, 0, 32, false), Shard::new(&settings, 32, 8, true)];
    shards.iter_mut().for_each(Shard::enter);
    let mut merged = Vec::new();
    let mut number = 0;
    for second in 0..u64::from(SECONDS) {
        for message in 0..20_u32 {
            number += 1;
            let at = second * SECOND + (500 + 20 * u64::from(message)) * MS;
            let viewer = message % 8;
            let id = shards[0].id(viewer, u32::try_from(number).unwrap());
            let outcome = match number {
                11 => Outcome::TimedOut,
                12 => Outcome::Failed,
                13 => Outcome::Unsent(Unsent::NotConnected),
                _ => Outcome::Answered,
            };
            shards[0].settle(id, IntentKind::Chat, at, outcome);
            if outcome != Outcome::Unsent(Unsent::NotConnected) {
                shards[0].recorder.frame_out(90);
                let cid = Cid::new(id, Stamp(at), Stamp(at + MS));
                for shard in &mut shards {
                    shard.deliver(&cid, outcome, number);
                }
            }
        }
        buy(&mut shards[0], second);
        if second == 3 {
            react(&mut shards[1], second);
        }
        if second == 2 {
            shards[0].recorder.error("refused: connection\nreset");
            shards[0].recorder.woke_late(3 * MS);
            shards[0].recorder.read_behind(2 * MS);
        }
        if second + 1 == u64::from(SECONDS) {
            for shard in &mut shards {
                shard.ledger.close_all(&mut shard.recorder);
            }
        }
        let mut sum = Interval::new(&settings);
        for shard in &mut shards {
            sum.merge(&shard.harvest((second + 1) * SECOND));
        }
        merged.push(sum);
    }
    merged
}

/// One check-out a second: four orders of a product of which there are three, one refusal, one
/// without an answer.
fn buy(shard: &mut Shard, second: u64) {
    let viewer = u32::try_from(second).unwrap();
    let key = shard.id(viewer, 9_000);
    let outcome = match second {
        4 => Outcome::Rejected,
        5 => Outcome::TimedOut,
        _ => Outcome::Answered,
    };
    shard.settle(key, IntentKind::CheckOut, second * SECOND + 900 * MS, outcome);
    let order_id = format!("o-{second}");
    match outcome {
        Outcome::Answered => shard.recorder.order(OrderSeen {
            product: ProductId(0),
            units: 1,
            key,
            order_id: &order_id,
            charged: Some("29.00"),
            shown: Some(if second == 1 { "39.00" } else { "29" }),
        }),
        Outcome::TimedOut => shard.recorder.unresolved(key, ProductId(0), 1),
        _ => {}
    }
}

/// The sentinels want a look at what was pinned; one has gone by then.
fn react(shard: &mut Shard, second: u64) {
    for viewer in 0..shard.viewers {
        let id = shard.id(viewer, 1 << 31 | 3);
        let outcome = match viewer {
            2 => Outcome::Unsent(Unsent::Left),
            _ => Outcome::Answered,
        };
        let at = second * SECOND + (300 + 10 * u64::from(viewer)) * MS;
        shard.settle(id, IntentKind::Click, at, outcome);
    }
}

/// The totals of the whole run.
pub(super) fn totals() -> Totals {
    let mut totals = Totals::new(info());
    for (second, interval) in (0..).zip(&seconds()) {
        totals.add(second, interval);
    }
    totals
}
