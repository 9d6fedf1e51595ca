//! The way in and out: accepted sockets that pass a gate, so that a stall freezes the whole
//! server, and that can be told how to end.
//!
//! Every read, write and accept goes through here, WebSocket and HTTP alike; nothing above needs
//! to know about stalls.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

use crate::stats::Stats;

/// Open, or shut by a stall.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    shut: AtomicBool,
    opened: Arc<Notify>,
}

/// What a task holds while it waits at the gate; boxed, because hardly any ever does.
type Waiting = Option<Pin<Box<OwnedNotified>>>;

impl Gate {
    /// From now on nothing passes.
    pub(crate) fn shut(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    /// Lets everything pass again.
    pub(crate) fn open(&self) {
        self.shut.store(false, Ordering::SeqCst);
        self.opened.notify_waiters();
    }

    /// Whether nothing passes.
    pub(crate) fn is_shut(&self) -> bool {
        self.shut.load(Ordering::SeqCst)
    }

    /// Waits until the gate is open.
    pub(crate) async fn passed(&self) {
        let mut waiting = None;
        std::future::poll_fn(|cx| self.poll_pass(&mut waiting, cx)).await;
    }

    fn poll_pass(&self, waiting: &mut Waiting, cx: &mut Context<'_>) -> Poll<()> {
        while self.is_shut() {
            if let Some(opened) = waiting {
                ready!(opened.as_mut().poll(cx));
                *waiting = None;
            } else {
                // A wait that was begun is woken by every later opening; whether the gate was
                // opened just before is looked at once more, at the head of the loop.
                *waiting = Some(Box::pin(Arc::clone(&self.opened).notified_owned()));
            }
        }
        *waiting = None;
        Poll::Ready(())
    }
}

/// How a connection is to end once its socket is let go.
#[derive(Debug, Default)]
pub(crate) struct Ending(AtomicU8);

// Zero, the default, is the plain end: the kernel's own.
const ABORT: u8 = 1;
const LINGER: u8 = 2;

impl Ending {
    /// By a TCP reset.
    pub(crate) fn abort(&self) {
        self.0.store(ABORT, Ordering::SeqCst);
    }

    /// By a FIN, after which what the peer still sends is thrown away for a while: were it left
    /// unread, the kernel would reset the connection, and the peer might never see the close code.
    pub(crate) fn linger(&self) {
        self.0.store(LINGER, Ordering::SeqCst);
    }
}

/// The longest that a connection lingers.
const LINGER_MAX: Duration = Duration::from_secs(1);

/// An accepted connection.
#[derive(Debug)]
pub(crate) struct Door {
    /// `None` only while being dropped.
    stream: Option<TcpStream>,
    gate: Arc<Gate>,
    ending: Arc<Ending>,
    reading: Waiting,
    writing: Waiting,
}

impl Door {
    fn stream(stream: &mut Option<TcpStream>) -> io::Result<Pin<&mut TcpStream>> {
        stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl AsyncRead for Door {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let door = self.get_mut();
        ready!(door.gate.poll_pass(&mut door.reading, cx));
        Door::stream(&mut door.stream)?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Door {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let door = self.get_mut();
        ready!(door.gate.poll_pass(&mut door.writing, cx));
        Door::stream(&mut door.stream)?.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let door = self.get_mut();
        ready!(door.gate.poll_pass(&mut door.writing, cx));
        Door::stream(&mut door.stream)?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Door::stream(&mut self.get_mut().stream)?.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let door = self.get_mut();
        ready!(door.gate.poll_pass(&mut door.writing, cx));
        Door::stream(&mut door.stream)?.poll_shutdown(cx)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let Some(stream) = self.stream.take() else { return };
        match self.ending.0.load(Ordering::SeqCst) {
            // With a linger time of zero, closing sends a reset. If the option cannot be set, the
            // connection is already gone.
            ABORT => drop(stream.set_zero_linger()),
            LINGER => {
                // Outside of a runtime (it is being torn down) there is no time left to linger.
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    runtime.spawn(linger(stream));
                }
            }
            _ => (),
        }
    }
}

async fn linger(mut stream: TcpStream) {
    let drained = tokio::time::timeout(LINGER_MAX, async {
        stream.shutdown().await?;
        let mut scratch = [0; 1_024];
        while stream.read(&mut scratch).await? > 0 {}
        io::Result::Ok(())
    });
    if !matches!(drained.await, Ok(Ok(()))) {
        // Else the kernel would go on trying to deliver what nobody reads.
        drop(stream.set_zero_linger());
    }
}

/// The listener behind the gate.
pub(crate) struct Doors {
    pub(crate) listener: TcpListener,
    pub(crate) gate: Arc<Gate>,
    pub(crate) stats: Arc<Stats>,
    pub(crate) send_buffer: Option<usize>,
}

/// A pause after a failed accept: out of file descriptors, trying at once would only spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

impl Listener for Doors {
    type Io = Door;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Door, SocketAddr) {
        loop {
            self.gate.passed().await;
            let Ok((stream, address)) = self.listener.accept().await else {
                self.stats.accept_errors.add(1);
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            };
            // A socket that takes no options is about to fail anyway.
            drop(stream.set_nodelay(true));
            if let Some(bytes) = self.send_buffer {
                drop(socket2::SockRef::from(&stream).set_send_buffer_size(bytes));
            }
            let door = Door {
                stream: Some(stream),
                gate: Arc::clone(&self.gate),
                ending: Arc::default(),
                reading: None,
                writing: None,
            };
            return (door, address);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// What a handler learns of the connection it serves.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// How it is to end.
    pub(crate) ending: Arc<Ending>,
}

impl Connected<IncomingStream<'_, Doors>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Doors>) -> Peer {
        Peer { ending: Arc::clone(&stream.io().ending) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_shut_gate_holds_until_it_is_opened() {
        let gate = Arc::new(Gate::default());
        gate.passed().await;
        gate.shut();
        let waiting = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.passed().await }
        });
        tokio::time::sleep(Duration::from_hours(1)).await;
        assert!(!waiting.is_finished());
        gate.open();
        waiting.await.unwrap();
    }
}
