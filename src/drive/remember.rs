//! What the last few broadcasts meant, by their bytes.
//!
//! Every viewer of a room gets the same bytes, so a shard parses a broadcast once and recognises
//! it in the other viewers' sockets by comparing bytes in full.

/// How many different frames are remembered: enough for the rooms and kinds that interleave.
const FRAMES: usize = 16;

/// A small ring of frames and what each meant.
#[derive(Debug)]
pub(crate) struct Remembered<T> {
    frames: Vec<(Vec<u8>, T)>,
    newest: usize,
}

impl<T: Copy> Remembered<T> {
    /// Nothing remembered yet.
    pub(crate) fn new() -> Remembered<T> {
        Remembered { frames: Vec::with_capacity(FRAMES), newest: 0 }
    }

    /// What exactly these bytes meant, if they came lately.
    pub(crate) fn get(&self, frame: &[u8]) -> Option<T> {
        let (newer, older) = self.frames.split_at(self.frames.len().min(self.newest + 1));
        let newest_first = newer.iter().rev().chain(older.iter().rev());
        newest_first
            .filter(|(bytes, _)| bytes.len() == frame.len())
            .find(|(bytes, _)| bytes == frame)
            .map(|&(_, meaning)| meaning)
    }

    /// Remembers `frame`, forgetting the oldest one; reuses its memory.
    pub(crate) fn insert(&mut self, frame: &[u8], meaning: T) {
        if self.frames.len() < FRAMES {
            self.frames.push((frame.to_vec(), meaning));
            self.newest = self.frames.len() - 1;
            return;
        }
        self.newest = (self.newest + 1) % FRAMES;
        let (bytes, slot) = &mut self.frames[self.newest];
        bytes.clear();
        bytes.extend_from_slice(frame);
        *slot = meaning;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_the_last_few_frames_and_only_those() {
        let mut remembered = Remembered::new();
        assert_eq!(remembered.get(b"nothing"), None);
        for number in 0..FRAMES * 3 + 5 {
            remembered.insert(format!("frame {number:>4}").as_bytes(), number);
            for back in 0..FRAMES + 3 {
                let Some(earlier) = number.checked_sub(back) else { break };
                let expect = (back < FRAMES).then_some(earlier);
                let frame = format!("frame {earlier:>4}");
                assert_eq!(remembered.get(frame.as_bytes()), expect, "at {number}, {back} back");
            }
        }
    }
}
