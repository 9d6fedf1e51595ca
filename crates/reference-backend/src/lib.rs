//! A small but real live-commerce backend: rooms over WebSocket, a shop over HTTP, stock and orders
//! in `SQLite`, and faults on demand.
//!
//! It is what a tester is tested against, so it knows nothing of testers: it depends on no other
//! crate of this workspace, and what it does wrong on purpose it writes into a log.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use claque_reference_backend::{Config, listen, serve};
//!
//! let config = Config {
//!     products: vec!["lamp=39.00 EUR x40".parse()?],
//!     faults: vec!["lose=0.1%".parse()?],
//!     fault_log: Some("faults.jsonl".into()),
//!     ..Config::default()
//! };
//! serve(listen("127.0.0.1:8080".parse()?)?, config, std::future::pending()).await?;
//! # Ok(()) }
//! ```
//!
//! # WebSocket: `GET /live?user=NAME`
//!
//! 101; without `user` 400 `missing_user`, with a bad one 400 `bad_user`, and a request that is no
//! upgrade gets 400, 405 or 426 `not_an_upgrade`. Messages are JSON in text frames of at most
//! 64 KiB. Names of users and rooms have 1 to 128 bytes and no control characters; unknown fields
//! are ignored.
//!
//! The server speaks first: `{"type":"welcome","user":"followers-3"}`.
//!
//! | a client says | fields | answer |
//! |---|---|---|
//! | `go_live` | `room`, maybe `co_hosts` (at most 16 names, separated by commas) | `ok` with `viewers`; the room is live, this user a host of it, this connection in it |
//! | `join` | `room` | `ok` with `viewers`; the room need not be live, and exists from then on |
//! | `chat` | `text` (at most 4,096 bytes), `cid` | `ok` with `seq` |
//! | `like` | `count` (1 to 10,000) | none |
//! | `gift` | `amount`, maybe `currency`, `cid` | `ok` with `seq` |
//! | `share` | | `ok`; it is counted |
//! | `enter` | `product` | `ok`; an entry for the giveaway of the product that is on in the room |
//! | `pin` | `product`, `cid` | `ok` with `seq`; hosts only |
//! | `price_change` | `product`, `price`, `currency`, `cid` | `ok` with `seq`; hosts only; the list price from now on |
//! | `flash_sale` | `product`, `price`, `currency`, `seconds` (1 to 86,400), `cid` | `ok` with `seq`; hosts only |
//! | `giveaway` | `product`, `seconds` (1 to 86,400), `cid` | `ok` with `seq`; hosts only; ends the room's giveaway before it |
//! | `raid` | `to` (a room), `cid` | `ok` with `seq`; hosts only; where everyone goes is for everyone to decide |
//! | `end` | `cid` | `ok` with `seq`; the creator only; the room is no longer live, everyone stays in it |
//! | `leave` | | `ok`, after all that was broadcast before |
//! | `ping` | | `{"type":"pong"}` |
//!
//! Every message may carry `id`, a whole number, which its answer repeats (`null` if there was
//! none, or it could not be read). `cid` (1 to 128 bytes) names a broadcast; it comes back in
//! everybody's copy. `price` and `amount` are decimals in strings, above 0. A connection is in one
//! room at a time: joining another one leaves the first. `viewers` counts every connection in the
//! room, the hosts' too. A room that is neither live nor has anybody in it is forgotten.
//!
//! Whoever goes live in a room that is not live is its creator until its end. Whom the creator names
//! as `co_hosts` may go live in it too, and is a host from then on; going live again, the creator
//! names them anew. What a co-host names counts for nothing, but that who names itself is no creator
//! and does not put the room on the air.
//!
//! Answers are `{"type":"ok","id":2,"seq":17}` and
//! `{"type":"error","id":2,"code":"forbidden","message":"…"}` with one of these codes:
//!
//! | code | when |
//! |---|---|
//! | `bad_message` | not JSON, no or an unknown `type`, a field missing, of a wrong type or out of range, a binary frame |
//! | `too_long` | the text of a chat |
//! | `not_in_room` | anything but going live, joining and a ping without a room |
//! | `forbidden` | a cue by someone else than a host of a live room, an end by someone else than its creator; going live in another's room without being named, or as a co-host before the creator |
//! | `no_such_product` | a pin, price change, flash sale or giveaway |
//! | `bad_price` | no amount, nothing, more decimals than the currency has, or another currency than the product's |
//! | `bad_amount` | a gift of no amount, of nothing, or of more decimals than its currency has |
//! | `no_giveaway` | an entry, but no giveaway of that product is on in the room |
//! | `already_entered` | another entry for the same giveaway |
//! | `too_many_rooms` | there are 10,000 |
//! | `unavailable` | the database failed |
//!
//! Everyone in the room, the sender too, gets each broadcast, in the order of `seq`, which counts
//! the broadcasts of a room from 1. An answer may come before or after its own broadcast.
//! ```json
//! {"type":"chat","room":"mia","seq":17,"user":"followers-3","cid":"…","text":"…"}
//! {"type":"pin","room":"mia","seq":18,"product":"lamp","price":"39.00","cid":"…"}
//! {"type":"flash_sale","room":"mia","seq":19,"product":"lamp","price":"29.00","seconds":15,"cid":"…"}
//! {"type":"gift","room":"mia","seq":20,"user":"followers-3","amount":"5.00","currency":"EUR","cid":"…"}
//! {"type":"price_change","room":"mia","seq":21,"product":"lamp","price":"35.00","cid":"…"}
//! {"type":"giveaway","room":"mia","seq":22,"product":"lamp","seconds":60,"cid":"…"}
//! {"type":"raid","room":"mia","seq":23,"to":"noor","cid":"…"}
//! {"type":"end","room":"mia","seq":24,"cid":"…"}
//! ```
//! Without `cid` in the message there is none in the broadcast; so with the `currency` of a gift.
//! These take no `seq`:
//! ```json
//! {"type":"likes","room":"mia","total":123}
//! {"type":"viewers","room":"mia","count":57}
//! {"type":"sold_out","room":"mia","product":"lamp"}
//! ```
//! `likes` comes at most 4 times a second, `viewers` at most once, both only when changed;
//! `sold_out` goes to every room when the last unit is sold.
//!
//! The server closes with
//!
//! | code | reason |
//! |---|---|
//! | 1001 | the server stops |
//! | 1002, 1007, 1009 | not the protocol, not UTF-8, a message of more than 64 KiB |
//! | 4408 | the client said nothing for [`Config::idle`]; a WebSocket ping counts as saying something |
//! | 4413 | a slow reader: [`Config::outbox`] broadcasts wait for it already. What waits is dropped and counted; if even the close frame does not get out in 500 ms, the connection is reset |
//!
//! # HTTP
//!
//! Bodies are JSON of at most 16 KiB. Every refusal is `{"error":CODE}`, mostly with a `message`.
//!
//! | request | answer |
//! |---|---|
//! | `GET /health` | 200 `{"status":"ok"}` |
//! | `GET /products` | 200 `{"products":[…]}` |
//! | `GET /products/lamp` | 200 `{"product":"lamp","price":"29.00","list_price":"39.00","currency":"EUR","stock":12,"sale":true}` |
//! | `POST /carts/{viewer}/items` `{"product":"lamp","quantity":1}` | 201 `{"cart":"followers-3","product":"lamp","quantity":1,"price":"29.00"}`; `quantity` is what is in the cart then |
//! | `GET /carts/{viewer}` | 200 `{"cart":"followers-3","items":[{"product":"lamp","quantity":1}]}` |
//! | `POST /orders` `{"viewer":"followers-3","product":"lamp","quantity":1,"price":"29.00"}` with a header `Idempotency-Key` | 201 `{"order":"o-1","product":"lamp","quantity":1,"price":"29.00"}` |
//! | the same key and order again | 200 and the same order |
//! | `GET /orders/o-1` | 200 and the order |
//! | `GET /orders?key=K` | 200 `{"orders":[…]}`, none or one |
//! | `GET /stats` | 200 and counters since the start |
//!
//! `price` in an order is what the viewer saw. Refusals: 404 `no_such_product`, `no_such_order`,
//! `not_found`; 405 `method_not_allowed`; 409 `sold_out`, `price_changed` (with the right `price`);
//! 400 `bad_json`, `bad_path`, `bad_viewer`, `bad_quantity` (1 to 1,000), `bad_price`,
//! `missing_idempotency_key`, `missing_key`; 413 `bad_body`; 422 `key_reused` (the key belongs to
//! another order); 503 and 500 `unavailable`. Checking out empties the product's line in the cart.
//!
//! Whether the key is new, the price right and the stock enough is decided in one transaction with
//! taking the order. A flash sale's price holds until its `seconds` are over, to the moment, also if
//! the list price changes meanwhile; in a file ([`Config::db`]) stock, carts and orders go on after a
//! restart, sales and changed prices do not.
//!
//! # Faults
//!
//! See [`Fault`]. Each act is one line of [`Config::fault_log`], written before it takes effect:
//! ```json
//! {"at_ms":1234,"fault":"lose","viewer":"followers-3","cid":"…"}
//! ```
//! `at_ms` counts from the first WebSocket connection asked for. `lose`, `duplicate`, `reorder`,
//! `garbage` and `delay` have `viewer` and `cid`, `delay` and `stall` have `for_ms`, `reset` has
//! `viewer` and `cid` or `number` (of the message, a viewer's first is 0), `refuse` has `viewer` and
//! `number` (of the attempt to connect), `oversell` has `viewer` and `order`.

mod backend;
mod config;
mod decimal;
mod doors;
mod faults;
mod http;
mod link;
mod money;
mod obey;
mod product;
mod room;
mod shop;
mod stats;
mod tally;
mod viewer;
mod wire;

pub use backend::serve;
pub use config::{Config, ServeError, listen};
pub use faults::{Fault, FaultError, Share};
pub use money::{Currency, Money, MoneyError};
pub use product::{ProductError, ProductSpec};
pub use wire::Kind;
