//! Replays the plan a little ahead of the clock and hands each shard its intents in batches.
//!
//! One replay a process: a reply's author is drawn among all who are in the room, so the plan is
//! made whole and then split by viewer.

use std::thread::{self, JoinHandle};

use claque_audience::{Actor, Intent, IntentKind, IntentSource, Micros};
use tokio::sync::mpsc;

/// Plan time that one batch covers.
const CHUNK: Micros = Micros(100_000);

/// Batches that may wait for a shard: how far the replay runs ahead.
const BATCHES_AHEAD: usize = 16;

/// Number of sentinels aimed at.
const SENTINELS: u32 = 32;

/// Below this audience a sentinel would be more than one in eight, and says nothing: a small
/// audience cannot keep its own reader busy.
const SENTINELS_FROM: u32 = 8 * SENTINELS;

/// One shard's part of the plan, a batch a chunk of plan time.
pub(crate) type Batches = mpsc::Receiver<Vec<Intent>>;

/// Which shard plays which actor. The last shard is the sentinels' own, if there are any.
#[derive(Clone, Debug)]
pub(crate) struct Placement {
    shards: u32,
    first_of_group: Vec<u32>,
    stride: Option<u32>,
}

impl Placement {
    /// Spreads groups of the given sizes over `shards` shards, plus one for sentinels.
    pub(crate) fn new(group_sizes: &[u32], shards: u32) -> Placement {
        let mut total = 0_u32;
        let first_of_group = group_sizes
            .iter()
            .map(|&size| {
                let first = total;
                total = total.saturating_add(size);
                first
            })
            .collect();
        let stride = (total >= SENTINELS_FROM).then_some(total / SENTINELS);
        Placement { shards: shards.max(1), first_of_group, stride }
    }

    /// How many shards there are, the sentinels' included.
    pub(crate) fn count(&self) -> usize {
        self.shards as usize + usize::from(self.stride.is_some())
    }

    /// Whether shard `index` is the sentinels'.
    pub(crate) fn is_sentinel(&self, index: usize) -> bool {
        self.stride.is_some() && index == self.shards as usize
    }

    fn sentinels(&self, total: u32) -> u32 {
        self.stride.map_or(0, |stride| total.div_ceil(stride))
    }

    /// The shard that plays `actor`.
    pub(crate) fn shard_of(&self, actor: Actor) -> usize {
        if let (Some(group), Some(stride)) = (actor.group(), self.stride) {
            let first = self.first_of_group.get(usize::from(group)).copied().unwrap_or(0);
            if first.wrapping_add(actor.index()) % stride == 0 {
                return self.shards as usize;
            }
        }
        (actor.index() % self.shards) as usize
    }
}

/// How many sentinels groups of the given sizes have.
#[must_use]
pub fn sentinel_count(group_sizes: &[u32]) -> u32 {
    let total = group_sizes.iter().fold(0_u32, |total, &size| total.saturating_add(size));
    Placement::new(group_sizes, 1).sentinels(total)
}

/// Starts the replay of `source`; kinds that `played` refuses are taken out. Returns one queue of
/// batches a shard, which ends with the plan, and the replay's thread.
pub(crate) fn feed(
    mut source: impl IntentSource + Send + 'static,
    placement: Placement,
    played: impl Fn(IntentKind) -> bool + Send + 'static,
) -> std::io::Result<(Vec<Batches>, JoinHandle<()>)> {
    let (senders, receivers): (Vec<_>, Vec<_>) =
        (0..placement.count()).map(|_| mpsc::channel::<Vec<Intent>>(BATCHES_AHEAD)).unzip();
    let replay = thread::Builder::new().name("replay".into()).spawn(move || {
        let mut until = Micros(0);
        let mut intents = Vec::new();
        let mut batches: Vec<Vec<Intent>> = vec![Vec::new(); placement.count()];
        loop {
            until = until.saturating_add(CHUNK);
            intents.clear();
            let more = source.fill(until, &mut intents);
            for &intent in intents.iter().filter(|intent| played(intent.kind)) {
                batches[placement.shard_of(intent.id.actor)].push(intent);
            }
            for (sender, batch) in senders.iter().zip(&mut batches) {
                // A shard that is gone needs no more; the others go on.
                if !batch.is_empty() {
                    let _ = sender.blocking_send(std::mem::take(batch));
                }
            }
            if !more || senders.iter().all(mpsc::Sender::is_closed) {
                break;
            }
        }
    })?;
    Ok((receivers, replay))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_actor_has_one_shard_and_sentinels_are_few() {
        for (sizes, shards) in [(vec![12], 1), (vec![300, 200], 3), (vec![5_000], 2), (vec![], 1)] {
            let placement = Placement::new(&sizes, shards);
            let mut counts = vec![0_u32; placement.count()];
            for (group, &size) in (0..).zip(&sizes) {
                for index in 0..size {
                    counts[placement.shard_of(Actor::viewer(group, index))] += 1;
                }
            }
            assert_eq!(counts.iter().sum::<u32>(), sizes.iter().sum::<u32>());
            let sentinels: u32 =
                (0..counts.len()).filter(|&i| placement.is_sentinel(i)).map(|i| counts[i]).sum();
            let total = sizes.iter().sum::<u32>();
            let expect = if total < SENTINELS_FROM { 0..=0 } else { SENTINELS..=2 * SENTINELS };
            assert!(expect.contains(&sentinels), "{sentinels} sentinels of {total}");
            assert_eq!(sentinel_count(&sizes), sentinels);
        }
    }
}
