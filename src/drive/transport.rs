//! Carriers of WebSocket messages, behind one seam.
//!
//! [`Frames`] is what a shard knows of a connection: read a message with the instant at which its
//! bytes left the socket, write a message without waiting. The plain carrier is tungstenite over
//! TCP with small buffers: its default of 128 KiB a connection is zero-filled on every read and
//! would cost both memory and time at thousands of viewers.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::{Sink, Stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::Clock;
use crate::binding::Upgrade;
use crate::measure::Stamp;

/// Messages larger than this break the connection; no live-commerce broadcast comes near.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Unsent bytes that a connection may hold before sending to it fails.
const BACKLOG_BYTES_MAX: usize = 256 << 10;

/// A message with the instant at which the socket gave its last bytes.
#[derive(Debug)]
pub(crate) struct Received {
    /// The payload; none for a control frame, which only shows that the peer lives.
    pub(crate) payload: Option<Bytes>,
    /// When it was read.
    pub(crate) at: Stamp,
}

/// Why a connection is of no more use, in words for a report's table of errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// A short fixed word: `refused`, `reset`, `closed` (with a goodbye), `dropped` (without one),
    /// `http 503`, `garbage`.
    pub(crate) word: String,
    /// The whole story, for the preflight's message.
    pub(crate) detail: String,
}

impl Broken {
    /// A fault by its word and story.
    pub(crate) fn new(word: impl Into<String>, detail: impl Into<String>) -> Broken {
        Broken { word: word.into(), detail: detail.into() }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Broken {
        let word = match error.kind() {
            io::ErrorKind::ConnectionRefused => "refused",
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "reset",
            io::ErrorKind::UnexpectedEof => "closed",
            io::ErrorKind::AddrNotAvailable => "no local port",
            io::ErrorKind::TimedOut => "timed out",
            _ => match error.raw_os_error() {
                Some(23 | 24) => "no file descriptor",
                _ => "i/o error",
            },
        };
        let detail = match word {
            "refused" => "nothing listens there".to_owned(),
            "reset" => "it reset the connection".to_owned(),
            _ => error.to_string(),
        };
        Broken::new(word, detail)
    }
}

impl From<Error> for Broken {
    fn from(error: Error) -> Broken {
        match error {
            Error::Io(error) => error.into(),
            Error::ConnectionClosed | Error::AlreadyClosed => {
                Broken::new("closed", "it closed the connection")
            }
            Error::Http(answer) => {
                let status = answer.status();
                Broken::new(
                    format!("http {}", status.as_u16()),
                    format!("it answered the WebSocket upgrade with HTTP {status}"),
                )
            }
            Error::Protocol(error) => error.into(),
            Error::Capacity(CapacityError::MessageTooLong { size, max_size }) => {
                let detail = format!("it sent a message of {size} bytes, more than {max_size}");
                Broken::new("too large", detail)
            }
            Error::AttackAttempt => {
                Broken::new("garbage", "the head of its answer to the WebSocket upgrade never ends")
            }
            Error::WriteBufferFull(_) => {
                Broken::new("backlog full", "it did not take what was sent to it")
            }
            other => Broken::new("garbage", other.to_string()),
        }
    }
}

impl From<ProtocolError> for Broken {
    fn from(error: ProtocolError) -> Broken {
        match error {
            ProtocolError::HandshakeIncomplete => Broken::new(
                "dropped",
                "it closed the connection before it had answered the WebSocket upgrade",
            ),
            ProtocolError::ResetWithoutClosingHandshake => {
                Broken::new("dropped", "it closed the connection without a closing handshake")
            }
            ProtocolError::HttparseError(error) => Broken::new(
                "garbage",
                format!("its answer to the WebSocket upgrade is not HTTP: {error}"),
            ),
            other => Broken::new("garbage", format!("what it sent is not WebSocket: {other}")),
        }
    }
}

/// A connection that carries whole messages.
pub(crate) trait Frames {
    /// The next message, with the instant of its last socket read. `cx` is woken for reading and
    /// for writing.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Received, Broken>>;

    /// Writes a message as far as the socket takes it, without waiting. What is left over is a
    /// backlog: the caller sends no more until [`Frames::poll_flush`] is ready.
    fn send(&mut self, payload: Bytes, binary: bool) -> Result<(), Broken>;

    /// Whether the socket has not yet taken all that was sent.
    fn backlog(&self) -> bool;

    /// Ready once the backlog is gone.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>>;

    /// Begins the closing handshake; the peer's answer ends [`Frames::poll_read`].
    fn close(&mut self) -> Result<(), Broken>;
}

/// From where to where a connection goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Route {
    /// The backend.
    pub(crate) to: SocketAddr,
    /// The local address, if it is not left to the system.
    pub(crate) from: Option<IpAddr>,
}

impl From<SocketAddr> for Route {
    fn from(to: SocketAddr) -> Route {
        Route { to, from: None }
    }
}

/// A TCP stream that notes when it last gave bytes.
#[derive(Debug)]
pub(crate) struct Stamped {
    stream: TcpStream,
    clock: Clock,
    /// Shared, since an HTTP connection hides its stream.
    read_at: Rc<Cell<Stamp>>,
}

impl Stamped {
    /// Connects, without Nagle's delay.
    pub(crate) async fn connect(route: Route, clock: Clock) -> io::Result<Stamped> {
        let stream = match route.from {
            None => TcpStream::connect(route.to).await?,
            Some(from) => {
                let socket = match from {
                    IpAddr::V4(_) => TcpSocket::new_v4()?,
                    IpAddr::V6(_) => TcpSocket::new_v6()?,
                };
                socket.bind(SocketAddr::new(from, 0))?;
                socket.connect(route.to).await?
            }
        };
        stream.set_nodelay(true)?;
        Ok(Stamped { stream, clock, read_at: Rc::new(Cell::new(Stamp(0))) })
    }

    /// Where the instant of the last read can be seen.
    pub(crate) fn read_at(&self) -> Rc<Cell<Stamp>> {
        Rc::clone(&self.read_at)
    }
}

impl AsyncRead for Stamped {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buffer));
        self.read_at.set(self.clock.now());
        Poll::Ready(result)
    }
}

impl AsyncWrite for Stamped {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Tungstenite over plain TCP.
pub(crate) struct Plain {
    socket: WebSocketStream<Stamped>,
    backlog: bool,
}

impl Plain {
    /// Connects and shakes hands. Bytes that the server sent right behind its 101 are kept.
    pub(crate) async fn connect(
        route: impl Into<Route>,
        upgrade: &Upgrade,
        clock: Clock,
    ) -> Result<Plain, Broken> {
        let uri = upgrade
            .url
            .parse()
            .map_err(|error| Broken::new("bad url", format!("{}: {error}", upgrade.url)))?;
        let mut request = ClientRequestBuilder::new(uri);
        for (name, value) in &upgrade.headers {
            request = request.with_header(name, value);
        }
        if let Some(subprotocol) = &upgrade.subprotocol {
            request = request.with_sub_protocol(subprotocol);
        }
        let config = WebSocketConfig::default()
            .read_buffer_size(4 << 10)
            .write_buffer_size(0)
            .max_write_buffer_size(BACKLOG_BYTES_MAX)
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let stream = Stamped::connect(route.into(), clock).await?;
        let (socket, _) =
            tokio_tungstenite::client_async_with_config(request, stream, Some(config)).await?;
        Ok(Plain { socket, backlog: false })
    }

    fn put(&mut self, message: Message) -> Result<(), Broken> {
        Pin::new(&mut self.socket).start_send(message)?;
        // With a write buffer of 0 the send has written what the socket took. The flush only
        // tells whether anything is left; whoever reads is woken for the rest.
        let mut nobody = Context::from_waker(std::task::Waker::noop());
        self.backlog = match Pin::new(&mut self.socket).poll_flush(&mut nobody) {
            Poll::Ready(result) => {
                result?;
                false
            }
            Poll::Pending => true,
        };
        Ok(())
    }
}

impl Frames for Plain {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Received, Broken>> {
        let message = match ready!(Pin::new(&mut self.socket).poll_next(cx)) {
            Some(Ok(message)) => message,
            Some(Err(error)) => return Poll::Ready(Err(error.into())),
            None => return Poll::Ready(Err(Broken::new("closed", "it closed the connection"))),
        };
        let at = self.socket.get_ref().read_at.get();
        let payload = match message {
            Message::Text(text) => Some(text.into()),
            Message::Binary(bytes) => Some(bytes),
            Message::Close(Some(close)) if close.code != CloseCode::Normal => {
                let code = u16::from(close.code);
                return Poll::Ready(Err(Broken::new(
                    format!("closed {code}"),
                    format!("the server closed the connection: {code} {}", close.reason),
                )));
            }
            Message::Close(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => None,
        };
        Poll::Ready(Ok(Received { payload, at }))
    }

    fn send(&mut self, payload: Bytes, binary: bool) -> Result<(), Broken> {
        let message = if binary {
            Message::Binary(payload)
        } else {
            let text = Utf8Bytes::try_from(payload)
                .map_err(|_| Broken::new("bad text", "a text frame must be UTF-8"))?;
            Message::Text(text)
        };
        self.put(message)
    }

    fn backlog(&self) -> bool {
        self.backlog
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        ready!(Pin::new(&mut self.socket).poll_flush(cx))?;
        self.backlog = false;
        Poll::Ready(Ok(()))
    }

    fn close(&mut self) -> Result<(), Broken> {
        self.put(Message::Close(None))
    }
}
