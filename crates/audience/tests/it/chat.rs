//! Own messages, replies, likes: rates, clusters, small rooms, the metronome.

use claque_audience::{Chat, IntentKind, Micros, Visits};

use crate::plans::{a_minute, full_house, plan, seconds, show};

#[test]
fn the_metronome_beats_evenly() {
    // (viewers, messages a minute each)
    for (viewers, times) in [(1, 60.0), (2, 30.0), (10, 60.0), (7, 13.0), (1_000, 6.0)] {
        let mut group = full_house(viewers, seconds(120));
        group.chat = Some(Chat { per_viewer: a_minute(times), metronome: true });
        let visits = Visits::new(&plan(7, show(seconds(120)), group));
        let mut instants: Vec<Micros> = (0..viewers)
            .flat_map(|index| visits.visit(0, index).intents)
            .filter(|intent| intent.kind == IntentKind::Chat)
            .map(|intent| intent.at)
            .collect();
        instants.sort_unstable();
        let expect = f64::from(viewers) * times * 2.0;
        let count = f64::from(u32::try_from(instants.len()).unwrap());
        assert!((count - expect).abs() < 1.0, "{count} messages, not {expect}");
        let spacing = 120e6 / expect;
        for pair in instants.windows(2) {
            let gap = pair[1].saturating_sub(pair[0]).seconds() * 1e6;
            assert!((gap - spacing).abs() <= 1.0, "a gap of {gap} µs, not {spacing}");
        }
    }
}
