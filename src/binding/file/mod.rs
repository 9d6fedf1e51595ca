//! The binding file: read, checked, compiled. Everything wrong with it is found in one go.

mod rules;
mod scope;
#[cfg(test)]
mod tests;
mod verbs;

use claque_audience::IntentKind;

use super::handshake::Step;
use super::record::Codec;
use super::template::{Session, VARIABLES, Variable};
use super::{Binding, Call, Connect, EventRule, Heartbeat, Reply, Rule, Told, Verb};
use crate::input::{Data, Field, Input, Problems, Table};
use rules::Documents;
use scope::Scope;

/// The event that no intent causes.
const SOLD_OUT: &str = "sold_out";

/// What all parts of the file need while it is read.
struct Reader<'a> {
    input: &'a Input,
    /// Captured names; a name's place is its number.
    captures: Vec<String>,
    /// The events that the file has, and whether each says where its cid is.
    audited_events: Vec<(IntentKind, bool)>,
}

pub(super) fn parse(file: &str, text: &str) -> Result<Binding, Box<Problems>> {
    let input = Input::parse(file, text);
    let binding = if input.has_errors() { None } else { read(&input) };
    let (binding, _) = input.conclude(binding)?;
    // A part can be missing only where a problem was reported, and then this is not reached.
    binding.ok_or_else(|| {
        Box::new(Problems::of_file(file, "the binding cannot be read".to_owned(), None))
    })
}

fn read(input: &Input) -> Option<Binding> {
    let root = input.root();
    let mut reader = Reader { input, captures: Vec::new(), audited_events: Vec::new() };
    reader.collect_captures(&root);
    let name = root.required("name").string();
    let ran_against = root.optional("ran_against").string();
    let connect = root.required("connect").table();
    let binary = connect.as_ref().and_then(|table| table.optional("binary").boolean());
    let binary = binary.is_some_and(|binary| binary.value);
    let connect = connect.and_then(|table| reader.connect(table));
    let codec = root.optional("codec").table().and_then(|table| {
        let kind = table.required("kind").choice(&[("json", Codec::Json), ("text", Codec::Text)]);
        table.finish();
        kind
    });
    let codec = codec.map_or(Codec::Json, |codec| codec.value);
    let mut frames = Documents::frames(codec);
    let handshake = root.optional("handshake").tables().unwrap_or_default();
    let handshake = reader.handshake(handshake, &mut frames);
    let replies = root.optional("on").tables().unwrap_or_default();
    let replies =
        replies.into_iter().filter_map(|table| reader.reply(table, &mut frames, binary)).collect();
    let heartbeat = root.optional("heartbeat").table();
    let heartbeat = heartbeat.map(|table| reader.heartbeat(table, codec, binary));
    let events = reader.events(&root, &mut frames);
    let (verbs, order) = reader.verbs(&root, &mut frames, &events, binary);
    root.finish();
    let answers = shadows(verbs.iter().flatten().map(|call| &**call));
    Some(Binding {
        name: name?.value.into(),
        ran_against: ran_against.map(|text| text.value.into()),
        codec,
        binary,
        connect: connect?,
        handshake,
        replies,
        heartbeat,
        verbs,
        order,
        events,
        answers,
        tree: frames.tree,
    })
}

/// What a frame must satisfy to be an answer to anybody, each rule once.
fn shadows<'a>(calls: impl Iterator<Item = &'a Call>) -> Vec<Rule> {
    let mut shadows = Vec::new();
    let calls = calls.filter(|call| !call.http());
    for rule in calls.flat_map(|call| call.answers.ok.iter().chain(&call.answers.fail)) {
        let shadow = rule.shadow();
        if !shadows.contains(&shadow) {
            shadows.push(shadow);
        }
    }
    shadows
}

type Calls = ([Option<Box<Call>>; IntentKind::COUNT], Option<Box<Call>>);

impl Reader<'_> {
    /// Numbers the names of all captures, wherever they are, so that any template may name them.
    fn collect_captures(&mut self, root: &Table<'_>) {
        let steps = ["handshake", "on"].into_iter().flat_map(|name| {
            let field = root.optional(name);
            // What is no array of tables is reported when it is read.
            let array = matches!(field.value().map(|it| &it.data), Some(Data::Array(_)));
            let items = if array { field.array().unwrap_or_default() } else { Vec::new() };
            items.into_iter().filter_map(|item| table_of(&item))
        });
        let verbs = table_of(&root.optional("verbs"));
        let verbs = verbs.iter().flat_map(Table::entries).filter_map(|(_, verb)| table_of(&verb));
        for table in steps.chain(verbs) {
            let Some(captures) = table_of(&table.optional("capture")) else { continue };
            for (name, _) in captures.entries() {
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                if name.value.is_empty() || !name.value.bytes().all(plain) {
                    self.input.problem(
                        name.span,
                        format!("`{}` cannot be the name of a variable", name.value),
                        "letters, digits and underscores: session_token",
                    );
                } else if VARIABLES.iter().any(|(known, _)| *known == name.value) {
                    self.input.problem(
                        name.span,
                        format!("`{}` is a variable already", name.value),
                        "choose another name",
                    );
                }
                if !self.captures.iter().any(|known| known == name.value) {
                    self.captures.push(name.value.to_owned());
                }
            }
        }
    }

    fn connect(&self, table: Table<'_>) -> Option<Connect> {
        let url = self.address(
            &table.required("url"),
            Scope::Connect,
            (Variable::Url, &["ws://", "wss://"]),
            "a WebSocket's address begins with ${url}: \"${url}/live\"",
        );
        let headers = table.optional("headers");
        let headers =
            if headers.is_present() { self.headers(&headers, Scope::Connect) } else { Vec::new() };
        let subprotocol = table.optional("subprotocol").string();
        let subprotocol = subprotocol.and_then(|text| self.template(&text, Scope::Connect));
        table.finish();
        let headers = headers.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
        Some(Connect { url: url?, headers, subprotocol })
    }

    fn handshake(&self, tables: Vec<Table<'_>>, frames: &mut Documents) -> Vec<Step> {
        let mut heard: Vec<u16> = Vec::new();
        let mut steps = Vec::new();
        for table in tables {
            let numbered = verbs::numbered(&table);
            let scope = Scope::Handshake { numbered, captured: &heard };
            let send = table.optional("send");
            let expect = table.optional("expect");
            let (sends, expects) = (send.is_present(), expect.is_present());
            if !sends && !expects {
                self.input.problem(
                    table.span(),
                    "this step neither sends nor expects anything",
                    "give `send`, `expect` or both",
                );
            }
            if !expects {
                let why = "waits for an answer, but `expect` is missing";
                let help = "a step that only sends goes on at once";
                self.forbid(&table, &["fail", "reason", "capture"], why, help);
            }
            let send = if sends { self.payload(&send, scope, frames.codec) } else { None };
            let expect = if expects { self.rule(&expect, scope, frames) } else { None };
            let fail = table.optional("fail");
            let fail = if fail.is_present() { self.rule(&fail, scope, frames) } else { None };
            let reason = self.source(&table.optional("reason"), frames);
            let captures = self.captures(&table.optional("capture"), frames);
            heard.extend(captures.iter().map(|&(number, _)| number));
            table.finish();
            steps.push(Step { send, numbered, expect, fail, reason, captures });
        }
        steps
    }

    fn reply(&self, table: Table<'_>, frames: &mut Documents, binary: bool) -> Option<Reply> {
        let rule = self.rule(&table.required("match"), Scope::Everywhere, frames);
        let captures = self.captures(&table.optional("capture"), frames);
        let send = self.payload(&table.required("send"), Scope::Connection, frames.codec);
        table.finish();
        Some(Reply { rule: rule?, captures, send: send?, binary })
    }

    fn heartbeat(&self, table: Table<'_>, codec: Codec, binary: bool) -> Heartbeat {
        let every = table.optional("every").duration();
        let dead_after = table.optional("dead_after").duration();
        let only_if_idle = table.optional("only_if_idle").boolean();
        let send = table.optional("send");
        let sends = send.is_present();
        let send = if sends { self.payload(&send, Scope::Connection, codec) } else { None };
        let timed = table.optional("every").is_present();
        if timed != sends {
            let (there, missing) = if timed { ("every", "send") } else { ("send", "every") };
            self.input.problem(
                table.key_span(there),
                format!("`{there}` without `{missing}`"),
                "every = \"20s\" and send = '{\"type\":\"ping\"}' go together",
            );
        } else if !timed && !table.optional("dead_after").is_present() {
            self.input.problem(
                table.span(),
                "this heartbeat does nothing",
                "give `every` and `send`, or `dead_after`, or leave it out",
            );
        }
        for (name, length) in [("every", every), ("dead_after", dead_after)] {
            if length.is_some_and(|length| length.value.0 == 0) {
                self.input.problem(table.key_span(name), "no time at all", "write \"20s\"");
            }
        }
        table.finish();
        Heartbeat {
            every: every.map(|every| every.value),
            only_if_idle: only_if_idle.is_some_and(|idle| idle.value),
            dead_after: dead_after.map(|length| length.value),
            binary,
            send,
        }
    }

    fn events(&mut self, root: &Table<'_>, frames: &mut Documents) -> Vec<EventRule> {
        let Some(table) = root.optional("events").table() else { return Vec::new() };
        let mut events = Vec::new();
        for (name, field) in table.entries() {
            let kind = IntentKind::from_name(name.value).filter(|kind| kind.is_broadcast());
            if kind.is_none() && name.value != SOLD_OUT {
                let kinds = IntentKind::ALL.into_iter().filter(|kind| kind.is_broadcast());
                let known: Vec<&str> = kinds.map(IntentKind::name).chain([SOLD_OUT]).collect();
                self.unknown(name.span, "event", name.value, &known);
                continue;
            }
            let Some(table) = field.table() else { continue };
            let rule = self.rule(&table.required("match"), Scope::Everywhere, frames);
            let told = if let Some(kind) = kind {
                let cid = table.optional("cid");
                self.audited_events.push((kind, cid.is_present()));
                let cid = self.source(&cid, frames);
                let server_sequence = self.source(&table.optional("seq"), frames);
                Some(Told::Audited { kind, cid, server_sequence })
            } else {
                let product = self.source(&table.required("product"), frames);
                product.map(|product| Told::SoldOut { product })
            };
            table.finish();
            if let (Some(rule), Some(told)) = (rule, told) {
                events.push(EventRule { rule, told });
            }
        }
        events
    }

    fn verbs(
        &self,
        root: &Table<'_>,
        frames: &mut Documents,
        events: &[EventRule],
        binary: bool,
    ) -> Calls {
        let mut calls: Calls = ([const { None }; IntentKind::COUNT], None);
        let Some(table) = root.required("verbs").table() else { return calls };
        let names: Vec<&str> = Verb::all().map(Verb::name).collect();
        for (name, field) in table.entries() {
            let Some(verb) = Verb::all().find(|verb| verb.name() == name.value) else {
                self.unknown(name.span, "verb", name.value, &names);
                continue;
            };
            let Some(table) = field.table() else { continue };
            let call = self.verb(verb, &table, frames, events, binary);
            table.finish();
            let call = call.map(Box::new);
            match verb {
                Verb::Intent(kind) => calls.0[kind as usize] = call,
                Verb::Order => calls.1 = call,
            }
        }
        if !table.entries().any(|(name, _)| name.value == "join") {
            self.input.problem(
                table.span(),
                "there is no [verbs.join], so nobody could enter a room",
                "mode = \"handshake\" where connecting is entering",
            );
        }
        calls
    }

    /// A session in which every capture has a value that can stand anywhere.
    fn sample_session(&self) -> Session {
        let mut session = Session::default();
        for number in 0..self.captures.len() {
            session.capture(u16::try_from(number).unwrap_or(u16::MAX), "1");
        }
        session
    }
}

/// The table that a field is, saying nothing if it is none.
fn table_of<'a>(field: &Field<'a>) -> Option<Table<'a>> {
    match &field.value()?.data {
        Data::Table(_) => field.table(),
        _ => None,
    }
}
