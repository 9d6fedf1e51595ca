//! `stay`: the law of a visit's length, one of `log_normal = { median, sigma }`,
//! `exponential = { mean }`, `fixed = "40s"`, or `empirical`: a list of observed stays, or
//! `{ trace, compress }`, a CSV file of them. Visits are cut at the show's end.

use claque_audience::{Law, Micros};

use super::{Traces, trace};
use crate::input::{Field, Spanned, Table};

pub(super) fn read(table: Option<Table<'_>>, traces: &Traces<'_>) -> Option<Law> {
    let table = table?;
    let laws = ["log_normal", "exponential", "fixed", "empirical"];
    let law = table.one_of("a law of stays", &laws);
    let stay = law.and_then(|(law, field)| match law {
        "log_normal" => {
            let table = field.table()?;
            let median = positive(table.required("median"));
            let sigma = table.required("sigma").float(0.0..=10.0);
            table.finish();
            Some(Law::LogNormal { median: median?, sigma: sigma?.value })
        }
        "exponential" => {
            let table = field.table()?;
            let mean = positive(table.required("mean"));
            table.finish();
            Some(Law::Exponential { mean: mean? })
        }
        "fixed" => positive(field).map(Law::Fixed),
        _ => empirical(field, traces).map(Law::Empirical),
    });
    table.finish();
    stay
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

fn empirical(field: Field<'_>, traces: &Traces<'_>) -> Option<Vec<Micros>> {
    if !field.is_table() {
        let stays = field.array()?;
        if let ([], Some(span)) = (stays.as_slice(), field.span()) {
            field.input().problem(
                span,
                "there is no stay to draw from",
                "write at least one: [\"40s\"]",
            );
            return None;
        }
        return stays.into_iter().map(|stay| Some(stay.duration()?.value)).collect();
    }
    let table = field.table()?;
    let path = table.required("trace").string();
    let compress = trace::compress(&table);
    table.finish();
    trace::stays(field.input(), &path?, compress, traces)
}
