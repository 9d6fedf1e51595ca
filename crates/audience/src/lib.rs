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
//! | what one viewer does by himself | `visit`: `chat` (messages, likes), `funnel`, led by `cues` |
//! | who answers whom | `replies` |
//! | what they do because of something received | `reaction` |
//! | all of it in time order | `audience`, on `queue` and `entry` |

mod arrivals;
mod audience;
mod chat;
mod cues;
mod curve;
mod entry;
mod factor;
mod funnel;
mod hash;
mod intent;
mod law;
mod piece;
mod plan;
mod queue;
mod random;
mod reaction;
mod replies;
mod sample;
mod units;
mod visit;
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
pub use visits::{MoreVisits, Returns, VisitClass};
