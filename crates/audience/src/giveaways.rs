//! Entering for giveaways: each viewer who is there while one can be entered does so once, with
//! the declared probability, a delay after the cue or after joining, if he is still there then and
//! it is still on.

use crate::chain::Stay;
use crate::cues::{Cues, Giveaway};
use crate::entry::{Class, Entry, VISIT_SHIFT, What, sequence};
use crate::random::Key;
use crate::{Giveaways, Group, IntentKind, Law, Micros, ReactionAct, Trigger};

/// Who enters, and when.
#[derive(Clone, Debug)]
pub(crate) struct Entering {
    share: f64,
    delay: Law,
}

impl Entering {
    /// `None` if nobody enters by plan: a group that enters when it hears of a giveaway does not.
    pub(crate) fn new(group: &Group, giveaways: &Giveaways) -> Option<Entering> {
        let reacts = group
            .on_received
            .iter()
            .any(|reaction| reaction.to == Trigger::Giveaway && reaction.act == ReactionAct::Enter);
        let share = giveaways.enter_per_viewer.0;
        (share > 0.0 && !reacts).then(|| Entering { share, delay: giveaways.delay.clone() })
    }

    /// The entries of a visit. `before` are the viewer's earlier visits: who entered in one of them
    /// does not enter again.
    pub(crate) fn of_visit<Before: Iterator<Item = Stay>>(
        &self,
        key: Key,
        stay: &Stay,
        cues: &Cues,
        before: impl Fn() -> Before,
        sink: &mut impl FnMut(Entry),
    ) {
        for (number, giveaway) in (0..).zip(&cues.giveaways) {
            let Some(at) = self.at(key, stay, giveaway) else { continue };
            // Only who joins while it is on may have been there before, which is seldom.
            let again = stay.visit > 0
                && stay.join > giveaway.from
                && before().any(|earlier| {
                    earlier.show == stay.show && self.at(key, &earlier, giveaway).is_some()
                });
            if !again {
                let sequence = sequence(Class::Enter, stay.visit << VISIT_SHIFT | number);
                let what = IntentKind::Enter as What;
                let entry = Entry::new(at, what, stay.show, stay.viewer, sequence);
                sink(entry.with_product(giveaway.product).with_extra(giveaway.number));
            }
        }
    }

    /// When the viewer enters during this visit, if he had not before.
    fn at(&self, key: Key, stay: &Stay, giveaway: &Giveaway) -> Option<Micros> {
        if stay.join >= giveaway.until || stay.leave <= giveaway.from {
            return None;
        }
        let cue = u64::from(stay.show.0) << 32 | u64::from(giveaway.number);
        let key = key.entity(stay.viewer.actor().number()).entity(cue);
        if key.open() >= self.share {
            return None;
        }
        let delay = self.delay.at(key.stream().open());
        let at = giveaway.from.max(stay.join).saturating_add(delay);
        (at < stay.leave && at < giveaway.until).then_some(at)
    }
}
