//! Who does what, and when: the synthetic audience of live-shopping shows.
//!
//! The crate turns a [`Plan`] (valid by construction, no file format known here) into a stream of
//! [`Intent`]s in time order. It is pure: no clock, file, socket or ambient randomness, so the same
//! plan and seed give the same intents, bit for bit, on any machine and for any number of shards.
//!
//! | stage | module |
//! |---|---|
//! | keyed streams of random bits, samplers | `random`, `sample` |
//! | when viewers come, how long and how often they stay | `arrivals` on `curve`; `law`, `visits` |
//! | how much livelier than usual | `factor` |
//! | what curves and factors are made of | `piece` |
//! | a group of viewers with its laws ready | `visitors` |
//! | from visit to visit: raids, hops, returns | `chain` |
//! | what one viewer does by himself | `visit`: `acts` (messages, likes, gifts, shares), `funnel`, `giveaways`, led by `cues` |
//! | what hosts do | `hosts` |
//! | who answers whom | `replies` |
//! | what they do because of something received | `reaction` |
//! | all of it in time order | `audience`, on `queue` and `entry`, with `first_joins`, `joins`, `stayers` |

mod acts;
mod arrivals;
mod audience;
mod chain;
mod cues;
mod curve;
mod entry;
mod factor;
mod first_joins;
mod funnel;
mod giveaways;
mod hash;
mod hosts;
mod intent;
mod joins;
mod law;
mod piece;
mod plan;
mod queue;
mod random;
mod reaction;
mod replies;
mod sample;
mod stayers;
mod units;
mod visit;
mod visitors;
mod visits;

pub use arrivals::{Arrivals, Arriving};
pub use audience::{Audience, Dropped};
pub use curve::{Curve, CurveError, FlashCrowd};
pub use factor::Factor;
pub use hash::{PlanDigest, PlanHasher, plan_hash};
pub use intent::{Actor, Intent, IntentId, IntentKind, IntentSource, Shard};
pub use law::Law;
pub use plan::{
    Amount, Answers, CO_HOST_ENTERS_AFTER, Chat, Cue, CueAct, Funnel, Gifts, Giveaways, Group, Hop,
    Intensity, Likes, Plan, Product, ProductId, Replies, Shares, Show, ShowId, Size,
};
pub use reaction::{Cause, Reaction, ReactionAct, Reactions, Trigger};
pub use replies::REPLY_GAP;
pub use units::{Currency, Micros, Money, Rate, Share};
pub use visit::{Visit, Visits, visit};
pub use visitors::visit_seconds_mean;
pub use visits::{MoreVisits, Returns, VisitClass};
