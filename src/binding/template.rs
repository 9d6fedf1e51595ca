//! Texts with variables in them: compiled once into segments, filled without allocating.

use std::fmt::Write as _;

use bytes::{BufMut as _, BytesMut};

use crate::input::did_you_mean;

/// What a template may name. All borrowed, so that filling one in allocates nothing; a field that
/// does not apply stays empty.
///
/// `url`, `http`, `host`, `run`, `room`, `creator`, `viewer` and `currency` belong to the
/// connection and are needed everywhere; the others belong to one intent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Values<'a> {
    /// Base address of the WebSocket: `ws://host:port`.
    pub url: &'a str,
    /// Base address for HTTP: `http://host:port`.
    pub http: &'a str,
    /// `host:port`.
    pub host: &'a str,
    /// What marks this run's messages.
    pub run: &'a str,
    /// The room, which is named after its creator.
    pub room: &'a str,
    /// The creator of the show.
    pub creator: &'a str,
    /// The name of who acts: a viewer, or the creator.
    pub viewer: &'a str,
    /// The currency of the prices.
    pub currency: &'a str,
    /// The words of a chat message.
    pub text: &'a str,
    /// The correlation id of a message that will be broadcast.
    pub cid: &'a str,
    /// The idempotency key of an order.
    pub key: &'a str,
    /// The product.
    pub product: &'a str,
    /// The price of one unit, as a decimal.
    pub price: &'a str,
    /// The room that a raid leads to.
    pub to: &'a str,
    /// What a gift is worth, as a decimal.
    pub amount: &'a str,
    /// The names of the show's co-hosts, separated by commas; none if empty.
    pub co_hosts: &'a str,
    /// The number of the call on its connection.
    pub id: u64,
    /// Likes in one run; what a gift is worth in minor units.
    pub count: u32,
    /// Units in a cart or an order.
    pub quantity: u32,
    /// How long a flash sale lasts, or a giveaway can be entered.
    pub seconds: u64,
}

/// What one connection has learnt: its captured values, and how many calls it has numbered.
#[derive(Clone, Debug, Default)]
pub struct Session {
    calls: u64,
    captured: Vec<String>,
}

impl Session {
    /// The number of the connection's next call: 1, 2, 3, …
    pub fn next_call(&mut self) -> u64 {
        self.calls += 1;
        self.calls
    }

    /// What was captured under that number, or nothing yet.
    pub(super) fn captured(&self, number: u16) -> &str {
        self.captured.get(usize::from(number)).map_or("", String::as_str)
    }

    /// Remembers `text`, reusing the memory of what it replaces.
    pub(super) fn capture(&mut self, number: u16, text: &str) {
        let index = usize::from(number);
        if self.captured.len() <= index {
            self.captured.resize_with(index + 1, String::new);
        }
        text.clone_into(&mut self.captured[index]);
    }
}

/// A variable of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Url,
    Http,
    Host,
    Run,
    Room,
    Creator,
    Viewer,
    Currency,
    Text,
    Cid,
    Key,
    Product,
    Price,
    To,
    Amount,
    CoHosts,
    Id,
    Count,
    Quantity,
    Seconds,
    /// Captured from the connection, by the number of the capture.
    Captured(u16),
}

/// The built-in variables by name.
pub(super) const VARIABLES: [(&str, Variable); 20] = [
    ("url", Variable::Url),
    ("http", Variable::Http),
    ("host", Variable::Host),
    ("run", Variable::Run),
    ("room", Variable::Room),
    ("creator", Variable::Creator),
    ("viewer", Variable::Viewer),
    ("currency", Variable::Currency),
    ("text", Variable::Text),
    ("cid", Variable::Cid),
    ("key", Variable::Key),
    ("product", Variable::Product),
    ("price", Variable::Price),
    ("to", Variable::To),
    ("amount", Variable::Amount),
    ("co_hosts", Variable::CoHosts),
    ("id", Variable::Id),
    ("count", Variable::Count),
    ("quantity", Variable::Quantity),
    ("seconds", Variable::Seconds),
];

/// A variable's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filling<'a> {
    Text(&'a str),
    Number(u64),
}

impl Variable {
    pub(super) fn of<'a>(self, values: &Values<'a>, session: &'a Session) -> Filling<'a> {
        match self {
            Variable::Url => Filling::Text(values.url),
            Variable::Http => Filling::Text(values.http),
            Variable::Host => Filling::Text(values.host),
            Variable::Run => Filling::Text(values.run),
            Variable::Room => Filling::Text(values.room),
            Variable::Creator => Filling::Text(values.creator),
            Variable::Viewer => Filling::Text(values.viewer),
            Variable::Currency => Filling::Text(values.currency),
            Variable::Text => Filling::Text(values.text),
            Variable::Cid => Filling::Text(values.cid),
            Variable::Key => Filling::Text(values.key),
            Variable::Product => Filling::Text(values.product),
            Variable::Price => Filling::Text(values.price),
            Variable::To => Filling::Text(values.to),
            Variable::Amount => Filling::Text(values.amount),
            Variable::CoHosts => Filling::Text(values.co_hosts),
            Variable::Id => Filling::Number(values.id),
            Variable::Count => Filling::Number(values.count.into()),
            Variable::Quantity => Filling::Number(values.quantity.into()),
            Variable::Seconds => Filling::Number(values.seconds),
            Variable::Captured(number) => Filling::Text(session.captured(number)),
        }
    }
}

/// How a value is written into its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// As it is.
    None,
    /// As a JSON string, with its quotes; a number as a number.
    Json,
    /// Escaped for the inside of a JSON string.
    JsonStr,
    /// Percent-encoded: all but letters, digits and `-._~`.
    Url,
}

/// The filters by name.
pub(super) const FILTERS: [(&str, Filter); 3] =
    [("json", Filter::Json), ("jsonstr", Filter::JsonStr), ("url", Filter::Url)];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Literal(Box<str>),
    Variable(Variable, Filter),
}

/// A text with variables: `{"room":${room|json}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    segments: Box<[Segment]>,
}

/// Something wrong in a template, by bytes of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TemplateFault {
    pub(super) at: std::ops::Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}

/// The variables that a template may name at its place in a binding.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    /// Captured names, in the order of their numbers.
    pub(super) captures: &'a [String],
    /// Why a variable cannot be named there, if it cannot.
    pub(super) refuse: &'a dyn Fn(Variable) -> Option<String>,
}

impl Names<'_> {
    /// What stands between the braces, `start` bytes into the text: `name` or `name|filter`.
    fn variable(&self, inside: &str, start: usize) -> Result<Segment, TemplateFault> {
        let (name, filter) = match inside.split_once('|') {
            Some((name, filter)) => (name, Some(filter)),
            None => (inside, None),
        };
        let at = start..start + name.len();
        let Some(variable) = self.find(name) else {
            let near = did_you_mean(name, self.known());
            let message = format!("unknown variable `{name}`");
            return Err(TemplateFault { at, message, help: suggestion(near, self.known()) });
        };
        if let Some(why) = (self.refuse)(variable) {
            let message = format!("`${{{name}}}` {why}");
            let help = format!("known here: {}", listed(self.known()));
            return Err(TemplateFault { at, message, help });
        }
        let Some(filter) = filter else { return Ok(Segment::Variable(variable, Filter::None)) };
        let known = || FILTERS.iter().map(|&(name, _)| name);
        match FILTERS.iter().find(|(known, _)| *known == filter) {
            Some(&(_, filter)) => Ok(Segment::Variable(variable, filter)),
            None => Err(TemplateFault {
                at: at.end + 1..at.end + 1 + filter.len(),
                message: format!("unknown filter `{filter}`"),
                help: suggestion(did_you_mean(filter, known()), known()),
            }),
        }
    }

    fn find(&self, name: &str) -> Option<Variable> {
        let captured = self.captures.iter().position(|captured| captured == name);
        if let Some(number) = captured.and_then(|number| u16::try_from(number).ok()) {
            return Some(Variable::Captured(number));
        }
        VARIABLES.iter().find(|(known, _)| *known == name).map(|&(_, variable)| variable)
    }

    /// The names of everything that may be named.
    fn known(&self) -> impl Iterator<Item = &str> {
        let built_in = VARIABLES.iter().map(|&(name, _)| name);
        let names = built_in.chain(self.captures.iter().map(String::as_str));
        names.filter(|name| self.find(name).is_some_and(|it| (self.refuse)(it).is_none()))
    }
}

impl Template {
    /// Compiles `text` with the variables of `names`. `$${` stands for `${` itself.
    pub(super) fn compile(text: &str, names: &Names<'_>) -> Result<Template, Vec<TemplateFault>> {
        let mut segments = Vec::new();
        let mut literal = String::new();
        let mut faults = Vec::new();
        let mut at = 0;
        while let Some(dollar) = text[at..].find("${").map(|offset| at + offset) {
            if text[at..dollar].ends_with('$') {
                literal.push_str(&text[at..dollar - 1]);
                literal.push_str("${");
                at = dollar + 2;
                continue;
            }
            literal.push_str(&text[at..dollar]);
            let Some(length) = text[dollar..].find('}') else {
                faults.push(TemplateFault {
                    at: dollar..dollar + 2,
                    message: "`${` without its `}`".to_owned(),
                    help: "write `$${` for the characters themselves".to_owned(),
                });
                at = text.len();
                break;
            };
            let start = dollar + 2;
            match names.variable(&text[start..dollar + length], start) {
                Ok(variable) => {
                    if !literal.is_empty() {
                        segments.push(Segment::Literal(std::mem::take(&mut literal).into()));
                    }
                    segments.push(variable);
                }
                Err(fault) => faults.push(fault),
            }
            at = dollar + length + 1;
        }
        literal.push_str(&text[at..]);
        if !literal.is_empty() {
            segments.push(Segment::Literal(literal.into()));
        }
        if faults.is_empty() { Ok(Template { segments: segments.into() }) } else { Err(faults) }
    }

    /// Appends the filled-in text.
    pub fn encode(&self, values: &Values<'_>, session: &Session, out: &mut BytesMut) {
        for segment in &self.segments {
            match segment {
                Segment::Literal(text) => out.put_slice(text.as_bytes()),
                Segment::Variable(variable, filter) => match variable.of(values, session) {
                    Filling::Number(number) => {
                        // Cannot fail: a BytesMut grows.
                        let _ = write!(out, "{number}");
                    }
                    Filling::Text(text) => filter.write(text, out),
                },
            }
        }
    }

    /// The filled-in text, in a string of its own.
    pub(super) fn fill(&self, values: &Values<'_>, session: &Session) -> String {
        let mut out = BytesMut::with_capacity(64);
        self.encode(values, session, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    pub(super) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The variables that it names.
    pub(super) fn variables(&self) -> impl Iterator<Item = Variable> + '_ {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Variable(variable, _) => Some(*variable),
            Segment::Literal(_) => None,
        })
    }
}

impl Filter {
    fn write(self, text: &str, out: &mut BytesMut) {
        match self {
            Filter::None => out.put_slice(text.as_bytes()),
            Filter::Json => {
                out.put_u8(b'"');
                escape_json(text, out);
                out.put_u8(b'"');
            }
            Filter::JsonStr => escape_json(text, out),
            Filter::Url => escape_url(text, out),
        }
    }
}

fn escape_json(text: &str, out: &mut BytesMut) {
    let bytes = text.as_bytes();
    let mut plain = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.put_slice(&bytes[plain..at]);
        plain = at + 1;
        match byte {
            b'"' => out.put_slice(b"\\\""),
            b'\\' => out.put_slice(b"\\\\"),
            b'\n' => out.put_slice(b"\\n"),
            b'\r' => out.put_slice(b"\\r"),
            b'\t' => out.put_slice(b"\\t"),
            _ => {
                out.put_slice(b"\\u00");
                put_hex(byte, out);
            }
        }
    }
    out.put_slice(&bytes[plain..]);
}

fn escape_url(text: &str, out: &mut BytesMut) {
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.put_u8(byte);
        } else {
            out.put_u8(b'%');
            put_hex(byte, out);
        }
    }
}

fn put_hex(byte: u8, out: &mut BytesMut) {
    for digit in [byte >> 4, byte & 0xf] {
        out.put_u8(b"0123456789ABCDEF"[usize::from(digit)]);
    }
}

/// A help line: the nearest of the known names, if one is near, and all of them.
pub(super) fn suggestion<'a>(near: Option<&str>, known: impl Iterator<Item = &'a str>) -> String {
    let known = listed(known);
    match near {
        Some(near) => format!("did you mean `{near}`? Known here: {known}"),
        None => format!("known here: {known}"),
    }
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VALUES: Values<'static> = Values {
        url: "ws://h:1",
        http: "http://h:1",
        host: "h:1",
        run: "7",
        room: "mia",
        creator: "mia",
        viewer: "a b/c",
        currency: "EUR",
        text: "say \"hi\"\n\\ é\u{1}",
        cid: "7-1-2",
        key: "k",
        product: "lamp",
        price: "29.00",
        to: "noor",
        amount: "5.00",
        co_hosts: "ben,eva",
        id: 12,
        count: 3,
        quantity: 1,
        seconds: 15,
    };

    fn compile(text: &str) -> Result<Template, Vec<TemplateFault>> {
        let captures = ["token".to_owned(), "ping_every".to_owned()];
        Template::compile(text, &Names { captures: &captures, refuse: &|_| None })
    }

    fn check(template: &str, expect: &str) {
        let mut session = Session::default();
        session.capture(1, "25000");
        session.capture(0, "old and long");
        session.capture(0, "t\"k");
        let filled = compile(template).unwrap().fill(&VALUES, &session);
        assert_eq!(filled, expect, "{template}");
    }

    fn check_fault(template: &str, at: &str, expect: &str) {
        let fault = compile(template).unwrap_err().remove(0);
        assert_eq!(&template[fault.at.clone()], at, "{template}");
        assert_eq!(format!("{}; {}", fault.message, fault.help), expect, "{template}");
    }

    #[test]
    fn variables_and_filters() {
        check("", "");
        check("plain { } $ text", "plain { } $ text");
        check("${url}/live?user=${viewer|url}", "ws://h:1/live?user=a%20b%2Fc");
        check("${text|url}", "say%20%22hi%22%0A%5C%20%C3%A9%01");
        check("${text|json}", r#""say \"hi\"\n\\ é\u0001""#);
        check(r#""<${text|jsonstr}>""#, r#""<say \"hi\"\n\\ é\u0001>""#);
        check("${id}${count}-${quantity}-${seconds|json}", "123-1-15");
        check("${token|json},${ping_every}", r#""t\"k",25000"#);
        check("${to}:${amount|json}:${co_hosts|url}", r#"noor:"5.00":ben%2Ceva"#);
        check("$${id} $$${id} $${", "${id} $${id} ${");
    }

    #[test]
    fn a_capture_that_was_not_taken_is_empty() {
        let template = compile("[${token}]").unwrap();
        assert_eq!(template.fill(&VALUES, &Session::default()), "[]");
    }

    #[test]
    fn faults_name_their_place() {
        let known = "url, http, host, run, room, creator, viewer, currency, text, cid, key, \
                     product, price, to, amount, co_hosts, id, count, quantity, seconds, \
                     token, ping_every";
        let variable = |found: &str, near: &str| {
            format!("unknown variable `{found}`; did you mean `{near}`? Known here: {known}")
        };
        check_fault("a ${viewr}", "viewr", &variable("viewr", "viewer"));
        check_fault("é ${tokn|json}", "tokn", &variable("tokn", "token"));
        check_fault("${}", "", &format!("unknown variable ``; known here: {known}"));
        check_fault(
            "${text|jsn}",
            "jsn",
            "unknown filter `jsn`; did you mean `json`? Known here: json, jsonstr, url",
        );
        check_fault(
            "${id",
            "${",
            "`${` without its `}`; write `$${` for the characters themselves",
        );
        assert_eq!(compile("${a}${b|c}${id|x").unwrap_err().len(), 3);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn json_strings_read_back_as_they_were(text: String) {
            let values = Values { text: &text, ..VALUES };
            let filled = compile("${text|json}").unwrap().fill(&values, &Session::default());
            prop_assert_eq!(serde_json::from_str::<String>(&filled).unwrap(), text);
        }

        #[test]
        fn compiling_never_panics(text in "[${}|a-z é]{0,20}") {
            let _ = compile(&text);
        }
    }
}
