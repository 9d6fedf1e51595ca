//! Tests of forecasts, with sources whose every intent is written down.

use claque_audience::{Actor, Intent, IntentId, ProductId, ShowId};

use super::*;

/// Intents from a list.
struct Script(Vec<Intent>);

impl IntentSource for Script {
    fn fill(&mut self, until: Micros, intents: &mut Vec<Intent>) -> bool {
        let due = self.0.iter().take_while(|intent| intent.at < until).count();
        intents.extend(self.0.drain(..due));
        !self.0.is_empty()
    }
}

fn intent(ms: u64, viewer: Option<u32>, kind: IntentKind) -> Intent {
    let show = ShowId(0);
    let actor = viewer.map_or(Actor::creator(show), |viewer| Actor::viewer(0, viewer));
    Intent {
        at: Micros(ms * 1_000),
        id: IntentId { actor, sequence: u32::try_from(ms).unwrap() },
        show,
        kind,
        product: ProductId(0),
        count: 1,
        after: None,
    }
}

fn forecast(viewers: u32, script: &[(u64, Option<u32>, IntentKind)]) -> Forecast {
    let text = format!(
        r#"
        name = "t"
        length = "6s"
        [products.lamp]
        price = "39.00 EUR"
        stock = 1
        [[shows]]
        creator = "mia"
        [[audience]]
        name = "a"
        viewers = {viewers}
        stay = {{ fixed = "2s" }}
        "#
    );
    let (scenario, _) =
        crate::scenario::parse("t.toml", &text, &[], &|_| Err(String::new())).unwrap();
    let mut script = Script(script.iter().map(|&(ms, who, kind)| intent(ms, who, kind)).collect());
    Forecast::new(&scenario, &mut script, &|kind| kind != IntentKind::Click)
}

#[test]
fn counts_what_a_script_does() {
    use IntentKind::{Chat, CheckOut, Click, End, GoLive, Join, Leave, Like, Pin};
    let forecast = forecast(
        3,
        &[
            (0, None, GoLive),
            (500, Some(0), Join),
            (1_000, Some(1), Join),
            (1_200, Some(2), Join),
            (1_300, Some(0), Chat),
            (1_400, Some(0), Like),
            (1_450, Some(1), Like),
            (1_600, Some(1), Like),
            (2_000, None, Pin),
            (2_100, Some(0), Click),
            (2_200, Some(0), CheckOut),
            (2_500, Some(0), Leave),
            (3_000, Some(1), CheckOut),
            (3_200, Some(2), Leave),
            (3_500, Some(1), Leave),
            (6_000, None, End),
        ],
    );
    let second = |index: usize| forecast.seconds[index];
    assert_eq!(
        second(0),
        Second { present_max: 1, joins: 1, counts: 1, intents: 2, ..Default::default() }
    );
    // One chat to three; likes in two quarter seconds to three each; one viewer count to two.
    assert_eq!(
        second(1),
        Second {
            present_max: 3,
            joins: 2,
            messages: 1,
            deliveries: 3,
            counts: 8,
            shop: 0,
            intents: 6
        }
    );
    assert_eq!(second(2).deliveries, 3);
    assert_eq!((second(2).shop, second(3).shop), (1, 1));
    assert_eq!((second(3).present_max, second(4).present_max), (2, 0));
    assert_eq!(forecast.not_played, [Click]);
    assert_eq!(forecast.products[0].1, 2);
    // 2 s, 2.5 s and 2 s of presence in 6 s.
    assert!((forecast.present_mean - 6.5 / 6.0).abs() < 1e-9);
    // The chat at 1.3 s: nobody joins or leaves near it. The pin at 2 s: neither.
    assert_eq!(forecast.boundary, Some(0.0));
    insta::assert_snapshot!(forecast.render(80, Some(20.0)), @r#"
    t: 6s, 1 show, 3 viewers, seed 1

    viewers     1.1 present on average, at most 3 at 1s
                │▃██▆  │
    joins       0.5/s on average, at most 2/s at 1s
    messages    0.5/s on average, at most 1/s at 1s
    deliveries  1.0/s on average, at most 3/s at 1s
                │ ██   │
    counts      2.0/s on average, at most 8/s at 1s (likes and viewers, not audited)
    shop        requests 0.3/s on average, at most 1/s at 2s
    lamp        2 check-outs planned for 1 in stock; 1 will hear "sold out", which
                is no failure
    intents     16 planned: go_live 1, pin 1, end 1, join 3, chat 1, like 3, click
                1, check_out 2, leave 3
    not played  click: the binding has no verb for them, so they are taken out of
                the plan
    plan        15 intents, digest 64586f42cde690a2
    boundary    hardly any delivery is too near to a join or leave to be judged
    budget      the peak is 55 % of the 20 frames/s that this machine can receive:
                tight: our own reading will show in the tails, look at the sentinels
    "#);
}

#[test]
fn counts_nobody() {
    let forecast = forecast(0, &[(0, None, IntentKind::GoLive), (6_000, None, IntentKind::End)]);
    insta::assert_snapshot!(forecast.render(80, Some(100_000.0)), @r#"
    t: 6s, 1 show, 0 viewers, seed 1

    viewers     nobody comes
    messages    0.2/s on average, at most 1/s at 5s
    deliveries  none
    lamp        0 check-outs planned for 1 in stock
    intents     2 planned: go_live 1, end 1
    plan        2 intents, digest 302f30f617c87a62
    budget      the peak is less than 0.1 % of the 100,000 frames/s that this
                machine can receive: fine
    "#);
}

/// The forecast of a shipped scenario, with everything played.
fn shipped(name: &str) -> Forecast {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let path = folder.join(name).with_extension("toml");
    let (scenario, _) = crate::scenario::load(&path, &[]).unwrap();
    let mut audience = claque_audience::Audience::new(&scenario.plan);
    Forecast::new(&scenario, &mut audience, &|_| true)
}

#[test]
fn shipped_scenarios_keep_what_they_say() {
    for (name, viewers, frames_max) in [
        ("first-show", 500, 10_000),
        ("world-cup-crowd", 600, 10_000),
        ("quiet-room", 15, 100),
        ("product-drop", 5_000, 40_000),
    ] {
        let forecast = shipped(name);
        let said = forecast.render(100, None);
        let visits: u64 = forecast.rooms.iter().map(|room| room.visits).sum();
        assert_eq!(visits, viewers, "{said}");
        assert!(forecast.frames_max() <= frames_max, "{said}");
        // Completeness is worth little where much lies in the boundary.
        assert!(forecast.boundary.unwrap() < 0.018, "{said}");
    }
    assert!(shipped("product-drop").products[0].1 > 300, "twice as many as there are sneakers");
    let quiet = shipped("quiet-room");
    let most: Vec<u64> = quiet.rooms.iter().map(|room| room.present_max).collect();
    assert_eq!(most[..3], [0, 1, 2]);
    assert!(most[3] <= 12);
}

#[test]
fn first_show() {
    insta::assert_snapshot!(shipped("first-show").render(80, Some(240_000.0)), @r#"
    first-show: 1m, 1 show, 500 viewers, seed 9

    viewers     232 present on average, at most 320 at 48s
                │▁▁▁▁▂▂▃▃▃▄▄▄▅▅▅▅▆▆▆▆▆▆▆▇▇▇▇▇▇▇████████████████████████████▇▇│
    joins       8.3/s on average, at most 23/s at 5s
    messages    1.9/s on average, at most 7/s at 39s
    deliveries  519/s on average, at most 2,180/s at 41s
                │ ▁▁▁  ▁ ▁▁▁▁▂  ▃▂▁▂▂▃  ▁ ▃▃▁▄▁▃▃▄ ▄▃▄▃▂█▅█▅▅▄▅▆▄▂▂▃▂  ▃ ▅▄▄▂│
    counts      1,104/s on average, at most 1,640/s at 59s (likes and viewers, not
                audited)
    shop        requests 3.3/s on average, at most 14/s at 48s
    lamp        19 check-outs planned for 40 in stock
    intents     1,981 planned: go_live 1, pin 1, flash_sale 1, end 1, join 500, chat
                114, like 665, click 130, add_to_cart 49, check_out 19, leave 500
    plan        1,981 intents, digest 8898bc6af935fd81
    boundary    at most 0.7 % of deliveries are too near to a join or leave to be
                judged
    budget      the peak is 1.6 % of the 240,000 frames/s that this machine can
                receive: fine
    "#);
}

#[test]
fn quiet_room() {
    insta::assert_snapshot!(shipped("quiet-room").render(80, Some(240_000.0)), @r#"
    quiet-room: 45s, 4 shows, 15 viewers, seed 3

    viewers     6.4 present on average, at most 11 at 21s
                │ ▁▃▃▃▃▄▅▆▆▆▆▆▅▅▆▆▆▆▇████████████▇▇▇▇▆▆▄▃▃    │
      ada       nobody
      bela      1 visit, at most 1 at once
      cleo      2 visits, at most 2 at once
      dana      12 visits, at most 8 at once
    joins       0.3/s on average, at most 2/s at 2s
    messages    0.6/s on average, at most 3/s at 10s
    deliveries  1.8/s on average, at most 14/s at 30s
                │      ▂▄  ▂ ▂▂ ▄▅  ▃▄▄ ▂  ▂   █     ▁▃▃ ▃    │
    counts      3.5/s on average, at most 15/s at 22s (likes and viewers, not
                audited)
    shop        requests 0.7/s on average, at most 5/s at 28s
    mug         4 check-outs planned for 1 in stock; 3 will hear "sold out", which
                is no failure
    intents     107 planned: go_live 4, pin 3, flash_sale 1, end 4, join 15, chat
                19, like 15, click 16, add_to_cart 11, check_out 4, leave 15
    plan        107 intents, digest 65e394a81039b333
    boundary    hardly any delivery is too near to a join or leave to be judged
    budget      the peak is less than 0.1 % of the 240,000 frames/s that this
                machine can receive: fine
    "#);
}
