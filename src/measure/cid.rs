//! Correlation ids: what a broadcast carries so that any shard can resolve it without a look-up.

use claque_audience::{Actor, IntentId};

use super::Stamp;

/// The id of one publish: which intent, when it was sent, how late that was.
///
/// On the wire `RUN-ACTOR-SEQUENCE-SENT-LATE`, five lower-case hexadecimal numbers: the run's
/// nonce, the actor's number, the intent's sequence, the sent stamp in µs since the run's start,
/// and sent − planned in µs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cid {
    /// The intent published.
    pub id: IntentId,
    /// When it was handed to the connection, to the µs.
    pub sent: Stamp,
    /// When it was planned.
    pub planned: Stamp,
}

impl Cid {
    /// The id of `id`, planned and sent when said; stamps are cut to whole µs so that what is
    /// written is what is read back.
    #[must_use]
    pub fn new(id: IntentId, planned: Stamp, sent: Stamp) -> Cid {
        let cut = |stamp: Stamp| Stamp(stamp.0 / 1_000 * 1_000);
        let planned = cut(planned);
        Cid { id, sent: cut(sent).max(planned), planned }
    }

    /// Appends the wire form.
    pub fn write(&self, run: u32, out: &mut String) {
        let sent = self.sent.0 / 1_000;
        let late = self.sent.since(self.planned) / 1_000;
        let mut first = true;
        for number in
            [u64::from(run), self.id.actor.number(), u64::from(self.id.sequence), sent, late]
        {
            if !first {
                out.push('-');
            }
            first = false;
            push_hex(number, out);
        }
    }

    /// Reads the wire form; `None` for anything else, and for another run's ids.
    #[must_use]
    pub fn read(text: &[u8], run: u32) -> Option<Cid> {
        let mut numbers = [0_u64; 5];
        let mut parts = text.split(|&byte| byte == b'-');
        for number in &mut numbers {
            *number = read_hex(parts.next()?)?;
        }
        let [nonce, actor, sequence, sent, late] = numbers;
        if parts.next().is_some() || nonce != u64::from(run) || late > sent {
            return None;
        }
        let id =
            IntentId { actor: Actor::from_number(actor), sequence: u32::try_from(sequence).ok()? };
        let sent = sent.checked_mul(1_000)?;
        Some(Cid { id, sent: Stamp(sent), planned: Stamp(sent - late * 1_000) })
    }
}

fn push_hex(number: u64, out: &mut String) {
    let digits = (64 - number.leading_zeros()).div_ceil(4).max(1);
    for place in (0..digits).rev() {
        let digit = ((number >> (4 * place)) & 0xf) as u8;
        out.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
    }
}

fn read_hex(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    let mut number = 0_u64;
    for &byte in text {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u64::from(digit);
    }
    Some(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cid(actor: u64, sequence: u32, planned: u64, late: u64) -> Cid {
        let id = IntentId { actor: Actor::from_number(actor), sequence };
        Cid::new(id, Stamp(planned), Stamp(planned.saturating_add(late)))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            actor: u64, sequence: u32, planned in 0..u64::MAX / 2, late in 0..u64::MAX / 4, run: u32,
        ) {
            let cid = cid(actor, sequence, planned, late);
            let mut text = String::new();
            cid.write(run, &mut text);
            prop_assert_eq!(Cid::read(text.as_bytes(), run), Some(cid));
            prop_assert_eq!(Cid::read(text.as_bytes(), run.wrapping_add(1)), None);
        }

        #[test]
        fn nothing_else_is_read(text in "[0-9a-fx-]{0,40}") {
            let run = 0xbeef;
            if let Some(cid) = Cid::read(text.as_bytes(), run) {
                let mut again = String::new();
                cid.write(run, &mut again);
                prop_assert_eq!(Cid::read(again.as_bytes(), run), Some(cid));
            }
        }
    }

    #[test]
    fn the_wire_form_is_five_hexadecimal_numbers() {
        let mut text = String::new();
        cid(0x1_0000_0003, 17, 2_500_000_000, 1_024_000).write(0xbeef, &mut text);
        assert_eq!(text, "beef-100000003-11-2629a0-400");
        for wrong in
            ["", "beef-1-2-3", "beef-1-2-3-4", "beef-1-2-3-0-5", "beef-1--3-0", "BEEF-1-2-3-0"]
        {
            assert_eq!(Cid::read(wrong.as_bytes(), 0xbeef), None, "{wrong}");
        }
    }
}
