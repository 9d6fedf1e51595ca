//! Reports as they look.

use claque_audience::PlanDigest;

use super::super::sample;
use super::render;
use crate::measure::{RunEnd, RunInfo, Totals};

#[test]
fn a_run_with_everything_at_100_columns() {
    let summary = sample::totals().summary(Some(&sample::end()));
    insta::assert_snapshot!(render(&summary, 100, false), @r"
    first-show · seed 7
      target     http://127.0.0.1:41234 (the embedded reference backend), binding reference
                 target shared this machine, not a capacity figure
      audience   40 viewers planned, 40 at the peak, 8 sentinels
      hosts      mia with ben
      plan       166 intents, digest 0f3a88d15c20e4b7, all taken up
      machine    2 × Example 3000, Linux 6.18 · 1 shard
      time       2025-11-25 16:07:03 UTC · 6.00 s planned, 6 s recorded
      traffic    4,503 frames in (900.6 kB), 119 out (10.7 kB)
      used       generator 740 ms CPU, 41.2 MB · target 910 ms CPU, 22.8 MB
      made by    claque 0.1.0 from scenario 3fa9c1d2e4b5
      not played add_to_cart: the binding has no verb for it
      warning    chat is 30 times livelier than published rooms

    INTENTS  planned = answered + rejected + failed + timed out + unsent
                 planned  answered  rejected  failed  timed out  unsent
      join            40        40         ·       ·          ·       ·
      chat           120       117         ·       1          1       1
      check_out        6         4         1       ·          1       ·

    UNSENT  by reason
      not connected        chat 1

    RESPONSE  answered − planned; – where too few samples resolve a percentile
                   n      p50      p90  p99  p99.9      max
      join        40  2.82 ms        –    –      –  4.76 ms
      chat       118  2.75 ms  4.71 ms    –      –   1.00 s
      check_out    6        –        –    –      –   1.00 s
        paced      5        –        –    –      –  3.59 ms
      censored: chat 1, check_out 1 timed out, and stand at 1.00 s
      paced: as if the user had waited for the answer before, then thought

    WHERE IT WENT  service = the backend, blocked = waiting for it, lag = ours
                 service       blocked           lag
                     p50  p99      p50  p99      p50  p99      max
      join       2.43 ms    –   353 µs    –  40.4 µs    –  40.4 µs
      chat       2.36 ms    –   347 µs    –  40.4 µs    –  40.4 µs
      check_out        –    –        –    –        –    –  40.4 µs

    REACTIONS  to what was received: planned then, and no part of the plan
             planned  answered  rejected  failed  timed out  unsent
      click        8         7         ·       ·          ·       1
      unsent, left: click 1

             n  p50  p90  p99  p99.9      max
      click  7    –    –    –      –  4.26 ms

    DELIVERIES  received − planned; transit = received − sent
                       n      p50      p90      p99  p99.9      max
      chat         4,501  4.02 ms  5.62 ms  33.0 ms      –  35.9 ms
        sentinels    935  3.95 ms  5.65 ms  33.8 ms      –  35.8 ms
        transit    4,501  3.02 ms  4.62 ms  32.0 ms      –  34.9 ms

                   expected  missing  double  late  out of  ghost  boundary
                                                     order
      chat            4,500        2       2     ·       ·      ·         3
        sentinels       936        1       1     ·       ·      ·         ·
      chat         complete 99.95 %, boundary 0.06 %; sentinels complete 99.89 %, boundary 0 %

    ORDERS  counted by order id
            stock  sold  oversold
      lamp      3   4–5       1–2
      lamp oversold, 3 in stock; orders beyond it: o-3
      check-outs that may have made an order, unanswered: 1
      charged at another price than shown: o-1 (39.00 shown, 29.00 charged)

    ERRORS AND REFUSALS  in the words of the network and of the backend
      connection                   1  refused: connection reset
      check_out rejected           1  sold_out
      chat failed                  1  reset

    OBJECTIVES
      ✗ chat response p99 < 250ms                      1.00 s, the largest of 118: too few for the
                                                       percentile
      ✓ chat delivery p99 < 500ms in the worst second  34.4 ms in second 0 (n 678)
      ✗ chat completeness = 100%                       99.95 % of 4,500 pairs
      ✓ check-out response p99 < 1s during flash_sale(lamp)
          1.43 ms, the largest of 2: too few for the percentile
      ✗ oversold = 0                                   2
      ✓ orders >= 1                                    4
      – add-to-cart response p99 < 1s                  not evaluated: the binding plays no add_to_cart

    VERDICT OBJECTIVES MISSED  exit code 1
      chat response p99 < 250ms
      chat completeness = 100%
      oversold = 0
    ");
}

#[test]
fn an_empty_room_at_80_columns() {
    let plan = PlanDigest::default();
    let info = RunInfo { viewers: 0, sentinels: 0, plan, ..sample::info() };
    let text = render(&Totals::new(info).summary(Some(&RunEnd::default())), 80, false);
    assert!(!text.contains("NaN") && !text.contains("0/0"));
    insta::assert_snapshot!(text, @r"
    first-show · seed 7
      target     http://127.0.0.1:41234 (the embedded reference backend), binding
                 reference
                 target shared this machine, not a capacity figure
      audience   0 viewers planned, 0 at the peak, no sentinels in so small an
                 audience
      hosts      mia with ben
      plan       0 intents, digest 0000000000000000, all taken up
      machine    2 × Example 3000, Linux 6.18 · 1 shard
      time       2025-11-25 16:07:03 UTC · 6.00 s planned, 0 s recorded
      traffic    0 frames in (0 B), 0 out (0 B)
      made by    claque 0.1.0 from scenario 3fa9c1d2e4b5
      not played add_to_cart: the binding has no verb for it
      warning    chat is 30 times livelier than published rooms

    INTENTS  planned = answered + rejected + failed + timed out + unsent
      nothing was planned

    ORDERS  counted by order id
            stock  sold  oversold
      lamp      3     ·         ·

    OBJECTIVES
      – chat response p99 < 250ms      not evaluated: no chat was planned
      – chat delivery p99 < 500ms in the worst second
          not evaluated: no chat was planned
      – chat completeness = 100%       not evaluated: no chat was planned
      – check-out response p99 < 1s during flash_sale(lamp)
          not evaluated: no check_out was planned
      – oversold = 0                   not evaluated: no check_out was planned
      – orders >= 1                    not evaluated: no check_out was planned
      – add-to-cart response p99 < 1s  not evaluated: the binding plays no
                                       add_to_cart

    VERDICT PASSED  exit code 0
      no objective could be evaluated
    ");
}

#[test]
fn nothing_is_wider_than_the_page_and_colours_change_no_text() {
    let summary = sample::totals().summary(None);
    for width in [80, 100, 120] {
        let plain = render(&summary, width, false);
        for line in plain.lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        let coloured = render(&summary, width, true);
        assert_ne!(coloured, plain);
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    }
}
