//! What goes wrong between backends and careless clients, played through whole bindings.

use bytes::BytesMut;
use claque_audience::IntentKind;
use hyper::HeaderMap;
use proptest::prelude::*;

use super::*;

const VALUES: Values<'static> = Values {
    url: "ws://127.0.0.1:80",
    http: "http://127.0.0.1:80",
    host: "127.0.0.1:80",
    run: "7",
    room: "mia",
    creator: "mia",
    viewer: "followers-3",
    currency: "EUR",
    text: "say \"hi\"",
    cid: "7-1-2-3-4",
    key: "7-1-2",
    product: "lamp",
    price: "29.00",
    to: "noor",
    amount: "5.00",
    co_hosts: "ben,eva",
    id: 2,
    count: 4,
    quantity: 1,
    seconds: 15,
};

fn binding(text: &str) -> Binding {
    Binding::parse("test", text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn shipped_binding(name: &str) -> Binding {
    binding(shipped(name).unwrap())
}

fn chat(binding: &Binding) -> &Call {
    binding.verb(Verb::Intent(IntentKind::Chat)).unwrap()
}

/// What a frame is to everybody, and what it means for a call of [`VALUES`], in words.
fn meaning(binding: &Binding, call: &Call, frame: impl AsRef<[u8]>) -> String {
    let mut scratch = Scratch::default();
    let mut session = Session::default();
    let mut records = binding.read(frame.as_ref(), &mut scratch);
    let record = match records.next().unwrap() {
        Ok(record) => record,
        Err(garbage) => return format!("garbage: {garbage}"),
    };
    let glance = match binding.glance(&record) {
        Glance::Event(event) => format!("event {}", event_words(&event)),
        Glance::Other => "other".to_owned(),
        Glance::Personal => {
            binding.event(&record).map_or("personal".to_owned(), |event| event_words(&event))
        }
    };
    format!("{glance}; {}", judgement_words(call.judge(&record, &VALUES, &mut session)))
}

fn event_words(event: &Event<'_>) -> String {
    match event {
        Event::Broadcast { kind, cid, server_sequence } => {
            let seq = server_sequence.map(|seq| format!(" #{seq}")).unwrap_or_default();
            format!("{} {}{seq}", kind.name(), cid.unwrap_or("-"))
        }
        Event::SoldOut { product } => format!("sold out {product}"),
    }
}

fn judgement_words(judgement: Judgement<'_>) -> String {
    match judgement {
        Judgement::NotMine => "not mine".to_owned(),
        Judgement::Answered(Facts { order: None, price: None, units: None }) => "answered".into(),
        Judgement::Answered(Facts { order, price, units }) => {
            format!(
                "answered {} {} {}",
                order.unwrap_or("-"),
                price.unwrap_or("-"),
                units.unwrap_or(0)
            )
        }
        Judgement::Rejected { reason } => format!("rejected {reason}"),
        Judgement::Failed { reason } => format!("failed {reason}"),
    }
}

fn check(binding: &Binding, frame: impl AsRef<[u8]>, expect: &str) {
    let shown = String::from_utf8_lossy(frame.as_ref()).into_owned();
    assert_eq!(meaning(binding, chat(binding), frame), expect, "{shown}");
}

#[test]
fn the_reference_chat_is_told_from_everything_else() {
    let binding = shipped_binding("reference");
    // The own broadcast before the answer is an event and no answer.
    let broadcast = r#"{"type":"chat","room":"mia","seq":17,"user":"followers-3","cid":"7-1-2-3-4","text":"x"}"#;
    check(&binding, broadcast, "event chat 7-1-2-3-4 #17; not mine");
    check(&binding, r#"{"type":"ok","id":2,"seq":17}"#, "personal; answered");
    check(&binding, br#" {"id": 2.0, "type": "\u006fk"} "#, "personal; answered");
    check(&binding, r#"{"type":"ok","id":"2"}"#, "personal; answered");
    // Somebody else's, or an earlier call's.
    check(&binding, r#"{"type":"ok","id":21}"#, "personal; not mine");
    check(&binding, r#"{"type":"ok"}"#, "other; not mine");
    check(
        &binding,
        r#"{"type":"error","id":2,"code":"too_long","message":"ok"}"#,
        "personal; rejected too_long",
    );
    check(
        &binding,
        r#"{"type":"error","id":2,"code":"unavailable"}"#,
        "personal; failed unavailable",
    );
    check(&binding, r#"{"type":"error","id":null,"code":"bad_message"}"#, "personal; not mine");
    // A text that quotes an answer, an answer's id that somebody copied into a broadcast.
    check(
        &binding,
        r#"{"type":"chat","id":2,"cid":"x","seq":1,"text":"{\"type\":\"ok\",\"id\":2}"}"#,
        "event chat x #1; not mine",
    );
    check(&binding, r#"{"type":"likes","room":"mia","total":123}"#, "other; not mine");
    // What the backend says by itself.
    check(
        &binding,
        r#"{"type":"sold_out","room":"mia","product":"lamp"}"#,
        "event sold out lamp; not mine",
    );
    check(&binding, r#"{"type":"sold_out","room":"mia","product":null}"#, "other; not mine");
    check(&binding, "\u{0}\u{1}{]", "garbage: not a JSON value at byte 0");
    check(
        &binding,
        r#"{"type":"ok","id":2"#,
        "garbage: an object that goes on neither with `,` nor `}` at byte 19",
    );
}

#[test]
fn an_echo_is_known_by_its_cid_alone() {
    let binding = shipped_binding("nchan");
    let own = r#"{"type":"chat","user":"u","cid":"7-1-2-3-4","text":"x"}"#;
    check(&binding, own, "event chat 7-1-2-3-4; answered");
    check(&binding, own.replace("7-1", "7-2"), "event chat 7-2-2-3-4; not mine");
    check(&binding, own.replace("\"chat\"", "\"pin\""), "event pin 7-1-2-3-4; not mine");
    check(&binding, r#"{"type":"chat"}"#, "event chat -; not mine");
}

#[test]
fn every_broadcast_of_the_reference_is_an_event() {
    let binding = shipped_binding("reference");
    let broadcasts = [
        r#"{"type":"gift","room":"mia","seq":1,"user":"f-3","amount":"5.00","cid":"c"}"#,
        r#"{"type":"price_change","room":"mia","seq":1,"product":"lamp","price":"35.00","cid":"c"}"#,
        r#"{"type":"giveaway","room":"mia","seq":1,"product":"lamp","seconds":60,"cid":"c"}"#,
        r#"{"type":"raid","room":"mia","seq":1,"to":"noor","cid":"c"}"#,
    ];
    for (kind, text) in ["gift", "price_change", "giveaway", "raid"].into_iter().zip(broadcasts) {
        check(&binding, text, &format!("event {kind} c #1; not mine"));
    }
}

#[test]
fn the_first_event_whose_rule_holds_counts() {
    let stock = r#"
[events.sold_out]
match = { "/type" = "msg", "/left" = 0 }
product = { in = "/text", after = "sold out: " }
"#;
    let chat = r#"
[events.chat]
match = { "/type" = "msg" }
cid = "/cid"
"#;
    let head = r#"
name = "t"
connect.url = "${url}/"
verbs.join.mode = "handshake"
[verbs.chat]
send = '{"cid":${cid|json}}'
"#;
    let gone = r#"{"type":"msg","left":0,"text":"sold out: lamp"}"#;
    check(&binding(&format!("{head}{stock}{chat}")), gone, "event sold out lamp; not mine");
    check(&binding(&format!("{head}{chat}{stock}")), gone, "event chat -; not mine");
    // A frame that says it of nothing says nothing.
    let gone = gone.replace("sold out: lamp", "all gone");
    check(&binding(&format!("{head}{stock}{chat}")), gone, "other; not mine");
}

#[test]
fn a_failure_in_the_clothes_of_a_success_is_a_failure() {
    let binding = binding(
        r#"
name = "t"
connect.url = "${url}/"
verbs.join.mode = "handshake"
[verbs.chat]
id = "seq"
send = '{"id":${id},"text":${text|json}}'
ok = { "/id" = "${id}", "/kind" = { one_of = ["reply", 1, true] } }
fail = { "/id" = "${id}", "/error" = { exists = true } }
reason = "/error/code"
rejected = ["forbidden"]
"#,
    );
    check(&binding, r#"{"id":2,"kind":"reply"}"#, "personal; answered");
    check(&binding, r#"{"id":2,"kind":1.0}"#, "personal; answered");
    check(&binding, r#"{"id":2,"kind":true}"#, "personal; answered");
    check(&binding, r#"{"id":2,"kind":"1"}"#, "other; not mine");
    check(&binding, r#"{"id":2,"kind":"replay"}"#, "other; not mine");
    check(
        &binding,
        r#"{"id":2,"kind":"reply","error":{"code":"forbidden"}}"#,
        "personal; rejected forbidden",
    );
    check(
        &binding,
        r#"{"id":2,"kind":"reply","error":{"code":"database"}}"#,
        "personal; failed database",
    );
    check(&binding, r#"{"id":2,"kind":"reply","error":null}"#, "personal; failed fail");
}

#[test]
fn an_answer_that_is_an_event_too_stays_personal() {
    let binding = binding(
        r#"
name = "t"
connect.url = "${url}/"
verbs.join.mode = "handshake"
[verbs.chat]
send = '{"cid":${cid|json}}'
ok = { "/type" = "msg", "/cid" = "${cid}" }
[events.chat]
match = { "/type" = "msg" }
cid = "/cid"
"#,
    );
    check(&binding, r#"{"type":"msg","cid":"7-1-2-3-4"}"#, "chat 7-1-2-3-4; answered");
    check(&binding, r#"{"type":"msg","cid":"7-9-2-3-4"}"#, "chat 7-9-2-3-4; not mine");
    check(&binding, r#"{"type":"msg"}"#, "event chat -; not mine");
}

#[test]
fn texts_are_read_by_words_and_marks() {
    let binding = binding(
        r##"
name = "t"
connect.url = "${url}/"
codec.kind = "text"
verbs.join.mode = "handshake"
[verbs.chat]
send = "SAY ${text} #c${cid}"
fail = { "/words/0" = "NO", "/words/1" = "${cid}" }
reason = "/words/2"
[events.chat]
match = { "/words/1" = "SAY" }
cid = { after = "#c", until = " " }
seq = "/words/0"
"##,
    );
    check(&binding, "17 SAY hi #c7-1-2-3-4", "event chat 7-1-2-3-4 #17; answered");
    check(&binding, "17\tSAY  #c7-1-2-3-4 and more\r\n", "event chat 7-1-2-3-4 #17; answered");
    check(&binding, "x SAY nothing", "event chat -; not mine");
    check(&binding, "NO 7-1-2-3-4 muted", "personal; rejected muted");
    check(&binding, "", "other; not mine");
    check(&binding, b"\xff", "garbage: not UTF-8 at byte 0");
}

fn check_http(call: &Call, status: u16, body: &str, expect: &str) {
    let mut scratch = Scratch::default();
    let mut session = Session::default();
    let headers = HeaderMap::new();
    let judged =
        call.judge_http(status, &headers, body.as_bytes(), &VALUES, &mut session, &mut scratch);
    assert_eq!(judgement_words(judged), expect, "{status} {body}");
}

#[test]
fn the_reference_shop_is_judged_by_status_and_body() {
    let binding = shipped_binding("reference");
    let verb = |name| binding.verb(Verb::all().find(|verb| verb.name() == name).unwrap()).unwrap();
    let order = r#"{"order":"o-1","product":"lamp","quantity":1,"price":"29.00"}"#;
    let check_out = verb("check_out");
    check_http(check_out, 201, order, "answered o-1 29.00 1");
    check_http(check_out, 200, order, "answered o-1 29.00 1");
    check_http(check_out, 409, r#"{"error":"sold_out"}"#, "rejected sold_out");
    check_http(
        check_out,
        409,
        r#"{"error":"price_changed","price":"39.00"}"#,
        "rejected price_changed",
    );
    check_http(check_out, 400, r#"{"error":"bad_message"}"#, "failed bad_message");
    check_http(check_out, 409, "<html>", "failed Conflict");
    check_http(check_out, 200, r#"{"error":"sold_out"}"#, "failed sold_out");
    check_http(check_out, 201, "<html>", "failed not understood");
    check_http(check_out, 503, "", "failed Service Unavailable");
    check_http(verb("order"), 200, &format!(r#"{{"orders":[{order}]}}"#), "answered o-1 29.00 1");
    check_http(verb("order"), 200, r#"{"orders":[]}"#, "rejected no_such_order");
    check_http(verb("order"), 200, "oops", "failed not understood");
    let product = r#"{"product":"lamp","price":"29.00","list_price":"39.00","currency":"EUR","stock":12,"sale":true}"#;
    check_http(verb("click"), 200, product, "answered - 29.00 0");
    check_http(verb("click"), 200, &product.replace("lamp", "mug"), "failed not understood");
    check_http(verb("click"), 404, r#"{"error":"no_such_product"}"#, "rejected no_such_product");
    let cart = r#"{"cart":"followers-3","product":"lamp","quantity":1,"price":"29.00"}"#;
    check_http(verb("add_to_cart"), 201, cart, "answered - 29.00 1");
}

#[test]
fn captures_of_an_http_answer_reach_the_next_request() {
    let binding = binding(
        r#"
name = "t"
connect.url = "${url}/"
verbs.join.mode = "handshake"
[verbs.click]
http = { method = "GET", url = "${http}/p" }
capture = { token = { header = "x-token" }, cart = "/cart/id" }
[verbs.add_to_cart.http]
method = "POST"
url = "${http}/carts/${cart|url}"
headers = { Authorization = "Bearer ${token}", Content-Type = "text/plain" }
body = "${product}"
"#,
    );
    let click = binding.verb(Verb::Intent(IntentKind::Click)).unwrap();
    let (mut session, mut scratch) = (Session::default(), Scratch::default());
    let mut headers = HeaderMap::new();
    headers.insert("x-token", "abc".parse().unwrap());
    let body = br#"{"cart":{"id":"c/1"}}"#;
    let judged = click.judge_http(200, &headers, body, &VALUES, &mut session, &mut scratch);
    assert_eq!(judgement_words(judged), "answered");
    let add = binding.verb(Verb::Intent(IntentKind::AddToCart)).unwrap();
    let request = add.request(&VALUES, &session).unwrap();
    assert_eq!(request.url, "http://127.0.0.1:80/carts/c%2F1");
    assert_eq!(request.headers["authorization"], "Bearer abc");
    assert_eq!(request.headers["content-type"], "text/plain");
    assert_eq!(&request.body[..], b"lamp");
}

#[test]
fn a_handshake_sends_hears_and_captures() {
    let binding = binding(
        r#"
name = "t"
connect = { url = "${url}/", binary = true }
verbs.join.mode = "handshake"
[[handshake]]
expect = { "/type" = "hello" }
capture = { sid = "/sid" }
[[handshake]]
id = "seq"
send = '{"login":${viewer|json},"sid":${sid|json},"id":${id}}'
expect = { "/id" = "${id}", "/sid" = "${sid}-ok" }
fail = { "/id" = "${id}", "/error" = { exists = true } }
reason = "/error"
[[handshake]]
send = "[]"
[[on]]
match = { "/type" = "ping" }
capture = { nonce = "/n" }
send = '{"pong":${nonce}}'
"#,
    );
    let mut session = Session::default();
    let mut out = BytesMut::new();
    let mut handshake = Handshake::start(&binding);
    let hear = |handshake: &mut Handshake, session: &mut Session, frame: &str| {
        let mut scratch = Scratch::default();
        let mut records = binding.read(frame.as_bytes(), &mut scratch);
        let record = records.next().unwrap().unwrap();
        let mut reply = BytesMut::new();
        if let Some(prompt) = binding.reply(&record) {
            prompt.encode(&record, &VALUES, session, &mut reply);
        }
        (handshake.record(&binding, &record, &VALUES, session), reply)
    };
    assert_eq!(handshake.advance(&binding, &VALUES, &mut session, &mut out), Progress::Wait);
    let (heard, reply) = hear(&mut handshake, &mut session, r#"{"type":"ping","n":5}"#);
    assert_eq!((heard, &reply[..]), (Heard::Ignored, &br#"{"pong":5}"#[..]));
    let (heard, _) = hear(&mut handshake, &mut session, r#"{"type":"hello","sid":"s\"1"}"#);
    assert_eq!(heard, Heard::Advanced);
    let progress = handshake.advance(&binding, &VALUES, &mut session, &mut out);
    assert_eq!(progress, Progress::Send { binary: true });
    assert_eq!(&out[..], br#"{"login":"followers-3","sid":"s\"1","id":1}"#);
    out.clear();
    assert_eq!(handshake.advance(&binding, &VALUES, &mut session, &mut out), Progress::Wait);
    let mut refused = handshake.clone();
    let (heard, _) = hear(&mut refused, &mut session, r#"{"id":1,"sid":"s\"1-ok","error":"full"}"#);
    assert_eq!(heard, Heard::Refused("full".to_owned()));
    let (heard, _) = hear(&mut handshake, &mut session, r#"{"id":2,"sid":"s\"1-ok"}"#);
    assert_eq!(heard, Heard::Ignored);
    let (heard, _) = hear(&mut handshake, &mut session, r#"{"id":1,"sid":"s\"1-ok"}"#);
    assert_eq!(heard, Heard::Advanced);
    let progress = handshake.advance(&binding, &VALUES, &mut session, &mut out);
    assert_eq!((progress, &out[..]), (Progress::Send { binary: true }, &b"[]"[..]));
    assert_eq!(handshake.advance(&binding, &VALUES, &mut session, &mut out), Progress::Done);
    assert!(handshake.done(&binding));
}

/// A binding of the manual; what an example leaves out is put before it.
fn example(block: &str) -> String {
    let states = |field: &str| block.lines().any(|line| line.starts_with(field));
    let mut text = String::new();
    if !states("name") {
        text.push_str("name = \"example\"\n");
    }
    if !states("[connect") {
        text.push_str("connect.url = \"${url}/live\"\n");
    }
    if !states("[verbs.join") {
        text.push_str("verbs.join.mode = \"handshake\"\n");
    }
    text + block
}

#[test]
fn every_example_of_the_manual_is_a_binding() {
    let manual = include_str!("../../docs/bindings.md");
    let blocks: Vec<&str> = manual.split("```toml\n").skip(1).collect();
    assert!(blocks.len() > 12, "only {} examples", blocks.len());
    for block in blocks {
        binding(&example(block.split("```").next().unwrap()));
    }
    // And the manual forgets no field.
    for field in [
        "ran_against",
        "binary",
        "subprotocol",
        "headers",
        "kind",
        "expect",
        "fail",
        "capture",
        "only_if_idle",
        "dead_after",
        "every",
        "mode",
        "id",
        "reason",
        "rejected",
        "facts",
        "order",
        "price",
        "units",
        "status",
        "exists",
        "one_of",
        "after",
        "until",
        "fixed",
        "header",
        "seq",
    ] {
        assert!(
            manual.contains(&format!("`{field}")) || manual.contains(&format!("{field} ")),
            "{field}"
        );
    }
    for (variable, _) in template::VARIABLES {
        assert!(manual.contains(&format!("`${{{variable}}}`")), "{variable}");
    }
    let section = |title: &str| {
        let (_, from) = manual.split_once(&format!("\n## {title}\n")).unwrap();
        from.split("\n## ").next().unwrap()
    };
    let named = |text: &str, name: &str| {
        let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.any(|word| word == name)
    };
    assert!(Verb::all().all(|verb| named(section("Verbs"), verb.name())));
    let audited = section("Events").split("```").next().unwrap();
    for kind in IntentKind::ALL {
        assert_eq!(named(audited, kind.name()), kind.is_broadcast(), "{}", kind.name());
    }
    assert!(named(section("Events"), "sold_out"));
}

/// What a shipped binding sends for each verb, one a line.
fn sent(binding: &Binding) -> String {
    let session = Session::default();
    let upgrade = binding.upgrade(&VALUES, &session);
    let mut lines = format!("connect {}\n", upgrade.url);
    for verb in Verb::all() {
        let Some(call) = binding.verb(verb) else { continue };
        let mut out = BytesMut::new();
        call.encode(&VALUES, &session, &mut out);
        let text = match call.request(&VALUES, &session) {
            Some(request) => {
                let body = String::from_utf8(request.body.to_vec()).unwrap();
                format!("{} {} {body}", request.method, request.url)
            }
            None => String::from_utf8(out.to_vec()).unwrap(),
        };
        let line = format!("{} ({:?}) {text}", verb.name(), call.mode);
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines
}

#[test]
fn shipped_bindings_send_what_their_backends_understand() {
    insta::assert_snapshot!(sent(&shipped_binding("reference")), @r#"
    connect ws://127.0.0.1:80/live?user=followers-3
    go_live (Correlated) {"type":"go_live","id":2,"room":"mia","co_hosts":"ben,eva"}
    pin (Correlated) {"type":"pin","id":2,"product":"lamp","cid":"7-1-2-3-4"}
    price_change (Correlated) {"type":"price_change","id":2,"product":"lamp","price":"29.00","currency":"EUR","cid":"7-1-2-3-4"}
    flash_sale (Correlated) {"type":"flash_sale","id":2,"product":"lamp","price":"29.00","currency":"EUR","seconds":15,"cid":"7-1-2-3-4"}
    giveaway (Correlated) {"type":"giveaway","id":2,"product":"lamp","seconds":15,"cid":"7-1-2-3-4"}
    raid (Correlated) {"type":"raid","id":2,"to":"noor","cid":"7-1-2-3-4"}
    end (Correlated) {"type":"end","id":2,"cid":"7-1-2-3-4"}
    join (Correlated) {"type":"join","id":2,"room":"mia"}
    chat (Correlated) {"type":"chat","id":2,"text":"say \"hi\"","cid":"7-1-2-3-4"}
    like (None) {"type":"like","count":4}
    gift (Correlated) {"type":"gift","id":2,"amount":"5.00","currency":"EUR","cid":"7-1-2-3-4"}
    share (Correlated) {"type":"share","id":2}
    click (Http) GET http://127.0.0.1:80/products/lamp
    add_to_cart (Http) POST http://127.0.0.1:80/carts/followers-3/items {"product":"lamp","quantity":1}
    check_out (Http) POST http://127.0.0.1:80/orders {"viewer":"followers-3","product":"lamp","quantity":1,"price":"29.00"}
    enter (Correlated) {"type":"enter","id":2,"product":"lamp"}
    leave (Correlated) {"type":"leave","id":2}
    order (Http) GET http://127.0.0.1:80/orders?key=7-1-2
    "#);
    insta::assert_snapshot!(sent(&shipped_binding("nchan")), @r#"
    connect ws://127.0.0.1:80/room/mia
    go_live (Handshake)
    pin (Echo) {"type":"pin","cid":"7-1-2-3-4","product":"lamp"}
    price_change (Echo) {"type":"price_change","cid":"7-1-2-3-4","product":"lamp","price":"29.00","currency":"EUR"}
    flash_sale (Echo) {"type":"flash_sale","cid":"7-1-2-3-4","product":"lamp","price":"29.00","currency":"EUR","seconds":15}
    giveaway (Echo) {"type":"giveaway","cid":"7-1-2-3-4","product":"lamp","seconds":15}
    raid (Echo) {"type":"raid","cid":"7-1-2-3-4","to":"noor"}
    end (Echo) {"type":"end","cid":"7-1-2-3-4"}
    join (Handshake)
    chat (Echo) {"type":"chat","user":"followers-3","cid":"7-1-2-3-4","text":"say \"hi\""}
    gift (Echo) {"type":"gift","user":"followers-3","cid":"7-1-2-3-4","amount":"5.00","currency":"EUR"}
    leave (Close)
    "#);
}

#[test]
fn bindings_say_what_they_play_and_hear() {
    use IntentKind::{CheckOut, Enter, Like, Share};
    let (reference, nchan) = (shipped_binding("reference"), shipped_binding("nchan"));
    assert!(IntentKind::ALL.into_iter().all(|kind| reference.plays(kind)));
    assert!(reference.uses_http() && !nchan.uses_http());
    assert!([Like, CheckOut, Enter, Share].into_iter().all(|kind| !nchan.plays(kind)));
    for kind in IntentKind::ALL {
        let audited = kind.is_broadcast();
        assert_eq!((reference.hears(kind), nchan.hears(kind)), (audited, audited), "{kind:?}");
    }
    assert!(reference.hears_sold_out() && !nchan.hears_sold_out());
    let heartbeat = reference.heartbeat().unwrap();
    let mut out = BytesMut::new();
    heartbeat.encode(&VALUES, &Session::default(), &mut out);
    assert_eq!(&out[..], br#"{"type":"ping"}"#);
    assert_eq!(heartbeat.every, Some(claque_audience::Micros(20_000_000)));
    assert!(heartbeat.only_if_idle);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_have_a_meaning(frame: Vec<u8>, status: u16) {
        for name in shipped_names() {
            let binding = shipped_binding(name);
            meaning(&binding, chat(&binding), &frame);
            for call in Verb::all().filter_map(|verb| binding.verb(verb)) {
                let (mut session, mut scratch) = (Session::default(), Scratch::default());
                let headers = HeaderMap::new();
                let _ = call.judge_http(status, &headers, &frame, &VALUES, &mut session, &mut scratch);
            }
        }
    }
}
