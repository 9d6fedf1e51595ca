//! The grammar of objectives: `[KIND] FIGURE [STATISTIC] COMPARISON LIMIT [WINDOW]`.
//!
//! - KIND: an intent kind, with `-` or `_`: `chat`, `check-out`.
//! - FIGURE of a kind: the series `response`, `service`, `blocked`, `lag`, `paced`, and for what is
//!   broadcast `delivery`, `transit` (these want a STATISTIC: `p99`, `p99.9`, `max`, `mean`, and a
//!   LIMIT in time); the shares `failed`, and for what is broadcast `completeness`, `boundary`; the
//!   counts `duplicates`, `out-of-order`.
//! - FIGURE of the whole run, without a kind: the counts `oversold`, `orders`.
//! - COMPARISON: `<`, `<=`, `=`, `>=`, `>`.
//! - WINDOW: `in the worst second`, `during flash_sale(PRODUCT)` (with a number if the product has
//!   several: `flash_sale(lamp, 2)`), `after 30s`.

use claque_audience::{CueAct, Group, IntentKind, Micros, Product, Show};

use super::objective::{Comparison, Figure, Objective, Series, Statistic, Window};
use crate::input::{Input, Spanned, did_you_mean, units};

/// What objectives may refer to.
pub(super) struct Known<'a> {
    pub(super) products: &'a [Spanned<Product>],
    pub(super) shows: &'a [Show],
    pub(super) groups: &'a [Group],
}

/// A word, a comparison or a bracket, with its bytes in the objective.
#[derive(Clone, Copy, Debug)]
struct Token<'t> {
    text: &'t str,
    from: usize,
    to: usize,
}

/// What is wrong, where in the objective, and what would be right.
struct Fault {
    from: usize,
    to: usize,
    message: String,
    help: String,
}

/// What a figure's limit is measured in.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Time,
    Share,
    Count,
}

/// Series that every kind has.
const SERIES: [(&str, Series); 5] = [
    ("response", Series::Response),
    ("service", Series::Service),
    ("blocked", Series::Blocked),
    ("lag", Series::Lag),
    ("paced", Series::Paced),
];
/// Series of what is broadcast.
const BROADCAST_SERIES: [(&str, Series); 2] =
    [("delivery", Series::Delivery), ("transit", Series::Transit)];
/// Other figures of a kind.
const FIGURES: [&str; 5] = ["completeness", "boundary", "duplicates", "out_of_order", "failed"];
/// Figures of the whole run.
const WHOLE: [&str; 2] = ["oversold", "orders"];

/// Reads one objective; what is wrong is reported at its token.
pub(super) fn objective(
    input: &Input,
    text: &Spanned<String>,
    known: &Known<'_>,
) -> Option<Objective> {
    let tokens = tokens(&text.value);
    let mut words = Words { tokens: &tokens, next: 0, end: text.value.len() };
    match read(&mut words, &text.value, known) {
        Ok(objective) => {
            warn_if_empty(input, text, &objective, known);
            Some(objective)
        }
        Err(fault) => {
            let span = input.inside(text, fault.from, fault.to);
            input.problem(span, fault.message, fault.help);
            None
        }
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let class = |c: char| match c {
        c if c.is_whitespace() => 0,
        '<' | '>' | '=' | '≤' | '≥' => 1,
        '(' | ')' | ',' => 2,
        _ => 3,
    };
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let to = at + c.len_utf8();
        let joined = chars.peek().is_some_and(|&(_, next)| class(next) == class(c));
        if joined && class(c) != 2 {
            continue;
        }
        if class(c) != 0 {
            tokens.push(Token { text: &text[from..to], from, to });
        }
        from = to;
    }
    tokens
}

/// The tokens yet to be read.
struct Words<'t> {
    tokens: &'t [Token<'t>],
    next: usize,
    end: usize,
}

impl<'t> Words<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.next).copied()
    }

    fn take(&mut self) -> Option<Token<'t>> {
        let token = self.peek();
        self.next += usize::from(token.is_some());
        token
    }

    fn take_if(&mut self, text: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.text == text);
        self.next += usize::from(found);
        found
    }

    /// The next token, or a fault at the end of the text.
    fn want(&mut self, what: &str, help: &str) -> Result<Token<'t>, Fault> {
        self.take().ok_or_else(|| Fault {
            from: self.end,
            to: self.end,
            message: format!("the objective ends where {what} should stand"),
            help: help.to_owned(),
        })
    }
}

impl Token<'_> {
    fn fault<T>(self, message: String, help: impl Into<String>) -> Result<T, Fault> {
        Err(Fault { from: self.from, to: self.to, message, help: help.into() })
    }

    /// With `-` as `_`, so that both may be written.
    fn word(self) -> String {
        self.text.replace('-', "_")
    }
}

const FORM: &str = "such as \"chat response p99 < 250ms\"";

fn read(words: &mut Words<'_>, text: &str, known: &Known<'_>) -> Result<Objective, Fault> {
    let first = words.want("a kind or a figure", FORM)?;
    let (figure, unit) = match first.word().as_str() {
        "oversold" => (Figure::Oversold, Unit::Count),
        "orders" => (Figure::Orders, Unit::Count),
        word => match IntentKind::from_name(word) {
            Some(kind) => figure(words, kind)?,
            None => return first_word(first),
        },
    };
    let comparison = comparison(words)?;
    let limit = limit(words, unit)?;
    let window = window(words, known, figure)?;
    if let Some(rest) = words.peek() {
        return rest.fault(
            format!("`{}` does not belong here", rest.text),
            "an objective ends after its limit, or after `in the worst second`, \
             `during flash_sale(lamp)` or `after 30s`",
        );
    }
    Ok(Objective { text: text.to_owned(), figure, comparison, limit, window })
}

/// The first word is neither a kind nor a figure of the whole run: says which it may have meant.
fn first_word<T>(first: Token<'_>) -> Result<T, Fault> {
    let word = first.word();
    let of_a_kind = SERIES.iter().chain(&BROADCAST_SERIES).any(|(name, _)| *name == word)
        || FIGURES.contains(&word.as_str());
    if of_a_kind {
        return first.fault(
            format!("of which kind is this the {}?", first.text),
            format!("write the kind before it: chat {}", first.text),
        );
    }
    let kinds: Vec<&str> = IntentKind::ALL.iter().map(|kind| kind.name()).collect();
    let all = kinds.iter().copied().chain(WHOLE);
    let help = match did_you_mean(&word, all) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("kinds are {}; {} stand alone", kinds.join(", "), WHOLE.join(", ")),
    };
    first.fault(format!("`{}` is no kind of intent", first.text), help)
}

fn figure(words: &mut Words<'_>, kind: IntentKind) -> Result<(Figure, Unit), Fault> {
    let token = words.want("a figure", FORM)?;
    let word = token.word();
    let broadcast = kind.is_broadcast();
    let needs_broadcast =
        BROADCAST_SERIES.iter().any(|(name, _)| *name == word) || FIGURES[..4].contains(&&*word);
    if needs_broadcast && !broadcast {
        let heard = IntentKind::ALL.into_iter().filter(|kind| kind.is_broadcast());
        let kinds: Vec<&str> = heard.map(IntentKind::name).collect();
        return token.fault(
            format!("a {} is not broadcast, so it has no {}", kind.name(), token.text),
            format!("the room hears of {}", kinds.join(", ")),
        );
    }
    let series = SERIES.iter().chain(&BROADCAST_SERIES).find(|(name, _)| *name == word);
    if let Some(&(_, series)) = series {
        let statistic = statistic(words, token)?;
        return Ok((Figure::Latency { kind, series, statistic }, Unit::Time));
    }
    Ok(match word.as_str() {
        "completeness" => (Figure::Completeness(kind), Unit::Share),
        "boundary" => (Figure::Boundary(kind), Unit::Share),
        "failed" => (Figure::Failed(kind), Unit::Share),
        "duplicates" => (Figure::Duplicates(kind), Unit::Count),
        "out_of_order" => (Figure::OutOfOrder(kind), Unit::Count),
        word if WHOLE.contains(&word) => {
            return token.fault(
                format!("`{word}` is counted over the whole run, not by kind"),
                format!("write it alone: {word}"),
            );
        }
        word => {
            let names = SERIES.iter().map(|(name, _)| *name);
            let names: Vec<&str> = if broadcast {
                names.chain(BROADCAST_SERIES.iter().map(|(name, _)| *name)).chain(FIGURES).collect()
            } else {
                names.chain(["failed"]).collect()
            };
            let help = match did_you_mean(word, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("figures of {} are {}", kind.name(), names.join(", ")),
            };
            return token.fault(format!("`{}` is no figure", token.text), help);
        }
    })
}

fn statistic(words: &mut Words<'_>, series: Token<'_>) -> Result<Statistic, Fault> {
    let help = "write p50, p99, p99.9, max or mean";
    let token = words.want("a statistic", help)?;
    match token.text {
        "max" => return Ok(Statistic::Max),
        "mean" => return Ok(Statistic::Mean),
        text if text.starts_with(['<', '>', '=', '≤', '≥']) => {
            return token.fault(format!("which statistic of the {}?", series.text), help);
        }
        _ => {}
    }
    // Digits are joined instead of divided: 99.9 / 100 is not 0.999.
    let quantile = token.text.strip_prefix('p').and_then(|digits| {
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = plain(whole) && plain(part) && (1..=2).contains(&whole.len());
        fits.then(|| format!("0.{whole:0>2}{part}").parse::<f64>().ok()).flatten()
    });
    match quantile {
        Some(quantile) if quantile > 0.0 && quantile < 1.0 => Ok(Statistic::Quantile(quantile)),
        _ => token.fault(format!("`{}` is no statistic", token.text), help),
    }
}

fn comparison(words: &mut Words<'_>) -> Result<Comparison, Fault> {
    let help = "write <, <=, =, >= or >";
    let token = words.want("a comparison", help)?;
    Ok(match token.text {
        "<" => Comparison::Below,
        "<=" | "≤" => Comparison::AtMost,
        "=" | "==" => Comparison::Equal,
        ">=" | "≥" => Comparison::AtLeast,
        ">" => Comparison::Above,
        other => return token.fault(format!("`{other}` is no comparison"), help),
    })
}

fn limit(words: &mut Words<'_>, unit: Unit) -> Result<f64, Fault> {
    let (what, help) = match unit {
        Unit::Time => ("a time", "this figure is a time: write its unit, 250ms"),
        Unit::Share => ("a share", "this figure is a share: write 99.9% or 0.999"),
        Unit::Count => ("a count", "this figure is a count: write a whole number"),
    };
    let token = words.want(what, help)?;
    let fault = |_| Fault {
        from: token.from,
        to: token.to,
        message: format!("`{}` is not {what}", token.text),
        help: help.to_owned(),
    };
    match unit {
        Unit::Time => units::duration(token.text).map(Micros::seconds).map_err(fault),
        Unit::Share => units::share(token.text).map(|share| share.0).map_err(fault),
        Unit::Count => match token.text.parse::<u32>() {
            Ok(count) => Ok(f64::from(count)),
            Err(_) => token.fault(format!("`{}` is not {what}", token.text), help),
        },
    }
}

fn window(words: &mut Words<'_>, known: &Known<'_>, figure: Figure) -> Result<Window, Fault> {
    let help = "a window is `in the worst second`, `during flash_sale(lamp)` or `after 30s`";
    let Some(token) = words.take() else { return Ok(Window::Whole) };
    let window = match token.text {
        "in" => {
            for word in ["the", "worst", "second"] {
                let found = words.want(&format!("`{word}`"), help)?;
                if found.text != word {
                    return found.fault(format!("`{}` does not belong here", found.text), help);
                }
            }
            Window::WorstSecond
        }
        "during" => during(words, known)?,
        "after" => after(words, known)?,
        _ => return token.fault(format!("`{}` does not belong here", token.text), help),
    };
    if matches!(figure, Figure::Oversold | Figure::Orders) {
        return token.fault(
            "this figure is counted over the whole run only".to_owned(),
            "leave the window out",
        );
    }
    Ok(window)
}

fn after(words: &mut Words<'_>, known: &Known<'_>) -> Result<Window, Fault> {
    let token = words.want("an instant", "write after 30s")?;
    let from = match units::duration(token.text) {
        Ok(from) => from,
        Err(misread) => return token.fault(misread.message, misread.help),
    };
    let end = known.shows.iter().filter_map(|show| show.cues.last()).map(|cue| cue.at).max();
    let end = end.unwrap_or_default();
    if from >= end {
        let help = format!("the end is at {}", units::show_duration(end));
        return token.fault(format!("`{}` is after the end", token.text), help);
    }
    Ok(Window::Planned { label: format!("after {}", token.text), from, to: end })
}

fn during(words: &mut Words<'_>, known: &Known<'_>) -> Result<Window, Fault> {
    let help = "write during flash_sale(lamp)";
    let token = words.want("a flash sale", help)?;
    if token.word() != "flash_sale" {
        return token.fault(format!("`{}` has no length", token.text), help);
    }
    if !words.take_if("(") {
        return token.fault("which product's flash sale?".to_owned(), help);
    }
    let name = words.want("a product", help)?;
    let index = known.products.iter().position(|product| product.value.name == name.text);
    let Some(index) = index else {
        let names = known.products.iter().map(|product| product.value.name.as_str());
        let help = match did_you_mean(name.text, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("products here: {}", super::a_few(names)),
        };
        return name.fault(format!("there is no product `{}`", name.text), help);
    };
    let sales = sales(known, index);
    let which = if words.take_if(",") {
        let number = words.want("a number", "the first flash sale is 1")?;
        match number.text.parse::<usize>() {
            Ok(which) if (1..=sales.len()).contains(&which) => which - 1,
            _ => {
                let count = sales.len();
                let message = format!("there is no flash sale {} of `{}`", number.text, name.text);
                return number.fault(message, format!("it has {count}; the first is 1"));
            }
        }
    } else if sales.len() > 1 {
        let message = format!("`{}` has {} flash sales", name.text, sales.len());
        return name.fault(message, format!("say which: flash_sale({}, 1)", name.text));
    } else {
        0
    };
    let Some(&(from, to)) = sales.get(which) else {
        let help = "add the cue, or name a product that has one";
        return name.fault(format!("`{}` has no flash sale", name.text), help);
    };
    let close = words.want("`)`", help)?;
    if close.text != ")" {
        return close.fault(format!("`{}` stands where `)` should", close.text), help);
    }
    let number = if sales.len() > 1 { format!(", {}", which + 1) } else { String::new() };
    Ok(Window::Planned { label: format!("during flash_sale({}{number})", name.text), from, to })
}

/// The flash sales of a product in the order of time, each until its show's end at most.
fn sales(known: &Known<'_>, product: usize) -> Vec<(Micros, Micros)> {
    let mut sales = Vec::new();
    for show in known.shows {
        let end = show.cues.last().map_or(Micros(0), |cue| cue.at);
        for cue in &show.cues {
            if let CueAct::FlashSale { product: sold, length, .. } = cue.act
                && usize::from(sold.0) == product
            {
                sales.push((cue.at, cue.at.saturating_add(length).min(end)));
            }
        }
    }
    sales.sort_unstable();
    sales
}

/// Warns of an objective on something that the plan never does.
fn warn_if_empty(input: &Input, text: &Spanned<String>, objective: &Objective, known: &Known<'_>) {
    let kind = match objective.figure {
        Figure::Latency { kind, .. }
        | Figure::Completeness(kind)
        | Figure::Boundary(kind)
        | Figure::Duplicates(kind)
        | Figure::OutOfOrder(kind)
        | Figure::Failed(kind) => kind,
        Figure::Oversold | Figure::Orders => IntentKind::CheckOut,
    };
    let cue =
        |is: fn(&CueAct) -> bool| known.shows.iter().any(|s| s.cues.iter().any(|c| is(&c.act)));
    let planned = match kind {
        IntentKind::GoLive | IntentKind::End => !known.shows.is_empty(),
        IntentKind::Pin => cue(|act| matches!(act, CueAct::Pin { .. })),
        IntentKind::PriceChange => cue(|act| matches!(act, CueAct::PriceChange { .. })),
        IntentKind::Giveaway => cue(|act| matches!(act, CueAct::Giveaway { .. })),
        IntentKind::Raid => cue(|act| matches!(act, CueAct::Raid { .. })),
        IntentKind::FlashSale => cue(|act| matches!(act, CueAct::FlashSale { .. })),
        IntentKind::Join | IntentKind::Leave => !known.groups.is_empty(),
        IntentKind::Chat => known.groups.iter().any(|group| group.chat.is_some()),
        IntentKind::Like => known.groups.iter().any(|group| group.likes.is_some()),
        IntentKind::Gift => known.groups.iter().any(|group| group.gifts.is_some()),
        IntentKind::Share => known.groups.iter().any(|group| group.shares.is_some()),
        IntentKind::Enter => known.groups.iter().any(|group| group.giveaways.is_some()),
        IntentKind::Click | IntentKind::AddToCart | IntentKind::CheckOut => {
            known.groups.iter().any(|group| group.funnel.is_some())
        }
    };
    // A wrong group is already reported; what it would have done is not known.
    if !planned && !input.has_errors() {
        input.warning(
            text.span,
            format!("nobody ever does a {} here, so this cannot be judged", kind.name()),
            "leave it out, or let a group or a cue do it",
        );
    }
}
