//! Replays a plan under several seeds and counts it by bin.

use claque_audience::{Audience, Intent, IntentKind, IntentSource, Micros, Plan};

use super::axis::round_length;
use super::{Chart, ROOMS};

/// Bins at most.
const BINS: u32 = 120;
/// From so many seeds on a band leaves out a tenth on either side.
pub(super) const BAND_FROM: u32 = 10;

/// What many seeds came to.
pub(super) struct Sampled {
    pub(super) bin: Micros,
    pub(super) seeds: u32,
    pub(super) charts: Vec<Chart>,
    pub(super) figures: Vec<(&'static str, String)>,
}

/// What is counted: title, unit, and how much one intent adds.
type Counted = (&'static str, &'static str, fn(&Intent) -> u64);

const COUNTED: [Counted; 8] = [
    ("arrivals", "joins/s", |intent| one_of(intent, IntentKind::Join)),
    ("chat", "messages/s", |intent| one_of(intent, IntentKind::Chat)),
    ("likes", "likes/s", |intent| one_of(intent, IntentKind::Like) * u64::from(intent.count)),
    ("gifts", "gifts/s", |intent| one_of(intent, IntentKind::Gift)),
    ("shares", "shares/s", |intent| one_of(intent, IntentKind::Share)),
    ("entries for giveaways", "entries/s", |intent| one_of(intent, IntentKind::Enter)),
    ("clicks", "clicks/s", |intent| one_of(intent, IntentKind::Click)),
    ("orders", "check-outs/s", |intent| one_of(intent, IntentKind::CheckOut)),
];

fn one_of(intent: &Intent, kind: IntentKind) -> u64 {
    u64::from(intent.kind == kind && intent.id.actor.group().is_some())
}

/// The plan under one seed, by bin.
struct Replay {
    counts: Vec<[u64; COUNTED.len()]>,
    /// Viewers present in each room, integrated, in viewer-µs.
    presence: Vec<Vec<u64>>,
    /// Viewers in each room now, and since when.
    now: Vec<(u64, Micros)>,
    bin: Micros,
    intents: u64,
}

impl Replay {
    fn new(plan: &Plan, bin: Micros, bins: usize) -> Replay {
        Replay {
            counts: vec![[0; COUNTED.len()]; bins],
            presence: vec![vec![0; bins]; plan.shows.len()],
            now: vec![(0, Micros(0)); plan.shows.len()],
            bin,
            intents: 0,
        }
    }

    fn play(mut self, plan: &Plan) -> Replay {
        let mut audience = Audience::new(plan);
        let (mut intents, mut until) = (Vec::new(), Micros(0));
        loop {
            until = until.saturating_add(Micros::SECOND);
            let more = audience.fill(until, &mut intents);
            for intent in intents.drain(..) {
                self.take(&intent);
            }
            if !more || until > plan.length.saturating_add(Micros::SECOND) {
                break;
            }
        }
        for room in 0..self.now.len() {
            self.pass(room, plan.length);
        }
        self
    }

    fn take(&mut self, intent: &Intent) {
        self.intents += 1;
        let bin = self.bin_of(intent.at);
        for (count, (.., adds)) in self.counts[bin].iter_mut().zip(COUNTED) {
            *count += adds(intent);
        }
        if intent.id.actor.group().is_none() {
            return;
        }
        let room = usize::from(intent.show.0);
        match intent.kind {
            IntentKind::Join => {
                self.pass(room, intent.at);
                self.now[room].0 += 1;
            }
            IntentKind::Leave => {
                self.pass(room, intent.at);
                self.now[room].0 = self.now[room].0.saturating_sub(1);
            }
            _ => {}
        }
    }

    /// Time goes on in a room with the viewers who are there.
    fn pass(&mut self, room: usize, at: Micros) {
        let (viewers, mut from) = self.now[room];
        self.now[room].1 = at;
        while viewers > 0 && from < at {
            let bin = self.bin_of(from);
            let ends = Micros((bin as u64 + 1) * self.bin.0);
            // The last bin takes what is left, however the plan ends.
            let to = if bin + 1 == self.counts.len() { at } else { ends.min(at) };
            self.presence[room][bin] += viewers * to.saturating_sub(from).0;
            from = to;
        }
    }

    fn bin_of(&self, at: Micros) -> usize {
        let bin = usize::try_from(at.0 / self.bin.0).unwrap_or(usize::MAX);
        bin.min(self.counts.len() - 1)
    }
}

/// Plays `plan` under the seeds asked for, or else under at most `most.0` that come to about
/// `most.1` intents. `under` makes the plan of a seed.
pub(super) fn play(
    plan: &Plan,
    under: &dyn Fn(u64) -> Option<Plan>,
    seeds: Option<u32>,
    most: (u32, u64),
) -> Sampled {
    let bin = round_length(plan.length, BINS);
    let bins = usize::try_from(plan.length.0.div_ceil(bin.0)).unwrap_or(1).max(1);
    let replay = |number: u32| {
        let seed = plan.seed.wrapping_add(u64::from(number));
        let variant = under(seed).unwrap_or_else(|| Plan { seed, ..plan.clone() });
        Replay::new(plan, bin, bins).play(&variant)
    };
    let first = Replay::new(plan, bin, bins).play(plan);
    let affordable = most.1 / first.intents.max(1);
    let affordable = u32::try_from(affordable).unwrap_or(u32::MAX).clamp(3, most.0);
    let seeds = seeds.unwrap_or(affordable);
    let mut replays = vec![first];
    replays.extend((1..seeds).map(replay));
    // The last bin may be shorter than the others.
    let lengths: Vec<f64> = (0..bins as u64)
        .map(|place| plan.length.saturating_sub(Micros(place * bin.0)).min(bin).seconds())
        .collect();
    let mut charts = Vec::new();
    for (which, (title, unit, _)) in COUNTED.into_iter().enumerate() {
        let chart = chart((title, unit), &replays, |replay, place| {
            float(replay.counts[place][which]) / lengths[place]
        });
        charts.extend(chart);
        if which == 0 {
            charts.extend(present(plan, &replays, &lengths));
        }
    }
    Sampled { bin, seeds, charts, figures: figures(&replays) }
}

/// The audience present, with its rooms.
fn present(plan: &Plan, replays: &[Replay], lengths: &[f64]) -> Option<Chart> {
    let micros = |place: usize| lengths[place] * 1e6;
    let mut whole = chart(("audience", "viewers present"), replays, |replay, place| {
        float(replay.presence.iter().map(|room| room[place]).sum()) / micros(place)
    })?;
    if plan.shows.len() > 1 {
        let room = |room: usize| {
            let mean = |place: usize| {
                let sum: u64 = replays.iter().map(|replay| replay.presence[room][place]).sum();
                float(sum) / micros(place) / float(replays.len() as u64)
            };
            let values: Vec<f64> = (0..lengths.len()).map(mean).collect();
            (plan.shows[room].creator.clone(), values)
        };
        let mut rooms: Vec<_> = (0..plan.shows.len()).map(room).collect();
        let total = |values: &[f64]| values.iter().sum::<f64>();
        rooms.sort_by(|a, b| total(&b.1).total_cmp(&total(&a.1)));
        rooms.truncate(ROOMS);
        whole.parts = rooms;
    }
    Some(whole)
}

/// Mean and band of one figure; none if it is always zero.
fn chart(
    (title, unit): (&'static str, &'static str),
    replays: &[Replay],
    value: impl Fn(&Replay, usize) -> f64,
) -> Option<Chart> {
    let bins = replays[0].counts.len();
    let mut chart = Chart {
        title,
        unit,
        mean: Vec::with_capacity(bins),
        low: Vec::with_capacity(bins),
        high: Vec::with_capacity(bins),
        parts: Vec::new(),
    };
    let mut values = Vec::with_capacity(replays.len());
    for place in 0..bins {
        values.clear();
        values.extend(replays.iter().map(|replay| value(replay, place)));
        values.sort_by(f64::total_cmp);
        chart.mean.push(values.iter().sum::<f64>() / float(values.len() as u64));
        let enough = replays.len() >= BAND_FROM as usize;
        let cut = if enough { values.len() / 10 } else { 0 };
        chart.low.push(values[cut]);
        chart.high.push(values[values.len() - 1 - cut]);
    }
    chart.mean.iter().any(|&mean| mean > 0.0).then_some(chart)
}

/// What a visit brings on average: where a unit is wrong, this is beyond all reason.
fn figures(replays: &[Replay]) -> Vec<(&'static str, String)> {
    let total = |which: usize| -> u64 {
        replays.iter().flat_map(|replay| &replay.counts).map(|counts| counts[which]).sum()
    };
    let (visits, seeds) = (total(0), replays.len() as u64);
    if visits == 0 {
        return vec![("visits", "nobody comes".to_owned())];
    }
    let area: u64 = replays.iter().flat_map(|replay| &replay.presence).flatten().sum();
    let stay = Micros::from_seconds(float(area) / float(visits) / 1e6);
    let mut figures = vec![
        ("visits", super::axis::short(float(visits) / float(seeds))),
        ("a visit lasts", crate::input::units::show_duration(rounded(stay))),
    ];
    for (which, (title, ..)) in COUNTED.into_iter().enumerate().skip(1) {
        let label = match title {
            "chat" => "messages a visit",
            "likes" => "likes a visit",
            "gifts" => "gifts a visit",
            "shares" => "shares a visit",
            "clicks" => "clicks a visit",
            "orders" => "orders a visit",
            _ => "entries a visit",
        };
        if total(which) > 0 {
            figures.push((label, super::axis::short(float(total(which)) / float(visits))));
        }
    }
    figures
}

/// To a tenth of a second, or a second where it is longer than a minute.
fn rounded(length: Micros) -> Micros {
    let step = if length.0 >= 60_000_000 { 1_000_000 } else { 100_000 };
    Micros((length.0 + step / 2) / step * step)
}

fn float(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a figure for reading")]
    let float = number as f64;
    float
}
