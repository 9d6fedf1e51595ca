//! The shop: stock, keys, prices, and what is asked for wrongly.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use claque_reference_backend::{Config, ServeError, listen, serve};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::support::{Server, lamps, soon};

#[tokio::test(flavor = "multi_thread")]
async fn forty_lamps_are_sold_to_two_hundred_forty_times() {
    let server = Arc::new(Server::start(lamps()));
    let mut viewer = server.member("f-3").await;
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let server = Arc::clone(&server);
            tokio::spawn(async move { server.buy(&format!("k-{n}"), "39.00").await })
        })
        .collect();
    let (mut orders, mut sold_out) = (BTreeSet::new(), 0);
    for task in tasks {
        match soon(task).await.unwrap() {
            (201, order) => assert!(orders.insert(order["order"].to_string()), "{order}"),
            (409, error) if error == json!({"error": "sold_out"}) => sold_out += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((orders.len(), sold_out), (40, 160));
    assert_eq!(server.get("/products/lamp").await.1["stock"], 0);
    assert_eq!(
        viewer.read_type("sold_out").await,
        json!({"type": "sold_out", "room": "mia", "product": "lamp"})
    );
    let (_, stats) = server.get("/stats").await;
    assert_eq!((&stats["orders"], &stats["sold_out"]), (&json!(40), &json!(160)));
    Arc::into_inner(server).unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_order() {
    let server = Arc::new(Server::start(lamps()));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let server = Arc::clone(&server);
            tokio::spawn(async move { server.buy("same", "39.00").await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(soon(task).await.unwrap());
    }
    let order = json!({"order": "o-1", "product": "lamp", "quantity": 1, "price": "39.00"});
    assert!(answers.iter().all(|(_, body)| *body == order), "{answers:?}");
    assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 19);
    assert_eq!(server.get("/products/lamp").await.1["stock"], 39);
    assert_eq!(server.get("/orders/o-1").await, (200, order.clone()));
    assert_eq!(server.get("/orders?key=same").await, (200, json!({"orders": [order]})));
    assert_eq!(server.get("/orders?key=other").await, (200, json!({"orders": []})));
    Arc::into_inner(server).unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_counts_even_if_nobody_waits_for_its_answer() {
    let server = Server::start(lamps());
    let body = r#"{"viewer":"f-1","product":"lamp","quantity":1,"price":"39.00"}"#;
    for n in 0..40 {
        let mut stream = server.tcp().await;
        let request = format!(
            "POST /orders HTTP/1.1\r\nHost: shop\r\nIdempotency-Key: k-{n}\r\nContent-Length: \
             {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    }
    // Everyone has asked and gone, and who went early enough has no order.
    soon(async {
        loop {
            let (_, stats) = server.get("/stats").await;
            let (_, lamp) = server.get("/products/lamp").await;
            let sold = 40 - lamp["stock"].as_u64().unwrap();
            if sold > 0 && stats["orders"] == sold {
                break;
            }
        }
    })
    .await;
    server.stop().await;
}

#[tokio::test]
async fn a_flash_sale_has_its_price_until_its_end() {
    let server = Server::start(lamps());
    let mut host = server.host().await;
    let offer = |price: &str, stock: u64, sale: bool| {
        let offer = json!({"product": "lamp", "price": price, "list_price": "39.00",
            "currency": "EUR", "stock": stock, "sale": sale});
        (200, offer)
    };
    assert_eq!(server.get("/products/lamp").await, offer("39.00", 40, false));
    let begin = Instant::now();
    host.send(&json!({"type": "flash_sale", "id": 2, "product": "lamp", "price": "29.00",
        "currency": "EUR", "seconds": 1}))
        .await;
    host.answer(2).await;
    assert_eq!(server.get("/products/lamp").await, offer("29.00", 40, true));
    let changed = |price: &str| (409, json!({"error": "price_changed", "price": price}));
    assert_eq!(server.buy("a", "39.00").await, changed("29.00"));
    assert_eq!(server.buy("a", "29.00").await.0, 201);
    let (_, line) =
        server.post("/carts/f-3/items", &json!({"product": "lamp", "quantity": 1})).await;
    assert_eq!(line["price"], "29.00");
    soon(async { while server.get("/products/lamp").await.1["sale"] == true {} }).await;
    let length = begin.elapsed();
    assert!(length >= Duration::from_secs(1), "{length:?}");
    assert_eq!(server.get("/products/lamp").await, offer("39.00", 39, false));
    assert_eq!(server.buy("b", "29.00").await, changed("39.00"));
    assert_eq!(server.buy("b", "39").await.0, 201);
    server.stop().await;
}

#[tokio::test]
async fn a_changed_price_is_the_list_price_from_then_on() {
    let server = Server::start(lamps());
    let mut host = server.host().await;
    let mut viewer = server.member("f-3").await;
    let change = |id: u64, product: &str, price: &str, currency: &str| {
        json!({"type": "price_change", "id": id, "product": product, "price": price,
            "currency": currency, "cid": "c-1"})
    };
    host.send(&change(2, "lamp", "35", "EUR")).await;
    assert_eq!(
        viewer.read_type("price_change").await,
        json!({"type": "price_change", "room": "mia", "seq": 1, "product": "lamp",
            "price": "35.00", "cid": "c-1"})
    );
    assert_eq!(host.answer(2).await, json!({"type": "ok", "id": 2, "seq": 1}));
    let (_, lamp) = server.get("/products/lamp").await;
    assert_eq!([&lamp["price"], &lamp["list_price"]], ["35.00", "35.00"]);
    let changed = (409, json!({"error": "price_changed", "price": "35.00"}));
    assert_eq!(server.buy("a", "39.00").await, changed);
    assert_eq!(server.buy("a", "35.00").await.0, 201);
    for (product, price, currency, code) in [
        ("rug", "35", "EUR", "no_such_product"),
        ("lamp", "35", "USD", "bad_price"),
        ("lamp", "0", "EUR", "bad_price"),
        ("lamp", "x", "EUR", "bad_price"),
    ] {
        host.send(&change(3, product, price, currency)).await;
        assert_eq!(host.answer(3).await["code"], code, "{product} {price} {currency}");
    }
    server.stop().await;
}

#[tokio::test]
async fn every_room_learns_that_a_product_is_sold_out() {
    let config = Config {
        products: vec!["lamp=39.00 EUR x2".parse().unwrap(), "mug=9 EUR x2".parse().unwrap()],
        ..Config::default()
    };
    let server = Server::start(config);
    let mut here = server.member("f-3").await;
    let mut there = server.viewer("f-4").await;
    there.send(&json!({"type": "join", "id": 1, "room": "noor"})).await;
    there.answer(1).await;
    assert_eq!(server.buy("a", "39.00").await.0, 201);
    assert_eq!(server.buy("b", "39.00").await.0, 201);
    assert_eq!(server.buy("c", "39.00").await.0, 409);
    for (viewer, room) in [(&mut here, "mia"), (&mut there, "noor")] {
        let told = json!({"type": "sold_out", "room": room, "product": "lamp"});
        assert_eq!(viewer.read_type("sold_out").await, told);
        // Once, and not before the last one was sold.
        let texts = viewer.drain().await;
        assert!(!texts.iter().any(|text| text.contains("sold_out")), "{texts:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn carts() {
    let server = Server::start(lamps());
    let item = json!({"product": "lamp", "quantity": 1});
    assert_eq!(
        server.post("/carts/f-3/items", &item).await,
        (201, json!({"cart": "f-3", "product": "lamp", "quantity": 1, "price": "39.00"}))
    );
    assert_eq!(server.post("/carts/f-3/items", &item).await.1["quantity"], 2);
    let cart = |items: Value| (200, json!({"cart": "f-3", "items": items}));
    assert_eq!(server.get("/carts/f-3").await, cart(json!([{"product": "lamp", "quantity": 2}])));
    server.buy("a", "39.00").await;
    assert_eq!(server.get("/carts/f-3").await, cart(json!([])));
    server.stop().await;
}

#[tokio::test]
async fn what_is_asked_for_wrongly() {
    let server = Server::start(lamps());
    let check = async |method: &str, path: &str, body: &str, status: u16, error: &str| {
        let headers = if path == "/orders" { "Idempotency-Key: k\r\n" } else { "" };
        let (got, answer) = server.http(method, path, headers, body).await;
        assert_eq!((got, &answer["error"]), (status, &json!(error)), "{method} {path} {body:.80}");
    };
    check("GET", "/", "", 404, "not_found").await;
    check("GET", "/products/rug", "", 404, "no_such_product").await;
    check("GET", "/products/%ff", "", 400, "bad_path").await;
    check("DELETE", "/products/lamp", "", 405, "method_not_allowed").await;
    check("GET", "/orders/o-1", "", 404, "no_such_order").await;
    check("GET", "/orders/x", "", 404, "no_such_order").await;
    check("GET", "/orders/o-99999999999999999999", "", 404, "no_such_order").await;
    check("GET", "/orders", "", 400, "missing_key").await;
    check("GET", "/live", "", 400, "missing_user").await;
    check("GET", "/live?user=", "", 400, "bad_user").await;
    check("GET", "/live?user=a%00b", "", 400, "bad_user").await;
    check("GET", "/live?user=a", "", 400, "not_an_upgrade").await;

    let items = "/carts/f-3/items";
    check("POST", items, "", 400, "bad_json").await;
    check("POST", items, "{", 400, "bad_json").await;
    check("POST", items, "\u{feff}{}", 400, "bad_json").await;
    check("POST", items, r#"{"product":"lamp"}"#, 400, "bad_json").await;
    check("POST", items, r#"{"product":7,"quantity":1}"#, 400, "bad_json").await;
    check("POST", items, r#"{"product":"lamp","quantity":-1}"#, 400, "bad_json").await;
    check("POST", items, r#"{"product":"lamp","quantity":1e99}"#, 400, "bad_json").await;
    check("POST", items, r#"{"product":"lamp","quantity":0}"#, 400, "bad_quantity").await;
    check("POST", items, r#"{"product":"lamp","quantity":4294967295}"#, 400, "bad_quantity").await;
    check("POST", items, r#"{"product":"rug","quantity":1}"#, 404, "no_such_product").await;
    check("POST", items, &"[".repeat(9_000), 400, "bad_json").await;
    check("POST", items, &"x".repeat(20_000), 413, "bad_body").await;

    let order = |viewer: &str, product: &str, quantity: u32, price: &str| {
        json!({"viewer": viewer, "product": product, "quantity": quantity, "price": price})
            .to_string()
    };
    check("POST", "/orders", "null", 400, "bad_json").await;
    check("POST", "/orders", &order("", "lamp", 1, "39.00"), 400, "bad_viewer").await;
    check("POST", "/orders", &order("f", "lamp", 0, "39.00"), 400, "bad_quantity").await;
    check("POST", "/orders", &order("f", "lamp", 1, "-39"), 400, "bad_price").await;
    check("POST", "/orders", &order("f", "rug", 1, "39.00"), 404, "no_such_product").await;
    check("POST", "/orders", &order("f", "lamp", 41, "39.00"), 409, "sold_out").await;
    check("POST", "/orders?x", &order("f", "lamp", 1, "39"), 400, "missing_idempotency_key").await;
    assert_eq!(server.buy("k", "39.00").await.0, 201);
    check("POST", "/orders", &order("f-3", "lamp", 2, "39.00"), 422, "key_reused").await;

    for garbage in ["\r\n\r\n", "x", "GET\r\n\r\n", "GET / HTTP/9\r\n\r\n", "\u{0}\u{0}\r\n\r\n"] {
        let (status, _) = server.only(garbage.as_bytes()).await;
        assert!(status == 400 || status == 0, "{garbage:?}: {status}");
    }
    assert_eq!(server.get("/health").await.0, 200);
    let (_, products) = server.get("/products").await;
    assert_eq!(products["products"][0]["stock"], 39);
    server.stop().await;
}

#[tokio::test]
async fn a_file_goes_on_with_its_orders() {
    let folder = tempfile::tempdir().unwrap();
    let config = || Config { db: Some(folder.path().join("shop.sqlite")), ..lamps() };
    let server = Server::start(config());
    assert_eq!(server.buy("a", "39.00").await.0, 201);
    server.stop().await;
    let server = Server::start(config());
    assert_eq!(server.buy("a", "39.00").await, (200, server.get("/orders/o-1").await.1));
    assert_eq!(server.buy("b", "39.00").await.1["order"], "o-2");
    assert_eq!(server.get("/products/lamp").await.1["stock"], 38);
    server.stop().await;
}

#[tokio::test]
async fn what_cannot_be_served_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let check = async |config: Config, expect: &str| {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let error: ServeError =
            soon(serve(listener, config, std::future::pending())).await.unwrap_err();
        assert!(error.to_string().starts_with(expect), "{error}");
    };
    let mut twice = lamps();
    twice.products.push(twice.products[0].clone());
    check(twice, "two products are called `lamp`").await;
    let path = folder.path().join("no/such/folder");
    check(
        Config { db: Some(path.clone()), ..lamps() },
        &format!("cannot use the database {}: unable to open", path.display()),
    )
    .await;
    check(
        Config { fault_log: Some(path.clone()), ..lamps() },
        &format!("cannot write the fault log {}: No such file", path.display()),
    )
    .await;
}
