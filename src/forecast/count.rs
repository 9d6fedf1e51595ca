//! Replaying a plan and counting it by second.

use claque_audience::{Intent, IntentKind, IntentSource, Micros, PlanDigest};

use super::{Forecast, LIKE_FRAMES_A_SECOND, Room, Second};
use crate::scenario::{Scenario, Target};

/// A room during the replay.
#[derive(Default)]
struct Presence {
    now: u64,
    max: u64,
    visits: u64,
    /// The last slot of a second in which likes were counted out.
    like_slot: Option<u64>,
    /// The last second for which a viewer count went out.
    count_second: Option<u64>,
    joins: Vec<Micros>,
    leaves: Vec<Micros>,
    /// When something was broadcast.
    messages: Vec<Micros>,
}

struct Replay<'a> {
    rooms: Vec<Presence>,
    seconds: Vec<Second>,
    kinds: [u64; IntentKind::COUNT],
    plan: PlanDigest,
    groups: Vec<u64>,
    check_outs: Vec<u64>,
    played: &'a dyn Fn(IntentKind) -> bool,
    present: u64,
    /// ∫ present dt, in viewer-µs.
    area: u128,
    last: Micros,
}

pub(super) fn replay(
    scenario: &Scenario,
    source: &mut dyn IntentSource,
    played: &dyn Fn(IntentKind) -> bool,
) -> Forecast {
    let plan = &scenario.plan;
    let count = usize::try_from(plan.length.0.div_ceil(Micros::SECOND.0)).unwrap_or(usize::MAX);
    let mut replay = Replay {
        rooms: plan.shows.iter().map(|_| Presence::default()).collect(),
        seconds: vec![Second::default(); count.max(1)],
        kinds: [0; IntentKind::COUNT],
        plan: PlanDigest::default(),
        groups: vec![0; plan.groups.len()],
        check_outs: vec![0; plan.products.len()],
        played,
        present: 0,
        area: 0,
        last: Micros(0),
    };
    let mut intents = Vec::new();
    let mut until = Micros::SECOND;
    loop {
        let more = source.fill(until, &mut intents);
        for intent in intents.drain(..) {
            replay.take(&intent);
        }
        // Whatever is left has been asked for once `until` is past the end.
        if !more || until > plan.length.saturating_add(Micros::SECOND) {
            break;
        }
        until = until.saturating_add(Micros::SECOND);
    }
    replay.pass(plan.length);
    replay.conclude(scenario)
}

impl Replay<'_> {
    fn take(&mut self, intent: &Intent) {
        self.kinds[intent.kind as usize] += 1;
        if intent.kind == IntentKind::CheckOut
            && let Some(count) = self.check_outs.get_mut(usize::from(intent.product.0))
        {
            *count += 1;
        }
        self.pass(intent.at);
        let slot = self.second_of(intent.at);
        let room = &mut self.rooms[usize::from(intent.show.0)];
        match intent.kind {
            // A host enters and leaves as well, and is no viewer.
            IntentKind::Join | IntentKind::Leave if intent.id.actor.group().is_none() => {}
            IntentKind::Join => {
                (room.now, room.visits, self.present) =
                    (room.now + 1, room.visits + 1, self.present + 1);
                room.max = room.max.max(room.now);
                room.joins.push(intent.at);
                // Whoever comes again is still one viewer.
                if let Some(group) = intent.id.actor.group().filter(|_| intent.visit() == 0) {
                    self.groups[usize::from(group)] += 1;
                }
            }
            IntentKind::Leave => {
                room.now = room.now.saturating_sub(1);
                self.present = self.present.saturating_sub(1);
                room.leaves.push(intent.at);
            }
            _ => {}
        }
        let second = &mut self.seconds[slot];
        second.present_max = second.present_max.max(self.present);
        if !(self.played)(intent.kind) {
            return;
        }
        second.intents += 1;
        self.plan.add(intent);
        match intent.kind {
            IntentKind::Join | IntentKind::Leave => {
                second.joins += u64::from(intent.kind == IntentKind::Join);
                let now = intent.at.0 / Micros::SECOND.0;
                if room.count_second.replace(now) != Some(now) {
                    second.counts += room.now;
                }
            }
            kind if kind.is_broadcast() => {
                second.messages += 1;
                second.deliveries += room.now;
                // Whoever hears of the end is about to leave: such pairs are never judged.
                if intent.kind != IntentKind::End {
                    room.messages.push(intent.at);
                }
            }
            IntentKind::Like => {
                let slot = intent.at.0 / (Micros::SECOND.0 / LIKE_FRAMES_A_SECOND);
                if room.like_slot.replace(slot) != Some(slot) {
                    second.counts += room.now;
                }
            }
            IntentKind::Click | IntentKind::AddToCart | IntentKind::CheckOut => second.shop += 1,
            _ => {}
        }
    }

    /// Time goes on to `at` with the viewers who are there.
    fn pass(&mut self, at: Micros) {
        self.area += u128::from(self.present) * u128::from(at.saturating_sub(self.last).0);
        let (from, to) = (self.second_of(self.last), self.second_of(at));
        for second in &mut self.seconds[from..=to.max(from)] {
            second.present_max = second.present_max.max(self.present);
        }
        self.last = self.last.max(at);
    }

    /// Which second an instant is in; the end of the show belongs to the last.
    fn second_of(&self, at: Micros) -> usize {
        let second = usize::try_from(at.0 / Micros::SECOND.0).unwrap_or(usize::MAX);
        second.min(self.seconds.len() - 1)
    }

    fn conclude(self, scenario: &Scenario) -> Forecast {
        let plan = &scenario.plan;
        let boundary = boundary(&self.rooms, &scenario.target);
        let has = |kind: &IntentKind| self.kinds[*kind as usize] > 0;
        let not_played = IntentKind::ALL.into_iter().filter(has);
        let not_played = not_played.filter(|&kind| !(self.played)(kind)).collect();
        let rooms = plan.shows.iter().zip(&self.rooms).map(|(show, room)| Room {
            creator: show.creator.clone(),
            visits: room.visits,
            present_max: room.max,
        });
        #[expect(clippy::cast_precision_loss, reason = "a mean for reading")]
        let present_mean = self.area as f64 / plan.length.0.max(1) as f64;
        Forecast {
            name: scenario.name.clone(),
            seed: plan.seed,
            length: plan.length,
            rooms: rooms.collect(),
            groups: plan.groups.iter().map(|group| group.name.clone()).zip(self.groups).collect(),
            seconds: self.seconds,
            present_mean,
            kinds: self.kinds,
            plan: self.plan,
            not_played,
            reacts: plan.reacts(),
            products: plan.products.iter().cloned().zip(self.check_outs).collect(),
            boundary,
        }
    }
}

/// The share of boundary pairs as the ledger tells them: whoever joins within the guard of a
/// message, or leaves from a guard before it until its deadline. Joins count as answered when they
/// are planned, and who does both is counted twice: an upper bound, closely.
fn boundary(rooms: &[Presence], target: &Target) -> Option<f64> {
    let (mut near, mut all) = (0_usize, 0_usize);
    for room in rooms {
        let before = |times: &[Micros], limit: Micros| times.partition_point(|&time| time < limit);
        let until = |times: &[Micros], limit: Micros| times.partition_point(|&time| time <= limit);
        for &at in &room.messages {
            let (early, late) = (at.saturating_sub(target.guard), at.saturating_add(target.guard));
            let deadline = at.saturating_add(target.delivery_deadline);
            let (come, gone) = (until(&room.joins, late), before(&room.leaves, early));
            let joins = come - before(&room.joins, early);
            let leaves = until(&room.leaves, deadline) - gone;
            let judged = come.saturating_sub(gone);
            near += (joins + leaves).min(judged);
            all += judged;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a share for reading")]
    let share = near as f64 / all as f64;
    (all > 0).then_some(share)
}
