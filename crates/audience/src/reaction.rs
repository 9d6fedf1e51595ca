//! What somebody does because of something received: planned := received + delay.
//!
//! Reactions are in no plan, since the network decides when something is received, and whether.
//! Who reacts, how and after how long is nevertheless a pure function of (seed, viewer, cause):
//! a slower backend moves every reaction by what it is slower, and changes none.

use crate::cues::{Cues, Prices};
use crate::entry::{Class, sequence};
use crate::funnel::{Luck, Steps};
use crate::random::{Key, Purpose};
use crate::{
    Actor, Answers, Intent, IntentId, IntentKind, Law, Micros, Plan, ProductId, Share, ShowId,
};

/// Something that a viewer receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    /// A product was pinned.
    Pin,
    /// A flash sale has begun.
    FlashSale,
    /// A price has changed.
    PriceChange,
    /// A giveaway has begun.
    Giveaway,
    /// A product is sold out.
    SoldOut,
}

/// What a viewer may do at that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReactionAct {
    /// Opens the product; what follows is as in the group's funnel.
    Click,
    /// Enters for the giveaway.
    Enter,
    /// Writes a message about it.
    Complain,
    /// Leaves the room.
    Leave,
}

/// One thing that viewers of a group do when they receive something.
#[derive(Clone, Debug, PartialEq)]
pub struct Reaction {
    /// What is received.
    pub to: Trigger,
    /// What is done.
    pub act: ReactionAct,
    /// Share of those who receive it who do it.
    pub share: Share,
    /// From receiving it to doing it.
    pub delay: Law,
}

/// Something that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What.
    pub trigger: Trigger,
    /// In which show's room.
    pub show: ShowId,
    /// The product that it is about.
    pub product: ProductId,
    /// The number of the cue in its show; 0 for what is no cue.
    pub cue: u32,
}

/// The reactions of a plan's viewers and creators, ready to be asked for.
#[derive(Clone, Debug)]
pub struct Reactions {
    groups: Vec<Reacting>,
    prices: Prices,
    answers: Vec<Option<Answers>>,
    reaction: Key,
    answer: Key,
}

/// One group.
#[derive(Clone, Debug)]
struct Reacting {
    reactions: Vec<Reaction>,
    /// What becomes of a click.
    steps: Option<Steps>,
}

impl Reactions {
    /// Resolves a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Reactions {
        let cues: Vec<Cues> = plan.shows.iter().map(|show| Cues::new(show, plan.length)).collect();
        let reacting = |group: &crate::Group| Reacting {
            reactions: group.on_received.clone(),
            steps: group.funnel.as_ref().map(Steps::new),
        };
        Reactions {
            groups: plan.groups.iter().map(reacting).collect(),
            prices: Prices::new(plan, &cues),
            answers: plan.shows.iter().map(|show| show.answers.clone()).collect(),
            reaction: Key::new(plan.seed, Purpose::Reaction),
            answer: Key::new(plan.seed, Purpose::Answer),
        }
    }

    /// Whether viewers of `group` do anything at `trigger`.
    #[must_use]
    pub fn wants(&self, group: u16, trigger: Trigger) -> bool {
        let reacting = self.groups.get(usize::from(group));
        reacting.is_some_and(|group| group.reactions.iter().any(|reaction| reaction.to == trigger))
    }

    /// Appends what `viewer` does because of `cause`, received at `received`, in order of time.
    ///
    /// The ids are of class reaction, numbered from `first` on: the viewer's visit × 2²⁰ plus the
    /// reactions so far. A click brings its cart and check-out, each `after` the one before.
    /// Nothing follows a leave. Whatever comes later than the viewer's planned leave is for the
    /// caller to drop.
    pub fn of(
        &self,
        viewer: Actor,
        cause: &Cause,
        received: Micros,
        first: u32,
        out: &mut Vec<Intent>,
    ) {
        let Some(group) = viewer.group().and_then(|group| self.groups.get(usize::from(group)))
        else {
            return;
        };
        let about = (cause.trigger as u64) << 32
            | u64::from(cause.show.0) << 16
            | u64::from(cause.product.0);
        let key = self.reaction.entity(viewer.number()).entity(about).entity(u64::from(cause.cue));
        let (start, mut number) = (out.len(), first);
        for (index, reaction) in (0..).zip(&group.reactions) {
            if reaction.to != cause.trigger {
                continue;
            }
            // Every reaction takes the same draws, used or not.
            let mut stream = key.entity(index).stream();
            let (does, delay) = (stream.uniform(), stream.open());
            let luck = Luck::draw(&mut stream);
            if does >= reaction.share.0 {
                continue;
            }
            let at = received.saturating_add(reaction.delay.at(delay));
            let mut act = |at, kind, count, after| {
                let id = IntentId { actor: viewer, sequence: sequence(Class::Reaction, number) };
                let product = if kind == IntentKind::Chat || kind == IntentKind::Leave {
                    ProductId(0)
                } else {
                    cause.product
                };
                number += 1;
                out.push(Intent { at, id, show: cause.show, kind, product, count, after });
                Some(id.sequence)
            };
            match reaction.act {
                ReactionAct::Enter => _ = act(at, IntentKind::Enter, cause.cue, None),
                ReactionAct::Complain => _ = act(at, IntentKind::Chat, 0, None),
                ReactionAct::Leave => _ = act(at, IntentKind::Leave, 0, None),
                ReactionAct::Click => {
                    let click = act(at, IntentKind::Click, 0, None);
                    let never = Micros(u64::MAX);
                    let steps = group.steps.map_or((None, None), |steps| {
                        steps.of_click((at, never), cause.product, luck, &self.prices)
                    });
                    if let Some(cart_at) = steps.0 {
                        let cart = act(cart_at, IntentKind::AddToCart, 0, click);
                        if let Some(buy_at) = steps.1 {
                            act(buy_at, IntentKind::CheckOut, 0, cart);
                        }
                    }
                }
            }
        }
        out[start..].sort_unstable_by_key(Intent::order);
        let acts = &out[start..];
        if let Some(leave) = acts.iter().position(|act| act.kind == IntentKind::Leave) {
            out.truncate(start + leave + 1);
        }
    }

    /// The creator's answer to the `heard`-th (1, 2, …) message of viewers that it has received:
    /// `None` for all but every so many, and where the creator does not answer.
    #[must_use]
    pub fn answer(&self, show: ShowId, heard: u64, received: Micros) -> Option<Intent> {
        let answers = self.answers.get(usize::from(show.0))?.as_ref()?;
        let every = u64::from(answers.every.max(1));
        if heard == 0 || !heard.is_multiple_of(every) {
            return None;
        }
        // A creator who has answered 2²⁸ messages has earned a rest.
        let number = u32::try_from(heard / every - 1).ok().filter(|number| number >> 28 == 0)?;
        let delay = self.answer.entity(u64::from(show.0)).entity(heard).stream().open();
        let id =
            IntentId { actor: Actor::creator(show), sequence: sequence(Class::Reaction, number) };
        Some(Intent {
            at: received.saturating_add(answers.delay.at(delay)),
            id,
            show,
            kind: IntentKind::Chat,
            product: ProductId(0),
            count: 0,
            after: None,
        })
    }
}

#[cfg(test)]
mod tests;
