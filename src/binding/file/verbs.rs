//! `[verbs.…]`: how each kind of intent is played.

use claque_audience::IntentKind;
use hyper::Method;

use super::super::call::{Answers, Call, HttpCall, Mode};
use super::super::matching::{Expected, Rule, Source};
use super::super::record::Codec;
use super::super::template::{Segment, Template, Variable};
use super::super::{EventRule, Verb};
use super::Reader;
use super::rules::Documents;
use super::scope::Scope;
use crate::input::{Field, Table};

const MODES: [(&str, Mode); 6] = [
    ("correlated", Mode::Correlated),
    ("echo", Mode::Echo),
    ("none", Mode::None),
    ("http", Mode::Http),
    ("handshake", Mode::Handshake),
    ("close", Mode::Close),
];

const METHODS: [(&str, Method); 5] = [
    ("GET", Method::GET),
    ("POST", Method::POST),
    ("PUT", Method::PUT),
    ("PATCH", Method::PATCH),
    ("DELETE", Method::DELETE),
];

/// Every field, in the order in which a verb is thought of.
const FIELDS: [&str; 10] =
    ["mode", "id", "send", "http", "ok", "fail", "reason", "rejected", "facts", "capture"];

/// Those that are about an answer.
const ANSWER: [&str; 6] = ["ok", "fail", "reason", "rejected", "facts", "capture"];

impl Reader<'_> {
    pub(super) fn verb(
        &self,
        verb: Verb,
        table: &Table<'_>,
        frames: &mut Documents,
        events: &[EventRule],
        binary: bool,
    ) -> Option<Call> {
        for name in FIELDS {
            let _ = table.optional(name);
        }
        let numbered = numbered(table);
        let event = events.iter().find(|event| event.kind().map(Verb::Intent) == Some(verb));
        let mode = self.mode(verb, table, event);
        if let Some(mode) = mode {
            self.contradictions(verb, mode, table);
        }
        // Without a mode there is a problem already; the rest is read for its own.
        let mode = mode.unwrap_or(Mode::Correlated);
        let mut answers_tree = Documents::answers();
        let documents = if mode == Mode::Http { &mut answers_tree } else { &mut *frames };
        let scope = Scope::Answer { verb, numbered };
        let answers = self.answers(table, scope, documents);
        if let (Mode::Correlated, Some(ok)) = (mode, &answers.ok) {
            self.check_correlation(verb, ok, table);
        }
        let scope = Scope::Send { verb, numbered };
        let send = table.optional("send");
        let send =
            if send.is_present() { Some(self.payload(&send, scope, frames.codec)?) } else { None };
        let mut echo = None;
        if mode == Mode::Echo {
            echo = event.and_then(|event| Some((event.rule.clone(), event.cid()?.clone())));
            let carries = send.as_ref().is_none_or(names_cid);
            if !carries {
                self.input.problem(
                    table.key_span("send"),
                    "an echo is known by its cid, and this sends none",
                    "put ${cid} where the backend hands it on to everybody",
                );
            }
        }
        let http = table.optional("http");
        let http = if mode == Mode::Http && http.is_present() {
            Some(self.http(&http, scope, answers_tree)?)
        } else {
            None
        };
        if verb == Verb::Order && answers.order.is_none() {
            self.input.problem(
                table.span(),
                "this looks an order up but does not say where its id is",
                "facts = { order = \"/orders/0/id\" }",
            );
        }
        Some(Call { mode, binary, numbered, send, http, answers, echo })
    }

    /// The mode that is stated, or the one that the other fields amount to.
    fn mode(&self, verb: Verb, table: &Table<'_>, event: Option<&EventRule>) -> Option<Mode> {
        let name = verb.name();
        let stated = table.optional("mode");
        if stated.is_present() {
            return stated.choice(&MODES).map(|mode| mode.value);
        }
        if table.optional("http").is_present() {
            return Some(Mode::Http);
        }
        let send = table.optional("send");
        if !send.is_present() {
            self.input.problem(
                table.span(),
                format!("`{name}` sends nothing: `send` is missing"),
                "give `send` or `http`; mode = \"handshake\" or \"close\" where connecting or closing is the act",
            );
            return None;
        }
        if table.optional("ok").is_present() {
            return Some(Mode::Correlated);
        }
        let carries = send.string().is_some_and(|text| text.value.contains("${cid"));
        if carries && event.is_some_and(|event| event.cid().is_some()) {
            return Some(Mode::Echo);
        }
        self.input.problem(
            table.span(),
            format!("nothing says what answers `{name}`"),
            format!(
                "give `ok`; or send ${{cid}} and give [events.{name}] its `cid`; or mode = \"none\""
            ),
        );
        None
    }

    fn contradictions(&self, verb: Verb, mode: Mode, table: &Table<'_>) {
        let name = verb.name();
        let missing = |field: &str, help: &str| {
            self.input.problem(
                table.span(),
                format!("`{name}` has no `{field}`, which its mode needs"),
                help.to_owned(),
            );
        };
        let has = |field: &'static str| table.optional(field).is_present();
        let send = "send = '{\"type\":\"…\"}'";
        match mode {
            Mode::Http => {
                self.forbid(
                    table,
                    &["send"],
                    "goes over the WebSocket, `http` does not",
                    "keep one",
                );
                if !has("http") {
                    missing("http", "http = { method = \"GET\", url = \"${http}/…\" }");
                }
            }
            Mode::Correlated | Mode::Echo | Mode::None => {
                let why = "does not go with a mode of the WebSocket";
                self.forbid(table, &["http"], why, "leave `mode` out");
                if !has("send") {
                    missing("send", send);
                }
            }
            Mode::Handshake | Mode::Close => {
                let why = "has no use: this mode sends nothing and waits for nothing";
                let help = "leave it out, or leave `mode` out";
                self.forbid(table, &["send", "http", "id"], why, help);
                self.forbid(table, &ANSWER, why, help);
            }
        }
        match mode {
            Mode::Correlated if !has("ok") => {
                missing("ok", "ok = { \"/type\" = \"ok\", \"/id\" = \"${id}\" }");
            }
            Mode::Echo => {
                let why = "has no use: the own broadcast is the answer";
                self.forbid(table, &["ok"], why, "leave it out, or mode = \"correlated\"");
                let heard = self
                    .audited_events
                    .iter()
                    .any(|(kind, cid)| verb == Verb::Intent(*kind) && *cid);
                if !heard {
                    let help =
                        format!("[events.{name}] with `match` and `cid` says how it is known");
                    self.input.problem(
                        table.span(),
                        format!("`{name}` waits for its echo, but no event brings it"),
                        help,
                    );
                }
            }
            Mode::None => {
                let why = "has no use: mode \"none\" waits for nothing";
                self.forbid(table, &ANSWER, why, "leave it out, or leave `mode` out");
            }
            Mode::Close if !matches!(verb, Verb::Intent(IntentKind::Leave | IntentKind::End)) => {
                self.input.problem(
                    table.key_span("mode"),
                    format!("closing the socket cannot be the act of `{name}`"),
                    "only `leave` and `end` can be played so",
                );
            }
            _ => {}
        }
        if verb == Verb::Order && mode != Mode::Http {
            let help = "http = { method = \"GET\", url = \"${http}/orders?key=${key|url}\" }";
            self.input.problem(table.span(), "orders are looked up over HTTP", help);
        }
    }

    /// Several calls of these kinds may be open on a connection at once.
    fn check_correlation(&self, verb: Verb, ok: &Rule, table: &Table<'_>) {
        use IntentKind::{Chat, FlashSale, Gift, Giveaway, Like, Pin, PriceChange, Share};
        let many = [Chat, FlashSale, Gift, Giveaway, Like, Pin, PriceChange, Share];
        let many = many.iter().any(|&kind| verb == Verb::Intent(kind));
        let own = |variable| matches!(variable, Variable::Id | Variable::Cid | Variable::Key);
        let names_call = ok.terms.iter().any(|term| match &term.expected {
            Expected::Filled(template) => template.variables().any(own),
            _ => false,
        });
        if many && !names_call {
            self.input.problem(
                table.key_span("ok"),
                format!("any answer like this would do for every `{}`", verb.name()),
                "compare something with ${id} or ${cid}: { \"/type\" = \"ok\", \"/id\" = \"${id}\" }",
            );
        }
    }

    fn answers(&self, table: &Table<'_>, scope: Scope<'_>, documents: &mut Documents) -> Answers {
        let mut rule = |name: &'static str| {
            let field = table.optional(name);
            field.is_present().then(|| self.rule(&field, scope, documents)).flatten()
        };
        let (ok, fail) = (rule("ok"), rule("fail"));
        let reason = table.optional("reason");
        let reason = reason.is_present().then(|| self.source(&reason, documents)).flatten();
        let rejected = table.optional("rejected");
        let rejected = rejected.is_present().then(|| rejected.array()).flatten().map(|reasons| {
            let reasons = reasons.iter().filter_map(Field::string);
            reasons.map(|reason| reason.value.into()).collect()
        });
        if rejected.is_some() && reason.is_none() {
            self.input.problem(
                table.key_span("rejected"),
                "`rejected` lists reasons, but `reason` does not say where they are",
                "reason = \"/error\"",
            );
        }
        if fail.is_none() && rejected.is_some() {
            self.input.problem(
                table.key_span("rejected"),
                "`rejected` without `fail`: nothing would ever be a refusal",
                "fail = { \"/type\" = \"error\", \"/id\" = \"${id}\" }",
            );
        }
        let facts = table.optional("facts");
        let mut found: [Option<Source>; 3] = [None, None, None];
        if let Some(facts) = facts.is_present().then(|| facts.table()).flatten() {
            for (place, name) in found.iter_mut().zip(["order", "price", "units"]) {
                let field = facts.optional(name);
                *place = field.is_present().then(|| self.source(&field, documents)).flatten();
            }
            facts.finish();
        }
        let [order, price, units] = found;
        let captures = self.captures(&table.optional("capture"), documents);
        Answers { ok, fail, reason, rejected, order, price, units, captures }
    }

    fn http(&self, field: &Field<'_>, scope: Scope<'_>, documents: Documents) -> Option<HttpCall> {
        let table = field.table()?;
        let method = table.required("method").choice(&METHODS);
        let url = self.address(
            &table.required("url"),
            scope,
            (Variable::Http, &["http://", "https://"]),
            "an HTTP address begins with ${http}: \"${http}/products\"",
        );
        let headers = table.optional("headers");
        let headers = if headers.is_present() { self.headers(&headers, scope) } else { Vec::new() };
        let body = table.optional("body");
        let has_body = body.is_present();
        let body = if has_body { self.payload(&body, scope, Codec::Json) } else { None };
        table.finish();
        let tree = documents.tree;
        Some(HttpCall { method: method?.value, url: url?, headers, body, tree })
    }

    /// An address, which must begin with that variable or one of those schemes.
    pub(super) fn address(
        &self,
        field: &Field<'_>,
        scope: Scope<'_>,
        (base, schemes): (Variable, &[&str]),
        help: &str,
    ) -> Option<Template> {
        let text = field.string()?;
        let template = self.template(&text, scope)?;
        let good = match template.segments().first() {
            Some(Segment::Variable(variable, _)) => *variable == base,
            Some(Segment::Literal(text)) => schemes.iter().any(|scheme| text.starts_with(scheme)),
            None => false,
        };
        if !good {
            self.input.problem(text.span, format!("`{}` leads nowhere", text.value), help);
        }
        Some(template)
    }

    pub(super) fn headers(
        &self,
        field: &Field<'_>,
        scope: Scope<'_>,
    ) -> Vec<(hyper::header::HeaderName, Template)> {
        let Some(table) = field.table() else { return Vec::new() };
        let headers = table.entries().filter_map(|(name, value)| {
            let name = self.header_name(&name.map(str::to_owned));
            let value = self.template(&value.string()?, scope);
            Some((name?, value?))
        });
        headers.collect()
    }
}

/// Whether a call is numbered: `id = "seq"`.
pub(super) fn numbered(table: &Table<'_>) -> bool {
    table.optional("id").choice(&[("seq", true)]).is_some_and(|numbered| numbered.value)
}

fn names_cid(template: &Template) -> bool {
    template.variables().any(|variable| variable == Variable::Cid)
}
