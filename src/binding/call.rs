//! How one kind of intent is played: what is sent, and what answers it.

use bytes::{Bytes, BytesMut};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};

use super::matching::{Rule, Source};
use super::pointer::PointerTree;
use super::record::{Codec, Record, Scratch};
use super::template::{Session, Template, Values};

/// What answers a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A record that names the call: [`Call::judge`] knows it.
    Correlated,
    /// The sender's own broadcast, known by its cid: the event of the same kind whose cid is the
    /// call's. [`Call::judge`] knows it too.
    Echo,
    /// Nothing: the call is done once it is sent.
    None,
    /// The answer to an HTTP request: [`Call::request`], [`Call::judge_http`].
    Http,
    /// Being connected (and through the handshake): nothing is sent.
    Handshake,
    /// Closing the socket: nothing is sent.
    Close,
}

/// How one kind of intent is played.
#[derive(Clone, Debug)]
pub struct Call {
    /// What answers it, and thereby whether it goes over HTTP.
    pub mode: Mode,
    /// Whether its frame is a binary one.
    pub binary: bool,
    /// Whether it is numbered, so that the driver sets [`Values::id`] from
    /// [`Session::next_call`].
    pub numbered: bool,
    pub(super) send: Option<Template>,
    pub(super) http: Option<HttpCall>,
    pub(super) answers: Answers,
    /// The event that answers a call of mode echo, and where its cid is.
    pub(super) echo: Option<(Rule, Source)>,
}

/// What is sent over HTTP.
#[derive(Clone, Debug)]
pub(super) struct HttpCall {
    pub(super) method: Method,
    pub(super) url: Template,
    pub(super) headers: Vec<(HeaderName, Template)>,
    pub(super) body: Option<Template>,
    /// What is looked for in the answer's body.
    pub(super) tree: PointerTree,
}

/// How an answer is told from other records, and what is read from it.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    pub(super) ok: Option<Rule>,
    pub(super) fail: Option<Rule>,
    pub(super) reason: Option<Source>,
    /// Reasons by which the backend says no; without a list all of them.
    pub(super) rejected: Option<Box<[Box<str>]>>,
    pub(super) order: Option<Source>,
    pub(super) price: Option<Source>,
    pub(super) units: Option<Source>,
    /// Values for the connection, by the number of the capture.
    pub(super) captures: Vec<(u16, Source)>,
}

/// What a record or an HTTP answer means for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement<'r> {
    /// It does not answer this call.
    NotMine,
    /// The backend did it.
    Answered(Facts<'r>),
    /// The backend said no.
    Rejected {
        /// In its own word: `sold_out`.
        reason: &'r str,
    },
    /// The backend, or the protocol, broke.
    Failed {
        /// In its own word, or the name of the status: `Service Unavailable`.
        reason: &'r str,
    },
}

/// What an answer says about an order or a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts<'r> {
    /// The order's id.
    pub order: Option<&'r str>,
    /// The price of one unit, as written: shown by a click, charged by a check-out.
    pub price: Option<&'r str>,
    /// Units sold.
    pub units: Option<u32>,
}

/// An HTTP request, complete.
#[derive(Clone, Debug)]
pub struct Request {
    /// Its method.
    pub method: Method,
    /// Its whole address: `http://host:port/path?query`.
    pub url: String,
    /// Its headers, `Host` and `Content-Length` left to the sender.
    pub headers: HeaderMap,
    /// Its body, maybe empty.
    pub body: Bytes,
}

/// How to open a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// `ws://host:port/path?query`.
    pub url: String,
    /// Headers besides those of the WebSocket itself.
    pub headers: Vec<(String, String)>,
    /// The value of `Sec-WebSocket-Protocol`.
    pub subprotocol: Option<String>,
}

impl Call {
    /// Whether it goes over HTTP instead of the WebSocket.
    #[must_use]
    pub fn http(&self) -> bool {
        self.mode == Mode::Http
    }

    /// Appends the payload of its frame; nothing for modes that send none.
    pub fn encode(&self, values: &Values<'_>, session: &Session, out: &mut BytesMut) {
        if let Some(send) = &self.send {
            send.encode(values, session, out);
        }
    }

    /// Its HTTP request; `None` for other modes. A byte of a value that a header cannot carry
    /// becomes `?` there.
    #[must_use]
    pub fn request(&self, values: &Values<'_>, session: &Session) -> Option<Request> {
        let http = self.http.as_ref()?;
        let mut headers = HeaderMap::with_capacity(http.headers.len() + 1);
        for (name, template) in &http.headers {
            headers.append(name.clone(), header_value(&template.fill(values, session)));
        }
        let mut body = BytesMut::new();
        if let Some(template) = &http.body {
            template.encode(values, session, &mut body);
            headers
                .entry(hyper::header::CONTENT_TYPE)
                .or_insert(HeaderValue::from_static("application/json"));
        }
        let url = http.url.fill(values, session);
        Some(Request { method: http.method.clone(), url, headers, body: body.freeze() })
    }

    /// What a record means for one open call of this kind. `values` must hold what a call may be
    /// known by: `id`, `cid`, `key`, `product`, and those of the connection; the other fields are
    /// never looked at. A failure is tested before a success. Captures are taken for the session.
    pub fn judge<'r>(
        &'r self,
        record: &Record<'r>,
        values: &Values<'_>,
        session: &mut Session,
    ) -> Judgement<'r> {
        if let Some(fail) = &self.answers.fail
            && fail.holds(record, values, session)
        {
            return self.answers.refusal(record, None, "fail");
        }
        if let Some((rule, cid)) = &self.echo
            && rule.may_hold(record)
            && cid.text(record, None) == Some(values.cid)
        {
            return self.answers.accept(record, None, session);
        }
        match &self.answers.ok {
            Some(ok) if ok.holds(record, values, session) => {
                self.answers.accept(record, None, session)
            }
            _ => Judgement::NotMine,
        }
    }

    /// What the answer to its HTTP request means; never [`Judgement::NotMine`]. A failure is tested
    /// before a success; without a rule for success a status from 200 to 299 is one; what
    /// satisfies neither rule has failed.
    pub fn judge_http<'r>(
        &'r self,
        status: u16,
        headers: &'r HeaderMap,
        body: &'r [u8],
        values: &Values<'_>,
        session: &mut Session,
        scratch: &'r mut Scratch,
    ) -> Judgement<'r> {
        let Some(http) = &self.http else { return Judgement::NotMine };
        // A body that is no JSON satisfies no rule that looks into it, and has no facts.
        let body = Codec::Json.scan(body, &http.tree, scratch).unwrap_or_default();
        let record = Record::new(body, scratch);
        let holds = |rule: &Rule, session: &Session| {
            rule.allows(status)
                && (rule.terms.is_empty()
                    || record.is_read() && rule.holds(&record, values, session))
        };
        if let Some(fail) = &self.answers.fail
            && holds(fail, session)
        {
            return self.answers.refusal(&record, Some(headers), status_reason(status));
        }
        let done = match &self.answers.ok {
            Some(ok) => holds(ok, session),
            None => (200..300).contains(&status),
        };
        if done {
            return self.answers.accept(&record, Some(headers), session);
        }
        // A fixed reason belongs to the rule for failure, and that does not hold.
        let said = self.answers.reason.as_ref().filter(|it| !matches!(it, Source::Fixed(_)));
        let said = said.and_then(|it| it.text(&record, Some(headers)));
        // Calling it by its status would read like a success.
        let otherwise =
            if (200..300).contains(&status) { "not understood" } else { status_reason(status) };
        Judgement::Failed { reason: said.unwrap_or(otherwise) }
    }
}

impl Answers {
    fn accept<'r>(
        &'r self,
        record: &Record<'r>,
        headers: Option<&'r HeaderMap>,
        session: &mut Session,
    ) -> Judgement<'r> {
        for (number, source) in &self.captures {
            if let Some(text) = source.text(record, headers) {
                session.capture(*number, text);
            }
        }
        let text = |source: &'r Option<Source>| source.as_ref()?.text(record, headers);
        let units = self.units.as_ref().and_then(|source| source.number(record));
        Judgement::Answered(Facts {
            order: text(&self.order),
            price: text(&self.price),
            units: units.and_then(|units| u32::try_from(units).ok()),
        })
    }

    fn refusal<'r>(
        &'r self,
        record: &Record<'r>,
        headers: Option<&'r HeaderMap>,
        otherwise: &'r str,
    ) -> Judgement<'r> {
        let said = self.reason.as_ref().and_then(|source| source.text(record, headers));
        let reason = said.unwrap_or(otherwise);
        match &self.rejected {
            Some(rejected) if !rejected.iter().any(|known| **known == *reason) => {
                Judgement::Failed { reason }
            }
            _ => Judgement::Rejected { reason },
        }
    }
}

/// A status in words, for when the backend gave none of its own.
fn status_reason(status: u16) -> &'static str {
    StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("unknown status")
}

fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| {
        let printable = |byte: u8| if (0x20..0x7f).contains(&byte) { byte } else { b'?' };
        let bytes: Vec<u8> = text.bytes().map(printable).collect();
        HeaderValue::from_bytes(&bytes).unwrap_or(HeaderValue::from_static("?"))
    })
}
