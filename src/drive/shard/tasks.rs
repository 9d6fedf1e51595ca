//! The small asynchronous parts of a viewer: connecting and reading, and its HTTP connection.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use claque_audience::{Intent, IntentId};
use http_body_util::Full;
use hyper::Request;

use super::{Setup, Shard};
use crate::binding::Session;
use crate::drive::Clock;
use crate::drive::http::{Answer, Connection, build};
use crate::drive::transport::{Broken, Plain, Route};
use crate::drive::values::{Texts, entrance};
use crate::drive::viewer::State;
use crate::measure::{Cid, Outcome, Stamp};

/// Tells the shard if the task that holds it panics: a runtime keeps that to itself, and the shard
/// would play on with an intent that never ends.
struct Watch(Rc<Cell<bool>>);

impl Drop for Watch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set(true);
        }
    }
}

/// Connects a viewer and reads its socket until either is gone.
pub(super) async fn read(shard: Rc<RefCell<Shard>>, slot: usize) {
    let _watch = Watch(Rc::clone(&shard.borrow().broken));
    let (upgrade, route, clock, deadline) = {
        let shard = shard.borrow();
        let Some(viewer) = shard.viewers[slot].as_deref() else { return };
        let values = entrance(&shard.setup, &viewer.name, viewer.show);
        let upgrade = shard.setup.binding.upgrade(&values, &viewer.session);
        let deadline = Stamp(viewer.started_at.0 + shard.setup.time_out.0 * 1_000);
        (upgrade, shard.setup.target.route(slot), shard.clock, deadline)
    };
    let connecting = Plain::connect(route, &upgrade, clock);
    let connected = tokio::time::timeout_at(clock.instant(deadline).into(), connecting).await;
    {
        let mut shard = shard.borrow_mut();
        match connected {
            Ok(Ok(carrier)) => shard.opened(slot, Box::new(carrier)),
            Ok(Err(broken)) => shard.lose(slot, &broken.word),
            Err(_) => {
                // The entry's own time-out came no later, whichever timer has rung first.
                shard.expire(deadline);
                shard.lose(slot, "timed out");
            }
        }
    }
    poll_fn(|cx| shard.borrow_mut().poll_viewer(slot, cx)).await;
}

/// A request that is to go out now.
struct Outgoing {
    intent: Intent,
    request: Request<Full<bytes::Bytes>>,
    deadline: Stamp,
}

/// Serves a viewer's requests one after the other over one connection, until the viewer is gone.
pub(super) async fn serve_http(shard: Rc<RefCell<Shard>>, slot: usize) {
    let _watch = Watch(Rc::clone(&shard.borrow().broken));
    let (clock, route) = {
        let shard = shard.borrow();
        (shard.clock, shard.setup.target.route(slot))
    };
    let mut connection = None;
    while let Some(outgoing) = poll_fn(|cx| shard.borrow_mut().poll_outgoing(slot, cx)).await {
        let exchange = exchange(&mut connection, route, clock, outgoing.request);
        let deadline = clock.instant(outgoing.deadline);
        let answer = tokio::time::timeout_at(deadline.into(), exchange).await.ok();
        if !matches!(answer, Some(Ok(_))) {
            connection = None;
        }
        shard.borrow_mut().http_answered(slot, outgoing.intent.id, answer);
    }
}

async fn exchange(
    connection: &mut Option<Connection>,
    route: Route,
    clock: Clock,
    request: Request<Full<bytes::Bytes>>,
) -> Result<Answer, Broken> {
    let open = match connection.take().filter(Connection::is_open) {
        Some(open) => open,
        None => Connection::open(route, clock).await?,
    };
    connection.insert(open).ask(request).await
}

impl Shard {
    /// The viewer's next request; `None` once the viewer is gone.
    fn poll_outgoing(&mut self, slot: usize, cx: &mut Context<'_>) -> Poll<Option<Outgoing>> {
        let setup = Arc::clone(&self.setup);
        loop {
            let Some(viewer) = self.viewers[slot].as_deref_mut() else { return Poll::Ready(None) };
            let Some(id) = viewer.http.waiting.pop_front() else {
                viewer.http.server = Some(cx.waker().clone());
                return Poll::Pending;
            };
            // One that timed out in the queue is no longer there.
            if let Some(outgoing) = self.outgoing(slot, id, &setup) {
                return Poll::Ready(Some(outgoing));
            }
        }
    }

    fn outgoing(&mut self, slot: usize, id: IntentId, setup: &Setup) -> Option<Outgoing> {
        let viewer = self.viewers[slot].as_deref_mut()?;
        let position = viewer.position(id)?;
        let State::Queued(ready) = viewer.open[position].state else { return None };
        let intent = viewer.open[position].intent;
        let call = setup.call(intent.kind)?;
        let number = viewer.session.next_call();
        let sent = self.clock.now();
        let planned = Stamp::planned(intent.at);
        let cid = intent.kind.is_broadcast().then(|| Cid::new(intent.id, planned, sent));
        let texts = Texts::new(&mut self.text, setup, &intent, cid.as_ref());
        let values = texts.values(setup, viewer, &intent, number);
        let request = call.request(&values, &viewer.session)?;
        let request = build(&request, &setup.target.host);
        let deadline = Stamp(planned.0 + setup.time_out.0 * 1_000);
        let request = match request {
            Ok(request) => request,
            Err(broken) => {
                self.settle(slot, position, None, Outcome::Failed, Some(&broken.word));
                self.advance(slot);
                return None;
            }
        };
        // The connection is the viewer's only one: while it is busy, the backend blocks.
        let ready = ready.max(viewer.http.free_since);
        let ready = ready.min(sent);
        viewer.note_sent(position, State::Sent { ready, sent, call: number, cid });
        if let Some(cid) = cid {
            self.publish(&intent, cid);
        }
        Some(Outgoing { intent, request, deadline })
    }

    /// A request has its answer, or has failed, or none came in time.
    fn http_answered(&mut self, slot: usize, id: IntentId, answer: Option<Result<Answer, Broken>>) {
        let setup = Arc::clone(&self.setup);
        let now = self.clock.now();
        let Some(viewer) = self.viewers[slot].as_deref_mut() else { return };
        viewer.http.free_since = now;
        let Some(position) = viewer.position(id) else { return };
        match answer {
            None => self.settle(slot, position, None, Outcome::TimedOut, None),
            Some(Err(broken)) => {
                self.recorder.error(&broken.word);
                self.settle(slot, position, None, Outcome::Failed, Some(&broken.word));
            }
            Some(Ok(answer)) => {
                viewer.http.free_since = answer.at;
                let intent = viewer.open[position].intent;
                let State::Sent { call: number, cid, .. } = viewer.open[position].state else {
                    return;
                };
                let Some(call) = setup.call(intent.kind) else { return };
                let mut session: Session = std::mem::take(&mut viewer.session);
                let texts = Texts::new(&mut self.text, &setup, &intent, cid.as_ref());
                let values = texts.values(&setup, viewer, &intent, number);
                let mut scratch = std::mem::take(&mut self.scratch);
                let judgement = call.judge_http(
                    answer.status,
                    &answer.headers,
                    &answer.body,
                    &values,
                    &mut session,
                    &mut scratch,
                );
                viewer.session = session;
                self.conclude(slot, position, answer.at, judgement);
                self.scratch = scratch;
            }
        }
        self.advance(slot);
    }
}
