//! Rooms: the protocol, one order for all, counts.

use std::time::Instant;

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Server, lamps, soon};

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

#[tokio::test]
async fn refusals() {
    let server = Server::start(lamps());
    let mut host = server.host().await;
    let mut viewer = server.viewer("f-3").await;
    let check = async |who: &mut crate::support::Viewer, message: Value, code: &str| {
        who.send(&message).await;
        let error = who.read_type("error").await;
        assert_eq!((&error["id"], &error["code"]), (&message["id"], &json!(code)), "{message}");
    };
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
