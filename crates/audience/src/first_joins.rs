//! Who begins the first visit in which bucket: 4 bytes a viewer.

use crate::queue::Queue;
use crate::visit::Visits;
use crate::visitors::Visitors;

/// The viewers by the bucket of their first join.
#[derive(Clone, Debug)]
pub(crate) struct FirstJoins {
    /// Viewers, counted through all groups, by bucket.
    viewers: Vec<u32>,
    /// Where each bucket's viewers begin, and where the last ends.
    starts: Vec<u32>,
    /// The number of the first viewer of each group.
    groups: Vec<u32>,
}

impl FirstJoins {
    /// A counting sort by bucket of all viewers who come and whom `wanted` asks for; order within
    /// a bucket does not matter.
    pub(crate) fn new(
        visits: &Visits,
        queue: &Queue,
        wanted: impl Fn(&Visitors, u32) -> bool,
    ) -> FirstJoins {
        let mut groups = Vec::with_capacity(visits.groups.len());
        let mut total = 0_u32;
        for group in &visits.groups {
            groups.push(total);
            total = total.checked_add(group.size).expect("an audience is smaller than 2³² viewers");
        }
        let mut buckets = Vec::new();
        let mut starts = vec![0_u32; queue.len() + 1];
        for (visitors, &first) in visits.groups.iter().zip(&groups) {
            for index in (0..visitors.size).filter(|index| wanted(visitors, *index)) {
                let Some((_, join)) = visits.chains.first(visitors, index) else { continue };
                let bucket = queue.bucket(join);
                starts[bucket + 1] += 1;
                #[expect(clippy::cast_possible_truncation, reason = "at most BUCKETS_MAX")]
                buckets.push((bucket as u32, first + index));
            }
        }
        for bucket in 1..starts.len() {
            starts[bucket] += starts[bucket - 1];
        }
        let mut ends = starts.clone();
        let mut viewers = vec![0; buckets.len()];
        for (bucket, viewer) in buckets {
            let end = &mut ends[bucket as usize];
            viewers[*end as usize] = viewer;
            *end += 1;
        }
        FirstJoins { viewers, starts, groups }
    }

    /// The viewers whose first visits begin in `bucket`, as places of a list.
    pub(crate) fn of(&self, bucket: usize) -> std::ops::Range<usize> {
        self.starts[bucket] as usize..self.starts[bucket + 1] as usize
    }

    /// The group and index of the viewer at a place of the list.
    pub(crate) fn viewer<'a>(&self, groups: &'a [Visitors], place: usize) -> (&'a Visitors, u32) {
        let viewer = self.viewers[place];
        let group = self.groups.partition_point(|&first| first <= viewer) - 1;
        (&groups[group], viewer - self.groups[group])
    }

    /// Whether any first visit begins in or after `bucket`.
    pub(crate) fn after(&self, bucket: usize) -> bool {
        self.starts.get(bucket).is_some_and(|&start| (start as usize) < self.viewers.len())
    }
}
