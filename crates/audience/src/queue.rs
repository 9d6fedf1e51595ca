//! A queue of entries by time: buckets of plan time, each a list of small blocks.
//!
//! A heap of a million visits misses the cache at every step; here an entry is written once, at
//! the end of its bucket, and read once, in order, when its bucket is opened. Sorting what is
//! opened is the business of the caller, so no order of insertion can show.

use crate::Micros;
use crate::entry::Entry;

/// Entries of a block; a bucket wastes half a block on average.
const BLOCK: usize = 64;
/// Blocks of a slab: what is allocated at once and never moved.
const SLAB: usize = 1 << 9;
/// No block.
const NONE: u32 = u32::MAX;

/// A bucket queue; entries go into buckets that are not yet opened.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    /// log₂ of a bucket's width in µs.
    shift: u32,
    buckets: Vec<Bucket>,
    slabs: Vec<Vec<Block>>,
    /// Blocks in all slabs.
    blocks: u32,
    /// First of the blocks that are free.
    free: u32,
    waiting: u64,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// The block being filled.
    block: u32,
    /// Entries in the bucket.
    count: u32,
}

#[derive(Clone, Debug)]
struct Block {
    entries: [Entry; BLOCK],
    /// The block filled before, or the next free one.
    next: u32,
}

impl Queue {
    /// A queue for instants up to and including `end`, with buckets about `width` wide.
    pub(crate) fn new(end: Micros, width: Micros) -> Queue {
        let shift = width.0.max(1).ilog2();
        let count =
            usize::try_from((end.0 >> shift) + 1).expect("the caller limits the number of buckets");
        let buckets = vec![Bucket { block: NONE, count: 0 }; count];
        Queue { shift, buckets, slabs: Vec::new(), blocks: 0, free: NONE, waiting: 0 }
    }

    /// Number of buckets.
    pub(crate) fn len(&self) -> usize {
        self.buckets.len()
    }

    /// The bucket of an instant.
    #[inline]
    pub(crate) fn bucket(&self, at: Micros) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "new counted the buckets")]
        let bucket = (at.0 >> self.shift) as usize;
        bucket
    }

    /// The first instant of a bucket.
    pub(crate) fn start(&self, bucket: usize) -> Micros {
        Micros((bucket as u64) << self.shift)
    }

    /// Entries in buckets not yet opened.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Puts an entry into its bucket.
    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        let place = self.bucket(entry.at());
        let bucket = self.buckets[place];
        let offset = bucket.count as usize % BLOCK;
        let block = if offset == 0 { self.block(bucket.block) } else { bucket.block };
        self.slabs[block as usize / SLAB][block as usize % SLAB].entries[offset] = entry;
        self.buckets[place] = Bucket { block, count: bucket.count + 1 };
        self.waiting += 1;
    }

    /// A block for a bucket's next entries.
    #[cold]
    fn block(&mut self, next: u32) -> u32 {
        if self.free == NONE {
            let block = self.blocks;
            assert!(block < NONE, "2³² blocks do not fit into memory");
            if (block as usize).is_multiple_of(SLAB) {
                self.slabs.push(Vec::with_capacity(SLAB));
            }
            let slab = &mut self.slabs[block as usize / SLAB];
            slab.push(Block { entries: [Entry::EMPTY; BLOCK], next });
            self.blocks += 1;
            block
        } else {
            let block = self.free;
            let taken = &mut self.slabs[block as usize / SLAB][block as usize % SLAB];
            self.free = std::mem::replace(&mut taken.next, next);
            block
        }
    }

    /// Appends a bucket's entries, in no particular order, and frees its blocks; those of all
    /// buckets once nothing waits, so that what comes at a show's end finds the memory.
    pub(crate) fn open(&mut self, bucket: usize, entries: &mut Vec<Entry>) {
        let Bucket { mut block, count } =
            std::mem::replace(&mut self.buckets[bucket], Bucket { block: NONE, count: 0 });
        self.waiting -= u64::from(count);
        let mut filled = (count as usize).wrapping_sub(1) % BLOCK + 1;
        while block != NONE {
            let opened = &mut self.slabs[block as usize / SLAB][block as usize % SLAB];
            entries.extend_from_slice(&opened.entries[..filled]);
            let next = std::mem::replace(&mut opened.next, self.free);
            self.free = block;
            (block, filled) = (next, BLOCK);
        }
        if self.waiting == 0 {
            self.slabs.clear();
            (self.blocks, self.free) = (0, NONE);
        }
    }
}

/// Sorts what a bucket holds, with memory that is kept from bucket to bucket.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sorter {
    /// Where the entries of each slice of the bucket's time begin, then end.
    places: Vec<u32>,
    scratch: Vec<Entry>,
}

/// Entries of a slice of time on average; std sorts so few by insertion.
const SLICE: usize = 8;

impl Sorter {
    /// Sorts entries between `start` and `end`: counted into slices of time, which the cache
    /// holds, then each slice by itself.
    pub(crate) fn sort(&mut self, entries: &mut Vec<Entry>, start: Micros, end: Micros) {
        if entries.len() <= 2 * SLICE {
            entries.sort_unstable_by(Entry::order);
            return;
        }
        let width = (end.0 - start.0).next_power_of_two().ilog2();
        let slices = (entries.len() / SLICE).next_power_of_two().ilog2().min(width);
        let shift = width - slices;
        #[expect(clippy::cast_possible_truncation, reason = "fewer slices than entries")]
        let slice = |entry: &Entry| ((entry.at().0 - start.0) >> shift) as usize;
        self.places.clear();
        self.places.resize((1 << slices) + 1, 0);
        for entry in &*entries {
            self.places[slice(entry) + 1] += 1;
        }
        for place in 1..self.places.len() {
            self.places[place] += self.places[place - 1];
        }
        self.scratch.clear();
        self.scratch.resize(entries.len(), entries[0]);
        for entry in &*entries {
            let place = &mut self.places[slice(entry)];
            self.scratch[*place as usize] = *entry;
            *place += 1;
        }
        let mut first = 0;
        for &after in &self.places[..1 << slices] {
            self.scratch[first..after as usize].sort_unstable_by(Entry::order);
            first = after as usize;
        }
        std::mem::swap(entries, &mut self.scratch);
    }
}
