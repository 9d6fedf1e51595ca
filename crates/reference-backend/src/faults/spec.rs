//! Faults as written on a command line: `stall=2s@30s`, `delay=5s:pin`, `lose=0.1%`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::decimal::{Decimal, split_unit};
use crate::wire::Kind;

/// One way in which the backend is to misbehave.
///
/// A *delivery* is one broadcast that carries a `cid`, to one viewer; the sender's own copy is one
/// too. Each share is decided for each delivery, connection or message by itself, from the seed,
/// the fault, the viewer and the `cid` (or the message's number), whatever the order of arrival.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// `stall=2s@30s`: the whole server neither reads, writes nor accepts for `length`, beginning
    /// `at` after the first WebSocket connection. May be given several times.
    Stall {
        /// How long.
        length: Duration,
        /// When, since the first WebSocket connection.
        at: Duration,
    },
    /// `delay=20ms`, `delay=5s:pin`: deliveries (of one kind) come later by `length`. Deliveries of
    /// one kind keep their order; kinds with a shorter delay overtake those with a longer one.
    Delay {
        /// How much later.
        length: Duration,
        /// Only this kind of broadcast; all kinds if `None`.
        kind: Option<Kind>,
    },
    /// `lose=0.1%`: a delivery does not happen.
    Lose(Share),
    /// `duplicate=0.1%`: a delivery happens twice.
    Duplicate(Share),
    /// `reorder=0.1%`: a delivery changes places with the next one to the same viewer. If none
    /// comes within 200 ms it goes out as it is, and nothing is logged.
    Reorder(Share),
    /// `garbage=0.1%`: a delivery's bytes are replaced by something that is not JSON.
    Garbage(Share),
    /// `refuse=10%`: an upgrade to WebSocket is answered with 503.
    Refuse(Share),
    /// `reset=0.1%`: a received message is answered by a TCP reset, and not acted upon.
    Reset(Share),
    /// `oversell`: orders are taken without a look at the stock.
    Oversell,
}

/// A share of a whole, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// The share `share`; `None` if it is not from 0 to 1.
    #[must_use]
    pub fn new(share: f64) -> Option<Share> {
        (0.0..=1.0).contains(&share).then_some(Share(share))
    }

    /// As a number from 0 to 1.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl FromStr for Share {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Share, FaultError> {
        let bad = || FaultError::Share(text.to_owned());
        let (number, percent) = match text.strip_suffix('%') {
            Some(number) => (number.trim_end(), true),
            None => (text, false),
        };
        Decimal::parse(number).ok_or_else(bad)?;
        let number: f64 = number.parse().map_err(|_| bad())?;
        Share::new(if percent { number / 100.0 } else { number }).ok_or_else(bad)
    }
}

impl Fault {
    /// The word that names this fault in a specification and in the fault log.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Fault::Stall { .. } => "stall",
            Fault::Delay { .. } => "delay",
            Fault::Lose(_) => "lose",
            Fault::Duplicate(_) => "duplicate",
            Fault::Reorder(_) => "reorder",
            Fault::Garbage(_) => "garbage",
            Fault::Refuse(_) => "refuse",
            Fault::Reset(_) => "reset",
            Fault::Oversell => "oversell",
        }
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Fault, FaultError> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (text.trim(), None),
        };
        let needs = |example| {
            value
                .filter(|value| !value.is_empty())
                .ok_or_else(|| FaultError::NoValue { name: name.to_owned(), example })
        };
        match name {
            "stall" => {
                let value = needs("stall=2s@30s")?;
                let (length, at) =
                    value.split_once('@').ok_or_else(|| FaultError::Stall(value.to_owned()))?;
                Ok(Fault::Stall { length: some_time(length)?, at: duration(at)? })
            }
            "delay" => {
                let value = needs("delay=20ms")?;
                let (length, kind) = match value.split_once(':') {
                    Some((length, kind)) => (length, Some(kind.trim())),
                    None => (value, None),
                };
                let kind = kind
                    .map(|kind| {
                        Kind::from_name(kind).ok_or_else(|| FaultError::Kind(kind.to_owned()))
                    })
                    .transpose()?;
                Ok(Fault::Delay { length: some_time(length)?, kind })
            }
            "lose" => Ok(Fault::Lose(needs("lose=0.1%")?.parse()?)),
            "duplicate" => Ok(Fault::Duplicate(needs("duplicate=0.1%")?.parse()?)),
            "reorder" => Ok(Fault::Reorder(needs("reorder=0.1%")?.parse()?)),
            "garbage" => Ok(Fault::Garbage(needs("garbage=0.1%")?.parse()?)),
            "refuse" => Ok(Fault::Refuse(needs("refuse=10%")?.parse()?)),
            "reset" => Ok(Fault::Reset(needs("reset=0.1%")?.parse()?)),
            "oversell" => match value {
                None => Ok(Fault::Oversell),
                Some(value) => Err(FaultError::Value(value.to_owned())),
            },
            _ => Err(FaultError::Unknown(name.to_owned())),
        }
    }
}

/// Lengths longer than this are not meant: a day.
const LENGTH_MAX: Duration = Duration::from_hours(24);

fn duration(text: &str) -> Result<Duration, FaultError> {
    let bad = || FaultError::Duration(text.to_owned());
    let (number, unit) = split_unit(text.trim());
    let micros = match unit {
        "us" | "µs" => 1,
        "ms" => 1_000,
        "s" => 1_000_000,
        "min" => 60_000_000,
        _ => return Err(bad()),
    };
    let micros = Decimal::parse(number).and_then(|number| number.times(micros)).ok_or_else(bad)?;
    let length = Duration::from_micros(micros);
    if length > LENGTH_MAX { Err(bad()) } else { Ok(length) }
}

fn some_time(text: &str) -> Result<Duration, FaultError> {
    match duration(text)? {
        Duration::ZERO => Err(FaultError::Duration(text.to_owned())),
        length => Ok(length),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name();
        match self {
            Fault::Stall { length, at } => {
                write!(f, "{name}={}@{}", Written(*length), Written(*at))
            }
            Fault::Delay { length, kind: None } => write!(f, "{name}={}", Written(*length)),
            Fault::Delay { length, kind: Some(kind) } => {
                write!(f, "{name}={}:{}", Written(*length), kind.name())
            }
            Fault::Lose(share)
            | Fault::Duplicate(share)
            | Fault::Reorder(share)
            | Fault::Garbage(share)
            | Fault::Refuse(share)
            | Fault::Reset(share) => write!(f, "{name}={}", share.0),
            Fault::Oversell => f.write_str(name),
        }
    }
}

/// A duration with the largest unit in which it is whole.
struct Written(Duration);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_micros();
        if micros.is_multiple_of(1_000_000) {
            write!(f, "{}s", micros / 1_000_000)
        } else if micros.is_multiple_of(1_000) {
            write!(f, "{}ms", micros / 1_000)
        } else {
            write!(f, "{micros}us")
        }
    }
}

/// Why a text is no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No such fault.
    #[error(
        "unknown fault `{0}`: one of stall, delay, lose, duplicate, reorder, garbage, refuse, \
         reset, oversell"
    )]
    Unknown(String),
    /// The fault needs a value.
    #[error("fault `{name}` needs a value, as in `{example}`")]
    NoValue {
        /// The fault.
        name: String,
        /// How it would be right.
        example: &'static str,
    },
    /// The fault takes no value.
    #[error("fault `oversell` takes no value, found `{0}`")]
    Value(String),
    /// A stall without its instant.
    #[error(
        "`{0}` says not when: write LENGTH@INSTANT, as in `stall=2s@30s` (since the first \
         WebSocket connection)"
    )]
    Stall(String),
    /// Not a length of time.
    #[error("`{0}` is no length of time: a number with us, ms, s or min, above 0, at most a day")]
    Duration(String),
    /// Not a share.
    #[error("`{0}` is no share: from 0% to 100%, or from 0 to 1, as in `0.1%` or `0.001`")]
    Share(String),
    /// Not a kind of broadcast.
    #[error("`{0}` is no kind of delivery: one of {kinds}", kinds = Kind::ALL.map(Kind::name).join(", "))]
    Kind(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn faults() {
        let check = |text: &str, expect: Result<&str, &str>| {
            let got = text
                .parse::<Fault>()
                .map(|fault| fault.to_string())
                .map_err(|error| error.to_string());
            assert_eq!(got.as_deref().map_err(String::as_str), expect, "{text}");
        };
        check("stall=2s@30s", Ok("stall=2s@30s"));
        check("stall=1.5s@0s", Ok("stall=1500ms@0s"));
        check("delay=20ms", Ok("delay=20ms"));
        check("delay=5s:pin", Ok("delay=5s:pin"));
        check("delay = 250us : flash_sale", Ok("delay=250us:flash_sale"));
        check("delay=1s:price_change", Ok("delay=1s:price_change"));
        check("lose=0.1%", Ok("lose=0.001"));
        check("duplicate=0.25", Ok("duplicate=0.25"));
        check("reorder=1 %", Ok("reorder=0.01"));
        check("garbage=100%", Ok("garbage=1"));
        check("refuse=10%", Ok("refuse=0.1"));
        check("reset=0", Ok("reset=0"));
        check("oversell", Ok("oversell"));
    }

    #[test]
    fn mistakes() {
        let check = |text: &str, expect: &str| {
            let got = text.parse::<Fault>().map(|fault| fault.to_string());
            assert_eq!(got.map_err(|error| error.to_string()), Err(expect.to_owned()), "{text}");
        };
        check(
            "loose=1%",
            "unknown fault `loose`: one of stall, delay, lose, duplicate, reorder, garbage, \
             refuse, reset, oversell",
        );
        check("lose", "fault `lose` needs a value, as in `lose=0.1%`");
        check("lose=", "fault `lose` needs a value, as in `lose=0.1%`");
        check("oversell=1", "fault `oversell` takes no value, found `1`");
        check(
            "stall=2s",
            "`2s` says not when: write LENGTH@INSTANT, as in `stall=2s@30s` (since the first \
             WebSocket connection)",
        );
        let length = "is no length of time: a number with us, ms, s or min, above 0, at most a day";
        check("stall=2@30s", &format!("`2` {length}"));
        check("stall=0s@30s", &format!("`0s` {length}"));
        check("delay=-5ms", &format!("`-5ms` {length}"));
        check("delay=25h", &format!("`25h` {length}"));
        check("delay=0.1us", &format!("`0.1us` {length}"));
        let share = "is no share: from 0% to 100%, or from 0 to 1, as in `0.1%` or `0.001`";
        check("lose=101%", &format!("`101%` {share}"));
        check("lose=1.5", &format!("`1.5` {share}"));
        check("lose=-1%", &format!("`-1%` {share}"));
        check("lose=NaN", &format!("`NaN` {share}"));
        check(
            "delay=5s:like",
            "`like` is no kind of delivery: one of chat, gift, pin, price_change, flash_sale, \
             giveaway, raid, end",
        );
    }

    proptest! {
        #[test]
        fn written_faults_read_back(
            length in 1..=86_400_000_000_u64,
            at in 0..=86_400_000_000_u64,
            share in 0.0..=1.0_f64,
            kind in prop::option::of(prop::sample::select(Kind::ALL.to_vec())),
        ) {
            // Twenty-four digits are read; that is finer than any share that is meant.
            let share = Share::new((share * 1e12).round() / 1e12).unwrap();
            let length = Duration::from_micros(length);
            for fault in [
                Fault::Stall { length, at: Duration::from_micros(at) },
                Fault::Delay { length, kind },
                Fault::Lose(share),
                Fault::Reset(share),
            ] {
                prop_assert_eq!(fault.to_string().parse::<Fault>(), Ok(fault));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(
            name in prop::sample::select(vec!["stall=", "delay=", "lose=", "oversell", ""]),
            rest in ".{0,30}",
        ) {
            let _ = format!("{name}{rest}").parse::<Fault>();
        }
    }
}
