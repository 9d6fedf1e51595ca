//! Rules, sources and templates as a binding states them.

use hyper::header::HeaderName;

use super::super::matching::{Expected, Literal, Rule, Source, Term};
use super::super::pointer::{Place, PointerTree};
use super::super::record::{Codec, Garbage, Scratch};
use super::super::template::{Names, Session, Template, Values, Variable};
use super::Reader;
use super::scope::Scope;
use crate::input::{Data, Field, Span, Spanned, Table, did_you_mean};

/// The documents that rules look into: the frames of a connection, or the answers of one verb.
pub(super) struct Documents {
    pub(super) codec: Codec,
    /// Whether they are HTTP answers, which have a status and headers.
    pub(super) http: bool,
    pub(super) tree: PointerTree,
}

impl Documents {
    pub(super) fn frames(codec: Codec) -> Documents {
        Documents { codec, http: false, tree: PointerTree::default() }
    }

    pub(super) fn answers() -> Documents {
        Documents { codec: Codec::Json, http: true, tree: PointerTree::default() }
    }
}

impl Reader<'_> {
    /// A text with variables.
    pub(super) fn template(&self, text: &Spanned<String>, scope: Scope<'_>) -> Option<Template> {
        let refuse = |variable| scope.refuse(variable);
        let names = Names { captures: &self.captures, refuse: &refuse };
        match Template::compile(&text.value, &names) {
            Ok(template) => Some(template),
            Err(faults) => {
                for fault in faults {
                    let span = self.input.inside(text, fault.at.start, fault.at.end);
                    self.input.problem(span, fault.message, fault.help);
                }
                None
            }
        }
    }

    /// A frame or a body: a text with variables which, if it looks like JSON where JSON is spoken,
    /// must be JSON.
    pub(super) fn payload(
        &self,
        field: &Field<'_>,
        scope: Scope<'_>,
        codec: Codec,
    ) -> Option<Template> {
        let text = field.string()?;
        let template = self.template(&text, scope)?;
        if codec == Codec::Json && text.value.trim_start().starts_with(['{', '[']) {
            self.check_json(&text, &template);
        }
        Some(template)
    }

    /// Fills in plain samples, and then one with a quote in the place of each name and text.
    fn check_json(&self, text: &Spanned<String>, template: &Template) {
        let plain = Values {
            text: "x",
            cid: "0-0",
            key: "0-0",
            product: "x",
            price: "1.00",
            to: "x",
            amount: "1.00",
            co_hosts: "x",
            id: 1,
            count: 1,
            quantity: 1,
            seconds: 1,
            ..SAMPLE
        };
        let session = self.sample_session();
        if let Err(error) = is_json(template, &plain, &session) {
            let help = "a name or a text is put in with its quotes by a filter: ${room|json}";
            return self.input.problem(
                text.span,
                format!("this looks like JSON but is none once filled in: {error}"),
                help,
            );
        }
        let quoted = "a\"b";
        for variable in template.variables() {
            let (name, values) = match variable {
                Variable::Text => ("text", Values { text: quoted, ..plain }),
                Variable::Room => ("room", Values { room: quoted, ..plain }),
                Variable::Viewer => ("viewer", Values { viewer: quoted, ..plain }),
                Variable::Creator => ("creator", Values { creator: quoted, ..plain }),
                Variable::Product => ("product", Values { product: quoted, ..plain }),
                Variable::To => ("to", Values { to: quoted, ..plain }),
                Variable::CoHosts => ("co_hosts", Values { co_hosts: quoted, ..plain }),
                _ => continue,
            };
            if is_json(template, &values, &session).is_err() {
                let message = format!("a quotation mark in `${{{name}}}` would break this JSON");
                let help = format!(
                    "write ${{{name}|json}} for it with its quotes, or ${{{name}|jsonstr}} inside a string"
                );
                self.input.problem(text.span, message, help);
                return;
            }
        }
    }

    /// A table of comparisons, all of which must hold; `status` is one for HTTP answers.
    pub(super) fn rule(
        &self,
        field: &Field<'_>,
        scope: Scope<'_>,
        documents: &mut Documents,
    ) -> Option<Rule> {
        let table = field.table()?;
        let mut terms = Vec::new();
        let mut statuses = None;
        let mut entries = 0;
        for (key, value) in table.entries() {
            entries += 1;
            if documents.http && key.value == "status" {
                statuses = accepted(&value);
                continue;
            }
            let key = key.map(str::to_owned);
            let place = self.pointer(&key, documents);
            let expected = self.expected(&value, scope);
            if let (Some(place), Some(expected)) = (place, expected) {
                terms.push(Term { place, expected });
            }
        }
        if entries == 0 {
            self.input.problem(
                table.span(),
                format!("`{}` compares nothing, so everything would satisfy it", field.name()),
                "name a pointer and its value: { \"/type\" = \"chat\" }",
            );
        }
        // Comparing with a constant is cheap and mostly fails, so it comes first.
        terms.sort_by_key(|term| matches!(term.expected, Expected::Filled(_)));
        Some(Rule { terms: terms.into(), statuses })
    }

    fn expected(&self, field: &Field<'_>, scope: Scope<'_>) -> Option<Expected> {
        let value = field.value()?;
        if let Data::Table(_) = value.data {
            let table = field.table()?;
            let form = table.one_of("a comparison", &["exists", "one_of"]);
            table.finish();
            let (form, inner) = form?;
            return if form == "exists" {
                Some(Expected::Exists(inner.boolean()?.value))
            } else {
                let items = inner.array()?;
                let literals = items.iter().filter_map(|item| self.literal(item));
                Some(Expected::OneOf(literals.collect()))
            };
        }
        if let Data::String(text) = &value.data
            && text.contains("${")
        {
            let template = self.template(&field.string()?, scope)?;
            let constant = template.variables().next().is_none();
            return Some(if constant {
                let text = template.fill(&Values::default(), &self.sample_session());
                Expected::OneOf([Literal::Text(text.into())].into())
            } else {
                Expected::Filled(template)
            });
        }
        self.literal(field).map(|literal| Expected::OneOf([literal].into()))
    }

    fn literal(&self, field: &Field<'_>) -> Option<Literal> {
        let value = field.value()?;
        match &value.data {
            Data::String(text) if text.contains("${") => {
                self.input.problem(
                    value.span,
                    "a variable cannot be one of several values",
                    "compare with it alone: \"/id\" = \"${id}\"",
                );
                None
            }
            Data::String(text) => Some(Literal::Text(text.as_str().into())),
            Data::Integer(number) => Some(Literal::Number(number.to_string().into())),
            Data::Float(number) if number.is_finite() => {
                Some(Literal::Number(number.to_string().into()))
            }
            Data::Boolean(truth) => Some(Literal::Bool(*truth)),
            _ => {
                let forms =
                    "write a string, a number, true, { exists = true } or { one_of = [ … ] }";
                field.wrong("something that JSON can be compared with", forms)
            }
        }
    }

    /// A pointer into the documents.
    pub(super) fn pointer(
        &self,
        pointer: &Spanned<String>,
        documents: &mut Documents,
    ) -> Option<Place> {
        if documents.codec == Codec::Text {
            let word = pointer.value.strip_prefix("/words/");
            let canonical = |word: &str| word == "0" || !word.starts_with(['0', '+']);
            let word = word.is_some_and(|word| word.parse::<u32>().is_ok() && canonical(word));
            if !word && pointer.value != "/text" {
                self.input.problem(
                    pointer.span,
                    format!("a text has nothing at `{}`", pointer.value),
                    "the codec `text` knows `/text`, the whole, and `/words/0`, `/words/1`, …",
                );
                return None;
            }
        }
        match documents.tree.insert(&pointer.value) {
            Ok(place) => Some(place),
            Err(fault) => {
                let span = self.input.inside(pointer, fault.at.start, fault.at.end);
                self.input.problem(span, fault.message, fault.help);
                None
            }
        }
    }

    /// Where a text is taken from: a pointer, or a table that says more.
    pub(super) fn source(&self, field: &Field<'_>, documents: &mut Documents) -> Option<Source> {
        let value = field.value()?;
        match &value.data {
            Data::String(_) => self.pointer(&field.string()?, documents).map(Source::At),
            Data::Table(_) => {
                let table = field.table()?;
                let source = self.source_table(&table, documents);
                table.finish();
                source
            }
            _ => field.wrong("a source", "write a pointer: \"/cid\""),
        }
    }

    fn source_table(&self, table: &Table<'_>, documents: &mut Documents) -> Option<Source> {
        if table.optional("in").is_present() || table.optional("until").is_present() {
            return self.between(table, documents);
        }
        let forms: &[&'static str] =
            if documents.http { &["after", "fixed", "header"] } else { &["after", "fixed"] };
        match table.one_of("a source", forms)? {
            ("after", _) => self.between(table, documents),
            ("fixed", fixed) => Some(Source::Fixed(fixed.string()?.value.into())),
            (_, header) => self.header_name(&header.string()?).map(Source::Header),
        }
    }

    fn between(&self, table: &Table<'_>, documents: &mut Documents) -> Option<Source> {
        let after = table.required("after").string();
        let until = table.optional("until").string();
        let field = table.optional("in");
        let place = if field.is_present() {
            self.pointer(&field.string()?, documents)
        } else if documents.codec == Codec::Text {
            let whole = Spanned { value: "/text".to_owned(), span: table.span() };
            self.pointer(&whole, documents)
        } else {
            self.input.problem(
                table.span(),
                "missing field `in`: where is the text that is cut?",
                "{ in = \"/text\", after = \"#\", until = \" \" }",
            );
            None
        };
        let after = after?.value.into();
        let until = until.map(|until| until.value).unwrap_or_default().into();
        Some(Source::Between { place: place?, after, until })
    }

    pub(super) fn header_name(&self, name: &Spanned<String>) -> Option<HeaderName> {
        let header = HeaderName::from_bytes(name.value.as_bytes());
        if header.is_err() {
            self.input.problem(
                name.span,
                format!("`{}` cannot be the name of a header", name.value),
                "letters, digits and hyphens: Idempotency-Key",
            );
        }
        header.ok()
    }

    /// A table of captures: a name of one's own, and where its value is.
    pub(super) fn captures(
        &self,
        field: &Field<'_>,
        documents: &mut Documents,
    ) -> Vec<(u16, Source)> {
        let Some(table) = field.value().and_then(|_| field.table()) else { return Vec::new() };
        let captures = table.entries().filter_map(|(name, source)| {
            let number = self.captures.iter().position(|known| known == name.value)?;
            Some((u16::try_from(number).ok()?, self.source(&source, documents)?))
        });
        captures.collect()
    }

    /// The fields that a mode or a place has no use for, each reported.
    pub(super) fn forbid(&self, table: &Table<'_>, fields: &[&'static str], why: &str, help: &str) {
        for &name in fields {
            if table.optional(name).is_present() {
                let message = format!("`{name}` {why}");
                self.input.problem(table.key_span(name), message, help);
            }
        }
    }

    /// Reports a name that a table's key does not have, with the nearest one.
    pub(super) fn unknown(&self, span: Span, what: &str, name: &str, known: &[&str]) {
        let all = known.join(", ");
        let help = match did_you_mean(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? Known are {all}"),
            None => format!("known are {all}"),
        };
        self.input.problem(span, format!("unknown {what} `{name}`"), help);
    }
}

/// Whether a template is JSON, once filled in.
fn is_json(template: &Template, values: &Values<'_>, session: &Session) -> Result<(), Garbage> {
    let text = template.fill(values, session);
    let (tree, mut scratch) = (PointerTree::default(), Scratch::default());
    Codec::Json.scan(text.as_bytes(), &tree, &mut scratch).map(|_| ())
}

/// The statuses that a rule accepts: one, or an array.
fn accepted(field: &Field<'_>) -> Option<Box<[u16]>> {
    let one = |field: &Field<'_>| field.integer(100..=599_u16).map(|status| status.value);
    let value = field.value()?;
    match &value.data {
        Data::Array(_) => Some(field.array()?.iter().filter_map(one).collect()),
        Data::Integer(_) => one(field).map(|status| [status].into()),
        _ => field.wrong("a status or an array of them", "status = 201, or [200, 201]"),
    }
}

/// What belongs to a connection, for trying templates.
const SAMPLE: Values<'static> = Values {
    url: "ws://localhost",
    http: "http://localhost",
    host: "localhost",
    run: "0",
    room: "x",
    creator: "x",
    viewer: "x",
    currency: "EUR",
    text: "",
    cid: "",
    key: "",
    product: "",
    price: "",
    to: "",
    amount: "",
    co_hosts: "",
    id: 0,
    count: 0,
    quantity: 0,
    seconds: 0,
};
