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
    boundary    at most 0.0 % of deliveries are too near to a join or leave to be
                judged
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
    budget      the peak is 0.0 % of the 100,000 frames/s that this machine can
                receive: fine
    "#);
}
