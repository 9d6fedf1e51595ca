//! What hosts do by plan: their cues, and the coming and going of co-hosts.

use crate::entry::{Author, Entry};
use crate::{CO_HOST_ENTERS_AFTER, CueAct, IntentKind, Plan, ProductId, Shard, ShowId};

/// Every act of the hosts who belong to `shard`.
pub(crate) fn acts(plan: &Plan, shard: Shard, sink: &mut impl FnMut(Entry)) {
    for (show, played) in (0..).map(ShowId).zip(&plan.shows) {
        let mut act = |at, kind, by, number, product| {
            let host = Author { owner: 0, index: u32::from(by) << 16 | u32::from(show.0) };
            if shard.owns(host.actor()) {
                let entry = Entry::new(at, kind as u8, show, host, number);
                sink(entry.with_extra(number).with_product(product));
            }
        };
        let (mut live, mut end, mut cues) = (None, plan.length, 0);
        for (number, cue) in (0..).zip(&played.cues) {
            let (kind, product) = match cue.act {
                CueAct::GoLive => (IntentKind::GoLive, ProductId(0)),
                CueAct::Pin { product } => (IntentKind::Pin, product),
                CueAct::PriceChange { product, .. } => (IntentKind::PriceChange, product),
                CueAct::FlashSale { product, .. } => (IntentKind::FlashSale, product),
                CueAct::Giveaway { product, .. } => (IntentKind::Giveaway, product),
                CueAct::Raid { .. } => (IntentKind::Raid, ProductId(0)),
                CueAct::Say { .. } => (IntentKind::Chat, ProductId(0)),
                CueAct::End => (IntentKind::End, ProductId(0)),
            };
            match cue.act {
                CueAct::GoLive => live = Some(cue.at),
                CueAct::End => end = cue.at,
                _ => {}
            }
            act(cue.at, kind, cue.by, number, product);
            cues = number + 1;
        }
        let Some(live) = live else { continue };
        for (by, _) in (1..).zip(&played.co_hosts) {
            // A show of less than a second ends before anybody can enter it.
            let enters = live.saturating_add(CO_HOST_ENTERS_AFTER).min(end);
            act(enters, IntentKind::GoLive, by, cues, ProductId(0));
            act(end, IntentKind::Leave, by, cues + 1, ProductId(0));
        }
    }
}
