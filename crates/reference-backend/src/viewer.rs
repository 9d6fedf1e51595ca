//! One WebSocket connection: reads what the client says, has it done, and writes what its outbox
//! holds, many broadcasts a flush.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite;

use crate::backend::Backend;
use crate::doors::{Ending, Gate};
use crate::faults::{Act, Chance, Mangle, key_of, key_of_number};
use crate::link::{Cut, Link};
use crate::obey::{Answer, obey};
use crate::room::Seat;
use crate::wire::{Broadcast, Incoming, Refusal, Told};

/// How long a write may make no headway before the connection is given up.
const WRITE_PATIENCE: Duration = Duration::from_secs(20);
/// How long a close frame may take to get out.
const CLOSE_PATIENCE: Duration = Duration::from_millis(500);

/// The most broadcasts of one flush.
const BATCH_MAX: usize = 256;

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The peer closed, or the connection broke.
    Gone,
    /// By us, with a code and a reason.
    Close(u16, &'static str),
    /// By the fault `reset`.
    Reset,
}

const GOING_AWAY: End = End::Close(1001, "the server stops");
const IDLE: End = End::Close(4408, "idle for too long");
const SLOW: End = End::Close(4413, "too slow: the outbox was full");

/// What happened next on a connection.
enum Woken {
    Message(Option<Result<Message, axum::Error>>),
    Broadcast(Option<Arc<Broadcast>>),
    Due,
}

struct Viewer {
    backend: Arc<Backend>,
    link: Arc<Link>,
    outbox: mpsc::Receiver<Arc<Broadcast>>,
    socket: WebSocket,
    seat: Option<Seat>,
    mangle: Option<Mangle>,
    /// What `mangle` lets through; kept so that its memory is.
    ready: Vec<Utf8Bytes>,
    user_key: u64,
}

/// Serves a connection until it ends.
pub(crate) async fn attend(
    backend: Arc<Backend>,
    user: Arc<str>,
    ending: Arc<Ending>,
    socket: WebSocket,
) {
    let (link, outbox) = Link::new(Arc::clone(&user), backend.outbox);
    let entered = backend.links.enter(Arc::clone(&link));
    backend.stats.connections.add(1);
    let mut viewer = Viewer {
        mangle: Mangle::new(&backend.faults, &backend.fault_log, &user),
        user_key: key_of(&user),
        backend,
        link,
        outbox,
        socket,
        seat: None,
        ready: Vec::new(),
    };
    let end = match entered {
        Some(_) => viewer.run().await,
        None => GOING_AWAY,
    };
    viewer.finish(end, &ending).await;
    let Viewer { backend, socket, .. } = viewer;
    // The socket first: whoever waits for the last connection waits for its last byte.
    drop(socket);
    if let Some(number) = entered {
        backend.links.leave(number);
    }
}

impl Viewer {
    async fn run(&mut self) -> End {
        let (link, gate) = (Arc::clone(&self.link), Arc::clone(&self.backend.gate));
        let mut told_to_end = pin!(link.told_to_end.notified());
        let patience = self.backend.idle;
        let mut heard = Instant::now();
        let mut idle = pin!(sleep(patience));
        let welcome = Told::Welcome { user: &link.user }.encode();
        if let Err(end) = self.write(welcome).await {
            return end;
        }
        loop {
            let open = !self.is_held_up();
            let due = self.mangle.as_ref().and_then(Mangle::next_due);
            let woken = tokio::select! {
                () = &mut told_to_end => return cut(&link),
                broadcast = self.outbox.recv(), if open => Woken::Broadcast(broadcast),
                message = self.socket.next() => {
                    heard = Instant::now();
                    Woken::Message(message)
                }
                () = at(due), if due.is_some() => Woken::Due,
                () = &mut idle => {
                    if gate.is_shut() {
                        // Nobody can be heard during a stall; silence counts from its end.
                        gate.passed().await;
                        heard = Instant::now();
                    }
                    if heard.elapsed() >= patience {
                        self.backend.stats.closed_idle.add(1);
                        return IDLE;
                    }
                    idle.as_mut().reset(heard + patience);
                    continue;
                }
            };
            // A reader that does not read blocks the write; it must not block the order to end.
            let done = tokio::select! {
                biased;
                done = self.act(woken) => done,
                () = &mut told_to_end => return cut(&link),
                () = lose_patience(&gate) => Err(End::Gone),
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    async fn act(&mut self, woken: Woken) -> Result<(), End> {
        match woken {
            Woken::Broadcast(Some(broadcast)) => self.deliver(Some(broadcast)).await,
            Woken::Due => {
                if let Some(mangle) = &mut self.mangle {
                    mangle.due(Instant::now(), &mut self.ready);
                }
                self.deliver(None).await
            }
            Woken::Message(Some(Ok(message))) => self.hear(message).await,
            Woken::Message(Some(Err(error))) => Err(broken(error)),
            // The outbox cannot close while `link` is held here, so it is the peer who has.
            Woken::Message(None) | Woken::Broadcast(None) => Err(End::Gone),
        }
    }

    /// Writes all that waits (at most a batch, so that reading gets its turn), then flushes once.
    async fn deliver(&mut self, first: Option<Arc<Broadcast>>) -> Result<(), End> {
        let mut next = first;
        let mut written = 0;
        let mut left = BATCH_MAX;
        loop {
            if let Some(broadcast) = next {
                match &mut self.mangle {
                    None => {
                        written += 1;
                        self.feed(broadcast.text.clone()).await?;
                    }
                    Some(mangle) => mangle.arrive(&broadcast, Instant::now(), &mut self.ready),
                }
            }
            let mut ready = std::mem::take(&mut self.ready);
            for text in ready.drain(..) {
                written += 1;
                self.feed(text).await?;
            }
            self.ready = ready;
            left -= 1;
            if left == 0 || self.is_held_up() {
                break;
            }
            next = self.outbox.try_recv().ok();
            if next.is_none() {
                break;
            }
        }
        self.backend.stats.deliveries.add(written);
        self.socket.flush().await.map_err(|_| End::Gone)
    }

    /// Whether so much is delayed that the outbox must fill.
    fn is_held_up(&self) -> bool {
        self.mangle.as_ref().is_some_and(Mangle::is_full)
    }

    async fn feed(&mut self, text: Utf8Bytes) -> Result<(), End> {
        self.socket.feed(Message::Text(text)).await.map_err(|_| End::Gone)
    }

    async fn write(&mut self, text: Utf8Bytes) -> Result<(), End> {
        self.socket.send(Message::Text(text)).await.map_err(|_| End::Gone)
    }

    async fn hear(&mut self, message: Message) -> Result<(), End> {
        let parsed = match &message {
            Message::Text(text) => Incoming::parse(text),
            Message::Binary(_) => {
                Err((None, Refusal::new("bad_message", "binary frame: messages are text")))
            }
            // The socket answers pings by itself.
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => {
                // The answer to the close is already waiting to be written.
                drop(timeout(CLOSE_PATIENCE, self.socket.flush()).await);
                return Err(End::Gone);
            }
        };
        self.backend.stats.messages.add(1);
        if self.is_reset(parsed.as_ref().ok().and_then(|incoming| incoming.cid.as_deref())) {
            return Err(End::Reset);
        }
        let (id, answer) = match parsed {
            Err((id, refusal)) => (id, Err(refusal)),
            Ok(Incoming { id, cid, request }) => {
                let place = (&*self.backend, &self.link, &mut self.seat);
                (id, obey(place, request, cid.as_deref()).await)
            }
        };
        let told = match &answer {
            Ok(Answer::Nothing) => return Ok(()),
            Ok(Answer::Pong) => Told::Pong,
            Ok(Answer::Done | Answer::Left) => Told::Ok { id, viewers: None, seq: None },
            Ok(Answer::Joined { viewers }) => Told::Ok { id, viewers: Some(*viewers), seq: None },
            Ok(Answer::Published { seq }) => Told::Ok { id, viewers: None, seq: Some(*seq) },
            Err(refusal) => {
                self.backend.stats.errors.add(1);
                Told::Error { id, code: refusal.code, message: &refusal.message }
            }
        };
        let told = told.encode();
        if matches!(answer, Ok(Answer::Left)) {
            // What was broadcast before somebody left goes out before that is answered.
            if let Some(mangle) = &mut self.mangle {
                mangle.release(&mut self.ready);
            }
            self.deliver(None).await?;
            while !self.outbox.is_empty() && !self.is_held_up() {
                self.deliver(None).await?;
            }
        }
        self.write(told).await
    }

    /// Whether the fault `reset` hits this message.
    fn is_reset(&self, cid: Option<&str>) -> bool {
        let backend = &self.backend;
        if !backend.faults.may(Chance::Reset) {
            return false;
        }
        let number = backend.tallies.next_message(&self.link.user);
        let key = cid.map_or_else(|| key_of_number(number), key_of);
        if !backend.faults.hits(Chance::Reset, self.user_key, key) {
            return false;
        }
        let act = Act {
            fault: "reset",
            viewer: Some(&self.link.user),
            cid,
            number: cid.is_none().then_some(number),
            ..Act::default()
        };
        backend.fault_log.write(Instant::now(), act);
        backend.stats.resets.add(1);
        true
    }

    /// Gives the seat back and ends the connection.
    async fn finish(&mut self, end: End, ending: &Ending) {
        if let Some(seat) = self.seat.take() {
            seat.leave(&self.link);
        }
        match end {
            End::Gone => (),
            End::Reset => ending.abort(),
            End::Close(code, reason) => {
                if end == SLOW {
                    self.backend.stats.closed_slow.add(1);
                    self.outbox.close();
                    let mut dropped = 0;
                    while self.outbox.try_recv().is_ok() {
                        dropped += 1;
                    }
                    self.backend.stats.dropped.add(dropped);
                }
                let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
                let closing = self.socket.send(Message::Close(Some(frame)));
                match timeout(CLOSE_PATIENCE, closing).await {
                    Ok(Ok(())) => ending.linger(),
                    // The peer does not read, so it cannot be told.
                    Err(_) | Ok(Err(_)) => ending.abort(),
                }
            }
        }
    }
}

fn cut(link: &Link) -> End {
    match link.cut() {
        Cut::Slow => SLOW,
        Cut::Stopping => GOING_AWAY,
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => sleep_until(due).await,
        None => pending().await,
    }
}

/// Comes to an end when a write has waited for too long, less what a stall held it up.
async fn lose_patience(gate: &Gate) {
    loop {
        sleep(WRITE_PATIENCE).await;
        if !gate.is_shut() {
            return;
        }
        gate.passed().await;
    }
}

/// How a connection whose bytes cannot be read ends.
fn broken(error: axum::Error) -> End {
    let error = error.into_inner();
    match error.downcast_ref::<tungstenite::Error>() {
        Some(tungstenite::Error::Capacity(_)) => End::Close(1009, "the message is too long"),
        Some(tungstenite::Error::Utf8(_)) => End::Close(1007, "the text is not UTF-8"),
        Some(tungstenite::Error::Protocol(
            tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
        )) => End::Gone,
        Some(tungstenite::Error::Protocol(_)) => End::Close(1002, "not the WebSocket protocol"),
        _ => End::Gone,
    }
}
