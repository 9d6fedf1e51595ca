//! Rooms: the protocol, one order for all, counts.

use std::time::Instant;

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Server, Viewer, lamps, soon};

#[tokio::test]
async fn a_show() {
    let server = Server::start(lamps());
    let mut host = server.viewer("mia").await;
    let mut viewer = server.viewer("f-3").await;

    // A room may be joined before it is live.
    viewer.send(&json!({"type": "join", "id": 1, "room": "mia"})).await;
    assert_eq!(viewer.answer(1).await, json!({"type": "ok", "id": 1, "viewers": 1}));
    host.send(&json!({"type": "go_live", "id": 1, "room": "mia"})).await;
    assert_eq!(host.answer(1).await, json!({"type": "ok", "id": 1, "viewers": 2}));

    viewer.send(&json!({"type": "chat", "id": 2, "text": "hi \"you\" ☺", "cid": "c-1"})).await;
    let chat = json!({"type": "chat", "room": "mia", "seq": 1, "user": "f-3", "cid": "c-1",
        "text": "hi \"you\" ☺"});
    assert_eq!(host.read_type("chat").await, chat);
    // The sender gets both, in whichever order.
    let mut both = [viewer.read().await, viewer.read().await];
    both.sort_by_key(|message| message["type"].to_string());
    assert_eq!(both, [chat, json!({"type": "ok", "id": 2, "seq": 1})]);

    host.send(&json!({"type": "pin", "id": 3, "product": "lamp", "cid": "c-2"})).await;
    assert_eq!(
        viewer.read_type("pin").await,
        json!({"type": "pin", "room": "mia", "seq": 2, "product": "lamp", "price": "39.00",
            "cid": "c-2"})
    );
    assert_eq!(host.answer(3).await, json!({"type": "ok", "id": 3, "seq": 2}));

    host.send(&json!({"type": "flash_sale", "id": 4, "product": "lamp", "price": "29",
        "currency": "EUR", "seconds": 15, "cid": "c-3"}))
        .await;
    assert_eq!(
        viewer.read_type("flash_sale").await,
        json!({"type": "flash_sale", "room": "mia", "seq": 3, "product": "lamp",
            "price": "29.00", "seconds": 15, "cid": "c-3"})
    );

    viewer.send(&json!({"type": "ping"})).await;
    assert_eq!(viewer.read_type("pong").await, json!({"type": "pong"}));

    host.send(&json!({"type": "end", "id": 5, "cid": "c-4"})).await;
    assert_eq!(
        viewer.read_type("end").await,
        json!({"type": "end", "room": "mia", "seq": 4, "cid": "c-4"})
    );
    viewer.send(&json!({"type": "leave", "id": 6})).await;
    assert_eq!(viewer.answer(6).await, json!({"type": "ok", "id": 6}));
    viewer.send(&json!({"type": "chat", "id": 7, "text": "anyone?"})).await;
    assert_eq!(viewer.answer(7).await["code"], "not_in_room");
    server.stop().await;
}

/// Asks for something that is refused with `code`.
async fn check(who: &mut Viewer, message: Value, code: &str) {
    who.send(&message).await;
    let error = who.read_type("error").await;
    assert_eq!((&error["id"], &error["code"]), (&message["id"], &json!(code)), "{message}");
}

#[tokio::test]
async fn refusals() {
    let server = Server::start(lamps());
    let mut host = server.host().await;
    let mut viewer = server.viewer("f-3").await;
    check(&mut viewer, json!({"type": "chat", "id": 2, "text": "x"}), "not_in_room").await;
    check(&mut viewer, json!({"type": "like", "id": 2, "count": 1}), "not_in_room").await;
    check(&mut viewer, json!({"type": "pin", "id": 2, "product": "lamp"}), "not_in_room").await;
    check(&mut viewer, json!({"type": "go_live", "id": 2, "room": "mia"}), "forbidden").await;
    viewer.send(&json!({"type": "join", "id": 3, "room": "mia"})).await;
    assert_eq!(viewer.answer(3).await["viewers"], 2);
    check(&mut viewer, json!({"type": "pin", "id": 4, "product": "lamp"}), "forbidden").await;
    check(&mut viewer, json!({"type": "end", "id": 4}), "forbidden").await;
    check(&mut viewer, json!({"type": "go_live", "id": 4, "room": "mia"}), "forbidden").await;
    // Refused, it is still where it was.
    viewer.send(&json!({"type": "join", "id": 5, "room": "mia"})).await;
    assert_eq!(viewer.answer(5).await["viewers"], 2, "joining again sits down once");
    check(&mut host, json!({"type": "pin", "id": 6, "product": "rug"}), "no_such_product").await;
    let sale = |price: &str, currency: &str| {
        json!({"type": "flash_sale", "id": 7, "product": "lamp", "price": price,
            "currency": currency, "seconds": 15})
    };
    check(&mut host, sale("29.001", "EUR"), "bad_price").await;
    check(&mut host, sale("0", "EUR"), "bad_price").await;
    check(&mut host, sale("29", "USD"), "bad_price").await;
    check(&mut host, sale("29", "euro"), "bad_price").await;
    server.stop().await;
}

#[tokio::test]
async fn gifts_giveaways_and_raids() {
    let server = Server::start(lamps());
    let mut host = server.host().await;
    let mut viewer = server.member("f-3").await;
    let told = async |viewer: &mut Viewer, kind: &str, expect: Value| {
        assert_eq!(viewer.read_type(kind).await, expect);
    };

    let gift = json!({"type": "gift", "id": 2, "amount": "5", "currency": "EUR", "cid": "c-1"});
    viewer.send(&gift).await;
    let gift = json!({"type": "gift", "room": "mia", "seq": 1, "user": "f-3", "amount": "5.00",
        "currency": "EUR", "cid": "c-1"});
    told(&mut host, "gift", gift).await;
    viewer.send(&json!({"type": "gift", "id": 2, "amount": "0.125"})).await;
    let gift = json!({"type": "gift", "room": "mia", "seq": 2, "user": "f-3", "amount": "0.125"});
    told(&mut host, "gift", gift).await;
    viewer.send(&json!({"type": "share", "id": 3})).await;
    assert_eq!(viewer.answer(3).await, json!({"type": "ok", "id": 3}));

    let enter = json!({"type": "enter", "id": 4, "product": "lamp"});
    check(&mut viewer, enter.clone(), "no_giveaway").await;
    let giveaway =
        json!({"type": "giveaway", "id": 5, "product": "lamp", "seconds": 60, "cid": "c-2"});
    host.send(&giveaway).await;
    let giveaway = json!({"type": "giveaway", "room": "mia", "seq": 3, "product": "lamp",
        "seconds": 60, "cid": "c-2"});
    told(&mut viewer, "giveaway", giveaway).await;
    viewer.send(&enter).await;
    assert_eq!(viewer.answer(4).await, json!({"type": "ok", "id": 4}));
    check(&mut viewer, enter, "already_entered").await;

    host.send(&json!({"type": "raid", "id": 6, "to": "noor", "cid": "c-3"})).await;
    let raid = json!({"type": "raid", "room": "mia", "seq": 4, "to": "noor", "cid": "c-3"});
    told(&mut viewer, "raid", raid).await;

    let gift = |amount: &str, currency: &str| json!({"type": "gift", "id": 7, "amount": amount, "currency": currency});
    for (amount, currency) in [("0", "EUR"), ("1.001", "EUR"), ("-1", "EUR"), ("1", "euro")] {
        check(&mut viewer, gift(amount, currency), "bad_amount").await;
    }
    check(&mut viewer, json!({"type": "gift", "id": 7, "amount": "0.0"}), "bad_amount").await;
    check(&mut viewer, json!({"type": "gift", "id": 7, "amount": "lots"}), "bad_amount").await;
    for cue in [
        json!({"type": "giveaway", "id": 8, "product": "lamp", "seconds": 60}),
        json!({"type": "raid", "id": 8, "to": "noor"}),
        json!({"type": "price_change", "id": 8, "product": "lamp", "price": "1", "currency": "EUR"}),
    ] {
        check(&mut viewer, cue, "forbidden").await;
    }
    let nothing = json!({"type": "giveaway", "id": 8, "product": "rug", "seconds": 60});
    check(&mut host, nothing, "no_such_product").await;
    for request in ["share", "gift", "enter"] {
        let request = json!({"type": request, "id": 1, "amount": "1", "product": "lamp"});
        check(&mut server.viewer("f-4").await, request, "not_in_room").await;
    }
    let (_, stats) = server.get("/stats").await;
    let counted = ["gifts", "shares", "entries"].map(|name| stats[name].as_u64());
    assert_eq!(counted, [Some(2), Some(1), Some(1)]);
    server.stop().await;
}

#[tokio::test]
async fn a_co_host_speaks_for_the_room_until_the_creator_ends_it() {
    let server = Server::start(lamps());
    let live = |names: &str| json!({"type": "go_live", "id": 1, "room": "mia", "co_hosts": names});
    let mut host = server.viewer("mia").await;
    host.send(&live("ben,eva")).await;
    assert_eq!(host.answer(1).await, json!({"type": "ok", "id": 1, "viewers": 1}));
    let mut ben = server.member("ben").await;
    check(&mut ben, json!({"type": "pin", "id": 2, "product": "lamp"}), "forbidden").await;
    check(&mut server.viewer("zoe").await, live("zoe"), "forbidden").await;
    ben.send(&live("")).await;
    assert_eq!(ben.answer(1).await["viewers"], 2);
    ben.send(&json!({"type": "pin", "id": 3, "product": "lamp", "cid": "c-1"})).await;
    assert_eq!(host.read_type("pin").await["cid"], "c-1");
    check(&mut ben, json!({"type": "end", "id": 4}), "forbidden").await;
    ben.send(&json!({"type": "leave", "id": 5})).await;
    assert_eq!(ben.answer(5).await["type"], "ok");
    host.send(&json!({"type": "end", "id": 6})).await;
    assert_eq!(host.answer(6).await["type"], "ok");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_see_one_order() {
    const VIEWERS: usize = 10;
    const CHATS: usize = 50;
    let server = Server::start(lamps());
    let mut viewers = Vec::new();
    for n in 0..VIEWERS {
        viewers.push(server.member(&format!("f-{n}")).await);
    }
    let tasks: Vec<_> = viewers
        .into_iter()
        .enumerate()
        .map(|(n, mut viewer)| {
            tokio::spawn(async move {
                for k in 0..CHATS {
                    viewer.chat(&format!("{n}-{k}")).await;
                }
                let mut seen = Vec::new();
                while seen.len() < VIEWERS * CHATS {
                    let chat = viewer.read_type("chat").await;
                    seen.push((chat["seq"].as_u64().unwrap(), chat["cid"].to_string()));
                }
                seen
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(soon(task).await.unwrap());
    }
    let sequence: Vec<u64> = all[0].iter().map(|(seq, _)| *seq).collect();
    assert_eq!(sequence, (1..=500).collect::<Vec<u64>>());
    assert!(all.iter().all(|seen| *seen == all[0]));
    server.stop().await;
}

#[tokio::test]
async fn likes_go_out_as_counts() {
    let server = Server::start(lamps());
    let mut viewer = server.member("f-3").await;
    let begin = Instant::now();
    let mut told = Vec::new();
    for _ in 0..3 {
        for _ in 0..100 {
            let likes = json!({"type": "like", "count": 4}).to_string();
            viewer.socket.feed(Message::text(likes)).await.unwrap();
        }
        viewer.socket.flush().await.unwrap();
        let target = 400 + told.last().copied().unwrap_or(0) / 400 * 400;
        while told.last().is_none_or(|total| *total < target) {
            told.push(viewer.read_type("likes").await["total"].as_u64().unwrap());
        }
    }
    assert_eq!(told.last(), Some(&1_200));
    assert!(told.is_sorted_by(|a, b| a < b), "only when changed: {told:?}");
    let most = 1 + begin.elapsed().as_millis() / 250;
    assert!(told.len() as u128 <= most, "{told:?} within {:?}", begin.elapsed());
    server.stop().await;
}

#[tokio::test]
async fn counts_of_viewers_go_out_when_changed() {
    let server = Server::start(lamps());
    let mut viewer = server.member("f-3").await;
    assert_eq!(viewer.read_type("viewers").await["count"], 1);
    let other = server.member("f-4").await;
    assert_eq!(viewer.read_type("viewers").await["count"], 2);
    drop(other);
    assert_eq!(viewer.read_type("viewers").await["count"], 1);
    server.stop().await;
}
