//! Shares that together are a whole: of classes, of a mixture, of weights.

use claque_audience::Share;

use crate::input::{Input, Span};

/// Published tables are rounded; what misses the whole by less is made exact.
const ROUNDING: f64 = 1e-3;

/// Makes `shares` sum to exactly 1; if they are further from it than rounding explains, that is
/// reported at `span`, where `what` says whose they are: "these classes".
pub(super) fn settle<'s>(
    input: &Input,
    span: Span,
    what: &str,
    shares: impl IntoIterator<Item = &'s mut Share>,
) -> Option<()> {
    let shares: Vec<&mut Share> = shares.into_iter().collect();
    let sum: f64 = shares.iter().map(|share| share.0).sum();
    if (sum - 1.0).abs() > ROUNDING {
        let missing = percent((sum - 1.0).abs());
        let help = if sum < 1.0 { "are missing" } else { "are too many" };
        input.problem(
            span,
            format!("the shares of {what} sum to {}, not to 100%", percent(sum)),
            format!("{missing} {help}"),
        );
        return None;
    }
    // A sum that is 1 but for the last digit leaves the shares as they are written.
    if (sum - 1.0).abs() > 1e-12 {
        for share in shares {
            share.0 /= sum;
        }
    }
    Some(())
}

/// A share, or a sum of shares, with as many decimals as are of use.
fn percent(share: f64) -> String {
    let text = format!("{:.3}", share * 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}
