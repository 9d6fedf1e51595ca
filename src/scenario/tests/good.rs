//! What the fields of shows and groups resolve to, form by form.

use claque_audience::{
    Amount, Arrivals, Audience, Cue, CueAct, Curve, Factor, FlashCrowd, Group, Hop, IntentKind,
    IntentSource, Law, Money, MoreVisits, ProductId, Rate, Reaction, ReactionAct, Returns, Share,
    Show, ShowId, Trigger,
};

use super::{GOOD, read};
use crate::scenario::{Micros, presets};

const STAY: &str = "stay = { fixed = \"5s\" }";
const ARRIVALS: &str = "{ points = [[\"0s\", 1.0], [\"60s\", 0.2]] }";
const CHAT: &str = "chat = { per_viewer = \"0.5/min\" }";

fn s(seconds: f64) -> Micros {
    Micros::from_seconds(seconds)
}

/// The show and the group of [`GOOD`] with every change made.
fn changed(changes: &[(&str, &str)]) -> (Show, Group) {
    let mut text = GOOD.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old:?} is not in the text");
        text = text.replacen(old, new, 1);
    }
    let (scenario, _) = read(&text, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    (scenario.plan.shows[0].clone(), scenario.plan.groups[0].clone())
}

fn group(old: &str, new: &str) -> Group {
    changed(&[(old, new)]).1
}

#[test]
fn laws() {
    let weibull = |scale: f64| Law::Weibull { shape: 0.7, scale: s(scale) };
    for (text, expect) in [
        ("\"3s\"", Law::Fixed(s(3.0))),
        ("{ fixed = \"3s\" }", Law::Fixed(s(3.0))),
        ("{ weibull = { shape = 0.7, scale = \"9s\" } }", weibull(9.0)),
        (
            "{ exponentiated_weibull = { a = 1.5, c = 0.6, scale = \"9s\" } }",
            Law::ExponentiatedWeibull { a: 1.5, c: 0.6, scale: s(9.0) },
        ),
        (
            "{ exponential_power = { b = 0.5, scale = \"9s\" } }",
            Law::ExponentialPower { b: 0.5, scale: s(9.0) },
        ),
        ("{ gamma = { shape = 2, scale = \"9s\" } }", Law::Gamma { shape: 2.0, scale: s(9.0) }),
        (
            "{ weibull = { shape = 0.7, scale = \"9s\" }, shift = \"1s\" }",
            Law::Shifted { shift: s(1.0), law: Box::new(weibull(9.0)) },
        ),
        (
            "{ mixture = [{ share = 0.25, fixed = \"3s\" }, { share = \"75%\", weibull = { shape = 0.7, scale = \"9s\" } }] }",
            Law::Mixture(vec![(Share(0.25), Law::Fixed(s(3.0))), (Share(0.75), weibull(9.0))]),
        ),
    ] {
        assert_eq!(group(STAY, &format!("stay = {text}")).classes[0].stay, expect, "{text}");
    }
}

#[test]
fn compress_divides_stays_absences_shifts_bins_and_traces() {
    let group = changed(&[
        ("viewers = 500", "viewers = 500\ncompress = 10"),
        (ARRIVALS, "{ bins = { width = \"3m\", weights = [1, 0, 3] } }"),
        (
            STAY,
            "stay = { exponential = { mean = \"50s\" }, shift = \"10s\" }\n\
             returns = { visits = 2, absence = { empirical = [\"20s\", \"0s\"] } }",
        ),
        (
            "chat = { per_viewer",
            "giveaways = { enter_per_viewer = \"50%\", delay = \"20s\" }\nchat = { per_viewer",
        ),
    ])
    .1;
    let edges = [0.0, 18.0, 36.0, 54.0].map(s);
    assert_eq!(group.arrivals, Arrivals::Curve(Curve::bins(&edges, &[1.0, 0.0, 3.0]).unwrap()));
    let stay = Law::Shifted { shift: s(1.0), law: Box::new(Law::Exponential { mean: s(5.0) }) };
    assert_eq!(group.classes[0].stay, stay);
    let absence = Law::Empirical(vec![s(2.0), s(0.0)]);
    let returns = Returns { visits: 2, more: MoreVisits::None, absence };
    assert_eq!(group.classes[0].returns, Some(returns));
    // A delay is nobody's stay.
    assert_eq!(group.giveaways.unwrap().delay, Law::Fixed(s(20.0)));
    // A trace's own factor goes before the group's.
    let group = changed(&[
        ("viewers = 500", "viewers = 500\ncompress = 10"),
        (STAY, "stay = { empirical = { trace = \"stays.csv\", compress = 2 } }"),
        (ARRIVALS, "{ trace = \"day.csv\", compress = 1440 }"),
    ])
    .1;
    assert_eq!(group.classes[0].stay, Law::Empirical(vec![s(15.0), s(60.0)]));
    let edges = [0.0, 30.0, 60.0].map(s);
    assert_eq!(group.arrivals, Arrivals::Curve(Curve::bins(&edges, &[1.0, 3.0]).unwrap()));
}

#[test]
fn returns_and_classes() {
    let absence = Law::Fixed(s(9.0));
    for (text, visits, more) in [
        ("visits = 3", 3, MoreVisits::None),
        ("more = { geometric = { p = 0.6 } }", 1, MoreVisits::Geometric { p: 0.6 }),
        (
            "more = { negative_binomial = { r = 0.63, p = 0.5 } }",
            1,
            MoreVisits::NegativeBinomial { r: 0.63, p: 0.5 },
        ),
        ("visits = 0, more = { zipf = 2.7 }", 0, MoreVisits::Zipf { exponent: 2.7 }),
    ] {
        let group = group(STAY, &format!("{STAY}\nreturns = {{ {text}, absence = \"9s\" }}"));
        let expect = Returns { visits, more, absence: absence.clone() };
        assert_eq!(group.classes[0].returns, Some(expect), "{text}");
    }
    // Rounded shares, as they are published, become exact.
    let group = group(
        STAY,
        "classes = [{ share = \"33.3%\", stay = \"5s\" }, \
         { share = \"66.66%\", stay = \"9s\", returns = { visits = 2, absence = \"9s\" } }]",
    );
    let shares: f64 = group.classes.iter().map(|class| class.share.0).sum();
    assert!((shares - 1.0).abs() < 1e-15, "{shares}");
    assert_eq!(group.classes[0].returns, None);
    assert_eq!(group.classes[1].returns.as_ref().unwrap().visits, 2);
}

#[test]
fn arrivals() {
    let points = vec![(s(0.0), 1.0), (s(20.0), 5.0), (s(60.0), 0.0)];
    let crowd =
        FlashCrowd { at: s(5.0), height: 9.0, ramp: s(2.0), sustain: s(10.0), decay: s(20.0) };
    let constant = Arrivals::Curve(Curve::constant(s(60.0)));
    let told = Arrivals::Notification {
        at: s(5.0),
        opens: Share(0.07),
        delay: Law::LogNormal { median: s(20.0), sigma: 1.0 },
    };
    for (text, expect) in [
        (
            "{ cubic = [[\"0s\", 1], [\"20s\", 5], [\"60s\", 0]] }",
            Curve::cubic(points).unwrap().into(),
        ),
        (
            "{ flash_crowd = { at = \"5s\", height = 9, ramp = \"2s\", sustain = \"10s\", decay = \"20s\" } }",
            Curve::flash_crowd(s(0.0), s(60.0), &crowd).unwrap().into(),
        ),
        (
            "{ notification = { at = \"5s\", opens = \"7%\", delay = { log_normal = { median = \"20s\", sigma = 1 } } } }",
            told.clone(),
        ),
        (
            "{ sum = [{ weight = 2, constant = true }, { notification = { at = \"5s\", opens = \"7%\", delay = { log_normal = { median = \"20s\", sigma = 1 } } } }] }",
            Arrivals::Sum(vec![(2.0, constant), (1.0, told)]),
        ),
    ] {
        assert_eq!(group(ARRIVALS, text).arrivals, expect, "{text}");
    }
}

#[test]
fn shows_of_a_group() {
    let text = |shows: &str| {
        let other = "[[shows]]\ncreator = \"noor\"\n[[shows]]\ncreator = \"zoe\"\n[[audience]]\n";
        let text = GOOD.replacen("[[audience]]\n", other, 1);
        text.replacen("viewers = 500", &format!("viewers = 500\n{shows}"), 1)
    };
    let check = |shows: &str, expect: &[(u16, f64)]| {
        let (scenario, _) = read(&text(shows), &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let found: Vec<_> =
            scenario.plan.groups[0].shows.iter().map(|(show, weight)| (show.0, *weight)).collect();
        assert_eq!(found.len(), expect.len(), "{shows}");
        for (found, expect) in found.iter().zip(expect) {
            assert_eq!(found.0, expect.0, "{shows}");
            assert!((found.1 - expect.1).abs() < 1e-12, "{shows}: {found:?}");
        }
    };
    check("show = \"zoe\"", &[(2, 1.0)]);
    check("shows = { zoe = 1, mia = 3, noor = 0 }", &[(0, 3.0), (2, 1.0)]);
    check("shows = { zipf = 1.0 }", &[(0, 1.0), (1, 0.5), (2, 1.0 / 3.0)]);
    check("shows = { zipf = 0 }", &[(0, 1.0), (1, 1.0), (2, 1.0)]);
    let hop = "shows = { mia = 1, zoe = 1 }\nhop = { per_visit = \"30%\", gap = \"2s\" }";
    let (scenario, _) = read(&text(hop), &[]).unwrap();
    let expect = Hop { per_visit: Share(0.3), gap: Law::Fixed(s(2.0)) };
    assert_eq!(scenario.plan.groups[0].hop, Some(expect));
}

/// Everybody comes in the first 50 s and stays for 5 s, so nobody is cut short.
fn rate(written: &str) -> Option<Rate> {
    let group = changed(&[
        (ARRIVALS, "{ points = [[\"0s\", 1.0], [\"50s\", 1.0]] }"),
        (CHAT, &format!("chat = {{ {written} }}")),
    ])
    .1;
    group.chat.map(|chat| chat.intensity.per_viewer)
}

#[test]
fn frequencies() {
    for (written, per_second) in [
        ("per_viewer = \"30/min\"", 0.5),
        ("per_visit = 0.8", 0.8 / 5.0),
        ("per_show = 300", 300.0 / (500.0 * 5.0)),
        ("per_visit = 0.8, by_show_time = [[\"0s\", 2]]", 0.8 / 10.0),
        ("per_visit = 0.8, by_viewer_age = [[\"0s\", 0], [\"5s\", 2]]", 0.8 / 5.0),
        ("per_visit = 0.8, by_viewer_age = [[\"0s\", 0], [\"10s\", 2]]", 0.8 / 2.5),
        (
            "per_visit = 0.8, by_show_time = [[\"0s\", 3]], by_viewer_age = [[\"0s\", 0.5]]",
            0.8 / 7.5,
        ),
        ("per_show = { quantiles = [300, 300] }", 300.0 / (500.0 * 5.0)),
    ] {
        let found = rate(written).unwrap().per_second;
        assert!((found / per_second - 1.0).abs() < 1e-3, "{written}: {found}, not {per_second}");
    }
    for written in ["per_viewer = \"0/s\"", "per_visit = 0", "per_show = { quantiles = [0, 0] }"] {
        assert_eq!(rate(written), None, "{written} is no chat");
    }
}

/// Who comes back is there longer, and who is not told is never there.
#[test]
fn a_number_in_the_show_counts_every_visit() {
    let chat = "chat = { per_show = 300 }";
    let early = "{ points = [[\"0s\", 1.0], [\"20s\", 1.0]] }";
    let twice = format!("{STAY}\nreturns = {{ visits = 2, absence = \"9s\" }}");
    let half = "{ notification = { at = \"0s\", opens = \"50%\", delay = \"1s\" } }";
    for (arrivals, stay, seconds) in [(early, twice.as_str(), 10.0), (half, STAY, 2.5)] {
        let group = changed(&[(ARRIVALS, arrivals), (STAY, stay), (CHAT, chat)]).1;
        let found = group.chat.unwrap().intensity.per_viewer.per_second;
        let expect = 300.0 / (500.0 * seconds);
        assert!((found / expect - 1.0).abs() < 0.02, "{found}, not {expect}");
    }
}

/// What the audience then does is what was written, messages with their replies.
#[test]
fn as_many_messages_as_declared() {
    let stay = "stay = { log_normal = { median = \"9s\", sigma = 1 } }";
    let more = "returns = { visits = 1, more = { geometric = { p = 0.5 } }, absence = { exponential = { mean = \"5s\" } } }";
    let curves = "by_show_time = [[\"0s\", 0.5], [\"60s\", 3]], by_viewer_age = [[\"0s\", 2], [\"9s\", 0.5]]";
    let weights = "weights = { 1 = \"80%\", 16 = \"20%\" }";
    for (returns, written) in [
        ("", "per_show = 20_000".to_owned()),
        (more, "per_show = 20_000".to_owned()),
        ("", format!("per_visit = 1, {curves}, {weights}")),
        (more, format!("per_show = 20_000, {curves}")),
    ] {
        let chat = format!("chat = {{ {written} }}");
        let text = GOOD.replacen(CHAT, &chat, 1).replacen(STAY, &format!("{stay}\n{returns}"), 1);
        let text = text.replacen("viewers = 500", "viewers = 20_000", 1);
        // Few replies: the busiest writers get none within their gap of two seconds.
        let text = text.replacen("branching = 0.3", "branching = 0.05", 1);
        let (scenario, _) = read(&text, &[]).unwrap_or_else(|problems| panic!("{problems}"));
        let mut audience = Audience::new(&scenario.plan);
        let mut intents = Vec::new();
        while audience.fill(Micros(u64::MAX), &mut intents) {}
        let messages = intents.iter().filter(|intent| intent.kind == IntentKind::Chat).count();
        let messages = u32::try_from(messages).unwrap();
        // Stays are log-normal and replies come in clusters, so that the spread is about 2 %.
        let off = f64::from(messages) / 20_000.0 - 1.0;
        assert!(off.abs() < 0.06, "{messages} messages: {returns} {written}");
    }
}

/// A number drawn for each seed, the same for the same seed.
#[test]
fn quantiles_are_drawn_by_the_seed() {
    let text = GOOD.replacen(CHAT, "chat = { per_show = { quantiles = [1, 1000] } }", 1);
    let drawn = |seed: u32| {
        let (scenario, _) = read(&text, &[&format!("seed={seed}")]).unwrap();
        scenario.plan.groups[0].chat.as_ref().unwrap().intensity.per_viewer.per_second
    };
    assert_eq!(drawn(7).to_bits(), drawn(7).to_bits());
    assert!((1..6).any(|seed| (drawn(seed) - drawn(7)).abs() > 1e-3));
    // A seed from outside draws as the same one in the file would.
    for seed in [7, 8] {
        let under = super::super::parse_under(
            Some(seed),
            "drop.toml",
            &text,
            &[],
            &super::no_files,
            &|_| None,
        );
        let (under, _) = under.unwrap();
        let (written, _) = read(&text, &[&format!("seed={seed}")]).unwrap();
        assert_eq!(under.plan, written.plan);
    }
}

#[test]
fn factors_weights_and_gifts() {
    let written = "likes = { per_viewer = \"6/min\", weights = { 16 = \"5%\", 1 = \"80%\", 4 = \"15%\" }, \
                   by_show_time = [[\"10s\", 1], [\"20s\", 0.5]] }\n\
                   gifts = { givers = \"1%\", per_giver = \"6/min\", by_viewer_age = [[\"0s\", 2]], amount = { pareto = { min = \"0.10 EUR\", alpha = 1.02, max = \"500 EUR\" } } }\n\
                   shares = { per_viewer = \"1/h\" }";
    let group = group(CHAT, written);
    let likes = group.likes.unwrap().intensity;
    assert_eq!(likes.weights, [(1, Share(0.8)), (4, Share(0.15)), (16, Share(0.05))]);
    let factor = Factor::new(vec![(s(10.0), 1.0), (s(20.0), 0.5)]).unwrap();
    assert_eq!((likes.by_show_time, likes.by_viewer_age), (Some(factor), None));
    let gifts = group.gifts.unwrap();
    assert_eq!(gifts.amount, Amount::Pareto { min: 10.0, alpha: 1.02, max: 50_000 });
    assert_eq!(gifts.intensity.by_viewer_age, Some(Factor::new(vec![(s(0.0), 2.0)]).unwrap()));
    assert!((gifts.intensity.per_viewer.per_second - 0.1).abs() < 1e-12);
    assert!(group.shares.is_some() && group.chat.is_none());
    let log_normal = "{ log_normal = { median = \"1.00 EUR\", sigma = 2.7, max = \"500 EUR\" } }";
    for (amount, expect) in [
        ("\"1.00 EUR\"", Amount::Fixed(100)),
        (log_normal, Amount::LogNormal { median: 100.0, sigma: 2.7, max: 50_000 }),
    ] {
        let gifts =
            format!("gifts = {{ givers = \"1%\", per_giver = \"1/h\", amount = {amount} }}");
        assert_eq!(self::group(CHAT, &gifts).gifts.unwrap().amount, expect);
    }
}

#[test]
fn reactions() {
    let group = changed(&[
        (
            CHAT,
            "on_received = { pin = { click = \"15%\", delay = \"2s\" }, \
             sold_out = { leave = \"30%\", complain = { share = \"10%\", delay = \"5s\" }, delay = \"3s\" }, \
             giveaway = { enter = \"60%\", delay = \"1s\" } }",
        ),
        ("cues = [", "cues = [ { at = \"5s\", giveaway = \"lamp\", length = \"9s\" },"),
    ])
    .1;
    let reaction = |to, act, share: f64, delay: f64| Reaction {
        to,
        act,
        share: Share(share),
        delay: Law::Fixed(s(delay)),
    };
    assert_eq!(
        group.on_received,
        [
            reaction(Trigger::Pin, ReactionAct::Click, 0.15, 2.0),
            reaction(Trigger::Giveaway, ReactionAct::Enter, 0.6, 1.0),
            reaction(Trigger::SoldOut, ReactionAct::Complain, 0.1, 5.0),
            reaction(Trigger::SoldOut, ReactionAct::Leave, 0.3, 3.0),
        ]
    );
}

#[test]
fn cues_of_hosts() {
    let cues = "co_hosts = [\"ben\", \"zoe\"]\nanswers = { every = 5, delay = \"3s\" }\ncues = [\n\
                { at = \"1s\", pin = \"lamp\", by = \"zoe\" },\n\
                { at = \"2s\", price_change = \"lamp\", price = \"35.00 EUR\", by = \"mia\" },\n\
                { at = \"3s\", giveaway = \"lamp\", length = \"20s\", by = \"ben\" },\n\
                { at = \"4s\", say = \"Welcome!\" }, { at = \"5s\", say = \"Ask me.\" },\n\
                { at = \"6s\", raid = \"noor\", follow = \"60%\" },";
    let (show, _) = changed(&[
        ("cues = [", cues),
        ("[[audience]]\n", "[[shows]]\ncreator = \"noor\"\n[[audience]]\nshow = \"mia\"\n"),
    ]);
    assert_eq!(show.co_hosts, ["ben", "zoe"]);
    assert_eq!(show.lines, ["Welcome!", "Ask me."]);
    let answers = show.answers.unwrap();
    assert_eq!((answers.every, answers.delay), (5, Law::Fixed(s(3.0))));
    let product = ProductId(0);
    let currency = claque_audience::Currency(*b"EUR");
    let price = Money { minor: 3_500, currency };
    let raid = CueAct::Raid { to: ShowId(1), follow: Share(0.6) };
    let expect = [
        (1.0, 2, CueAct::Pin { product }),
        (2.0, 0, CueAct::PriceChange { product, price }),
        (3.0, 1, CueAct::Giveaway { product, length: s(20.0) }),
        (4.0, 0, CueAct::Say { line: 0 }),
        (5.0, 0, CueAct::Say { line: 1 }),
        (6.0, 0, raid),
    ];
    let expect = expect.map(|(at, by, act)| Cue { at: s(at), by, act });
    assert_eq!(show.cues[1..=6], expect);
}

#[test]
fn a_preset_fills_what_is_absent() {
    let body = format!("arrivals = {ARRIVALS}\n{STAY}");
    let with = |text: &str| changed(&[(&body, text)]).1;
    let preset = with("preset = \"world-cup-2014\"\ncompress = 240");
    assert_eq!(preset.classes.len(), 7);
    assert!(matches!(preset.classes[1].stay, Law::Shifted { shift: Micros(4_167), .. }));
    assert!(preset.arrivals.within(s(0.0), s(60.0)).is_some());
    // A field that is written goes before the preset's, and takes along what excludes it.
    let own = with("preset = \"world-cup-2014\"\ncompress = 240\nstay = \"240s\"");
    assert_eq!(own.classes.len(), 1);
    assert_eq!(
        (own.classes[0].stay.clone(), own.classes[0].returns.clone()),
        (Law::Fixed(s(1.0)), None)
    );
    assert_eq!(own.arrivals, preset.arrivals);
    // What a preset brings is published already, so nothing is said of it.
    let text =
        GOOD.replacen("viewers = 500", "preset = \"periscope-room\"", 1).replacen(CHAT, "", 1);
    let (scenario, warnings) = read(&text, &[]).unwrap();
    assert!(warnings.is_empty(), "{warnings}");
    assert_eq!(scenario.plan.groups[0].size, claque_audience::Size::Viewers(36));
    let show =
        changed(&[("chat = { branching = 0.3, decay = \"600ms\" }", "preset = \"youtube-chat\"")])
            .0;
    assert!((show.replies.branching - 0.31).abs() < 1e-12);
}

#[test]
fn every_preset_is_whole_and_says_where_it_is_from() {
    for preset in presets::all() {
        assert!(!preset.title.is_empty() && preset.source.len() > 20, "{}", preset.name);
        assert!(preset.figures.len() > 1 && preset.text.contains("[preset]"), "{}", preset.name);
        assert!(preset.of_audience || preset.of_show, "{} fills nothing", preset.name);
        let mut text = GOOD.to_owned();
        let line = format!("preset = \"{}\"\n", preset.name);
        if preset.of_show {
            let chat = "chat = { branching = 0.3, decay = \"600ms\" }\n";
            text = text.replacen(chat, &line, 1);
        }
        if preset.of_audience {
            let of_group = format!("viewers = 500\ncompress = 240\n{line}");
            text = text.replacen("viewers = 500\n", &of_group, 1).replacen(CHAT, "", 1);
            // The preset's own where it has them, else the ones here.
            if preset.text.contains("\narrivals") {
                text = text.replacen(&format!("arrivals = {ARRIVALS}\n"), "", 1);
            }
            if preset.text.contains("\nstay") || preset.text.contains("classes") {
                text = text.replacen(STAY, "", 1);
            }
        }
        let read = read(&text, &[]);
        assert!(read.is_ok(), "{}: {}", preset.name, read.unwrap_err());
    }
    let names: Vec<_> = presets::all().map(|preset| preset.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/presets");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    let mut files: Vec<_> = files.map(|file| file.into_string().unwrap()).collect();
    files.sort();
    let known: Vec<_> = names.iter().map(|name| format!("{name}.toml")).collect();
    assert_eq!(files, known, "every file is a preset, and none is missing");
}
