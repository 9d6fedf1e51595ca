//! The messages on the WebSocket: what a client may say, and what it is told.
//!
//! A message is read into a loose form that mirrors the JSON, then resolved into a [`Request`]
//! that is whole; nothing behind this module checks a field again.

#[cfg(test)]
mod tests;

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::faults::key_of;

/// The kinds of broadcast that carry a `cid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message of the chat.
    Chat,
    /// A gift to the host.
    Gift,
    /// A pinned product.
    Pin,
    /// A new list price.
    PriceChange,
    /// The start of a flash sale.
    FlashSale,
    /// The start of a giveaway.
    Giveaway,
    /// The way to another room.
    Raid,
    /// The end of the show.
    End,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 8] = [
        Kind::Chat,
        Kind::Gift,
        Kind::Pin,
        Kind::PriceChange,
        Kind::FlashSale,
        Kind::Giveaway,
        Kind::Raid,
        Kind::End,
    ];

    /// Its name as the `type` of a broadcast.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Chat => "chat",
            Kind::Gift => "gift",
            Kind::Pin => "pin",
            Kind::PriceChange => "price_change",
            Kind::FlashSale => "flash_sale",
            Kind::Giveaway => "giveaway",
            Kind::Raid => "raid",
            Kind::End => "end",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The longest text of a chat message, in bytes.
const TEXT_MAX: usize = 4_096;
/// The longest name of a room or a user and the longest `cid`, in bytes.
pub(crate) const NAME_MAX: usize = 128;
/// The most likes in one message.
const LIKES_MAX: u64 = 10_000;
/// The longest flash sale or giveaway, in seconds: a day.
const SECONDS_MAX: u64 = 86_400;
/// The most co-hosts of a room.
const CO_HOSTS_MAX: usize = 16;

/// Whether `name` may name a room or a user.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_MAX && !name.chars().any(char::is_control)
}

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    GoLive { room: String, co_hosts: Vec<String> },
    Join { room: String },
    Chat { text: String },
    Like { count: u64 },
    Gift { amount: String, currency: Option<String> },
    Share,
    Enter { product: String },
    Pin { product: String },
    PriceChange { product: String, price: String, currency: String },
    FlashSale { product: String, price: String, currency: String, seconds: u64 },
    Giveaway { product: String, seconds: u64 },
    Raid { to: String },
    End,
    Leave,
    Ping,
}

/// One message of a client.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Incoming {
    pub(crate) id: Option<u64>,
    pub(crate) cid: Option<String>,
    pub(crate) request: Request,
}

/// Why something asked for is not done: the code and the words of an `error` answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into() }
    }
}

/// A message as it may be written: every field of every type.
#[derive(Deserialize)]
struct Loose {
    #[serde(rename = "type")]
    kind: String,
    id: Option<u64>,
    cid: Option<String>,
    room: Option<String>,
    text: Option<String>,
    count: Option<u64>,
    product: Option<String>,
    price: Option<String>,
    currency: Option<String>,
    seconds: Option<u64>,
    amount: Option<String>,
    to: Option<String>,
    co_hosts: Option<String>,
}

impl Incoming {
    /// Reads a message.
    ///
    /// # Errors
    /// What is wrong, with the message's id where it can be read.
    pub(crate) fn parse(text: &str) -> Result<Incoming, (Option<u64>, Refusal)> {
        let loose: Loose = serde_json::from_str(text).map_err(|error| {
            // Only now a second, patient look, so that the client can tell which message it was.
            let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
            let id = value.and_then(|value| value.get("id")?.as_u64());
            (id, Refusal::new("bad_message", error.to_string()))
        })?;
        let (id, cid) = (loose.id, loose.cid.clone());
        if cid.as_ref().is_some_and(|cid| cid.is_empty() || cid.len() > NAME_MAX) {
            let message = format!("`cid` has 1 to {NAME_MAX} bytes");
            return Err((id, Refusal::new("bad_message", message)));
        }
        match loose.resolve() {
            Ok(request) => Ok(Incoming { id, cid, request }),
            Err(refusal) => Err((id, refusal)),
        }
    }
}

impl Loose {
    fn resolve(self) -> Result<Request, Refusal> {
        let kind = self.kind.as_str();
        let needs =
            |field: &str| Refusal::new("bad_message", format!("`{kind}` needs a field `{field}`"));
        let named = |field: &str, name: Option<String>| {
            let name = name.ok_or_else(|| needs(field))?;
            if is_name(&name) { Ok(name) } else { Err(no_name(field)) }
        };
        let given = |field: &str, text: Option<String>| text.ok_or_else(|| needs(field));
        let within = |field: &str, number: Option<u64>, max: u64| match number {
            None => Err(needs(field)),
            Some(number) if (1..=max).contains(&number) => Ok(number),
            Some(number) => {
                let message = format!("`{field}` is from 1 to {max}, found {number}");
                Err(Refusal::new("bad_message", message))
            }
        };
        match kind {
            "go_live" => {
                let co_hosts = names(self.co_hosts.as_deref().unwrap_or_default())?;
                Ok(Request::GoLive { room: named("room", self.room)?, co_hosts })
            }
            "join" => Ok(Request::Join { room: named("room", self.room)? }),
            "chat" => {
                let text = given("text", self.text)?;
                if text.len() > TEXT_MAX {
                    let message = format!("`text` has at most {TEXT_MAX} bytes");
                    return Err(Refusal::new("too_long", message));
                }
                Ok(Request::Chat { text })
            }
            "like" => Ok(Request::Like { count: within("count", self.count, LIKES_MAX)? }),
            "gift" => {
                let amount = given("amount", self.amount)?;
                Ok(Request::Gift { amount, currency: self.currency })
            }
            "share" => Ok(Request::Share),
            "enter" => Ok(Request::Enter { product: given("product", self.product)? }),
            "pin" => Ok(Request::Pin { product: given("product", self.product)? }),
            "price_change" => Ok(Request::PriceChange {
                product: given("product", self.product)?,
                price: given("price", self.price)?,
                currency: given("currency", self.currency)?,
            }),
            "giveaway" => Ok(Request::Giveaway {
                product: given("product", self.product)?,
                seconds: within("seconds", self.seconds, SECONDS_MAX)?,
            }),
            "raid" => Ok(Request::Raid { to: named("to", self.to)? }),
            "flash_sale" => Ok(Request::FlashSale {
                product: given("product", self.product)?,
                price: given("price", self.price)?,
                currency: given("currency", self.currency)?,
                seconds: within("seconds", self.seconds, SECONDS_MAX)?,
            }),
            "end" => Ok(Request::End),
            "leave" => Ok(Request::Leave),
            "ping" => Ok(Request::Ping),
            _ => Err(Refusal::new("bad_message", format!("unknown type `{kind:.40}`"))),
        }
    }
}

fn no_name(field: &str) -> Refusal {
    let message = format!("`{field}` has 1 to {NAME_MAX} bytes and no control characters");
    Refusal::new("bad_message", message)
}

/// The names of co-hosts, separated by commas; none in an empty text.
fn names(list: &str) -> Result<Vec<String>, Refusal> {
    if list.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
    if !names.iter().all(|name| is_name(name)) {
        return Err(no_name("co_hosts"));
    }
    if names.len() > CO_HOSTS_MAX {
        let message = format!("`co_hosts` has at most {CO_HOSTS_MAX} names, found {}", names.len());
        return Err(Refusal::new("bad_message", message));
    }
    Ok(names)
}

/// What a client is told.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Told<'a> {
    Welcome {
        user: &'a str,
    },
    Ok {
        id: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        viewers: Option<usize>,
        #[serde(skip_serializing_if = "Option::is_none")]
        seq: Option<u64>,
    },
    Error {
        id: Option<u64>,
        code: &'a str,
        message: &'a str,
    },
    Pong,
    Chat {
        room: &'a str,
        seq: u64,
        user: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cid: Option<&'a str>,
        text: &'a str,
    },
    Pin {
        room: &'a str,
        seq: u64,
        product: &'a str,
        price: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cid: Option<&'a str>,
    },
    FlashSale {
        room: &'a str,
        seq: u64,
        product: &'a str,
        price: &'a str,
        seconds: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        cid: Option<&'a str>,
    },
    Gift {
        room: &'a str,
        seq: u64,
        user: &'a str,
        amount: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        currency: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        cid: Option<&'a str>,
    },
    PriceChange {
        room: &'a str,
        seq: u64,
        product: &'a str,
        price: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cid: Option<&'a str>,
    },
    Giveaway {
        room: &'a str,
        seq: u64,
        product: &'a str,
        seconds: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        cid: Option<&'a str>,
    },
    Raid {
        room: &'a str,
        seq: u64,
        to: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        cid: Option<&'a str>,
    },
    End {
        room: &'a str,
        seq: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        cid: Option<&'a str>,
    },
    Likes {
        room: &'a str,
        total: u64,
    },
    Viewers {
        room: &'a str,
        count: usize,
    },
    SoldOut {
        room: &'a str,
        product: &'a str,
    },
}

impl Told<'_> {
    /// As a text frame.
    pub(crate) fn encode(&self) -> Utf8Bytes {
        match serde_json::to_string(self) {
            Ok(text) => Utf8Bytes::from(text),
            Err(error) => unreachable!("strings and numbers are always JSON: {error}"),
        }
    }
}

/// A message to everyone in a room: encoded once, shared by all.
#[derive(Debug)]
pub(crate) struct Broadcast {
    pub(crate) text: Utf8Bytes,
    pub(crate) published: Instant,
    /// What makes it an audited delivery, which faults may hit.
    pub(crate) mark: Option<Mark>,
}

/// The identity of an audited broadcast.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) kind: Kind,
    pub(crate) cid: Box<str>,
    pub(crate) key: u64,
}

impl Mark {
    /// The mark of a broadcast of `kind`, if it has a `cid`.
    pub(crate) fn new(kind: Kind, cid: Option<&str>) -> Option<Mark> {
        cid.map(|cid| Mark { kind, cid: cid.into(), key: key_of(cid) })
    }
}
