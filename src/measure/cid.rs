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
