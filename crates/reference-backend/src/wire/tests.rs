//! Messages, word for word.

use super::*;
use proptest::prelude::*;

#[test]
fn requests() {
    let check = |text: &str, id: Option<u64>, cid: Option<&str>, request: Request| {
        let expect = Incoming { id, cid: cid.map(str::to_owned), request };
        assert_eq!(Incoming::parse(text), Ok(expect), "{text}");
    };
    let room = || "mia".to_owned();
    check(r#"{"type":"join","id":1,"room":"mia"}"#, Some(1), None, Request::Join { room: room() });
    let live = |names: &[&str]| Request::GoLive {
        room: "mia".to_owned(),
        co_hosts: names.iter().map(|&name| name.to_owned()).collect(),
    };
    check(r#"{"type":"go_live","room":"mia"}"#, None, None, live(&[]));
    check(r#"{"type":"go_live","room":"mia","co_hosts":""}"#, None, None, live(&[]));
    let named = r#"{"type":"go_live","room":"mia","co_hosts":"ben, eva"}"#;
    check(named, None, None, live(&["ben", "eva"]));
    let lamp = || "lamp".to_owned();
    check(
        r#"{"type":"gift","amount":"5.00"}"#,
        None,
        None,
        Request::Gift { amount: "5.00".to_owned(), currency: None },
    );
    check(r#"{"type":"share","id":1}"#, Some(1), None, Request::Share);
    let enter = Request::Enter { product: lamp() };
    check(r#"{"type":"enter","product":"lamp"}"#, None, None, enter);
    check(
        r#"{"type":"giveaway","product":"lamp","seconds":60,"cid":"g"}"#,
        None,
        Some("g"),
        Request::Giveaway { product: lamp(), seconds: 60 },
    );
    check(r#"{"type":"raid","to":"noor"}"#, None, None, Request::Raid { to: "noor".to_owned() });
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
    check(r#"{"type":"raid","id":2}"#, Some(2), "bad_message", "`raid` needs a field `to`");
    check(r#"{"type":"raid","id":2,"to":""}"#, Some(2), "bad_message", "`to` has 1 to 128");
    check(r#"{"type":"gift","amount":5}"#, None, "bad_message", "expected a string");
    let endless = r#"{"type":"giveaway","product":"lamp","seconds":86401}"#;
    check(endless, None, "bad_message", "`seconds` is from 1 to 86400, found 86401");
    let live = |names: &str| format!(r#"{{"type":"go_live","room":"mia","co_hosts":"{names}"}}"#);
    check(&live("ben,,eva"), None, "bad_message", "`co_hosts` has 1 to 128 bytes");
    check(&live(&["ben"; 17].join(",")), None, "bad_message", "at most 16 names, found 17");
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
        Told::Gift {
            room: "mia",
            seq: 3,
            user: "f-3",
            amount: "5.00",
            currency: None,
            cid: Some("c"),
        },
        r#"{"type":"gift","room":"mia","seq":3,"user":"f-3","amount":"5.00","cid":"c"}"#,
    );
    check(
        Told::Raid { room: "mia", seq: 4, to: "noor", cid: None },
        r#"{"type":"raid","room":"mia","seq":4,"to":"noor"}"#,
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
        kind in "(join|chat|like|gift|share|enter|pin|price_change|flash_sale|giveaway|raid|end|leave|ping|go_live|x)",
        field in "(id|cid|room|text|count|product|price|currency|seconds|amount|to|co_hosts|type)",
        value in r#"(null|-1|0|1\.5|1e99|"[a-z]{0,3}"|\[\]|\{\}|true|18446744073709551616)"#,
    ) {
        let _ = Incoming::parse(&format!(r#"{{"type":"{kind}","{field}":{value}}}"#));
    }
}
