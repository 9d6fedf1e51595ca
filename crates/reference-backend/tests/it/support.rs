//! A backend on a free port, and small clients for it. No wait here is longer than `PATIENCE`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use claque_reference_backend::{Config, ServeError, listen, serve};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// Awaits, but not for ever.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it takes too long")
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServeError>>,
    folder: tempfile::TempDir,
}

/// A shop with one lamp in stock forty times.
pub(crate) fn lamps() -> Config {
    Config { products: vec!["lamp=39.00 EUR x40".parse().unwrap()], ..Config::default() }
}

pub(crate) fn with_faults(specs: &[&str]) -> Config {
    Config { seed: 7, faults: specs.iter().map(|spec| spec.parse().unwrap()).collect(), ..lamps() }
}

impl Server {
    pub(crate) fn start(mut config: Config) -> Server {
        let folder = tempfile::tempdir().unwrap();
        config.fault_log = Some(folder.path().join("faults.jsonl"));
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(listener, config, async {
            let _ = stopped.await;
        }));
        Server { address, stop, served, folder }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        soon(self.served).await.unwrap().unwrap();
    }

    /// The acts of one fault, so far.
    pub(crate) fn acts(&self, fault: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("faults.jsonl")).unwrap();
        text.lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
            .filter(|act| act["fault"] == fault)
            .collect()
    }

    /// The (viewer, cid) pairs of one fault, each with how often, so far.
    pub(crate) fn pairs(&self, fault: &str) -> Pairs {
        let mut pairs = Pairs::new();
        for act in self.acts(fault) {
            count(&mut pairs, act["viewer"].as_str().unwrap(), act["cid"].as_str().unwrap());
        }
        pairs
    }

    pub(crate) async fn tcp(&self) -> TcpStream {
        soon(TcpStream::connect(self.address)).await.unwrap()
    }

    /// Connects, and has the welcome.
    pub(crate) async fn viewer(&self, user: &str) -> Viewer {
        self.try_viewer(user).await.unwrap()
    }

    pub(crate) async fn try_viewer(&self, user: &str) -> tungstenite::Result<Viewer> {
        let mut viewer = Viewer::over(self.tcp().await, user).await?;
        assert_eq!(viewer.read().await, json!({"type": "welcome", "user": user}));
        Ok(viewer)
    }

    /// Connects and joins the room of mia.
    pub(crate) async fn member(&self, user: &str) -> Viewer {
        let mut viewer = self.viewer(user).await;
        viewer.send(&json!({"type": "join", "id": 1, "room": "mia"})).await;
        assert_eq!(viewer.answer(1).await["type"], "ok");
        viewer
    }

    /// Connects and goes live.
    pub(crate) async fn host(&self) -> Viewer {
        let mut host = self.viewer("mia").await;
        host.send(&json!({"type": "go_live", "id": 1, "room": "mia"})).await;
        assert_eq!(host.answer(1).await["type"], "ok");
        host
    }

    /// A member whose receive buffer is small, and who never reads again.
    pub(crate) async fn sleeper(&self, user: &str) -> Viewer {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let stream = soon(socket.connect(self.address)).await.unwrap();
        let mut viewer = Viewer::over(stream, user).await.unwrap();
        viewer.send(&json!({"type": "join", "id": 1, "room": "mia"})).await;
        assert_eq!(viewer.answer(1).await["type"], "ok");
        viewer
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        self.http("GET", path, "", "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.http("POST", path, "", &body.to_string()).await
    }

    /// Buys one lamp.
    pub(crate) async fn buy(&self, key: &str, price: &str) -> (u16, Value) {
        let body = json!({"viewer": "f-3", "product": "lamp", "quantity": 1, "price": price});
        self.http("POST", "/orders", &format!("Idempotency-Key: {key}\r\n"), &body.to_string())
            .await
    }

    pub(crate) async fn http(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> (u16, Value) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Length: {}\r\n{headers}\r\n{body}",
            body.len()
        );
        self.raw(request.as_bytes()).await
    }

    /// Sends bytes, reads to the end, and gives back the status and the body.
    pub(crate) async fn raw(&self, request: &[u8]) -> (u16, Value) {
        let mut stream = self.tcp().await;
        soon(stream.write_all(request)).await.unwrap();
        response(&mut stream).await
    }

    /// Sends bytes and nothing more, ever.
    pub(crate) async fn only(&self, bytes: &[u8]) -> (u16, Value) {
        let mut stream = self.tcp().await;
        soon(stream.write_all(bytes)).await.unwrap();
        soon(stream.shutdown()).await.unwrap();
        response(&mut stream).await
    }

    /// Reads the counters until `enough`.
    pub(crate) async fn stats_until(&self, enough: impl Fn(&Value) -> bool) -> Value {
        soon(async {
            loop {
                let (_, stats) = self.get("/stats").await;
                if enough(&stats) {
                    return stats;
                }
            }
        })
        .await
    }
}

/// Reads to the end; status 0 if there is no answer.
async fn response(stream: &mut TcpStream) -> (u16, Value) {
    let mut response = Vec::new();
    soon(stream.read_to_end(&mut response)).await.unwrap();
    let response = String::from_utf8(response).unwrap();
    let status = response.split(' ').nth(1).unwrap_or("0").parse().unwrap();
    let body = response.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

/// How often each (viewer, cid) was seen.
pub(crate) type Pairs = BTreeMap<(String, String), usize>;

pub(crate) fn count(pairs: &mut Pairs, viewer: &str, cid: &str) {
    *pairs.entry((viewer.to_owned(), cid.to_owned())).or_default() += 1;
}

pub(crate) struct Viewer {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Viewer {
    pub(crate) async fn over(stream: TcpStream, user: &str) -> tungstenite::Result<Viewer> {
        let url = format!("ws://x/live?user={user}");
        let (socket, _) = soon(client_async(url, stream)).await?;
        Ok(Viewer { socket })
    }

    pub(crate) async fn send(&mut self, message: &Value) {
        soon(self.socket.send(Message::text(message.to_string()))).await.unwrap();
    }

    pub(crate) async fn chat(&mut self, cid: &str) {
        self.send(&json!({"type": "chat", "id": 9, "text": "hi", "cid": cid})).await;
    }

    /// The next frame, whatever it is.
    pub(crate) async fn frame(&mut self) -> tungstenite::Result<Message> {
        soon(self.socket.next()).await.unwrap_or(Err(tungstenite::Error::ConnectionClosed))
    }

    /// The next message; null if it is not JSON.
    pub(crate) async fn read(&mut self) -> Value {
        let frame = self.frame().await.unwrap();
        serde_json::from_str(frame.to_text().unwrap()).unwrap_or(Value::Null)
    }

    /// The next message of that type.
    pub(crate) async fn read_type(&mut self, kind: &str) -> Value {
        loop {
            let message = self.read().await;
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// The answer to message `id`; what comes before it is passed over.
    pub(crate) async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.read().await;
            if message["id"] == id {
                return message;
            }
        }
    }

    /// The texts of everything before the answer to a message that is sent now.
    pub(crate) async fn drain(&mut self) -> Vec<String> {
        self.send(&json!({"type": "leave", "id": 99})).await;
        let mut texts = Vec::new();
        loop {
            let text = self.frame().await.unwrap().to_text().unwrap().to_owned();
            if text == r#"{"type":"ok","id":99}"# {
                return texts;
            }
            texts.push(text);
        }
    }

    /// The code with which the connection is closed, after whatever comes before.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.frame().await {
                Ok(Message::Close(frame)) => return frame.map(|frame| frame.code.into()),
                Ok(_) => (),
                Err(_) => return None,
            }
        }
    }
}
