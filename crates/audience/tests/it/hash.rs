//! Fingerprints of whole plans. They are the same in debug and release and on any machine; a
//! change of one of them changes what a seed means, and must be meant.

use claque_audience::{
    Audience, Chat, Curve, Group, Intensity, Intent, IntentSource, Law, Micros, Plan, PlanHasher,
    Shard, ShowId, Size, VisitClass, plan_hash,
};

use crate::plans::{
    a_minute, chat, everything, first_show, funnel, likes, plan, seconds, show, watchers,
};

/// Two shows at once, five groups: each law of arrivals, stays and chat once.
fn mixed() -> Plan {
    let mut mixed = first_show(300);
    let minute = seconds(60);
    let group = |show, stay| Group {
        shows: vec![(ShowId(show), 1.0)],
        classes: vec![VisitClass::once(stay)],
        ..watchers(100, minute)
    };
    let edges = [0, 10, 20, 60].map(seconds);
    mixed.groups.extend([
        Group {
            size: Size::Mean(200.0),
            arrivals: Curve::bins(&edges, &[5.0, 1.0, 2.0]).unwrap().into(),
            chat: Some(chat(6.0)),
            ..group(1, Law::Exponential { mean: seconds(15) })
        },
        Group {
            chat: Some(Chat { intensity: Intensity::steady(a_minute(7.0)), metronome: true }),
            ..group(1, Law::Empirical([1, 5, 20, 40].map(seconds).into()))
        },
        Group { likes: Some(likes(600.0, 1.0)), ..group(0, Law::Fixed(seconds(25))) },
        Group {
            funnel: Some(claque_audience::Funnel { pin_lift: 0.0, ..funnel() }),
            ..group(1, Law::LogNormal { median: minute, sigma: 0.0 })
        },
    ]);
    let mut second = show(seconds(50));
    second.creator = "noa".into();
    second.cues[0].at = seconds(3);
    second.replies.branching = 0.75;
    mixed.shows.push(second);
    mixed
}

/// Three viewers who write a lot, in an hour.
fn quiet_room() -> Plan {
    let hour = seconds(3_600);
    let mut show = show(hour);
    show.replies.branching = 0.6;
    plan(2_022, show, Group { chat: Some(chat(2.0)), ..watchers(3, hour) })
}

#[test]
fn hash_of_whole_plans() {
    let expect = [
        ("first show", first_show(500), 1_958, 0x2c5a_3c11_aa1b_a2b4),
        ("mixed", mixed(), 23_080, 0x93dd_c9da_2ca7_eadd),
        ("quiet room", quiet_room(), 219, 0xbd2e_ac19_c4b8_7f89),
        ("everything", everything(500), 5_462, 0x137a_bfbd_9e95_966d),
        ("everything, hardly any", everything(12), 108, 0x3247_58f4_ab47_ffae),
    ];
    for (name, plan, intents, hash) in expect {
        let mut hasher = PlanHasher::default();
        let mut all: Vec<Intent> = Vec::new();
        Audience::new(&plan).fill(Micros(u64::MAX >> 8), &mut all);
        for intent in &all {
            hasher.add(intent);
        }
        let got = (hasher.intents(), hasher.hash());
        assert_eq!(got, (intents, hash), "{name}: {} intents, {:#018x}", got.0, got.1);
        assert_eq!(plan_hash(&mut Audience::new(&plan)), hash, "{name} in chunks");
    }
}

#[test]
fn hash_tells_plans_apart() {
    let whole = plan_hash(&mut Audience::new(&first_show(500)));
    let mut other = first_show(500);
    other.seed += 1;
    assert_ne!(plan_hash(&mut Audience::new(&other)), whole, "another seed");
    let part = Shard { index: 0, of: 2 };
    assert_ne!(plan_hash(&mut Audience::shard(&first_show(500), part)), whole, "a part");
}
