//! The routes: the upgrade to WebSocket, and the shop over HTTP.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::backend::Backend;
use crate::doors::Peer;
use crate::faults::{Act, Chance, key_of, key_of_number};
use crate::shop::{CheckOut, Checked, Offer, Order, Placed, ShopError};
use crate::viewer;
use crate::wire::{NAME_MAX, is_name};

/// The longest body of a request, in bytes.
const BODY_MAX: usize = 16 * 1024;
/// The longest message of a client, in bytes.
const MESSAGE_MAX: usize = 64 * 1024;
/// The longest idempotency key, in bytes.
const KEY_MAX: usize = 200;
/// The most units in one cart line or order.
const QUANTITY_MAX: u32 = 1_000;

/// Buffers of a WebSocket. Small, because there are thousands; a fuller write buffer than this is
/// written out before the batch is complete.
const READ_BUFFER: usize = 4 * 1024;
const WRITE_BUFFER: usize = 8 * 1024;
/// Above `WRITE_BUFFER` by more than the longest frame that we write.
const WRITE_BUFFER_MAX: usize = 256 * 1024;

/// All routes.
pub(crate) fn routes(backend: Arc<Backend>) -> Router {
    Router::new()
        .route("/live", get(live))
        .route("/health", get(|| async { answer(StatusCode::OK, &json!({"status": "ok"})) }))
        .route("/stats", get(stats))
        .route("/products", get(products))
        .route("/products/{product}", get(product))
        .route("/carts/{viewer}", get(cart))
        .route("/carts/{viewer}/items", post(add_to_cart))
        .route("/orders", get(orders).post(check_out))
        .route("/orders/{order}", get(order))
        .fallback(|| async { refuse(StatusCode::NOT_FOUND, "not_found", "no such resource") })
        .method_not_allowed_fallback(|| async {
            refuse(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "not with this method")
        })
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(backend)
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

fn refuse(status: StatusCode, error: &str, message: &str) -> Response {
    answer(status, &json!({"error": error, "message": message}))
}

fn bad(error: &str, message: &str) -> Response {
    refuse(StatusCode::BAD_REQUEST, error, message)
}

fn no_such(error: &str) -> Response {
    answer(StatusCode::NOT_FOUND, &json!({"error": error}))
}

impl IntoResponse for ShopError {
    fn into_response(self) -> Response {
        let status = match self {
            ShopError::Closed => StatusCode::SERVICE_UNAVAILABLE,
            ShopError::Database(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        refuse(status, "unavailable", &self.to_string())
    }
}

type Fields = Result<Query<HashMap<String, String>>, QueryRejection>;
type Part = Result<Path<String>, PathRejection>;

#[expect(clippy::result_large_err, reason = "a response, made once a request")]
fn part(part: Part) -> Result<String, Response> {
    match part {
        Ok(Path(part)) => Ok(part),
        Err(error) => Err(bad("bad_path", &error.body_text())),
    }
}

#[expect(clippy::result_large_err, reason = "a response, made once a request")]
fn body<T: DeserializeOwned>(body: Result<Bytes, BytesRejection>) -> Result<T, Response> {
    let bytes = body.map_err(|error| refuse(error.status(), "bad_body", &error.body_text()))?;
    serde_json::from_slice(&bytes).map_err(|error| bad("bad_json", &error.to_string()))
}

async fn live(
    State(backend): State<Arc<Backend>>,
    fields: Fields,
    ConnectInfo(peer): ConnectInfo<Peer>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let user = fields.ok().and_then(|Query(mut fields)| fields.remove("user"));
    let user: Arc<str> = match user {
        None => return bad("missing_user", "connect as /live?user=NAME"),
        Some(user) if !is_name(&user) => {
            let message = format!("`user` has 1 to {NAME_MAX} bytes and no control characters");
            return bad("bad_user", &message);
        }
        Some(user) => user.into(),
    };
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(error) => return refuse(error.status(), "not_an_upgrade", &error.body_text()),
    };
    backend.begin();
    if is_refused(&backend, &user) {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "refused", "the fault `refuse` says no");
    }
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX)
        .on_upgrade(move |socket| viewer::attend(backend, user, peer.ending, socket))
}

fn is_refused(backend: &Backend, user: &Arc<str>) -> bool {
    if !backend.faults.may(Chance::Refuse) {
        return false;
    }
    let number = backend.tallies.next_attempt(user);
    if !backend.faults.hits(Chance::Refuse, key_of(user), key_of_number(number)) {
        return false;
    }
    let act = Act { fault: "refuse", viewer: Some(user), number: Some(number), ..Act::default() };
    backend.fault_log.write(Instant::now(), act);
    backend.stats.refused.add(1);
    true
}

async fn stats(State(backend): State<Arc<Backend>>) -> Response {
    let mut body = json!(*backend.stats);
    body["connected"] = json!(backend.links.count());
    body["rooms"] = json!(backend.rooms.count());
    body["fault_acts"] = json!(backend.fault_log.acts);
    body["fault_log_errors"] = json!(backend.fault_log.failed);
    answer(StatusCode::OK, &body)
}

fn written(offer: &Offer) -> Value {
    json!({
        "product": offer.product,
        "price": offer.price.decimal(),
        "list_price": offer.list_price.decimal(),
        "currency": offer.price.currency.code(),
        "stock": offer.stock,
        "sale": offer.sale,
    })
}

async fn products(State(backend): State<Arc<Backend>>) -> Result<Response, ShopError> {
    let now = Instant::now();
    let offers = backend.shop.ask(move |store| store.offers(now)).await?;
    let offers: Vec<Value> = offers.iter().map(written).collect();
    Ok(answer(StatusCode::OK, &json!({"products": offers})))
}

async fn offer(backend: &Backend, product: String) -> Result<Option<Offer>, ShopError> {
    let now = Instant::now();
    backend.shop.ask(move |store| store.offer(&product, now)).await
}

async fn product(State(backend): State<Arc<Backend>>, name: Part) -> Response {
    let name = match part(name) {
        Ok(name) => name,
        Err(response) => return response,
    };
    match offer(&backend, name).await {
        Ok(Some(offer)) => answer(StatusCode::OK, &written(&offer)),
        Ok(None) => no_such("no_such_product"),
        Err(error) => error.into_response(),
    }
}

#[derive(Deserialize)]
struct CartItem {
    product: String,
    quantity: u32,
}

#[expect(clippy::result_large_err, reason = "a response, made once a request")]
fn check_viewer(viewer: &str) -> Result<(), Response> {
    if is_name(viewer) {
        return Ok(());
    }
    Err(bad("bad_viewer", &format!("a viewer has 1 to {NAME_MAX} bytes, none a control character")))
}

#[expect(clippy::result_large_err, reason = "a response, made once a request")]
fn check_quantity(quantity: u32) -> Result<(), Response> {
    if (1..=QUANTITY_MAX).contains(&quantity) {
        return Ok(());
    }
    Err(bad("bad_quantity", &format!("`quantity` is from 1 to {QUANTITY_MAX}, found {quantity}")))
}

async fn add_to_cart(
    State(backend): State<Arc<Backend>>,
    viewer: Part,
    item: Result<Bytes, BytesRejection>,
) -> Result<Response, Response> {
    let viewer = part(viewer)?;
    let item: CartItem = body(item)?;
    check_viewer(&viewer)?;
    check_quantity(item.quantity)?;
    let offer = offer(&backend, item.product).await.map_err(IntoResponse::into_response)?;
    let offer = offer.ok_or_else(|| no_such("no_such_product"))?;
    let (cart, product) = (viewer.clone(), offer.product.clone());
    let quantity = backend
        .shop
        .ask(move |store| store.add_to_cart(&cart, &product, item.quantity))
        .await
        .map_err(IntoResponse::into_response)?;
    let line = json!({
        "cart": viewer,
        "product": offer.product,
        "quantity": quantity,
        "price": offer.price.decimal(),
    });
    Ok(answer(StatusCode::CREATED, &line))
}

async fn cart(State(backend): State<Arc<Backend>>, viewer: Part) -> Result<Response, Response> {
    let viewer = part(viewer)?;
    let cart = viewer.clone();
    let items = backend
        .shop
        .ask(move |store| store.cart(&cart))
        .await
        .map_err(IntoResponse::into_response)?;
    let items: Vec<Value> = items
        .iter()
        .map(|(product, quantity)| json!({"product": product, "quantity": quantity}))
        .collect();
    Ok(answer(StatusCode::OK, &json!({"cart": viewer, "items": items})))
}

fn receipt(order: &Order) -> Value {
    json!({
        "order": format!("o-{}", order.id),
        "product": order.product,
        "quantity": order.quantity,
        "price": order.price,
    })
}

#[derive(Deserialize)]
struct Purchase {
    viewer: String,
    product: String,
    quantity: u32,
    price: String,
}

async fn check_out(
    State(backend): State<Arc<Backend>>,
    headers: HeaderMap,
    purchase: Result<Bytes, BytesRejection>,
) -> Result<Response, Response> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key = key.filter(|key| !key.is_empty() && key.len() <= KEY_MAX).ok_or_else(|| {
        let message = format!("header Idempotency-Key with 1 to {KEY_MAX} visible characters");
        bad("missing_idempotency_key", &message)
    })?;
    let purchase: Purchase = body(purchase)?;
    check_viewer(&purchase.viewer)?;
    check_quantity(purchase.quantity)?;
    let ask = CheckOut {
        key: key.to_owned(),
        viewer: purchase.viewer,
        product: purchase.product,
        quantity: purchase.quantity,
        shown: purchase.price,
    };
    let now = Instant::now();
    let shop = Arc::clone(&backend);
    let checked = backend
        .shop
        .ask(move |store| {
            let checked = store.check_out(&ask, now)?;
            // Told here, because the one who asked may have gone by now, and the rest of this
            // function with it; the order stands all the same.
            if let Checked::Placed(placed) = &checked {
                tell(&shop, placed);
            }
            Ok(checked)
        })
        .await
        .map_err(IntoResponse::into_response)?;
    let stats = &backend.stats;
    Ok(match checked {
        Checked::Placed(placed) => answer(StatusCode::CREATED, &receipt(&placed.order)),
        Checked::Repeated(order) => {
            stats.orders_repeated.add(1);
            answer(StatusCode::OK, &receipt(&order))
        }
        Checked::KeyReused => refuse(
            StatusCode::UNPROCESSABLE_ENTITY,
            "key_reused",
            "this Idempotency-Key belongs to another order",
        ),
        Checked::NoSuchProduct => no_such("no_such_product"),
        Checked::BadPrice(message) => bad("bad_price", &message),
        Checked::PriceChanged(price) => {
            stats.price_changed.add(1);
            let body = json!({"error": "price_changed", "price": price.decimal()});
            answer(StatusCode::CONFLICT, &body)
        }
        Checked::SoldOut => {
            stats.sold_out.add(1);
            answer(StatusCode::CONFLICT, &json!({"error": "sold_out"}))
        }
    })
}

/// What others learn of an order: the fault log of overselling, the rooms of the last unit.
fn tell(backend: &Backend, placed: &Placed) {
    backend.stats.orders.add(1);
    if placed.oversold {
        let order = format!("o-{}", placed.order.id);
        let act = Act {
            fault: "oversell",
            viewer: Some(&placed.order.viewer),
            order: Some(&order),
            ..Act::default()
        };
        backend.fault_log.write(Instant::now(), act);
    }
    if placed.took_last {
        for room in backend.rooms.all() {
            room.tell_sold_out(&placed.order.product);
        }
    }
}

async fn order(State(backend): State<Arc<Backend>>, id: Part) -> Result<Response, Response> {
    let id = part(id)?;
    let number = id.strip_prefix("o-").and_then(|number| number.parse().ok());
    let Some(number) = number else { return Ok(no_such("no_such_order")) };
    let order = backend
        .shop
        .ask(move |store| store.order(number))
        .await
        .map_err(IntoResponse::into_response)?;
    Ok(match order {
        Some(order) => answer(StatusCode::OK, &receipt(&order)),
        None => no_such("no_such_order"),
    })
}

async fn orders(State(backend): State<Arc<Backend>>, fields: Fields) -> Result<Response, Response> {
    let key = fields.ok().and_then(|Query(mut fields)| fields.remove("key"));
    let key = key.ok_or_else(|| bad("missing_key", "ask as /orders?key=KEY"))?;
    let order = backend
        .shop
        .ask(move |store| store.order_of_key(&key))
        .await
        .map_err(IntoResponse::into_response)?;
    let orders: Vec<Value> = order.iter().map(receipt).collect();
    Ok(answer(StatusCode::OK, &json!({"orders": orders})))
}
