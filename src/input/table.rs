//! Typed getters that collect problems: a table is asked for its fields by name, and what nobody
//! asked for is an unknown field.

use std::cell::RefCell;
use std::fmt::Display;
use std::ops::RangeInclusive;

use claque_audience::{Micros, Money, Rate, Share};

use super::Input;
use super::problem::{Span, Spanned, did_you_mean};
use super::units::{self, Misread};
use super::value::{Data, Entry, Value};

/// A table under reading. Every field asked for is an allowed one; [`Table::finish`] reports the
/// others.
#[derive(Debug)]
pub struct Table<'a> {
    input: &'a Input,
    value: &'a Value,
    entries: &'a [Entry],
    name: &'a str,
    allowed: RefCell<Vec<&'static str>>,
    missing: RefCell<Vec<Missing>>,
}

/// A report of something missing, which is taken back where a misspelt field explains it.
#[derive(Debug)]
struct Missing {
    names: Vec<&'static str>,
    message: String,
}

/// A field that may be absent, or an element of an array; the typed getters report what is wrong.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    input: &'a Input,
    name: &'a str,
    value: Option<&'a Value>,
}

impl<'a> Table<'a> {
    pub(super) fn new(input: &'a Input, value: &'a Value, name: &'a str) -> Table<'a> {
        let entries = match &value.data {
            Data::Table(entries) => entries.as_slice(),
            _ => &[],
        };
        Table {
            input,
            value,
            entries,
            name,
            allowed: RefCell::default(),
            missing: RefCell::default(),
        }
    }

    /// The input that the table belongs to, for adding problems.
    #[must_use]
    pub fn input(&self) -> &'a Input {
        self.input
    }

    /// Where it stands: its header, or its braces.
    #[must_use]
    pub fn span(&self) -> Span {
        self.value.span
    }

    /// The field of that name; its absence is no fault.
    #[must_use]
    pub fn optional(&self, name: &'static str) -> Field<'a> {
        let mut allowed = self.allowed.borrow_mut();
        if !allowed.contains(&name) {
            allowed.push(name);
        }
        let value = self.entry(name).map(|entry| &entry.value);
        Field { input: self.input, name, value }
    }

    /// The field of that name; its absence is reported.
    #[must_use]
    pub fn required(&self, name: &'static str) -> Field<'a> {
        let field = self.optional(name);
        if field.value.is_none() {
            let message = format!("missing field `{name}`{}", self.place());
            self.input.fact(self.span(), message.clone());
            self.missing.borrow_mut().push(Missing { names: vec![name], message });
        }
        field
    }

    /// The one field of `names` that is there, for values of several forms (`{ log_normal = … }`
    /// or `{ fixed = … }`). None or several are reported; `what` says what is looked for: "a law
    /// of stays".
    #[must_use]
    pub fn one_of(&self, what: &str, names: &[&'static str]) -> Option<(&'static str, Field<'a>)> {
        let mut found = names.iter().filter_map(|&name| {
            let field = self.optional(name);
            field.value.is_some().then_some((name, field))
        });
        let first = found.next();
        if let Some((first, _)) = first {
            if let Some((second, field)) = found.next() {
                let span = field.key_span_in(self);
                self.input.problem(
                    span,
                    format!("`{first}` and `{second}` exclude each other"),
                    format!("{what} is one of {}", listed(names)),
                );
            }
        } else {
            let message = format!("{what} is missing{}", self.place());
            self.input.problem(self.span(), &*message, format!("write one of {}", listed(names)));
            self.missing.borrow_mut().push(Missing { names: names.to_vec(), message });
        }
        first
    }

    /// Every field, whatever its name, in the order of the file: for tables keyed by names that the
    /// user chooses. All of them count as asked for.
    pub fn entries(&self) -> impl Iterator<Item = (Spanned<&'a str>, Field<'a>)> {
        let input = self.input;
        self.entries.iter().map(move |entry| {
            let key = Spanned { value: entry.key.value.as_str(), span: entry.key.span };
            (key, Field { input, name: key.value, value: Some(&entry.value) })
        })
    }

    /// Where the name of a field stands, or the table if the field is absent.
    #[must_use]
    pub fn key_span(&self, name: &str) -> Span {
        self.entry(name).map_or(self.span(), |entry| entry.key.span)
    }

    /// Ends the reading: every field that was not asked for is reported, with the nearest allowed
    /// name and all of them. Where such a field is a misspelt one that is missing, only the
    /// misspelling is reported.
    pub fn finish(self) {
        let allowed = self.allowed.borrow();
        #[cfg(test)]
        self.input.note(self.value, &allowed);
        for entry in self.entries {
            let found = entry.key.value.as_str();
            if allowed.contains(&found) {
                continue;
            }
            let fields = listed(&allowed);
            let help = match did_you_mean(found, allowed.iter().copied()) {
                Some(near) => {
                    for missing in self.missing.borrow().iter() {
                        if missing.names.contains(&near) {
                            self.input.retract(self.span(), &missing.message);
                        }
                    }
                    format!("did you mean `{near}`? Allowed here: {fields}")
                }
                None if allowed.is_empty() => "no fields are allowed here".to_owned(),
                None => format!("allowed here: {fields}"),
            };
            let message = format!("unknown field `{found}`{}", self.place());
            self.input.problem(entry.key.span, message, help);
        }
    }

    fn entry(&self, name: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.key.value == name)
    }

    fn place(&self) -> String {
        if self.name.is_empty() { String::new() } else { format!(" in `{}`", self.name) }
    }
}

impl<'a> Field<'a> {
    /// Whether it is there at all.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.value.is_some()
    }

    /// The raw value with its place, for values of several forms.
    #[must_use]
    pub fn value(&self) -> Option<&'a Value> {
        self.value
    }

    /// Where the value stands.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.value.map(|value| value.span)
    }

    /// Its name; of an array's element, the array's.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Text.
    #[must_use]
    pub fn string(&self) -> Option<Spanned<String>> {
        let value = self.value?;
        match &value.data {
            Data::String(text) => Some(Spanned { value: text.clone(), span: value.span }),
            _ => self.wrong("a string", "put it in quotes"),
        }
    }

    /// `true` or `false`.
    #[must_use]
    pub fn boolean(&self) -> Option<Spanned<bool>> {
        let value = self.value?;
        match value.data {
            Data::Boolean(truth) => Some(Spanned { value: truth, span: value.span }),
            _ => self.wrong("a boolean", "write true or false, without quotes"),
        }
    }

    /// A whole number within `range`.
    #[must_use]
    pub fn integer<T>(&self, range: RangeInclusive<T>) -> Option<Spanned<T>>
    where
        T: Copy + Display + PartialOrd + TryFrom<i128>,
    {
        let value = self.value?;
        let within = format!("write a whole number from {} to {}", range.start(), range.end());
        let Data::Integer(number) = value.data else { return self.wrong("an integer", &within) };
        let below = number < 0 && T::try_from(0).is_ok_and(|zero| *range.start() >= zero);
        match T::try_from(number).ok().filter(|number| range.contains(number)) {
            Some(number) => Some(Spanned { value: number, span: value.span }),
            None => self.refuse(value.span, outside(&number, below), within),
        }
    }

    /// A number within `range`, whole or not; never NaN.
    #[must_use]
    pub fn float(&self, range: RangeInclusive<f64>) -> Option<Spanned<f64>> {
        let value = self.value?;
        let within = if range.end().is_finite() {
            format!("write a number from {} to {}", range.start(), range.end())
        } else {
            format!("write a number of at least {}", range.start())
        };
        let number = match value.data {
            #[expect(clippy::cast_precision_loss, reason = "limits are far below 2^53")]
            Data::Integer(number) => number as f64,
            Data::Float(number) => number,
            _ => return self.wrong("a number", &within),
        };
        if range.contains(&number) && number.is_finite() {
            Some(Spanned { value: number, span: value.span })
        } else {
            self.refuse(value.span, outside(&number, number < 0.0 && *range.start() >= 0.0), within)
        }
    }

    /// A length of time with its unit: `"1m30s"`.
    #[must_use]
    pub fn duration(&self) -> Option<Spanned<Micros>> {
        if let Data::Integer(number) = self.value?.data {
            let help = format!("write it as text with its unit: \"{number}s\" or \"{number}ms\"");
            return self.wrong("a duration", &help);
        }
        self.parsed("a duration", "write a number with its unit: \"90s\"", units::duration)
    }

    /// A share of a whole: `"9%"` or `0.09`.
    #[must_use]
    pub fn share(&self) -> Option<Spanned<Share>> {
        let value = self.value?;
        let number = match value.data {
            #[expect(clippy::cast_precision_loss, reason = "only 0 and 1 are in range")]
            Data::Integer(number) => number as f64,
            Data::Float(number) => number,
            _ => return self.parsed("a share", "write \"9%\" or 0.09", units::share),
        };
        match units::share_of_number(number) {
            Ok(share) => Some(Spanned { value: share, span: value.span }),
            Err(misread) => self.refuse(value.span, misread.message, misread.help),
        }
    }

    /// Events a time: `"0.5/min"`.
    #[must_use]
    pub fn rate(&self) -> Option<Spanned<Rate>> {
        self.parsed("a rate", "write how many in which time: \"0.5/min\"", units::rate)
    }

    /// An amount with its currency: `"39.00 EUR"`.
    #[must_use]
    pub fn money(&self) -> Option<Spanned<Money>> {
        self.parsed("an amount of money", "write it with its currency: \"39.00 EUR\"", units::money)
    }

    /// A string that is one of `choices`, each with what it stands for.
    #[must_use]
    pub fn choice<T: Clone>(&self, choices: &[(&str, T)]) -> Option<Spanned<T>> {
        let text = self.string()?;
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == text.value) {
            return Some(Spanned { value: choice.clone(), span: text.span });
        }
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let help = match did_you_mean(&text.value, names.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"? Allowed: {}", listed(&names)),
            None => format!("allowed: {}", listed(&names)),
        };
        self.refuse(text.span, format!("`{}` is none of the choices", text.value), help)
    }

    /// The elements of an array.
    #[must_use]
    pub fn array(&self) -> Option<Vec<Field<'a>>> {
        let value = self.value?;
        match &value.data {
            Data::Array(items) => {
                Some(items.iter().map(|item| Field { value: Some(item), ..*self }).collect())
            }
            _ => self.wrong("an array", "put the values in square brackets: [ … ]"),
        }
    }

    /// The fields of a table.
    #[must_use]
    pub fn table(&self) -> Option<Table<'a>> {
        let value = self.value?;
        match &value.data {
            Data::Table(_) => Some(Table::new(self.input, value, self.name)),
            _ => self.wrong("a table", "write its fields in braces: { … }"),
        }
    }

    /// The tables of an array of tables (`[[shows]]`); elements that are none are reported.
    #[must_use]
    pub fn tables(&self) -> Option<Vec<Table<'a>>> {
        let value = self.value?;
        let Data::Array(items) = &value.data else {
            let help = format!("write [[{0}]] instead of [{0}]", self.name);
            return self.wrong("an array of tables", &help);
        };
        let fields = items.iter().map(|item| Field { value: Some(item), ..*self });
        Some(fields.filter_map(|field| field.table()).collect())
    }

    /// A string read by a grammar of the reader's own.
    #[must_use]
    pub fn parsed<T>(
        &self,
        what: &str,
        form: &str,
        parse: impl FnOnce(&str) -> Result<T, Misread>,
    ) -> Option<Spanned<T>> {
        let value = self.value?;
        let Data::String(text) = &value.data else { return self.wrong(what, form) };
        match parse(text) {
            Ok(read) => Some(Spanned { value: read, span: value.span }),
            Err(misread) => self.refuse(value.span, misread.message, misread.help),
        }
    }

    /// Whether it is a table.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.value.is_some_and(|value| matches!(value.data, Data::Table(_)))
    }

    /// Whether it is an array.
    #[must_use]
    pub fn is_array(&self) -> bool {
        self.value.is_some_and(|value| matches!(value.data, Data::Array(_)))
    }

    /// The input that it belongs to.
    #[must_use]
    pub fn input(&self) -> &'a Input {
        self.input
    }

    /// Reports a value of the wrong type and returns nothing.
    #[must_use]
    pub fn wrong<T>(&self, wanted: &str, help: &str) -> Option<T> {
        let value = self.value?;
        let message = format!("`{}` must be {wanted}, not {}", self.name, value.data.kind());
        self.refuse(value.span, message, help.to_owned())
    }

    fn refuse<T>(&self, span: Span, message: String, help: String) -> Option<T> {
        self.input.problem(span, message, help);
        None
    }

    fn key_span_in(&self, table: &Table<'_>) -> Span {
        table.key_span(self.name)
    }
}

fn outside(number: &dyn Display, negative: bool) -> String {
    format!("{number} is {}", if negative { "negative" } else { "out of range" })
}

/// `a`, `b`, `c`, each in backquotes.
pub(super) fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    quoted.join(", ")
}
