//! The whole plan: its order, its shards, its chunks, and the visits it is made of.

use claque_audience::{
    Audience, Chat, Cue, CueAct, Curve, Intensity, Intent, IntentKind, IntentSource, Law, Micros,
    Plan, ProductId, Shard, Share, ShowId, Size, VisitClass, Visits,
};
use proptest::prelude::*;

use crate::plans::{a_minute, cents, first_show, funnel, likes, plan, seconds, show, watchers};

/// Everything that a source yields, in chunks of `chunk`.
pub(crate) fn all(source: &mut impl IntentSource, chunk: Micros) -> Vec<Intent> {
    let (mut intents, mut until) = (Vec::new(), Micros(0));
    loop {
        until = until.saturating_add(chunk);
        if !source.fill(until, &mut intents) {
            return intents;
        }
    }
}

pub(crate) fn whole(plan: &Plan) -> Vec<Intent> {
    all(&mut Audience::new(plan), Micros::SECOND)
}

fn arbitrary_stay() -> impl Strategy<Value = Law> {
    prop_oneof![
        (1..90_u64, 0.0..2.5)
            .prop_map(|(median, sigma)| Law::LogNormal { median: seconds(median), sigma }),
        (1..90_u64).prop_map(|mean| Law::Exponential { mean: seconds(mean) }),
        (0..90_u64).prop_map(|length| Law::Fixed(seconds(length))),
        prop::collection::vec(0..90_000_000_u64, 1..9)
            .prop_map(|stays| Law::Empirical(stays.into_iter().map(Micros).collect())),
    ]
}

fn arbitrary_curve() -> impl Strategy<Value = Curve> {
    let rates = prop::collection::vec((1..20_000_000_u64, 0.01..5.0), 2..6);
    prop_oneof![
        rates.prop_map(|steps| {
            let (mut at, mut points) = (Micros(0), Vec::new());
            for (step, rate) in steps {
                points.push((at, rate));
                at = at.saturating_add(Micros(step));
            }
            Curve::points(points).unwrap()
        }),
        Just(Curve::constant(Micros(1))),
        Just(Curve::constant(seconds(60))),
    ]
}

/// A group of up to 60 viewers in show 0 or 1, every habit possible.
fn arbitrary_group() -> impl Strategy<Value = claque_audience::Group> {
    let size = prop_oneof![(0..60_u32).prop_map(Size::Viewers), (0.0..40.0).prop_map(Size::Mean)];
    let chat =
        prop::option::of((0.0..90.0, prop::bool::weighted(0.2)).prop_map(|(times, metronome)| {
            Chat { intensity: Intensity::steady(a_minute(times)), metronome }
        }));
    let likes = prop::option::of((0.0..90.0, 1.0..5.0).prop_map(|(times, run)| likes(times, run)));
    let funnel = prop::option::of((0.0..=1.0, 0.0..9.0).prop_map(|(share, lift)| {
        claque_audience::Funnel { click_per_visit: Share(share), pin_lift: lift, ..funnel() }
    }));
    (0..2_u16, size, arbitrary_curve(), arbitrary_stay(), chat, likes, funnel).prop_map(
        |(show, size, arrivals, stay, chat, likes, funnel)| claque_audience::Group {
            shows: vec![(ShowId(show), 1.0)],
            size,
            arrivals: arrivals.into(),
            classes: vec![VisitClass::once(stay)],
            chat,
            likes,
            funnel,
            ..watchers(0, seconds(60))
        },
    )
}

/// Two shows, one of which starts late and ends early, and up to three groups.
fn arbitrary_plan() -> impl Strategy<Value = Plan> {
    let groups = prop::collection::vec(arbitrary_group(), 1..4);
    (any::<u64>(), 0.0..0.9, groups).prop_map(|(seed, branching, groups)| {
        let mut plan = plan(seed, show(seconds(60)), watchers(0, seconds(60)));
        plan.shows[0].replies.branching = branching;
        let mut second = show(seconds(45));
        second.cues[0].at = seconds(5);
        let lamp = ProductId(0);
        let sale = CueAct::FlashSale { product: lamp, price: cents(100), length: seconds(15) };
        second.cues.insert(1, Cue::new(seconds(10), CueAct::Pin { product: lamp }));
        second.cues.insert(2, Cue::new(seconds(15), sale));
        plan.shows.push(second);
        plan.groups = groups;
        plan
    })
}

/// The whole of a plan obeys what the rest of the program relies on.
fn check_plan(plan: &Plan, intents: &[Intent]) {
    assert!(intents.is_sorted_by(|a, b| a.order() < b.order()), "total order, no two alike");
    let mut ids: Vec<_> = intents.iter().map(|intent| intent.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), intents.len(), "ids are unique");
    let end = |show: ShowId| plan.shows[usize::from(show.0)].cues.last().unwrap().at;
    let visits = Visits::new(plan);
    // Every own act of every visit is there, and nothing else but cues and replies.
    let mut own: Vec<Intent> = Vec::new();
    for (group, _) in (0..).zip(&plan.groups) {
        for index in 0..visits.size(group) {
            let visit = visits.visit(group, index);
            check_visit(&visit.intents);
            assert!(visit.join < visit.leave && visit.leave <= end(visit.intents[0].show));
            assert_eq!(visit.intents[0].at, visit.join);
            assert_eq!(visit.intents.last().unwrap().at, visit.leave);
            own.extend(visit.intents);
        }
    }
    own.sort_unstable_by_key(Intent::order);
    let (replies, others): (Vec<Intent>, Vec<Intent>) =
        intents.iter().filter(|intent| intent.id.actor.group().is_some()).partition(|intent| {
            intent.kind == IntentKind::Chat
                && own.binary_search_by_key(&intent.order(), Intent::order).is_err()
        });
    assert_eq!(others, own);
    for reply in replies {
        let visit = visits.visit(reply.id.actor.group().unwrap(), reply.id.actor.index());
        assert!(visit.join <= reply.at && reply.at < visit.leave, "authors are present");
        assert_eq!(reply.show, visit.intents[0].show);
    }
}

fn check_visit(intents: &[Intent]) {
    let (join, leave) = (intents[0], intents[intents.len() - 1]);
    assert_eq!((join.kind, leave.kind), (IntentKind::Join, IntentKind::Leave));
    for intent in &intents[1..intents.len() - 1] {
        assert!(!matches!(intent.kind, IntentKind::Join | IntentKind::Leave));
        assert!(intent.at >= join.at && intent.at < leave.at);
        assert_eq!(intent.count > 0, intent.kind == IntentKind::Like);
        let needs = match intent.kind {
            IntentKind::AddToCart => Some(IntentKind::Click),
            IntentKind::CheckOut => Some(IntentKind::AddToCart),
            _ => None,
        };
        assert_eq!(intent.after.is_some(), needs.is_some());
        if let Some(after) = intent.after {
            let before = intents.iter().find(|other| other.id.sequence == after).unwrap();
            assert_eq!(Some(before.kind), needs);
            assert!(before.order() < intent.order() && before.product == intent.product);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plans_are_whole_and_in_order(plan in arbitrary_plan()) {
        check_plan(&plan, &whole(&plan));
    }

    #[test]
    fn shards_unite_to_the_whole(plan in arbitrary_plan()) {
        let whole = whole(&plan);
        for of in [1, 2, 3, 7] {
            let mut union = Vec::new();
            for index in 0..of {
                let shard = Shard { index, of };
                let part = all(&mut Audience::shard(&plan, shard), Micros::SECOND);
                prop_assert!(part.is_sorted_by_key(Intent::order));
                prop_assert!(part.iter().all(|intent| shard.owns(intent.id.actor)));
                union.extend(part);
            }
            union.sort_by_key(Intent::order);
            prop_assert!(union == whole, "{of} shards differ from the whole");
        }
    }

    #[test]
    fn chunks_do_not_show(plan in arbitrary_plan(), chunk in 1_000..90_000_000_u64) {
        let whole = whole(&plan);
        prop_assert!(all(&mut Audience::new(&plan), Micros(chunk)) == whole);
        let mut source = Audience::new(&plan);
        let (mut intents, half) = (Vec::new(), seconds(30));
        source.fill(half, &mut intents);
        prop_assert!(intents.iter().all(|intent| intent.at < half));
        source.fill(half, &mut intents);
        source.fill(Micros(u64::MAX >> 8), &mut intents);
        prop_assert!(intents == whole);
    }
}

/// Counts of each kind of a known plan, as a check that nothing is missing altogether.
#[test]
fn every_kind_is_planned() {
    let intents = whole(&first_show(2_000));
    for kind in IntentKind::ALL {
        assert!(intents.iter().any(|intent| intent.kind == kind), "no {}", kind.name());
    }
}

#[test]
fn one_more_viewer_leaves_every_other_visit_as_it_was() {
    let (before, after) = (Visits::new(&first_show(500)), Visits::new(&first_show(501)));
    for index in 0..500 {
        assert_eq!(before.visit(0, index), after.visit(0, index));
    }
    // The whole plans then differ by one visit, and in replies.
    let own = |viewers| {
        let mut intents = whole(&first_show(viewers));
        intents.retain(|intent| intent.id.actor.index() < 500 && intent.kind != IntentKind::Chat);
        intents
    };
    assert_eq!(own(500), own(501));
}
