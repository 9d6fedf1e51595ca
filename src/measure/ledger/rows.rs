//! The open rows of the ledger: found by intent, chained by sender, reused once closed.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use claque_audience::{Actor, IntentId, IntentKind, ShowId};

use crate::measure::{Cid, Outcome, Stamp};

/// No row.
pub(super) const NONE: u32 = u32::MAX;

/// One open broadcast.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) kind: IntentKind,
    pub(super) show: ShowId,
    pub(super) cid: Cid,
    /// From this instant on, receipts are late.
    pub(super) due: Stamp,
    /// Whether its sender has announced it; else it is only known from a receipt.
    pub(super) published: bool,
    pub(super) outcome: Option<Outcome>,
    pub(super) seen: Bits,
    pub(super) twice: Bits,
    /// Bits set in `seen`, counted as they were set.
    pub(super) receipts: u64,
    /// The next row of the same sender by sent stamp, and the one before.
    pub(super) newer: u32,
    older: u32,
}

/// All open rows.
#[derive(Debug, Default)]
pub(super) struct Rows {
    slab: Vec<Row>,
    free: Vec<u32>,
    by_id: HashMap<IntentId, u32, BuildHasherDefault<Mix>>,
    /// The newest row of each sender that has one.
    newest: HashMap<Actor, u32, BuildHasherDefault<Mix>>,
    /// The row found last: a broadcast reaches the shard's viewers one after the other.
    last: Option<(IntentId, u32)>,
}

impl Rows {
    /// Open rows.
    pub(super) fn len(&self) -> usize {
        self.slab.len() - self.free.len()
    }

    pub(super) fn get(&self, row: u32) -> &Row {
        &self.slab[row as usize]
    }

    /// Whether an older row of the same sender is open.
    pub(super) fn has_older(&self, row: u32) -> bool {
        self.get(row).older != NONE
    }

    pub(super) fn get_mut(&mut self, row: u32) -> &mut Row {
        &mut self.slab[row as usize]
    }

    /// The open row of an intent.
    pub(super) fn find(&mut self, id: IntentId) -> Option<u32> {
        if let Some((last, row)) = self.last
            && last == id
        {
            return Some(row);
        }
        let row = *self.by_id.get(&id)?;
        self.last = Some((id, row));
        Some(row)
    }

    /// Opens a row with room for `slots` viewers; there must be none of that intent.
    pub(super) fn open(
        &mut self,
        kind: IntentKind,
        show: ShowId,
        cid: Cid,
        due: Stamp,
        slots: usize,
    ) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slab.push(Row::blank(kind, show, cid));
            u32::try_from(self.slab.len() - 1)
                .expect("the cap on rows is far below four thousand million")
        });
        let row = &mut self.slab[index as usize];
        (row.kind, row.show, row.cid, row.due) = (kind, show, cid, due);
        (row.published, row.outcome, row.receipts) = (false, None, 0);
        row.seen.clear(slots);
        row.twice.clear(0);
        let before = self.by_id.insert(cid.id, index);
        assert!(before.is_none(), "{:?} has a row already: it was looked for first", cid.id);
        self.link(index);
        index
    }

    /// Takes a row out, once what it says has been counted.
    pub(super) fn close(&mut self, index: u32) {
        self.unlink(index);
        let id = self.slab[index as usize].cid.id;
        self.by_id.remove(&id);
        self.last = None;
        self.free.push(index);
    }

    /// Corrects a row that was known from a receipt only, now that its sender tells.
    pub(super) fn correct(&mut self, index: u32, cid: Cid) {
        self.unlink(index);
        self.slab[index as usize].cid = cid;
        self.link(index);
    }

    /// Puts a row into its sender's chain, in order of sent stamps.
    fn link(&mut self, index: u32) {
        let cid = self.slab[index as usize].cid;
        let newest = self.newest.get(&cid.id.actor).copied().unwrap_or(NONE);
        let (mut newer, mut older) = (NONE, newest);
        while older != NONE && self.slab[older as usize].cid.sent > cid.sent {
            newer = older;
            older = self.slab[older as usize].older;
        }
        let row = &mut self.slab[index as usize];
        (row.newer, row.older) = (newer, older);
        if older != NONE {
            self.slab[older as usize].newer = index;
        }
        if newer == NONE {
            self.newest.insert(cid.id.actor, index);
        } else {
            self.slab[newer as usize].older = index;
        }
    }

    fn unlink(&mut self, index: u32) {
        let Row { newer, older, cid, .. } = self.slab[index as usize];
        if older != NONE {
            self.slab[older as usize].newer = newer;
        }
        if newer != NONE {
            self.slab[newer as usize].older = older;
        } else if older != NONE {
            self.newest.insert(cid.id.actor, older);
        } else {
            self.newest.remove(&cid.id.actor);
        }
    }
}

impl Row {
    fn blank(kind: IntentKind, show: ShowId, cid: Cid) -> Row {
        Row {
            kind,
            show,
            cid,
            due: Stamp(0),
            published: false,
            outcome: None,
            seen: Bits::default(),
            twice: Bits::default(),
            receipts: 0,
            newer: NONE,
            older: NONE,
        }
    }
}

/// A bit for each slot of a room; slots past its end are unset.
#[derive(Clone, Debug, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn get(&self, slot: u32) -> bool {
        self.0.get(slot as usize / 64).is_some_and(|word| word >> (slot % 64) & 1 == 1)
    }

    pub(super) fn set(&mut self, slot: u32) {
        let word = slot as usize / 64;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (slot % 64);
    }

    /// Unsets all, with room for `slots`. Rows of a filling room are reused, so room is made in
    /// powers of two: a row then grows a few times, not once a viewer.
    pub(super) fn clear(&mut self, slots: usize) {
        let words = slots.div_ceil(64);
        self.0.clear();
        if self.0.capacity() < words {
            self.0.reserve(words.next_power_of_two());
        }
        self.0.resize(words, 0);
    }

    /// Every slot that is set.
    pub(super) fn ones(&self) -> impl Iterator<Item = u32> {
        (0_u32..).zip(&self.0).flat_map(|(position, &word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| position * 64 + bit)
        })
    }
}

/// Hashes the few integers of an id: a multiplication each, then a splitmix finaliser. Ids are our
/// own, so nobody can choose colliding ones.
#[derive(Debug, Default)]
pub(super) struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ mixed >> 31
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}
