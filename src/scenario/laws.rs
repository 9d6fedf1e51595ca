//! Laws of lengths of time, for stays, absences and delays.
//!
//! A law is a text, `"3s"`: always the same; or a table with one of
//! - `fixed = "40s"`, the same in long;
//! - `log_normal = { median = "40s", sigma = 1.1 }`;
//! - `exponential = { mean = "40s" }`;
//! - `weibull = { shape = 0.7, scale = "40s" }`;
//! - `exponentiated_weibull = { a = 1.6, c = 0.6, scale = "40s" }`;
//! - `exponential_power = { b = 0.5, scale = "40s" }`;
//! - `gamma = { shape = 0.7, scale = "40s" }`;
//! - `empirical = ["5s", "9s"]`, a list of what was observed, or `{ trace = "stays.csv" }`, a CSV
//!   file of it, with `compress` (default: the group's) as the factor by which it is divided;
//! - `mixture = [{ share = "30%", fixed = "5s" }, { share = "70%", exponential = { … } }]`, shares
//!   summing to 100 %;
//!
//! and beside it, if wanted, `shift = "1s"`, which is added to every length. Shapes (`a`, `b`, `c`,
//! `shape`) are from 0.01 to 1000, `sigma` from 0 to 10.
//!
//! The times of a group's stays and absences are divided by the group's `compress`.

use std::cell::Cell;

use claque_audience::{Law, Micros};

use super::{Traces, trace, whole};
use crate::input::{Data, Field, Spanned, Table};

/// The forms that a law may have.
const FORMS: [&str; 9] = [
    "log_normal",
    "exponential",
    "fixed",
    "empirical",
    "weibull",
    "exponentiated_weibull",
    "exponential_power",
    "gamma",
    "mixture",
];

/// The factor by which a group's times are divided.
#[derive(Debug)]
pub(super) struct Compress {
    factor: f64,
    /// Whether any time was divided by it.
    used: Cell<bool>,
}

impl Compress {
    pub(super) fn new(factor: f64) -> Compress {
        Compress { factor, used: Cell::new(false) }
    }

    /// The factor, counted as used.
    pub(super) fn factor(&self) -> f64 {
        self.used.set(true);
        self.factor
    }

    pub(super) fn is_used(&self) -> bool {
        self.used.get()
    }

    /// A time divided by the factor; above zero it stays above zero.
    fn of(&self, length: Micros) -> Micros {
        self.used.set(true);
        if (self.factor - 1.0).abs() < f64::EPSILON || length.0 == 0 {
            return length;
        }
        Micros::from_seconds(length.seconds() / self.factor).max(Micros(1))
    }
}

/// How laws are read in one place of the file.
#[derive(Clone, Copy)]
pub(super) struct Laws<'a> {
    pub(super) traces: &'a Traces<'a>,
    /// Delays are divided by nothing.
    pub(super) compress: Option<&'a Compress>,
    /// Whether a length may be zero: a delay may, a stay may not.
    pub(super) zero: bool,
}

impl<'a> Laws<'a> {
    /// For delays, which nothing divides.
    pub(super) fn delays(traces: &'a Traces<'a>) -> Laws<'a> {
        Laws { traces, compress: None, zero: true }
    }

    fn divided(&self, length: Micros) -> Micros {
        self.compress.map_or(length, |compress| compress.of(length))
    }

    /// The law that `field` holds.
    pub(super) fn read(&self, field: Field<'_>) -> Option<Law> {
        let value = field.value()?;
        if let Data::String(_) = value.data {
            return self.length(field).map(Law::Fixed);
        }
        if !field.is_table() {
            let help = "write \"3s\", or a law: { log_normal = { median = \"40s\", sigma = 1.1 } }";
            return field.wrong("a length of time or a law of such", help);
        }
        let table = field.table()?;
        let law = self.of_table(&table);
        table.finish();
        law
    }

    /// The law that stands in `table`, perhaps beside other fields.
    fn of_table(&self, table: &Table<'_>) -> Option<Law> {
        let law = table.one_of("a law", &FORMS);
        let law = law.and_then(|(form, field)| self.form(form, field));
        let shift = table.optional("shift");
        if !shift.is_present() {
            return law;
        }
        let shift = self.divided(shift.duration()?.value);
        law.map(|law| Law::Shifted { shift, law: Box::new(law) })
    }

    fn form(&self, form: &str, field: Field<'_>) -> Option<Law> {
        match form {
            "fixed" => return self.length(field).map(Law::Fixed),
            "empirical" => return self.empirical(field).map(Law::Empirical),
            "mixture" => return self.mixture(field),
            _ => {}
        }
        let table = field.table()?;
        let law = self.of_two(form, &table);
        table.finish();
        law
    }

    /// The laws with a scale and one or two shapes.
    fn of_two(&self, form: &str, table: &Table<'_>) -> Option<Law> {
        let shape = |name| table.required(name).float(0.01..=1_000.0).map(|shape| shape.value);
        let scale = |name| positive(table.required(name)).map(|scale| self.divided(scale));
        // Both are read before either is missed, so that all that is wrong is told.
        Some(match form {
            "log_normal" => {
                let median = scale("median");
                let sigma = table.required("sigma").float(0.0..=10.0);
                Law::LogNormal { median: median?, sigma: sigma?.value }
            }
            "exponential" => Law::Exponential { mean: scale("mean")? },
            "weibull" => {
                let (shape, scale) = (shape("shape"), scale("scale"));
                Law::Weibull { shape: shape?, scale: scale? }
            }
            "exponentiated_weibull" => {
                let (a, c, scale) = (shape("a"), shape("c"), scale("scale"));
                Law::ExponentiatedWeibull { a: a?, c: c?, scale: scale? }
            }
            "exponential_power" => {
                let (b, scale) = (shape("b"), scale("scale"));
                Law::ExponentialPower { b: b?, scale: scale? }
            }
            _ => {
                let (shape, scale) = (shape("shape"), scale("scale"));
                Law::Gamma { shape: shape?, scale: scale? }
            }
        })
    }

    fn mixture(&self, field: Field<'_>) -> Option<Law> {
        let tables = field.tables()?;
        let whole = field.span()?;
        if tables.is_empty() {
            field.input().problem(
                whole,
                "a mixture of nothing",
                "write its laws with their shares: [{ share = \"30%\", fixed = \"5s\" }, …]",
            );
            return None;
        }
        let parts: Vec<_> = tables
            .into_iter()
            .map(|table| {
                let share = table.required("share").share();
                let law = self.of_table(&table);
                table.finish();
                Some((share?.value, law?))
            })
            .collect();
        let mut parts: Vec<_> = parts.into_iter().collect::<Option<_>>()?;
        whole::settle(
            field.input(),
            whole,
            "this mixture",
            parts.iter_mut().map(|part| &mut part.0),
        )?;
        Some(Law::Mixture(parts))
    }

    /// One length of time.
    fn length(&self, field: Field<'_>) -> Option<Micros> {
        let length = if self.zero { field.duration()?.value } else { positive(field)? };
        Some(self.divided(length))
    }

    fn empirical(&self, field: Field<'_>) -> Option<Vec<Micros>> {
        if !field.is_table() {
            let lengths = field.array()?;
            if let ([], Some(span)) = (lengths.as_slice(), field.span()) {
                field.input().problem(
                    span,
                    "there is no length to draw from",
                    "write at least one: [\"40s\"]",
                );
                return None;
            }
            let length = |length: Field<'_>| Some(self.divided(length.duration()?.value));
            // All of them are looked at before one that is wrong ends it.
            let lengths: Vec<_> = lengths.into_iter().map(length).collect();
            return lengths.into_iter().collect();
        }
        let table = field.table()?;
        let path = table.required("trace").string();
        let compress = trace::compress(&table, self.compress);
        table.finish();
        trace::lengths(field.input(), &path?, compress, self.traces)
    }
}

/// A duration above zero.
pub(super) fn positive(field: Field<'_>) -> Option<Micros> {
    let Spanned { value, span } = field.duration()?;
    if value.0 == 0 {
        let message = format!("`{}` must be longer than zero", field.name());
        field.input().problem(span, message, "write \"40s\"");
        return None;
    }
    Some(value)
}
