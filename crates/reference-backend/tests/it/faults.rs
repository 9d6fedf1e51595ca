//! Faults: what clients see is what the log says, set for set.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio_tungstenite::tungstenite;

use crate::support::{Pairs, Server, count, soon, with_faults};

const VIEWERS: usize = 20;
const CHATS: usize = 200;

/// What each viewer received: (viewer, texts in order).
type Received = Vec<(String, Vec<String>)>;

/// Twenty viewers, one of whom writes two hundred messages.
async fn crowd(server: &Server) -> Received {
    let mut viewers = Vec::new();
    for n in 0..VIEWERS {
        let name = format!("f-{n}");
        viewers.push((name.clone(), server.member(&name).await));
    }
    for n in 0..CHATS {
        viewers[0].1.chat(&format!("c-{n}")).await;
    }
    // Once the last one is answered, all are in every outbox.
    for _ in 0..CHATS {
        viewers[0].1.read_type("ok").await;
    }
    let mut received = Received::new();
    // The writer's own copies before its answers were passed over: it is left out.
    for (name, mut viewer) in viewers.into_iter().skip(1) {
        received.push((name, viewer.drain().await));
    }
    received
}

fn cid(text: &str) -> Option<String> {
    let message: serde_json::Value = serde_json::from_str(text).ok()?;
    (message["type"] == "chat").then(|| message["cid"].as_str().unwrap().to_owned())
}

fn seen(received: &Received) -> Pairs {
    let mut pairs = Pairs::new();
    for (viewer, texts) in received {
        for cid in texts.iter().filter_map(|text| cid(text)) {
            count(&mut pairs, viewer, &cid);
        }
    }
    pairs
}

/// The log without the writer, of whom these tests do not see all.
fn logged(server: &Server, fault: &str) -> Pairs {
    let mut pairs = server.pairs(fault);
    pairs.retain(|(viewer, _), _| viewer != "f-0");
    pairs
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_and_double_deliveries_are_those_of_the_log() {
    let server = Server::start(with_faults(&["lose=5%", "duplicate=5%"]));
    let received = crowd(&server).await;
    let seen = seen(&received);
    let (mut missing, mut double) = (Pairs::new(), Pairs::new());
    for (viewer, _) in &received {
        for n in 0..CHATS {
            let cid = format!("c-{n}");
            match seen.get(&(viewer.clone(), cid.clone())).copied().unwrap_or(0) {
                0 => count(&mut missing, viewer, &cid),
                1 => (),
                2 => count(&mut double, viewer, &cid),
                more => panic!("{more} times"),
            }
        }
    }
    assert_eq!(missing, logged(&server, "lose"));
    assert_eq!(double, logged(&server, "duplicate"));
    // 3,800 deliveries at 5 %: 190 with a standard deviation of 13.
    assert!((120..260).contains(&missing.len()), "{}", missing.len());
    assert!((120..260).contains(&double.len()), "{}", double.len());
    // The writer's own copies are hit too.
    assert!(server.pairs("lose").keys().any(|(viewer, _)| viewer == "f-0"));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_the_same_in_every_run() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let server = Server::start(with_faults(&["lose=5%"]));
        crowd(&server).await;
        runs.push(server.pairs("lose"));
        server.stop().await;
    }
    assert_eq!(runs[0], runs[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_replaces_what_the_log_says() {
    let server = Server::start(with_faults(&["garbage=5%"]));
    let received = crowd(&server).await;
    let seen = seen(&received);
    let logged = logged(&server, "garbage");
    let garbage = received
        .iter()
        .flat_map(|(_, texts)| texts)
        .filter(|text| serde_json::from_str::<serde_json::Value>(text).is_err())
        .count();
    assert_eq!((garbage, seen.len()), (logged.len(), (VIEWERS - 1) * CHATS - logged.len()));
    assert!(logged.keys().all(|pair| !seen.contains_key(pair)));
    assert!(garbage > 100);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reordered_deliveries_are_those_of_the_log() {
    let server = Server::start(with_faults(&["reorder=5%"]));
    let received = crowd(&server).await;
    let mut late = Pairs::new();
    for (viewer, texts) in &received {
        let order: Vec<usize> = texts
            .iter()
            .filter_map(|text| cid(text))
            .map(|cid| cid[2..].parse().unwrap())
            .collect();
        assert_eq!(order.len(), CHATS, "nothing is lost");
        for pair in order.windows(2).filter(|pair| pair[0] > pair[1]) {
            assert_eq!(pair[0], pair[1] + 1, "with the very next");
            count(&mut late, viewer, &format!("c-{}", pair[1]));
        }
    }
    assert_eq!(late, logged(&server, "reorder"));
    assert!(late.len() > 100);
    server.stop().await;
}

#[tokio::test]
async fn a_delay_of_one_kind_holds_back_that_kind() {
    let server = Server::start(with_faults(&["delay=300ms:pin"]));
    let mut host = server.host().await;
    let mut viewer = server.member("f-3").await;
    let begin = Instant::now();
    host.send(&json!({"type": "pin", "id": 2, "product": "lamp", "cid": "p-1"})).await;
    host.send(&json!({"type": "pin", "id": 3, "product": "lamp", "cid": "p-2"})).await;
    host.chat("c-1").await;
    let mut cids = Vec::new();
    while cids.len() < 3 {
        let message = viewer.read().await;
        if let Some(cid) = message["cid"].as_str() {
            cids.push((cid.to_owned(), begin.elapsed() >= Duration::from_millis(300)));
        }
    }
    let expect = [("c-1", false), ("p-1", true), ("p-2", true)];
    assert_eq!(cids, expect.map(|(cid, late)| (cid.to_owned(), late)));
    assert_eq!(server.acts("delay").len(), 4, "two pins to two viewers");
    server.stop().await;
}

#[tokio::test]
async fn later_kinds_are_delayed_and_lost_like_the_first() {
    let server = Server::start(with_faults(&["delay=300ms:raid", "lose=100%"]));
    let mut host = server.host().await;
    let mut viewer = server.member("f-3").await;
    for cue in [
        json!({"type": "giveaway", "id": 2, "product": "lamp", "seconds": 9, "cid": "g-1"}),
        json!({"type": "gift", "id": 3, "amount": "1", "cid": "g-2"}),
        json!({"type": "raid", "id": 4, "to": "noor", "cid": "r-1"}),
    ] {
        host.send(&cue).await;
    }
    assert_eq!(host.answer(4).await["type"], "ok");
    assert!(viewer.drain().await.iter().all(|text| !text.contains("cid")));
    let lost = server.pairs("lose");
    let of_viewer = lost.keys().filter(|(viewer, _)| viewer == "f-3").map(|(_, cid)| cid);
    assert_eq!(of_viewer.collect::<Vec<_>>(), ["g-1", "g-2", "r-1"]);
    server.stop().await;

    let server = Server::start(with_faults(&["delay=300ms:raid"]));
    let mut host = server.host().await;
    let begin = Instant::now();
    host.send(&json!({"type": "raid", "id": 4, "to": "noor", "cid": "r-1"})).await;
    host.send(&json!({"type": "gift", "id": 3, "amount": "1", "cid": "g-2"})).await;
    host.read_type("gift").await;
    host.read_type("raid").await;
    assert!(begin.elapsed() >= Duration::from_millis(300));
    let delayed = server.pairs("delay");
    assert_eq!(delayed.keys().map(|(_, cid)| cid).collect::<Vec<_>>(), ["r-1"]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_freezes_sockets_requests_and_connections() {
    let server = Server::start(with_faults(&["stall=700ms@200ms"]));
    let mut viewer = server.viewer("f-3").await;
    let begin = Instant::now();
    let longest = |seen: Vec<Duration>| seen.into_iter().max().unwrap();
    let pings = async {
        let mut seen = Vec::new();
        while begin.elapsed() < Duration::from_millis(1_500) {
            let sent = Instant::now();
            viewer.send(&json!({"type": "ping"})).await;
            viewer.read_type("pong").await;
            seen.push(sent.elapsed());
        }
        longest(seen)
    };
    // Each on a connection of its own, so this waits for being accepted as well.
    let requests = async {
        let mut seen = Vec::new();
        while begin.elapsed() < Duration::from_millis(1_500) {
            let sent = Instant::now();
            assert_eq!(server.get("/health").await.0, 200);
            seen.push(sent.elapsed());
        }
        longest(seen)
    };
    let (ping, request) = tokio::join!(pings, requests);
    for length in [ping, request] {
        assert!((600..1_200).contains(&length.as_millis()), "{length:?}");
    }
    let acts = server.acts("stall");
    assert_eq!((acts.len(), &acts[0]["for_ms"]), (1, &json!(700.0)));
    let at = acts[0]["at_ms"].as_u64().unwrap();
    assert!((200..400).contains(&at), "{at}");
    server.stop().await;
}

#[tokio::test]
async fn a_reset_is_a_tcp_reset() {
    let server = Server::start(with_faults(&["reset=100%"]));
    let mut viewer = server.viewer("f-3").await;
    viewer.chat("c-1").await;
    // Below the WebSocket, to see what TCP says.
    let end = soon(viewer.socket.get_mut().read(&mut [0; 64])).await;
    assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    let acts = server.acts("reset");
    assert_eq!(acts.len(), 1);
    assert_eq!((&acts[0]["viewer"], &acts[0]["cid"]), (&json!("f-3"), &json!("c-1")));

    // Messages without a cid are counted a viewer, over all its connections.
    for number in [1, 2] {
        let mut viewer = server.viewer("f-3").await;
        viewer.send(&json!({"type": "join", "id": 1, "room": "mia"})).await;
        assert!(viewer.frame().await.is_err());
        assert_eq!(server.acts("reset").last().unwrap()["number"], number);
    }
    server.stop().await;
}

#[tokio::test]
async fn refused_connections_are_those_of_the_log() {
    let server = Server::start(with_faults(&["refuse=30%"]));
    let mut refused = BTreeSet::new();
    for n in 0..100 {
        let name = format!("f-{n}");
        match server.try_viewer(&name).await {
            Ok(_) => (),
            Err(tungstenite::Error::Http(response)) => {
                assert_eq!(response.status().as_u16(), 503);
                refused.insert(name);
            }
            Err(error) => panic!("{error}"),
        }
    }
    let logged: BTreeSet<String> = server
        .acts("refuse")
        .iter()
        .map(|act| act["viewer"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(refused, logged);
    assert!((10..50).contains(&refused.len()), "{}", refused.len());
    // Whoever is refused may try again.
    let unlucky = refused.first().unwrap();
    soon(async { while server.try_viewer(unlucky).await.is_err() {} }).await;
    server.stop().await;
}

#[tokio::test]
async fn oversold_orders_are_those_of_the_log() {
    let server = Server::start(with_faults(&["oversell"]));
    let mut orders = Vec::new();
    for n in 0..45 {
        let (status, order) = server.buy(&format!("k-{n}"), "39.00").await;
        assert_eq!(status, 201);
        orders.push(order["order"].clone());
    }
    let logged: Vec<_> = server.acts("oversell").iter().map(|act| act["order"].clone()).collect();
    assert_eq!(logged, orders[40..]);
    assert_eq!(server.get("/products/lamp").await.1["stock"], 0);
    server.stop().await;
}
