//! A queue of entries by time: buckets of plan time, each a list of small blocks.
//!
//! A heap of a million visits misses the cache at every step; here an entry is written once, at
//! the end of its bucket, and read once, in order, when its bucket is opened. Sorting what is
//! opened is the business of the caller, so no order of insertion can show.

use crate::Micros;
use crate::entry::Entry;

/// Entries of a block; a bucket wastes half a block on average.
const BLOCK: usize = 16;
/// No block.
const NONE: u32 = u32::MAX;

/// A bucket queue; entries go into buckets that are not yet opened.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    /// log₂ of a bucket's width in µs.
    shift: u32,
    buckets: Vec<Bucket>,
    blocks: Vec<Block>,
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
        Queue { shift, buckets, blocks: Vec::new(), free: NONE, waiting: 0 }
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
        let block = if offset == 0 { self.block(entry, bucket.block) } else { bucket.block };
        self.blocks[block as usize].entries[offset] = entry;
        self.buckets[place] = Bucket { block, count: bucket.count + 1 };
        self.waiting += 1;
    }

    /// A block for a bucket's next entries.
    fn block(&mut self, filler: Entry, next: u32) -> u32 {
        if self.free == NONE {
            let block = u32::try_from(self.blocks.len())
                .expect("2³² blocks would not fit into memory before");
            self.blocks.push(Block { entries: [filler; BLOCK], next });
            block
        } else {
            let block = self.free;
            let taken = &mut self.blocks[block as usize];
            self.free = std::mem::replace(&mut taken.next, next);
            block
        }
    }

    /// Appends a bucket's entries, in no particular order, and frees its blocks.
    pub(crate) fn open(&mut self, bucket: usize, entries: &mut Vec<Entry>) {
        let Bucket { mut block, count } =
            std::mem::replace(&mut self.buckets[bucket], Bucket { block: NONE, count: 0 });
        self.waiting -= u64::from(count);
        let mut filled = (count as usize).wrapping_sub(1) % BLOCK + 1;
        while block != NONE {
            let opened = &mut self.blocks[block as usize];
            entries.extend_from_slice(&opened.entries[..filled]);
            let next = std::mem::replace(&mut opened.next, self.free);
            self.free = block;
            (block, filled) = (next, BLOCK);
        }
    }
}
