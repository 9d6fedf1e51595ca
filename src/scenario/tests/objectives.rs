//! What objectives and rules mean that are right.

use std::fmt::Write as _;

use super::*;

/// Every objective and rule of these lines, one a line, by what it was read as.
fn lines(objectives: &[&str], rules: &[&str]) -> String {
    let list = |lines: &[&str]| {
        let quoted: Vec<String> = lines.iter().map(|line| format!("\"{line}\"")).collect();
        quoted.join(", ")
    };
    let text = GOOD.replace(
        "objectives = [\"chat response p99 < 250ms\"]",
        &format!("objectives = [{}]\nabort_when = [{}]", list(objectives), list(rules)),
    );
    let (scenario, warnings) = read(&text, &[]).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(warnings.is_empty(), "{warnings}");
    let mut said = String::new();
    for Objective { text, figure, comparison, limit, window, acts: _ } in &scenario.objectives {
        let _ = writeln!(said, "{text}: {figure:?} {comparison:?} {limit} {window:?}");
    }
    for AbortRule { text, figure, comparison, limit, over_s, acts: _ } in &scenario.abort {
        let _ = writeln!(said, "{text}: {figure:?} {comparison:?} {limit} over {over_s} s");
    }
    said
}

#[test]
fn the_limit_says_whether_an_ending_is_a_share_or_a_count() {
    insta::assert_snapshot!(lines(
        &[
            "chat failed < 0.1%",
            "chat rejected <= 0.01",
            "failed = 0",
            "failed = 0%",
            "check-out answered >= 100",
            "answered >= 1_000",
            "timed-out = 0 in the worst second",
            "join unsent < 1.0",
        ],
        &[],
    ), @r#"
    chat failed < 0.1%: Ended { kind: Some(Chat), ending: Failed, unit: Share } Below 0.001 Whole
    chat rejected <= 0.01: Ended { kind: Some(Chat), ending: Rejected, unit: Share } AtMost 0.01 Whole
    failed = 0: Ended { kind: None, ending: Failed, unit: Count } Equal 0 Whole
    failed = 0%: Ended { kind: None, ending: Failed, unit: Share } Equal 0 Whole
    check-out answered >= 100: Ended { kind: Some(CheckOut), ending: Answered, unit: Count } AtLeast 100 Whole
    answered >= 1_000: Ended { kind: None, ending: Answered, unit: Count } AtLeast 1000 Whole
    timed-out = 0 in the worst second: Ended { kind: None, ending: TimedOut, unit: Count } Equal 0 WorstSecond
    join unsent < 1.0: Ended { kind: Some(Join), ending: Unsent, unit: Share } Below 1 Whole
    "#);
}

#[test]
fn several_limits_share_their_figure_and_window() {
    insta::assert_snapshot!(lines(
        &[
            "chat response p50 < 50ms, p99 < 250ms ,max<1s",
            "chat failed < 1%, < 5 after 30s",
            "orders >= 1, <= 200 during flash_sale(lamp)",
            "chat delivery mean < 20ms before 10s",
        ],
        &[
            "chat failed > 50%",
            "failed > 50%, > 1000 over 5s",
            "chat response p50 > 2s over 2m",
            "check-out answered < 1 over 30s",
            "orders > 100 over 1s",
        ],
    ), @r#"
    chat response p50 < 50ms: Latency { kind: Chat, series: Response, statistic: Quantile(0.5) } Below 0.05 Whole
    chat response p99 < 250ms: Latency { kind: Chat, series: Response, statistic: Quantile(0.99) } Below 0.25 Whole
    chat response max<1s: Latency { kind: Chat, series: Response, statistic: Max } Below 1 Whole
    chat failed < 1% after 30s: Ended { kind: Some(Chat), ending: Failed, unit: Share } Below 0.01 Planned { label: "after 30s", from: Micros(30000000), to: Micros(60000000) }
    chat failed < 5 after 30s: Ended { kind: Some(Chat), ending: Failed, unit: Count } Below 5 Planned { label: "after 30s", from: Micros(30000000), to: Micros(60000000) }
    orders >= 1 during flash_sale(lamp): Orders AtLeast 1 Planned { label: "during flash_sale(lamp)", from: Micros(35000000), to: Micros(50000000) }
    orders <= 200 during flash_sale(lamp): Orders AtMost 200 Planned { label: "during flash_sale(lamp)", from: Micros(35000000), to: Micros(50000000) }
    chat delivery mean < 20ms before 10s: Latency { kind: Chat, series: Delivery, statistic: Mean } Below 0.02 Planned { label: "before 10s", from: Micros(0), to: Micros(10000000) }
    chat failed > 50%: Ended { kind: Some(Chat), ending: Failed, unit: Share } Above 0.5 over 10 s
    failed > 50% over 5s: Ended { kind: None, ending: Failed, unit: Share } Above 0.5 over 5 s
    failed > 1000 over 5s: Ended { kind: None, ending: Failed, unit: Count } Above 1000 over 5 s
    chat response p50 > 2s over 2m: Latency { kind: Chat, series: Response, statistic: Quantile(0.5) } Above 2 over 120 s
    check-out answered < 1 over 30s: Ended { kind: Some(CheckOut), ending: Answered, unit: Count } Below 1 over 30 s
    orders > 100 over 1s: Orders Above 100 over 1 s
    "#);
}

#[test]
fn a_giveaway_is_a_window() {
    let giveaway = "{ at = \"5s\", giveaway = \"lamp\", length = \"5s\" }";
    let text = GOOD
        .replace("{ at = \"10s\", pin = \"lamp\" }", giveaway)
        .replace("250ms", "250ms during giveaway(lamp)");
    // The reader of cues may not know giveaways; then there is nothing to see here.
    if let Ok((scenario, _)) = read(&text, &[]) {
        let window = (Micros(5_000_000), Micros(10_000_000));
        assert_eq!(Objective::windows(&scenario.objectives), [window]);
    }
}
