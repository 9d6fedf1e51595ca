//! The part of a run that an objective or a rule looks at: its last words.

use claque_audience::{CueAct, Micros};

use super::Known;
use super::words::{Fault, Token, Words};
use crate::input::{did_you_mean, units};
use crate::scenario::{AbortRule, Acts, Figure, Window};

const HELP: &str = "a window is `in the worst second`, `during flash_sale(lamp)`, \
                    `during giveaway(lamp)`, `after 30s` or `before 10s`";

/// Reads the window of an objective, if there is one.
pub(super) fn window(
    words: &mut Words<'_>,
    known: &Known<'_>,
    acts: Acts,
    figure: Figure,
) -> Result<Window, Fault> {
    let Some(token) = words.take() else { return Ok(Window::Whole) };
    let window = match token.text {
        "in" => {
            for word in ["the", "worst", "second"] {
                let found = words.want(&format!("`{word}`"), HELP)?;
                if found.text != word {
                    return found.fault(format!("`{}` does not belong here", found.text), HELP);
                }
            }
            Window::WorstSecond
        }
        "during" => during(words, known)?,
        "after" | "before" => half(words, known, token)?,
        "over" => {
            return token.fault(
                "`over` is for the rules of `abort_when`, which look at the last seconds"
                    .to_owned(),
                HELP,
            );
        }
        _ => return token.fault(format!("`{}` does not belong here", token.text), HELP),
    };
    if figure == Figure::Oversold {
        return token.fault(
            "this figure is counted over the whole run only".to_owned(),
            "leave the window out",
        );
    }
    if acts == Acts::Reactions && window != Window::WorstSecond {
        return token.fault(
            "reactions have one table for the whole run".to_owned(),
            "leave the window out, or write `in the worst second`",
        );
    }
    Ok(window)
}

/// Reads `over 10s`: the seconds that a rule of `abort_when` looks back.
pub(super) fn over(words: &mut Words<'_>) -> Result<u32, Fault> {
    const HELP: &str = "write over 10s";
    let Some(token) = words.take() else { return Ok(AbortRule::OVER_DEFAULT_S) };
    if ["in", "during", "after", "before"].contains(&token.text) {
        let message = format!("a rule looks at the last seconds, so it has no `{}`", token.text);
        return token.fault(message, HELP);
    }
    if token.text != "over" {
        return token.fault(format!("`{}` does not belong here", token.text), HELP);
    }
    let length = words.want("a length of time", HELP)?;
    let micros = match units::duration(length.text) {
        Ok(micros) => micros,
        Err(misread) => return length.fault(misread.message, misread.help),
    };
    let seconds = micros.0 / Micros::SECOND.0;
    let whole = micros.0.is_multiple_of(Micros::SECOND.0);
    match u32::try_from(seconds) {
        Ok(seconds @ 1..=AbortRule::OVER_MAX_S) if whole => Ok(seconds),
        _ => length.fault(
            format!("a rule cannot look back over {}", length.text),
            format!("whole seconds, from 1s to {}s", AbortRule::OVER_MAX_S),
        ),
    }
}

/// `after 30s` and `before 10s`.
fn half(words: &mut Words<'_>, known: &Known<'_>, which: Token<'_>) -> Result<Window, Fault> {
    let token = words.want("an instant", &format!("write {} 30s", which.text))?;
    let at = match units::duration(token.text) {
        Ok(at) => at,
        Err(misread) => return token.fault(misread.message, misread.help),
    };
    let end = known.shows.iter().filter_map(|show| show.cues.last()).map(|cue| cue.at).max();
    let end = end.unwrap_or_default();
    let label = format!("{} {}", which.text, token.text);
    let (from, to) = if which.text == "after" { (at, end) } else { (Micros(0), at) };
    if at >= end {
        let help = format!("the end is at {}", units::show_duration(end));
        let message = match which.text {
            "after" => format!("`{}` is after the end", token.text),
            _ => format!("`{}` is not before the end", token.text),
        };
        return token.fault(message, help);
    }
    if to == Micros(0) {
        return token.fault("nothing is before the start".to_owned(), "write before 10s");
    }
    Ok(Window::Planned { label, from, to })
}

/// A cue that lasts: what it is called in a window, and in words.
#[derive(Clone, Copy)]
struct Lasting {
    name: &'static str,
    words: &'static str,
}

const SALE: Lasting = Lasting { name: "flash_sale", words: "flash sale" };
const GIVEAWAY: Lasting = Lasting { name: "giveaway", words: "giveaway" };

/// `during flash_sale(lamp)`, `during giveaway(lamp, 2)`.
fn during(words: &mut Words<'_>, known: &Known<'_>) -> Result<Window, Fault> {
    let help = "write during flash_sale(lamp) or during giveaway(lamp)";
    let token = words.want("a flash sale or a giveaway", help)?;
    let lasting = [SALE, GIVEAWAY].into_iter().find(|cue| cue.name == token.word());
    let Some(cue) = lasting else {
        return token.fault(format!("`{}` has no length", token.text), help);
    };
    let help = format!("write during {}(lamp)", cue.name);
    if !words.take_if("(") {
        return token.fault(format!("which product's {}?", cue.words), help);
    }
    let name = words.want("a product", &help)?;
    let index = known.products.iter().position(|product| product.value.name == name.text);
    let Some(index) = index else {
        let names = known.products.iter().map(|product| product.value.name.as_str());
        let help = match did_you_mean(name.text, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("products here: {}", crate::scenario::a_few(names)),
        };
        return name.fault(format!("there is no product `{}`", name.text), help);
    };
    let times = times(known, cue, index);
    let which = if words.take_if(",") {
        let number = words.want("a number", &format!("the first {} is 1", cue.words))?;
        match number.text.parse::<usize>() {
            Ok(which) if (1..=times.len()).contains(&which) => which - 1,
            _ => {
                let count = times.len();
                let message =
                    format!("there is no {} {} of `{}`", cue.words, number.text, name.text);
                return number.fault(message, format!("it has {count}; the first is 1"));
            }
        }
    } else if times.len() > 1 {
        let message = format!("`{}` has {} {}s", name.text, times.len(), cue.words);
        return name.fault(message, format!("say which: {}({}, 1)", cue.name, name.text));
    } else {
        0
    };
    let Some(&(from, to)) = times.get(which) else {
        let help = "add the cue, or name a product that has one";
        return name.fault(format!("`{}` has no {}", name.text, cue.words), help);
    };
    let close = words.want("`)`", &help)?;
    if close.text != ")" {
        return close.fault(format!("`{}` stands where `)` should", close.text), help);
    }
    let number = if times.len() > 1 { format!(", {}", which + 1) } else { String::new() };
    let label = format!("during {}({}{number})", cue.name, name.text);
    Ok(Window::Planned { label, from, to })
}

/// When such cues of a product last, in the order of time, each until its show's end at most.
fn times(known: &Known<'_>, lasting: Lasting, product: usize) -> Vec<(Micros, Micros)> {
    let mut times = Vec::new();
    for show in known.shows {
        let end = show.cues.last().map_or(Micros(0), |cue| cue.at);
        for cue in &show.cues {
            let (name, of, length) = match cue.act {
                CueAct::FlashSale { product, length, .. } => (SALE.name, product, length),
                CueAct::Giveaway { product, length } => (GIVEAWAY.name, product, length),
                _ => continue,
            };
            if name == lasting.name && usize::from(of.0) == product {
                times.push((cue.at, cue.at.saturating_add(length).min(end)));
            }
        }
    }
    times.sort_unstable();
    times
}
