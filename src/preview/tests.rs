//! Previews of plans whose figures are known.

use super::*;

fn scenario(audience: &str) -> Scenario {
    let text = format!(
        r#"
        name = "t"
        seed = 3
        length = "60s"
        [products.lamp]
        price = "39.00 EUR"
        stock = 1
        [[shows]]
        creator = "mia"
        cues = [
          {{ at = "10s", pin = "lamp" }},
          {{ at = "35s", flash_sale = "lamp", price = "29.00 EUR", length = "15s" }},
        ]
        [[audience]]
        name = "a"
        {audience}
        "#
    );
    crate::scenario::parse("t.toml", &text, &[], &|_| Err(String::new())).unwrap().0
}

/// Under the scenario's own seed and those after it, nothing being drawn on reading.
fn preview(scenario: &Scenario, seeds: Option<u32>) -> Preview {
    Preview::new(scenario, seeds, &|_| None)
}

fn chart<'a>(preview: &'a Preview, title: &str) -> &'a Chart {
    preview.charts.iter().find(|chart| chart.title == title).unwrap()
}

/// Everybody comes evenly in the first half and stays for ten seconds: whatever the seed.
#[test]
fn figures_of_a_plain_audience() {
    let plain = "viewers = 600\narrivals = { points = [[\"0s\", 1], [\"30s\", 1]] }\n\
                 stay = { fixed = \"10s\" }\nchat = { per_viewer = \"60/min\" }";
    let preview = preview(&scenario(plain), Some(40));
    assert_eq!((preview.bin, preview.seeds), (Micros::SECOND, 40));
    let joins = &chart(&preview, "arrivals").mean;
    assert!((joins.iter().sum::<f64>() - 600.0).abs() < 1e-9, "all of them, whatever the seed");
    assert!(joins[30..].iter().all(|&rate| rate.abs() < 1e-12));
    // 20 a second and 10 s each: 200 present, 1 message a second of each. 40 seeds: 3 % off at most.
    let steady = |chart: &Chart| chart.mean[12..28].iter().sum::<f64>() / 16.0;
    for title in ["audience", "chat"] {
        let mean = steady(chart(&preview, title));
        assert!((mean - 200.0).abs() < 6.0, "{title}: {mean}");
    }
    for of in &preview.charts {
        for bin in 0..of.mean.len() {
            assert!(of.low[bin] <= of.mean[bin] + 1e-9 && of.mean[bin] <= of.high[bin] + 1e-9);
        }
    }
    let visit = preview.figures.iter().find(|(label, _)| *label == "messages a visit").unwrap();
    let messages: f64 = visit.1.parse().unwrap();
    assert!((messages - 10.0).abs() < 0.3, "{messages}");
}

/// What is drawn when a plan is read varies with the seed too.
#[test]
fn every_seed_has_the_plan_that_is_read_under_it() {
    let chat = "viewers = 50\nstay = { fixed = \"20s\" }\n\
                chat = { per_show = { quantiles = [20, 20, 4000, 4000] } }";
    let scenario = scenario(chat);
    let under = |seed: u64| {
        let sets = [format!("seed={seed}")];
        let read = crate::scenario::parse("t.toml", &scenario.text, &sets, &|_| Err(String::new()));
        read.ok().map(|(scenario, _)| scenario.plan)
    };
    let preview = Preview::new(&scenario, Some(20), &under);
    let chat = chart(&preview, "chat");
    assert!(chat.low[30] < 3.0 && chat.high[30] > 30.0, "{chat:?}");
}

#[test]
fn a_seed_more_changes_the_band_and_a_seed_alone_has_none() {
    let lively = "viewers = 50\nstay = { fixed = \"20s\" }\nchat = { per_viewer = \"6/min\" }";
    let alone = preview(&scenario(lively), Some(1));
    assert!(alone.charts.iter().all(|chart| chart.low == chart.mean && chart.high == chart.mean));
    let many = preview(&scenario(lively), Some(12));
    let chat = chart(&many, "chat");
    assert!((0..60).any(|bin| chat.low[bin] < chat.high[bin]));
    assert!(many.charts.iter().all(|chart| chart.title != "likes"), "nobody likes, so no chart");
}

#[test]
fn nobody_comes() {
    let preview = preview(&scenario("viewers = 0\nstay = { fixed = \"20s\" }"), None);
    assert!(preview.charts.is_empty());
    assert!(preview.terminal(80).contains("nobody comes, and nothing happens"));
    assert!(preview.svg().contains("nobody comes"));
}

/// A wrong unit is seen in the numbers at the axis: sixty times as many.
#[test]
fn a_wrong_unit_is_seen() {
    let top = |rate: &str| {
        let text = format!(
            "viewers = 100\nstay = {{ fixed = \"40s\" }}\nchat = {{ per_viewer = \"{rate}\" }}"
        );
        let preview = preview(&scenario(&text), Some(10));
        axis::round_up(chart(&preview, "chat").mean.iter().fold(0.0, |max, &m| m.max(max)))
    };
    assert!(top("1/s") >= 20.0 * top("1/min"));
}

#[test]
fn the_terminal_keeps_its_width_and_marks_cues() {
    let text = "viewers = 80\nstay = { fixed = \"20s\" }\nchat = { per_viewer = \"6/min\" }";
    let preview = preview(&scenario(text), Some(4));
    for width in [10, 60, 100, 200] {
        let drawn = preview.terminal(width);
        let longest = drawn.lines().map(|line| line.chars().count()).max().unwrap();
        assert!(longest <= width.max(80), "{longest} of {width}:\n{drawn}");
        assert!(drawn.lines().filter(|line| line.matches('▲').count() == 2).count() >= 3);
        assert!(drawn.contains("1       10s  pin lamp"), "{drawn}");
    }
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    let text = "viewers = 80\nstay = { fixed = \"20s\" }\nchat = { per_viewer = \"6/min\" }";
    let mut preview = preview(&scenario(text), Some(4));
    preview.name = "a <b> & \"c\"".to_owned();
    let page = preview.html();
    assert!(page.contains("<title>a &lt;b&gt; &amp; &quot;c&quot;: preview</title>"));
    let foreign = page.replace("http://www.w3.org/2000/svg", "");
    for word in ["http:", "https:", "<script", "src=", "href=", "url(", "NaN", "inf"] {
        assert!(!foreign.contains(word), "{word}");
    }
    for element in ["html", "head", "body", "svg", "style", "text", "title"] {
        let opened = page.matches(&format!("<{element} ")).count()
            + page.matches(&format!("<{element}>")).count();
        assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
    }
}
