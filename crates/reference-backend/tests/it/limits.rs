//! Limits: slow readers, idle ones, bad frames, and the end of the server.

use std::time::{Duration, Instant};

use claque_reference_backend::Config;
use futures_util::SinkExt;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Server, lamps, soon};

#[tokio::test]
async fn whose_outbox_is_full_is_told_so() {
    let server = Server::start(Config { outbox: 2, ..lamps() });
    let mut reader = server.member("f-3").await;
    let mut writer = server.viewer("f-4").await;
    writer.send(&json!({"type": "join", "id": 1, "room": "mia"})).await;
    writer.answer(1).await;
    // All in one packet: they are all published before any connection writes.
    for n in 0..20 {
        let chat = json!({"type": "chat", "id": n, "text": "hi", "cid": format!("c-{n}")});
        writer.socket.feed(Message::text(chat.to_string())).await.unwrap();
    }
    writer.socket.flush().await.unwrap();
    assert_eq!(reader.closed().await, Some(4413));
    // The third found no room; the two that waited may have got out before the close.
    let stats = server.stats_until(|stats| stats["closed_slow"].as_u64() >= Some(1)).await;
    assert!(stats["dropped"].as_u64() >= Some(1), "{stats}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_never_reads_is_cut_and_costs_nobody_else() {
    let server = Server::start(Config { outbox: 64, send_buffer: Some(4_096), ..lamps() });
    let sleeper = server.sleeper("f-3").await;
    let mut writer = server.member("f-4").await;
    let text = "x".repeat(4_000);
    let mut sent = 0;
    let stats = soon(async {
        loop {
            // One at a time: whoever reads what it wrote is never slow.
            let cid = format!("c-{sent}");
            writer.send(&json!({"type": "chat", "id": 9, "text": text, "cid": cid})).await;
            assert_eq!(writer.read_type("chat").await["cid"], cid);
            sent += 1;
            if sent % 16 == 0 {
                let (_, stats) = server.get("/stats").await;
                if stats["closed_slow"] == 1 {
                    break stats;
                }
            }
            assert!(sent < 4_000, "16 MB wait for a reader who does not read");
        }
    })
    .await;
    let dropped = stats["dropped"].as_u64().unwrap();
    assert!((1..=66).contains(&dropped), "no more wait than its outbox holds: {dropped}");
    let stats = server.stats_until(|stats| stats["connected"] == 1).await;
    assert_eq!(stats["closed_slow"], 1);
    drop(sleeper);
    server.stop().await;
}

#[tokio::test]
async fn the_silent_are_closed() {
    let server = Server::start(Config { idle: Duration::from_millis(300), ..lamps() });
    let begin = Instant::now();
    let mut silent = server.member("f-3").await;
    let mut talking = server.viewer("f-4").await;
    let talk = async {
        while begin.elapsed() < Duration::from_millis(1_200) {
            talking.send(&json!({"type": "ping"})).await;
            talking.read_type("pong").await;
        }
    };
    let (code, ()) = tokio::join!(
        async {
            let code = silent.closed().await;
            assert!(begin.elapsed() >= Duration::from_millis(300));
            code
        },
        talk
    );
    assert_eq!(code, Some(4408));
    assert_eq!(talking.closed().await, Some(4408), "once it is silent too");
    assert_eq!(server.get("/stats").await.1["closed_idle"], 2);
    server.stop().await;
}

#[tokio::test]
async fn whoever_closes_is_answered_and_gone() {
    let server = Server::start(lamps());
    let mut viewer = server.member("f-3").await;
    soon(viewer.socket.send(Message::Close(None))).await.unwrap();
    assert!(matches!(viewer.frame().await, Ok(Message::Close(None))));
    assert!(viewer.frame().await.is_err());
    server.stats_until(|stats| stats["connected"] == 0).await;
    server.stop().await;
}

#[tokio::test]
async fn bad_messages_are_answered() {
    let server = Server::start(lamps());
    let mut viewer = server.member("f-3").await;
    for text in [
        "",
        "hello",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"type":"dance"}"#,
        r#"{"type":"chat"}"#,
        r#"{"type":"chat","text":7}"#,
        r#"{"type":"like","count":-1}"#,
        r#"{"type":"join","room":""}"#,
        "\u{0}",
    ] {
        viewer.socket.send(Message::text(text)).await.unwrap();
        assert_eq!(viewer.read_type("error").await["code"], "bad_message", "{text}");
    }
    viewer.socket.send(Message::binary(b"\xff\xfe".as_slice())).await.unwrap();
    assert_eq!(viewer.read_type("error").await["code"], "bad_message");
    viewer.send(&json!({"type": "chat", "id": 1, "text": "x".repeat(5_000)})).await;
    assert_eq!(viewer.answer(1).await["code"], "too_long");
    viewer.send(&json!({"type": "chat", "id": 2, "text": "still here"})).await;
    assert_eq!(viewer.answer(2).await["type"], "ok");
    server.stop().await;
}

#[tokio::test]
async fn bad_frames_are_closed_with_a_code() {
    let server = Server::start(lamps());
    let check = async |bytes: &[u8], code: u16, what: &str| {
        let mut viewer = server.member("f-3").await;
        soon(viewer.socket.get_mut().write_all(bytes)).await.unwrap();
        assert_eq!(viewer.closed().await, Some(code), "{what}");
    };
    // First byte: final frame and opcode. Second: mask bit and length. Then the mask, zero here.
    check(&[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe], 1007, "not UTF-8").await;
    check(&[0x81, 0x02, b'{', b'}'], 1002, "not masked").await;
    check(&[0x83, 0x80, 0, 0, 0, 0], 1002, "no such opcode").await;
    check(&[0xf1, 0x80, 0, 0, 0, 0], 1002, "reserved bits").await;
    let mut ping = vec![0x89, 0xfe, 0, 200, 0, 0, 0, 0];
    ping.resize(ping.len() + 200, b'x');
    check(&ping, 1002, "a long ping").await;
    let mut huge = vec![0x81, 0xff, 0, 0, 0, 0, 0, 1, 0x86, 0xa0, 0, 0, 0, 0];
    huge.resize(huge.len() + 100_000, b'x');
    check(&huge, 1009, "100,000 bytes").await;
    check(&[0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0], 1009, "exabytes")
        .await;
    let mut pieces = Vec::new();
    for n in 0..20_u8 {
        // A message of many frames, each within the limit.
        pieces.extend([u8::from(n == 0), 0xfe, 0x10, 0x00, 0, 0, 0, 0]);
        pieces.extend([b'x'; 4_096]);
    }
    check(&pieces, 1009, "80 KiB in pieces").await;
    assert_eq!(server.get("/health").await.0, 200);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_everything_within_a_second() {
    let server = Server::start(lamps());
    let mut viewer = server.member("f-3").await;
    let sleeper = server.sleeper("f-4").await;
    let mut half = server.tcp().await;
    half.write_all(b"POST /orders HTTP/1.1\r\nContent-Length: 99\r\n\r\n{").await.unwrap();
    let address = server.address;
    let begin = Instant::now();
    let (code, ()) = tokio::join!(viewer.closed(), server.stop());
    assert_eq!(code, Some(1001));
    assert!(begin.elapsed() < Duration::from_millis(1_500), "{:?}", begin.elapsed());
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
    drop((sleeper, half));
}
