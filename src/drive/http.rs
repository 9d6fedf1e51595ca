//! One viewer's HTTP connection: opened when first needed, serial, kept alive.
//!
//! At hyper's connection level, because a client with a pool hides the connections that a load
//! test must control. Redirects are not followed; bodies are limited.

use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::HeaderValue;
use hyper::{HeaderMap, Request};
use hyper_util::rt::TokioIo;
use url::{Position, Url};

use super::Clock;
use super::transport::{Broken, Route, Stamped};
use crate::binding;
use crate::measure::Stamp;

/// Larger answers break the connection.
const BODY_BYTES_MAX: usize = 1 << 20;

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
    /// When its last bytes left the socket.
    pub(crate) at: Stamp,
}

/// An open connection.
pub(crate) struct Connection {
    sender: http1::SendRequest<Full<Bytes>>,
    read_at: Rc<Cell<Stamp>>,
}

impl Connection {
    /// Connects; the connection's own task runs on the current local set.
    pub(crate) async fn open(route: Route, clock: Clock) -> Result<Connection, Broken> {
        let stream = Stamped::connect(route, clock).await?;
        let read_at = stream.read_at();
        let (sender, connection) =
            http1::Builder::new().max_buf_size(64 << 10).handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(async move {
            // Its errors reach whoever waits for an answer.
            let _ = connection.await;
        });
        Ok(Connection { sender, read_at })
    }

    /// Whether the next request can go out on it.
    pub(crate) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Sends one request and reads its answer whole. If this is dropped half-way, so must the
    /// connection be.
    pub(crate) async fn ask(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Broken> {
        let response = self.sender.send_request(request).await?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, BODY_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| match error.downcast::<hyper::Error>() {
                Ok(error) => (*error).into(),
                Err(error) => Broken::new("too large", error.to_string()),
            })?
            .to_bytes();
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
            at: self.read_at.get(),
        })
    }
}

/// A binding's request as hyper sends it to `host`: in origin form, with a Host header.
pub(crate) fn build(
    request: &binding::Request,
    host: &str,
) -> Result<Request<Full<Bytes>>, Broken> {
    let broken = |error: &dyn std::fmt::Display| {
        Broken::new("bad request", format!("{}: {error}", request.url))
    };
    let url = Url::parse(&request.url).map_err(|error| broken(&error))?;
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let mut built = Request::builder()
        .method(request.method.clone())
        .uri(target)
        .body(Full::new(request.body.clone()))
        .map_err(|error| broken(&error))?;
    *built.headers_mut() = request.headers.clone();
    let host = HeaderValue::from_str(host).map_err(|error| broken(&error))?;
    built.headers_mut().entry(hyper::header::HOST).or_insert(host);
    Ok(built)
}

impl From<hyper::Error> for Broken {
    fn from(error: hyper::Error) -> Broken {
        let word = if error.is_parse() {
            "garbage"
        } else if error.is_closed() || error.is_incomplete_message() || error.is_canceled() {
            "closed"
        } else {
            "reset"
        };
        Broken::new(word, error.to_string())
    }
}
