//! The messages on the WebSocket: what a client may say, and what it is told.
//!
//! A message is read into a loose form that mirrors the JSON, then resolved into a [`Request`]
//! that is whole; nothing behind this module checks a field again.

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::faults::key_of;

/// The kinds of broadcast that carry a `cid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A message of the chat.
    Chat,
    /// A pinned product.
    Pin,
    /// The start of a flash sale.
    FlashSale,
    /// The end of the show.
    End,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 4] = [Kind::Chat, Kind::Pin, Kind::FlashSale, Kind::End];

    /// Its name as the `type` of a broadcast.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::Chat => "chat",
            Kind::Pin => "pin",
            Kind::FlashSale => "flash_sale",
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
/// The longest flash sale, in seconds: a day.
const SALE_SECONDS_MAX: u64 = 86_400;

/// Whether `name` may name a room or a user.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= NAME_MAX && !name.chars().any(char::is_control)
}

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    GoLive { room: String },
    Join { room: String },
    Chat { text: String },
    Like { count: u64 },
    Pin { product: String },
    FlashSale { product: String, price: String, currency: String, seconds: u64 },
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
        let named = |room: Option<String>| {
            let room = room.ok_or_else(|| needs("room"))?;
            if is_name(&room) {
                Ok(room)
            } else {
                let message = format!("`room` has 1 to {NAME_MAX} bytes and no control characters");
                Err(Refusal::new("bad_message", message))
            }
        };
        let within = |field: &str, number: Option<u64>, max: u64| match number {
            None => Err(needs(field)),
            Some(number) if (1..=max).contains(&number) => Ok(number),
            Some(number) => {
                let message = format!("`{field}` is from 1 to {max}, found {number}");
                Err(Refusal::new("bad_message", message))
            }
        };
        match kind {
            "go_live" => Ok(Request::GoLive { room: named(self.room)? }),
            "join" => Ok(Request::Join { room: named(self.room)? }),
            "chat" => {
                let text = self.text.ok_or_else(|| needs("text"))?;
                if text.len() > TEXT_MAX {
                    let message = format!("`text` has at most {TEXT_MAX} bytes");
                    return Err(Refusal::new("too_long", message));
                }
                Ok(Request::Chat { text })
            }
            "like" => Ok(Request::Like { count: within("count", self.count, LIKES_MAX)? }),
            "pin" => Ok(Request::Pin { product: self.product.ok_or_else(|| needs("product"))? }),
            "flash_sale" => Ok(Request::FlashSale {
                product: self.product.ok_or_else(|| needs("product"))?,
                price: self.price.ok_or_else(|| needs("price"))?,
                currency: self.currency.ok_or_else(|| needs("currency"))?,
                seconds: within("seconds", self.seconds, SALE_SECONDS_MAX)?,
            }),
            "end" => Ok(Request::End),
            "leave" => Ok(Request::Leave),
            "ping" => Ok(Request::Ping),
            _ => Err(Refusal::new("bad_message", format!("unknown type `{kind:.40}`"))),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn requests() {
        let check = |text: &str, id: Option<u64>, cid: Option<&str>, request: Request| {
            let expect = Incoming { id, cid: cid.map(str::to_owned), request };
            assert_eq!(Incoming::parse(text), Ok(expect), "{text}");
        };
        let room = || "mia".to_owned();
        check(
            r#"{"type":"join","id":1,"room":"mia"}"#,
            Some(1),
            None,
            Request::Join { room: room() },
        );
        check(r#"{"type":"go_live","room":"mia"}"#, None, None, Request::GoLive { room: room() });
        check(
            r#"{"type":"chat","id":2,"text":"h\u00ef \"you\"","cid":"a-1","unknown":[]}"#,
            Some(2),
            Some("a-1"),
            Request::Chat { text: "hï \"you\"".to_owned() },
        );
        check(r#"{"type":"like","count":4}"#, None, None, Request::Like { count: 4 });
        check(
            r#"{"type":"flash_sale","id":4,"product":"lamp","price":"29.00","currency":"EUR","seconds":15}"#,
            Some(4),
            None,
            Request::FlashSale {
                product: "lamp".to_owned(),
                price: "29.00".to_owned(),
                currency: "EUR".to_owned(),
                seconds: 15,
            },
        );
        check(r#"{"type":"end","id":5,"cid":"z"}"#, Some(5), Some("z"), Request::End);
        check(r#" {"id":6, "type":"leave"} "#, Some(6), None, Request::Leave);
        check(r#"{"type":"ping"}"#, None, None, Request::Ping);
    }

    #[test]
    fn refusals() {
        let check = |text: &str, id: Option<u64>, code: &str, message: &str| {
            let (got_id, refusal) = Incoming::parse(text).unwrap_err();
            assert_eq!((got_id, refusal.code), (id, code), "{text}");
            assert!(refusal.message.contains(message), "{text}: {}", refusal.message);
        };
        check("", None, "bad_message", "EOF");
        check("hello", None, "bad_message", "expected value");
        check("[]", None, "bad_message", "");
        check(r#"{"id":3}"#, Some(3), "bad_message", "missing field `type`");
        check(r#"{"type":"dance","id":3}"#, Some(3), "bad_message", "unknown type `dance`");
        check(r#"{"type":7,"id":3}"#, Some(3), "bad_message", "expected a string");
        check(r#"{"type":"join","id":"3","room":"mia"}"#, None, "bad_message", "expected u64");
        check(r#"{"type":"join","id":3}"#, Some(3), "bad_message", "`join` needs a field `room`");
        check(r#"{"type":"join","id":3,"room":7}"#, Some(3), "bad_message", "expected a string");
        check(r#"{"type":"join","id":3,"room":""}"#, Some(3), "bad_message", "1 to 128 bytes");
        check(r#"{"type":"join","id":3,"room":"a\nb"}"#, Some(3), "bad_message", "control");
        check(r#"{"type":"like","count":0}"#, None, "bad_message", "from 1 to 10000, found 0");
        check(r#"{"type":"like","count":-4}"#, None, "bad_message", "expected u64");
        check(r#"{"type":"chat","id":2}"#, Some(2), "bad_message", "needs a field `text`");
        check(r#"{"type":"chat","id":2,"text":"x","cid":""}"#, Some(2), "bad_message", "`cid`");
        let long = format!(r#"{{"type":"chat","id":2,"text":"{}"}}"#, "x".repeat(TEXT_MAX + 1));
        check(&long, Some(2), "too_long", "at most 4096 bytes");
        let deep = format!(r#"{{"type":"join","id":1,"room":{}}}"#, "[".repeat(9_000));
        check(&deep, None, "bad_message", "expected a string");
    }

    #[test]
    fn what_is_told() {
        let check = |told: Told<'_>, expect: &str| assert_eq!(told.encode().as_str(), expect);
        check(Told::Welcome { user: "f-3" }, r#"{"type":"welcome","user":"f-3"}"#);
        check(
            Told::Ok { id: Some(1), viewers: Some(9), seq: None },
            r#"{"type":"ok","id":1,"viewers":9}"#,
        );
        check(
            Told::Error { id: None, code: "forbidden", message: "no" },
            r#"{"type":"error","id":null,"code":"forbidden","message":"no"}"#,
        );
        check(Told::Pong, r#"{"type":"pong"}"#);
        check(
            Told::Chat { room: "mia", seq: 17, user: "f-3", cid: Some("c"), text: "hi \"you\"" },
            r#"{"type":"chat","room":"mia","seq":17,"user":"f-3","cid":"c","text":"hi \"you\""}"#,
        );
        check(
            Told::FlashSale {
                room: "mia",
                seq: 2,
                product: "lamp",
                price: "29.00",
                seconds: 15,
                cid: Some("c"),
            },
            r#"{"type":"flash_sale","room":"mia","seq":2,"product":"lamp","price":"29.00","seconds":15,"cid":"c"}"#,
        );
        check(
            Told::SoldOut { room: "mia", product: "lamp" },
            r#"{"type":"sold_out","room":"mia","product":"lamp"}"#,
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            let _ = Incoming::parse(&text);
        }

        #[test]
        fn any_fields_are_read_or_refused(
            kind in "(join|chat|like|pin|flash_sale|end|leave|ping|go_live|x)",
            field in "(id|cid|room|text|count|product|price|currency|seconds|type)",
            value in r#"(null|-1|0|1\.5|1e99|"[a-z]{0,3}"|\[\]|\{\}|true|18446744073709551616)"#,
        ) {
            let _ = Incoming::parse(&format!(r#"{{"type":"{kind}","{field}":{value}}}"#));
        }
    }
}
