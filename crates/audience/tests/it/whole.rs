//! The whole plan: its order, its shards, its chunks, and the visits it is made of.

use claque_audience::{
    Actor, Amount, Arrivals, Audience, Chat, Curve, Factor, Gifts, Giveaways, Group, Hop,
    Intensity, Intent, IntentKind, IntentSource, Law, Likes, Micros, MoreVisits, Plan, Reaction,
    ReactionAct, Returns, Shard, Share, Shares, ShowId, Size, Trigger, Visit, VisitClass, Visits,
};
use proptest::prelude::*;

use crate::plans::{a_minute, everything, first_show, funnel, seconds, three_shows, watchers};

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

fn arbitrary_arrivals() -> impl Strategy<Value = Arrivals> {
    let told = (0..70_u64, 0.0..=1.0, arbitrary_stay()).prop_map(|(at, opens, delay)| {
        Arrivals::Notification { at: seconds(at), opens: Share(opens), delay }
    });
    let one = prop_oneof![3 => arbitrary_curve().prop_map(Arrivals::from), 1 => told];
    let some = prop::collection::vec((0.1..3.0, one.clone()), 1..4).prop_map(Arrivals::Sum);
    prop_oneof![3 => one, 1 => some]
}

fn arbitrary_factor() -> impl Strategy<Value = Option<Factor>> {
    let factors = prop_oneof![Just(0.0), 0.0..4.0];
    prop::option::of(prop::collection::vec((1..40_000_000_u64, factors), 1..4).prop_map(|steps| {
        let (mut at, mut points) = (Micros(0), Vec::new());
        for (step, factor) in steps {
            at = at.saturating_add(Micros(step));
            points.push((at, factor));
        }
        Factor::new(points).unwrap()
    }))
}

/// Up to `times` a minute.
fn arbitrary_intensity(times: f64) -> impl Strategy<Value = Intensity> {
    let weights = prop_oneof![
        Just(vec![]),
        Just(vec![(1, Share(0.8)), (4, Share(0.15)), (16, Share(0.05))]),
        Just(vec![(1 << 31, Share(0.5)), (1, Share(0.5))]),
    ];
    (0.0..times, arbitrary_factor(), arbitrary_factor(), weights).prop_map(
        |(times, by_show_time, by_viewer_age, weights)| Intensity {
            per_viewer: a_minute(times),
            by_show_time,
            by_viewer_age,
            weights,
        },
    )
}

fn arbitrary_classes() -> impl Strategy<Value = Vec<VisitClass>> {
    let more = prop_oneof![
        Just(MoreVisits::None),
        (0.2..3.0, 0.2..1.0).prop_map(|(r, p)| MoreVisits::NegativeBinomial { r, p }),
        (0.2..1.0).prop_map(|p| MoreVisits::Geometric { p }),
        Just(MoreVisits::Zipf { exponent: 2.7 }),
    ];
    let returns = (0..4_u32, more, arbitrary_stay()).prop_map(|(visits, more, absence)| Returns {
        visits,
        more,
        absence,
    });
    let class = (arbitrary_stay(), prop::option::of(returns));
    prop::collection::vec(class, 1..3).prop_map(|classes| {
        let share = Share(1.0 / if classes.len() == 1 { 1.0 } else { 2.0 });
        let class = |(stay, returns)| VisitClass { share, stay, returns };
        classes.into_iter().map(class).collect()
    })
}

fn arbitrary_acts() -> impl Strategy<Value = Group> {
    let chat = (arbitrary_intensity(40.0), prop::bool::weighted(0.2))
        .prop_map(|(intensity, metronome)| Chat { intensity, metronome });
    let likes =
        (arbitrary_intensity(40.0), 1.0..5.0).prop_map(|(intensity, run)| Likes { intensity, run });
    let amount = prop_oneof![
        Just(Amount::Fixed(3)),
        Just(Amount::Pareto { min: 1.0, alpha: 0.8, max: 900 }),
    ];
    let gifts = (0.0..=1.0, arbitrary_intensity(9.0), amount)
        .prop_map(|(givers, intensity, amount)| Gifts { givers: Share(givers), intensity, amount });
    let shares = arbitrary_intensity(9.0).prop_map(|intensity| Shares { intensity });
    let funnel = (0.0..=1.0, 0.0..9.0, arbitrary_factor(), arbitrary_factor()).prop_map(
        |(share, lift, by_show_time, by_viewer_age)| claque_audience::Funnel {
            click_per_visit: Share(share),
            pin_lift: lift,
            by_show_time,
            by_viewer_age,
            ..funnel()
        },
    );
    let giveaways = (0.0..=1.0, arbitrary_stay())
        .prop_map(|(share, delay)| Giveaways { enter_per_viewer: Share(share), delay });
    (
        prop::option::of(chat),
        prop::option::of(likes),
        prop::option::of(gifts),
        prop::option::of(shares),
        prop::option::of(funnel),
        prop::option::of(giveaways),
    )
        .prop_map(|(chat, likes, gifts, shares, funnel, giveaways)| Group {
            chat,
            likes,
            gifts,
            shares,
            funnel,
            giveaways,
            ..watchers(0, seconds(60))
        })
}

/// A group of up to 60 viewers in up to three shows, every habit possible.
fn arbitrary_group() -> impl Strategy<Value = Group> {
    let size = prop_oneof![(0..60_u32).prop_map(Size::Viewers), (0.0..40.0).prop_map(Size::Mean)];
    let shows = prop_oneof![
        (0..3_u16).prop_map(|show| vec![(ShowId(show), 1.0)]),
        Just(vec![(ShowId(2), 0.5), (ShowId(0), 2.0)]),
        Just(vec![(ShowId(0), 1.0), (ShowId(1), 0.5), (ShowId(2), 0.33)]),
    ];
    let hop = prop::option::of(
        (0.0..=1.0, arbitrary_stay()).prop_map(|(share, gap)| Hop { per_visit: Share(share), gap }),
    );
    let reaction =
        |to, act| vec![Reaction { to, act, share: Share(0.5), delay: Law::Fixed(Micros(0)) }];
    let on_received = prop_oneof![
        Just(vec![]),
        Just(reaction(Trigger::Pin, ReactionAct::Click)),
        Just(reaction(Trigger::Giveaway, ReactionAct::Enter)),
    ];
    let visits = (arbitrary_arrivals(), arbitrary_classes(), hop);
    (shows, size, visits, on_received, arbitrary_acts()).prop_map(
        |(shows, size, (arrivals, classes, hop), on_received, acts)| Group {
            on_received,
            shows,
            size,
            arrivals,
            classes,
            hop,
            ..acts
        },
    )
}

/// Three shows with every cue, and up to three groups.
fn arbitrary_plan() -> impl Strategy<Value = Plan> {
    let groups = prop::collection::vec(arbitrary_group(), 1..4);
    (any::<u64>(), 0.0..0.9, groups).prop_map(|(seed, branching, groups)| {
        let mut plan = Plan { seed, groups, ..everything(0) };
        plan.shows = three_shows();
        plan.shows[0].replies.branching = branching;
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
    assert!(ids.iter().all(|id| !id.is_reaction()), "no plan has reactions");
    let visits = Visits::new(plan);
    // Every own act of every visit is there, and nothing else but the hosts' and replies.
    let mut own: Vec<Intent> = Vec::new();
    for (group, _) in (0..).zip(&plan.groups) {
        for index in 0..visits.size(group) {
            let chain = visits.viewer(group, index);
            check_chain(plan, &chain);
            own.extend(chain.into_iter().flat_map(|visit| visit.intents));
        }
    }
    own.sort_unstable_by_key(Intent::order);
    let (viewers, hosts): (Vec<Intent>, Vec<Intent>) =
        intents.iter().partition(|intent| intent.id.actor.group().is_some());
    let (replies, others): (Vec<Intent>, Vec<Intent>) = viewers.iter().partition(|intent| {
        intent.kind == IntentKind::Chat
            && own.binary_search_by_key(&intent.order(), Intent::order).is_err()
    });
    assert_eq!(others, own);
    for reply in replies {
        let chain = visits.viewer(reply.id.actor.group().unwrap(), reply.id.actor.index());
        let visit = &chain[usize::try_from(reply.visit()).unwrap()];
        assert!(visit.join <= reply.at && reply.at < visit.leave, "authors are present");
        assert_eq!(reply.show, visit.show);
        assert_eq!(reply.id.sequence % 8, 6);
    }
    check_hosts(plan, &hosts);
}

/// Cues, then co-hosts.
fn check_hosts(plan: &Plan, hosts: &[Intent]) {
    let mut expect = 0;
    for (show, played) in (0..).map(ShowId).zip(&plan.shows) {
        let numbered = |number: u32| {
            let has = |intent: &&Intent| intent.show == show && intent.count == number;
            let found: Vec<&Intent> = hosts.iter().filter(has).collect();
            assert!(found.iter().all(|intent| intent.id.sequence == number));
            found
        };
        for (number, cue) in (0..).zip(&played.cues) {
            let acts = numbered(number);
            assert_eq!((acts.len(), acts[0].at), (1, cue.at));
            assert_eq!(acts[0].id.actor, Actor::host(show, cue.by));
            expect += 1;
        }
        let cues = u32::try_from(played.cues.len()).unwrap();
        for (number, kind) in [(cues, IntentKind::GoLive), (cues + 1, IntentKind::Leave)] {
            let acts = numbered(number);
            assert_eq!(acts.len(), played.co_hosts.len());
            assert!(acts.iter().all(|act| act.kind == kind && act.visit() == 0));
            expect += acts.len();
        }
    }
    assert_eq!(hosts.len(), expect);
}

/// A viewer is in one room at a time, and does nothing when in none.
fn check_chain(plan: &Plan, chain: &[Visit]) {
    assert!(chain.len() <= 256);
    for pair in chain.windows(2) {
        assert!(pair[0].leave < pair[1].join, "visits do not touch");
    }
    for (number, visit) in (0..).zip(chain) {
        check_visit(&visit.intents);
        assert!(visit.intents.iter().all(|intent| intent.visit() == number));
        assert!(visit.intents.iter().all(|intent| intent.show == visit.show));
        assert!(visit.intents.iter().all(|intent| intent.id.actor == visit.viewer));
        let cues = &plan.shows[usize::from(visit.show.0)].cues;
        assert!(cues[0].at <= visit.join && visit.join < visit.leave);
        assert!(visit.leave <= cues.last().unwrap().at, "nobody stays longer than the show");
        assert_eq!(visit.intents[0].at, visit.join);
        assert_eq!(visit.intents.last().unwrap().at, visit.leave);
    }
    let mut entered: Vec<(ShowId, u32)> = chain
        .iter()
        .flat_map(|visit| &visit.intents)
        .filter(|intent| intent.kind == IntentKind::Enter)
        .map(|intent| (intent.show, intent.count))
        .collect();
    let entries = entered.len();
    entered.sort_unstable();
    entered.dedup();
    assert_eq!(entered.len(), entries, "nobody enters twice for one giveaway");
}

fn check_visit(intents: &[Intent]) {
    let (join, leave) = (intents[0], intents[intents.len() - 1]);
    assert_eq!((join.kind, leave.kind), (IntentKind::Join, IntentKind::Leave));
    for intent in &intents[1..intents.len() - 1] {
        assert!(!matches!(intent.kind, IntentKind::Join | IntentKind::Leave));
        assert!(intent.at >= join.at && intent.at < leave.at);
        let counts = [IntentKind::Like, IntentKind::Gift, IntentKind::Enter];
        assert_eq!(intent.count > 0, counts.contains(&intent.kind));
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
    let intents = whole(&everything(500));
    for kind in IntentKind::ALL {
        assert!(intents.iter().any(|intent| intent.kind == kind), "no {}", kind.name());
    }
}

#[test]
fn one_more_viewer_leaves_every_other_visit_as_it_was() {
    for plan in [first_show, everything] {
        let (before, after) = (Visits::new(&plan(500)), Visits::new(&plan(501)));
        for index in 0..500 {
            assert_eq!(before.viewer(0, index), after.viewer(0, index));
        }
    }
    // The whole plans then differ by one visit, and in replies.
    let own = |viewers| {
        let mut intents = whole(&first_show(viewers));
        intents.retain(|intent| intent.id.actor.index() < 500 && intent.kind != IntentKind::Chat);
        intents
    };
    assert_eq!(own(500), own(501));
}
