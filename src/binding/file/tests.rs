//! Bindings that are wrong, with what is said of each; and shipped ones, which are not.

use crate::binding::{Binding, shipped, shipped_names};
use insta::assert_snapshot;

const GOOD: &str = r#"name = "test"
connect = { url = "${url}/live" }
verbs.join.mode = "handshake"
"#;

/// The problems of a binding that is good but for `more`.
fn problems(more: &str) -> String {
    problems_of(&format!("{GOOD}{more}"))
}

fn problems_of(text: &str) -> String {
    Binding::parse("own.toml", text).expect_err("it should be refused").render(false)
}

#[test]
fn shipped_bindings_are_read() {
    for name in shipped_names() {
        let text = shipped(name).unwrap();
        let binding = Binding::parse(name, text).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(binding.name(), name);
        assert!(binding.ran_against().is_some(), "{name}");
    }
    Binding::parse("good", GOOD).unwrap();
}

#[test]
fn pointers() {
    assert_snapshot!(problems(r#"
events.chat = { match = { "type" = "chat" }, cid = "/body/~2" }
"#), @r#"
    error: `type` is not a JSON Pointer
     --> own.toml:5:28
      |
    5 | events.chat = { match = { "type" = "chat" }, cid = "/body/~2" }
      |                            ^^^^
      |
      = help: a pointer begins with a slash: `/type`
    error: bad escape in the pointer `/body/~2`
     --> own.toml:5:59
      |
    5 | events.chat = { match = { "type" = "chat" }, cid = "/body/~2" }
      |                                                           ^^
      |
      = help: `~0` stands for `~` and `~1` for `/`; there are no others
    "#);
    assert_snapshot!(problems(r#"
codec.kind = "text"
events.chat = { match = { "/words/0" = "chat" }, cid = "/cid" }
"#), @r#"
    error: a text has nothing at `/cid`
     --> own.toml:6:56
      |
    6 | events.chat = { match = { "/words/0" = "chat" }, cid = "/cid" }
      |                                                        ^^^^^^
      |
      = help: the codec `text` knows `/text`, the whole, and `/words/0`, `/words/1`, …
    "#);
}

#[test]
fn templates() {
    assert_snapshot!(problems(r#"
verbs.chat = { mode = "none", send = '{"t":${txt|json},"c":${cid|jsn},"k":${key},"n":${id}}' }
"#), @r#"
    error: unknown variable `txt`
     --> own.toml:5:46
      |
    5 | verbs.chat = { mode = "none", send = '{"t":${txt|json},"c":${cid|jsn},"k":${key},"n":${id}}' }
      |                                              ^^^
      |
      = help: did you mean `text`? Known here: url, http, host, run, room, creator, viewer, currency, text, cid
    error: unknown filter `jsn`
     --> own.toml:5:66
      |
    5 | verbs.chat = { mode = "none", send = '{"t":${txt|json},"c":${cid|jsn},"k":${key},"n":${id}}' }
      |                                                                  ^^^
      |
      = help: did you mean `json`? Known here: json, jsonstr, url
    error: `${key}` means nothing for `chat`
     --> own.toml:5:77
      |
    5 | verbs.chat = { mode = "none", send = '{"t":${txt|json},"c":${cid|jsn},"k":${key},"n":${id}}' }
      |                                                                             ^^^
      |
      = help: known here: url, http, host, run, room, creator, viewer, currency, text, cid
    error: `${id}` needs `id = "seq"`, which numbers the call
     --> own.toml:5:88
      |
    5 | verbs.chat = { mode = "none", send = '{"t":${txt|json},"c":${cid|jsn},"k":${key},"n":${id}}' }
      |                                                                                        ^^
      |
      = help: known here: url, http, host, run, room, creator, viewer, currency, text, cid
    "#);
    assert_snapshot!(problems(r#"
verbs.like = { mode = "none", send = "like ${count" }
"#), @r#"
    error: `${` without its `}`
     --> own.toml:5:44
      |
    5 | verbs.like = { mode = "none", send = "like ${count" }
      |                                            ^^
      |
      = help: write `$${` for the characters themselves
    "#);
    assert_snapshot!(problems(r#"
verbs.chat = { mode = "none", send = '{"t":${text}}' }
verbs.pin = { mode = "none", send = '{"p":"${product}"}' }
"#), @r#"
    error: this looks like JSON but is none once filled in: not a JSON value at byte 5
     --> own.toml:5:38
      |
    5 | verbs.chat = { mode = "none", send = '{"t":${text}}' }
      |                                      ^^^^^^^^^^^^^^^
      |
      = help: a name or a text is put in with its quotes by a filter: ${room|json}
    error: a quotation mark in `${product}` would break this JSON
     --> own.toml:6:37
      |
    6 | verbs.pin = { mode = "none", send = '{"p":"${product}"}' }
      |                                     ^^^^^^^^^^^^^^^^^^^^
      |
      = help: write ${product|json} for it with its quotes, or ${product|jsonstr} inside a string
    "#);
}

#[test]
fn modes() {
    assert_snapshot!(problems(r#"
verbs.chat = { id = "seq", send = '{"t":${text|json}}' }
"#), @r#"
    error: nothing says what answers `chat`
     --> own.toml:5:14
      |
    5 | verbs.chat = { id = "seq", send = '{"t":${text|json}}' }
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give `ok`; or send ${cid} and give [events.chat] its `cid`; or mode = "none"
    "#);
    assert_snapshot!(problems(r#"
verbs.chat = { ok = { "/type" = "ok" } }
"#), @r#"
    error: `chat` sends nothing: `send` is missing
     --> own.toml:5:14
      |
    5 | verbs.chat = { ok = { "/type" = "ok" } }
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give `send` or `http`; mode = "handshake" or "close" where connecting or closing is the act
    error: any answer like this would do for every `chat`
     --> own.toml:5:16
      |
    5 | verbs.chat = { ok = { "/type" = "ok" } }
      |                ^^
      |
      = help: compare something with ${id} or ${cid}: { "/type" = "ok", "/id" = "${id}" }
    "#);
    assert_snapshot!(problems(r#"
verbs.like = { mode = "none", send = "x", ok = { "/type" = "ok" }, reason = "/code" }
"#), @r#"
    error: `ok` has no use: mode "none" waits for nothing
     --> own.toml:5:43
      |
    5 | verbs.like = { mode = "none", send = "x", ok = { "/type" = "ok" }, reason = "/code" }
      |                                           ^^
      |
      = help: leave it out, or leave `mode` out
    error: `reason` has no use: mode "none" waits for nothing
     --> own.toml:5:68
      |
    5 | verbs.like = { mode = "none", send = "x", ok = { "/type" = "ok" }, reason = "/code" }
      |                                                                    ^^^^^^
      |
      = help: leave it out, or leave `mode` out
    "#);
    assert_snapshot!(problems(r#"
verbs.chat = { mode = "echo", send = '{"t":${text|json}}', ok = { "/type" = "ok" } }
"#), @r#"
    error: `chat` waits for its echo, but no event brings it
     --> own.toml:5:14
      |
    5 | verbs.chat = { mode = "echo", send = '{"t":${text|json}}', ok = { "/type" = "ok" } }
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: [events.chat] with `match` and `cid` says how it is known
    error: an echo is known by its cid, and this sends none
     --> own.toml:5:31
      |
    5 | verbs.chat = { mode = "echo", send = '{"t":${text|json}}', ok = { "/type" = "ok" } }
      |                               ^^^^
      |
      = help: put ${cid} where the backend hands it on to everybody
    error: `ok` has no use: the own broadcast is the answer
     --> own.toml:5:60
      |
    5 | verbs.chat = { mode = "echo", send = '{"t":${text|json}}', ok = { "/type" = "ok" } }
      |                                                            ^^
      |
      = help: leave it out, or mode = "correlated"
    "#);
}

#[test]
fn modes_that_send_nothing() {
    assert_snapshot!(problems(r#"
verbs.leave = { mode = "close", send = "bye" }
verbs.chat = { mode = "close" }
"#), @r#"
    error: `send` has no use: this mode sends nothing and waits for nothing
     --> own.toml:5:33
      |
    5 | verbs.leave = { mode = "close", send = "bye" }
      |                                 ^^^^
      |
      = help: leave it out, or leave `mode` out
    error: closing the socket cannot be the act of `chat`
     --> own.toml:6:16
      |
    6 | verbs.chat = { mode = "close" }
      |                ^^^^
      |
      = help: only `leave` and `end` can be played so
    "#);
    assert_snapshot!(problems(r#"
verbs.chat = { mode = "corelated", send = "x" }
"#), @r#"
    error: `corelated` is none of the choices
     --> own.toml:5:23
      |
    5 | verbs.chat = { mode = "corelated", send = "x" }
      |                       ^^^^^^^^^^^
      |
      = help: did you mean "correlated"? Allowed: `correlated`, `echo`, `none`, `http`, `handshake`, `close`
    "#);
    assert_snapshot!(problems(r#"
verbs.chat = { send = "x", ok = { "/type" = "ok" } }
"#), @r#"
    error: any answer like this would do for every `chat`
     --> own.toml:5:28
      |
    5 | verbs.chat = { send = "x", ok = { "/type" = "ok" } }
      |                            ^^
      |
      = help: compare something with ${id} or ${cid}: { "/type" = "ok", "/id" = "${id}" }
    "#);
}

#[test]
fn names() {
    assert_snapshot!(problems(r#"
verbs.checkout = { mode = "none", send = "x" }
events.like = { match = { "/type" = "like" } }
heartbeat = { every = "20", sned = "x" }
"#), @r#"
    error: unknown verb `checkout`
     --> own.toml:5:7
      |
    5 | verbs.checkout = { mode = "none", send = "x" }
      |       ^^^^^^^^
      |
      = help: did you mean `check_out`? Known are go_live, pin, price_change, flash_sale, giveaway, raid, end, join, chat, like, gift, share, click, add_to_cart, check_out, enter, leave, order
    error: unknown event `like`
     --> own.toml:6:8
      |
    6 | events.like = { match = { "/type" = "like" } }
      |        ^^^^
      |
      = help: known are pin, price_change, flash_sale, giveaway, raid, end, chat, gift, sold_out
    error: `every` without `send`
     --> own.toml:7:15
      |
    7 | heartbeat = { every = "20", sned = "x" }
      |               ^^^^^
      |
      = help: every = "20s" and send = '{"type":"ping"}' go together
    error: `20` has no unit
     --> own.toml:7:23
      |
    7 | heartbeat = { every = "20", sned = "x" }
      |                       ^^^^
      |
      = help: write its unit: "20s", "20ms", "20m"
    error: unknown field `sned` in `heartbeat`
     --> own.toml:7:29
      |
    7 | heartbeat = { every = "20", sned = "x" }
      |                             ^^^^
      |
      = help: did you mean `send`? Allowed here: `every`, `dead_after`, `only_if_idle`, `send`
    "#);
    assert_snapshot!(problems(r#"
verbs.chat = { mode = "none", sent = "x" }
"#), @r#"
    error: `chat` has no `send`, which its mode needs
     --> own.toml:5:14
      |
    5 | verbs.chat = { mode = "none", sent = "x" }
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: send = '{"type":"…"}'
    error: unknown field `sent` in `chat`
     --> own.toml:5:31
      |
    5 | verbs.chat = { mode = "none", sent = "x" }
      |                               ^^^^
      |
      = help: did you mean `send`? Allowed here: `mode`, `id`, `send`, `http`, `ok`, `fail`, `reason`, `rejected`, `facts`, `capture`
    "#);
}

#[test]
fn what_belongs_to_other_kinds() {
    assert_snapshot!(problems(r#"
verbs.raid = { mode = "none", send = '{"to":${to|json},"for":${seconds}}' }
verbs.share = { mode = "none", send = "share ${cid}" }
verbs.gift = { send = "gift ${amount} ${co_hosts}", ok = { "/type" = "ok" } }
verbs.go_live = { mode = "none", send = '{"of":"${room|jsonstr}","with":"${co_hosts}"}' }
"#), @r#"
    error: `${seconds}` means nothing for `raid`
     --> own.toml:5:64
      |
    5 | verbs.raid = { mode = "none", send = '{"to":${to|json},"for":${seconds}}' }
      |                                                                ^^^^^^^
      |
      = help: known here: url, http, host, run, room, creator, viewer, currency, cid, to
    error: `${cid}` means nothing for `share`
     --> own.toml:6:48
      |
    6 | verbs.share = { mode = "none", send = "share ${cid}" }
      |                                                ^^^
      |
      = help: known here: url, http, host, run, room, creator, viewer, currency
    error: `${co_hosts}` means nothing for `gift`
     --> own.toml:7:41
      |
    7 | verbs.gift = { send = "gift ${amount} ${co_hosts}", ok = { "/type" = "ok" } }
      |                                         ^^^^^^^^
      |
      = help: known here: url, http, host, run, room, creator, viewer, currency, cid, amount, count
    error: any answer like this would do for every `gift`
     --> own.toml:7:53
      |
    7 | verbs.gift = { send = "gift ${amount} ${co_hosts}", ok = { "/type" = "ok" } }
      |                                                     ^^
      |
      = help: compare something with ${id} or ${cid}: { "/type" = "ok", "/id" = "${id}" }
    error: a quotation mark in `${co_hosts}` would break this JSON
     --> own.toml:8:41
      |
    8 | verbs.go_live = { mode = "none", send = '{"of":"${room|jsonstr}","with":"${co_hosts}"}' }
      |                                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write ${co_hosts|json} for it with its quotes, or ${co_hosts|jsonstr} inside a string
    "#);
    assert_snapshot!(problems(r#"
events.sold_out = { match = { "/type" = "gone" }, cid = "/cid" }
events.gift = { match = { "/type" = "gift" }, product = "/product" }
events.share = { match = { "/type" = "share" } }
"#), @r#"
    error: missing field `product` in `sold_out`
     --> own.toml:5:19
      |
    5 | events.sold_out = { match = { "/type" = "gone" }, cid = "/cid" }
      |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    error: unknown field `cid` in `sold_out`
     --> own.toml:5:51
      |
    5 | events.sold_out = { match = { "/type" = "gone" }, cid = "/cid" }
      |                                                   ^^^
      |
      = help: allowed here: `match`, `product`
    error: unknown field `product` in `gift`
     --> own.toml:6:47
      |
    6 | events.gift = { match = { "/type" = "gift" }, product = "/product" }
      |                                               ^^^^^^^
      |
      = help: allowed here: `match`, `cid`, `seq`
    error: unknown event `share`
     --> own.toml:7:8
      |
    7 | events.share = { match = { "/type" = "share" } }
      |        ^^^^^
      |
      = help: known are pin, price_change, flash_sale, giveaway, raid, end, chat, gift, sold_out
    "#);
}

#[test]
fn missing_parts() {
    assert_snapshot!(problems_of("name = \"x\"\n"), @r#"
    error: missing field `connect`
     --> own.toml:1:1
      |
    1 | name = "x"
      | ^
    error: missing field `verbs`
     --> own.toml:1:1
      |
    1 | name = "x"
      | ^
    "#);
    assert_snapshot!(problems_of(r#"
name = "x"
connect = { url = "${url}/${id}/${token}", headers = { "a b" = "x" } }
verbs.chat = { mode = "none", send = "x" }
"#), @r#"
    error: `${id}` is not known while connecting
     --> own.toml:3:29
      |
    3 | connect = { url = "${url}/${id}/${token}", headers = { "a b" = "x" } }
      |                             ^^
      |
      = help: known here: url, http, host, run, room, creator, viewer, currency
    error: unknown variable `token`
     --> own.toml:3:35
      |
    3 | connect = { url = "${url}/${id}/${token}", headers = { "a b" = "x" } }
      |                                   ^^^^^
      |
      = help: known here: url, http, host, run, room, creator, viewer, currency
    error: `a b` cannot be the name of a header
     --> own.toml:3:56
      |
    3 | connect = { url = "${url}/${id}/${token}", headers = { "a b" = "x" } }
      |                                                        ^^^^^
      |
      = help: letters, digits and hyphens: Idempotency-Key
    error: there is no [verbs.join], so nobody could enter a room
     --> own.toml:4:1
      |
    4 | verbs.chat = { mode = "none", send = "x" }
      | ^^^^^
      |
      = help: mode = "handshake" where connecting is entering
    "#);
}

#[test]
fn rules() {
    assert_snapshot!(problems(r#"
events.chat = { match = { "/room" = "${room}" } }
events.pin = { match = {} }
events.end = { match = { "/a" = { exist = true }, "/b" = { one_of = ["x", "${id}"] }, "/c" = [1] } }
"#), @r#"
    error: `${room}` differs between connections, but this must be recognised alike on all of them
     --> own.toml:5:40
      |
    5 | events.chat = { match = { "/room" = "${room}" } }
      |                                        ^^^^
      |
      = help: known here: nothing
    error: `match` compares nothing, so everything would satisfy it
     --> own.toml:6:24
      |
    6 | events.pin = { match = {} }
      |                        ^^
      |
      = help: name a pointer and its value: { "/type" = "chat" }
    error: unknown field `exist` in `/a`
     --> own.toml:7:35
      |
    7 | events.end = { match = { "/a" = { exist = true }, "/b" = { one_of = ["x", "${id}"] }, "/c" = [1] } }
      |                                   ^^^^^
      |
      = help: did you mean `exists`? Allowed here: `exists`, `one_of`
    error: a variable cannot be one of several values
     --> own.toml:7:75
      |
    7 | events.end = { match = { "/a" = { exist = true }, "/b" = { one_of = ["x", "${id}"] }, "/c" = [1] } }
      |                                                                           ^^^^^^^
      |
      = help: compare with it alone: "/id" = "${id}"
    error: `/c` must be something that JSON can be compared with, not an array
     --> own.toml:7:94
      |
    7 | events.end = { match = { "/a" = { exist = true }, "/b" = { one_of = ["x", "${id}"] }, "/c" = [1] } }
      |                                                                                              ^^^
      |
      = help: write a string, a number, true, { exists = true } or { one_of = [ … ] }
    "#);
    assert_snapshot!(problems(r#"
verbs.leave = { send = "x", ok = { "/text" = "${text}" } }
"#), @r#"
    error: `${text}` is nothing that an answer to `leave` is known by
     --> own.toml:5:49
      |
    5 | verbs.leave = { send = "x", ok = { "/text" = "${text}" } }
      |                                                 ^^^^
      |
      = help: known here: url, http, host, run, room, creator, viewer, currency
    "#);
    assert_snapshot!(problems(r#"
events.chat = { match = { "/a" = 1 }, cid = { after = "c" } }
events.pin = { match = { "/a" = 2 }, cid = { in = "/x" } }
"#), @r##"
    error: missing field `in`: where is the text that is cut?
     --> own.toml:5:45
      |
    5 | events.chat = { match = { "/a" = 1 }, cid = { after = "c" } }
      |                                             ^^^^^^^^^^^^^^^
      |
      = help: { in = "/text", after = "#", until = " " }
    error: missing field `after` in `cid`
     --> own.toml:6:44
      |
    6 | events.pin = { match = { "/a" = 2 }, cid = { in = "/x" } }
      |                                            ^^^^^^^^^^^^^
    "##);
}

#[test]
fn http() {
    assert_snapshot!(problems(r#"
verbs.click = { http = { method = "FETCH", url = "/products" } }
verbs.check_out = { http = { method = "POST", url = "${url}/orders", body = '{"product":}' } }
"#), @r#"
    error: `FETCH` is none of the choices
     --> own.toml:5:35
      |
    5 | verbs.click = { http = { method = "FETCH", url = "/products" } }
      |                                   ^^^^^^^
      |
      = help: allowed: `GET`, `POST`, `PUT`, `PATCH`, `DELETE`
    error: `/products` leads nowhere
     --> own.toml:5:50
      |
    5 | verbs.click = { http = { method = "FETCH", url = "/products" } }
      |                                                  ^^^^^^^^^^^
      |
      = help: an HTTP address begins with ${http}: "${http}/products"
    error: `${url}/orders` leads nowhere
     --> own.toml:6:53
      |
    6 | verbs.check_out = { http = { method = "POST", url = "${url}/orders", body = '{"product":}' } }
      |                                                     ^^^^^^^^^^^^^^^
      |
      = help: an HTTP address begins with ${http}: "${http}/products"
    error: this looks like JSON but is none once filled in: not a JSON value at byte 11
     --> own.toml:6:77
      |
    6 | verbs.check_out = { http = { method = "POST", url = "${url}/orders", body = '{"product":}' } }
      |                                                                             ^^^^^^^^^^^^^^
      |
      = help: a name or a text is put in with its quotes by a filter: ${room|json}
    "#);
    assert_snapshot!(problems(r#"
verbs.click = { send = "x", http = { method = "GET", url = "${http}/x" }, ok = { status = "200" } }
verbs.order = { http = { method = "GET", url = "${http}/x" }, rejected = ["a"] }
"#), @r#"
    error: `send` goes over the WebSocket, `http` does not
     --> own.toml:5:17
      |
    5 | verbs.click = { send = "x", http = { method = "GET", url = "${http}/x" }, ok = { status = "200" } }
      |                 ^^^^
      |
      = help: keep one
    error: `status` must be a status or an array of them, not a string
     --> own.toml:5:91
      |
    5 | verbs.click = { send = "x", http = { method = "GET", url = "${http}/x" }, ok = { status = "200" } }
      |                                                                                           ^^^^^
      |
      = help: status = 201, or [200, 201]
    error: this looks an order up but does not say where its id is
     --> own.toml:6:15
      |
    6 | verbs.order = { http = { method = "GET", url = "${http}/x" }, rejected = ["a"] }
      |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: facts = { order = "/orders/0/id" }
    error: `rejected` lists reasons, but `reason` does not say where they are
     --> own.toml:6:63
      |
    6 | verbs.order = { http = { method = "GET", url = "${http}/x" }, rejected = ["a"] }
      |                                                               ^^^^^^^^
      |
      = help: reason = "/error"
    error: `rejected` without `fail`: nothing would ever be a refusal
     --> own.toml:6:63
      |
    6 | verbs.order = { http = { method = "GET", url = "${http}/x" }, rejected = ["a"] }
      |                                                               ^^^^^^^^
      |
      = help: fail = { "/type" = "error", "/id" = "${id}" }
    "#);
}

#[test]
fn handshakes_and_heartbeats() {
    assert_snapshot!(problems(r#"
handshake = [
  { send = "${token}" },
  { expect = { "/type" = "hi" }, capture = { token = "/t", room = "/r" } },
  { capture = { late = "/x" } },
]
heartbeat = { every = "20s", only_if_idle = true }
"#), @r#"
    error: `${token}` is captured only later
     --> own.toml:6:15
      |
    6 |   { send = "${token}" },
      |               ^^^^^
      |
      = help: known here: url, http, host, run, creator, viewer, currency
    error: `room` is a variable already
     --> own.toml:7:60
      |
    7 |   { expect = { "/type" = "hi" }, capture = { token = "/t", room = "/r" } },
      |                                                            ^^^^
      |
      = help: choose another name
    error: this step neither sends nor expects anything
     --> own.toml:8:3
      |
    8 |   { capture = { late = "/x" } },
      |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give `send`, `expect` or both
    error: `capture` waits for an answer, but `expect` is missing
     --> own.toml:8:5
      |
    8 |   { capture = { late = "/x" } },
      |     ^^^^^^^
      |
      = help: a step that only sends goes on at once
    error: `every` without `send`
      --> own.toml:10:15
       |
    10 | heartbeat = { every = "20s", only_if_idle = true }
       |               ^^^^^
       |
       = help: every = "20s" and send = '{"type":"ping"}' go together
    "#);
    assert_snapshot!(problems(r#"
[[on]]
match = { "/type" = "ping", "/id" = "${id}" }
"#), @r#"
    error: missing field `send` in `on`
     --> own.toml:5:1
      |
    5 | [[on]]
      | ^^^^^^
    error: `${id}` differs between connections, but this must be recognised alike on all of them
     --> own.toml:6:40
      |
    6 | match = { "/type" = "ping", "/id" = "${id}" }
      |                                        ^^
      |
      = help: known here: nothing
    "#);
}
