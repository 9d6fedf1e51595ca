//! Who does what, and when: the synthetic audience of live-shopping shows.
//!
//! The crate turns a [`Plan`] (valid by construction, no file format known here) into a stream of
//! [`Intent`]s in time order. It is pure: no clock, file, socket or ambient randomness, so the same
//! plan and seed give the same intents, bit for bit, on any machine and for any number of shards.
//!
//! | stage | module |
//! |---|---|
//! | keyed streams of random bits, samplers | `random`, `sample` |
//! | when viewers come, how long they stay | `curve`, `stay` |
//! | what one viewer does by himself | `visit`: `chat` (messages, likes), `funnel`, led by `cues` |
//! | who answers whom | `replies` |
//! | all of it in time order | `audience`, on `queue` and `entry` |

mod audience;
mod chat;
mod cues;
mod curve;
mod entry;
mod funnel;
mod hash;
mod intent;
mod plan;
mod queue;
mod random;
mod replies;
mod sample;
mod stay;
mod units;
mod visit;

pub use audience::{Audience, Dropped};
pub use curve::{Curve, CurveError};
pub use hash::{PlanDigest, PlanHasher, plan_hash};
pub use intent::{Actor, Intent, IntentId, IntentKind, IntentSource, Shard};
pub use plan::{
    Chat, Cue, CueAct, Funnel, Group, Likes, Plan, Product, ProductId, Replies, Show, ShowId, Size,
};
pub use replies::REPLY_GAP;
pub use stay::Stay;
pub use units::{Currency, Micros, Money, Rate, Share};
pub use visit::{Visit, Visits, visit};
