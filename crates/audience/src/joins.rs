//! When each viewer joined the room he is in: a continuation of his acts has no place for it.

use crate::Micros;
use crate::chain::Stay;
use crate::entry::Author;

/// The last join of each viewer of the groups whose acts depend on age: 8 bytes a viewer.
#[derive(Clone, Debug)]
pub(crate) struct Joins {
    /// Join × 2⁸ + visit, by group; empty where age does not matter.
    groups: Vec<Vec<u64>>,
}

impl Joins {
    /// Of groups of these sizes, 0 where age does not matter.
    pub(crate) fn new(sizes: impl Iterator<Item = u32>) -> Joins {
        Joins { groups: sizes.map(|size| vec![0; size as usize]).collect() }
    }

    /// Takes note of a join.
    #[inline]
    pub(crate) fn note(&mut self, stay: &Stay) {
        let group = &mut self.groups[stay.viewer.group()];
        if let Some(place) = group.get_mut(stay.viewer.index as usize) {
            *place = stay.join.0 << 8 | u64::from(stay.visit);
        }
    }

    /// Reads what [`Joins::of`] will, so that the cache has it by then.
    #[inline]
    pub(crate) fn touch(&self, viewer: Author) {
        let group = &self.groups[viewer.group()];
        std::hint::black_box(group.get(viewer.index as usize).copied());
    }

    /// When the viewer joined for this visit; `None` if another has been noted since, or none at
    /// all.
    #[inline]
    pub(crate) fn of(&self, viewer: Author, visit: u32) -> Option<Micros> {
        let noted = *self.groups[viewer.group()].get(viewer.index as usize)?;
        (noted & 0xff == u64::from(visit)).then_some(Micros(noted >> 8))
    }
}
