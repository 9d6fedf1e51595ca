//! What a run was, and what the recorder and the ledger need to know of it.

use claque_audience::{Actor, IntentId, IntentKind, Micros, PlanDigest};

use crate::scenario::Objective;

/// What is known of a run when it starts: printed by reports, written to `run.json`.
#[derive(Clone, Debug, PartialEq)]
pub struct RunInfo {
    /// The scenario's name.
    pub name: String,
    /// The seed played.
    pub seed: u64,
    /// Hash of the scenario as run (hexadecimal).
    pub scenario_hash: String,
    /// Version of claque.
    pub version: String,
    /// Name of the binding.
    pub binding: String,
    /// The target's address.
    pub target: String,
    /// Whether the target was the embedded backend, which shares this machine.
    pub embedded: bool,
    /// Threads that played viewers, the sentinels' not counted.
    pub shards: u32,
    /// Sentinels among the viewers; 0 where the audience was too small for any.
    pub sentinels: u32,
    /// The machine, in words: processor, cores, system.
    pub machine: String,
    /// When the run started, milliseconds since 1970 UTC.
    pub started_unix_ms: u64,
    /// Planned length of the run.
    pub length: Micros,
    /// Viewers planned.
    pub viewers: u32,
    /// The nonce that marks the run's correlation ids.
    pub run: u32,
    /// How long after its planned instant an intent was given up.
    pub time_out: Micros,
    /// Guard of the delivery ledger.
    pub guard: Micros,
    /// How long before a viewer's planned leave a message must have been sent to be expected.
    pub delivery_deadline: Micros,
    /// Names of the audience groups, by index.
    pub groups: Vec<String>,
    /// Names of the creators, by show.
    pub creators: Vec<String>,
    /// Names of their co-hosts, by show; shows beyond its end have none.
    pub co_hosts: Vec<Vec<String>>,
    /// Products with their stock, by index.
    pub products: Vec<ProductInfo>,
    /// The fingerprint of the intents planned, those that the binding does not play left out.
    pub plan: PlanDigest,
    /// Kinds of the plan that the binding has no verb for.
    pub not_played: Vec<IntentKind>,
    /// What was to be said about the run before it started.
    pub warnings: Vec<String>,
    /// What has to hold.
    pub objectives: Vec<Objective>,
}

/// A product as far as reports need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductInfo {
    /// Its name.
    pub name: String,
    /// Units that the shop had at the start.
    pub stock: u32,
}

impl RunInfo {
    /// An actor's name: `followers-3`, or the host's.
    #[must_use]
    pub fn actor_name(&self, actor: Actor) -> String {
        let index = actor.index() as usize;
        if let Some(group) = actor.group() {
            return match self.groups.get(usize::from(group)) {
                Some(group) => format!("{group}-{index}"),
                None => format!("{group}-{index}"),
            };
        }
        let show = index & 0xffff;
        let name = match actor.host_number().unwrap_or(0).checked_sub(1) {
            None => self.creators.get(show),
            Some(co_host) => {
                self.co_hosts.get(show).and_then(|names| names.get(usize::from(co_host)))
            }
        };
        name.cloned().unwrap_or_else(|| format!("creator-{index}"))
    }

    /// The viewer whom [`RunInfo::actor_name`] calls so.
    #[must_use]
    pub fn viewer_named(&self, name: &str) -> Option<Actor> {
        let (group, index) = name.rsplit_once('-')?;
        let number = match self.groups.iter().position(|known| known == group) {
            Some(position) => u16::try_from(position).ok()?,
            None => group.parse().ok()?,
        };
        Some(Actor::viewer(number, index.parse().ok()?))
    }

    /// The windows of the objectives, each once, in order.
    #[must_use]
    pub fn windows(&self) -> Vec<(Micros, Micros)> {
        Objective::windows(&self.objectives)
    }
}

/// What the recorder and the ledger go by.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Windows of plan time `[from, to)` with tables of their own.
    pub windows: Vec<(Micros, Micros)>,
    /// The value at which intents that timed out enter the response series.
    pub time_out: Micros,
    /// Guard g: a join or leave nearer than this to a message makes a boundary pair.
    pub guard: Micros,
    /// A delivery is expected if the viewer's leave is planned later than this after the message
    /// was sent.
    pub deadline: Micros,
    /// A row of the ledger closes this long after its message was sent. By then the publish has
    /// its outcome, and whoever leaves too early to count is known to have left.
    pub close_after: Micros,
    /// A row whose message has reached everybody who should receive it closes already this long
    /// after it was sent; what comes then is late.
    pub complete_after: Micros,
    /// Number of rooms.
    pub rooms: usize,
    /// Most rows that one shard's ledger holds open; beyond, broadcasts are not audited and the
    /// run is invalid.
    pub rows_max: usize,
    /// Most findings that one shard keeps, of clear and of boundary pairs each; the rest is only
    /// counted.
    pub findings_max: usize,
    /// The longest value that histograms hold.
    pub max_ns: u64,
}

/// Room left after the longest time-out for what was read in time but seen to late.
const DRAIN: Micros = Micros(2_000_000);

/// Rows of complete messages stay open for copies at least this long.
const COMPLETE_AFTER: Micros = Micros(700_000);

/// Rows a shard's ledger may have open unless said otherwise.
const ROWS_MAX: usize = 65_536;

/// Findings a shard keeps unless said otherwise.
const FINDINGS_MAX: usize = 10_000;

impl Settings {
    /// The settings of a run.
    #[must_use]
    pub fn of(info: &RunInfo) -> Settings {
        let patience = info.time_out.max(info.delivery_deadline);
        let close_after = patience.saturating_add(info.guard).saturating_add(DRAIN);
        // By then it is known who came or left too near to the message, and a copy right behind it
        // has been counted as one.
        let decided = info.delivery_deadline.saturating_add(info.guard);
        let complete_after = decided.max(COMPLETE_AFTER).min(close_after);
        // A delivery is later than its planned instant by the publish's own lateness, which the
        // time-out bounds, and then by at most what a row stays open.
        let longest = info.time_out.saturating_add(close_after).saturating_add(DRAIN);
        Settings {
            windows: info.windows(),
            time_out: info.time_out,
            guard: info.guard,
            deadline: info.delivery_deadline,
            close_after,
            complete_after,
            rooms: info.creators.len(),
            rows_max: ROWS_MAX,
            findings_max: FINDINGS_MAX,
            max_ns: longest.0.saturating_mul(1_000),
        }
    }
}

/// The idempotency key by which an intent's order is known: `ACTOR-SEQUENCE`, hexadecimal.
#[must_use]
pub(crate) fn key_text(id: IntentId) -> String {
    format!("{:x}-{:x}", id.actor.number(), id.sequence)
}

/// Reads what [`key_text`] wrote.
#[must_use]
pub(crate) fn key_of(text: &str) -> Option<IntentId> {
    let (actor, sequence) = text.split_once('-')?;
    Some(IntentId {
        actor: Actor::from_number(u64::from_str_radix(actor, 16).ok()?),
        sequence: u32::from_str_radix(sequence, 16).ok()?,
    })
}

#[cfg(test)]
impl RunInfo {
    /// A run of which nothing is known, for tests to fill in.
    pub(crate) fn blank() -> RunInfo {
        RunInfo {
            name: String::new(),
            seed: 0,
            scenario_hash: String::new(),
            version: String::new(),
            binding: String::new(),
            target: String::new(),
            embedded: false,
            shards: 1,
            sentinels: 0,
            machine: String::new(),
            started_unix_ms: 0,
            length: Micros(0),
            viewers: 0,
            run: 0,
            time_out: Micros(10_000_000),
            guard: Micros(20_000),
            delivery_deadline: Micros(100_000),
            groups: Vec::new(),
            creators: Vec::new(),
            co_hosts: Vec::new(),
            products: Vec::new(),
            plan: PlanDigest::default(),
            not_played: Vec::new(),
            warnings: Vec::new(),
            objectives: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use claque_audience::ShowId;

    use super::*;

    #[test]
    fn everybody_has_a_name() {
        let info = RunInfo {
            groups: vec!["followers".into()],
            creators: vec!["mia".into(), "noor".into()],
            co_hosts: vec![Vec::new(), vec!["ben".into(), "eva".into()]],
            ..RunInfo::blank()
        };
        for (actor, name) in [
            (Actor::viewer(0, 7), "followers-7"),
            (Actor::viewer(3, 7), "3-7"),
            (Actor::creator(ShowId(0)), "mia"),
            (Actor::creator(ShowId(1)), "noor"),
            (Actor::host(ShowId(1), 2), "eva"),
            (Actor::host(ShowId(0), 1), "creator-65536"),
        ] {
            assert_eq!(info.actor_name(actor), name);
        }
    }
}
