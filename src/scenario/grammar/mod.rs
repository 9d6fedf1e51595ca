//! The grammar of objectives: `[reaction] [KIND] FIGURE [STATISTIC] COMPARISON LIMIT [, …] [WINDOW]`.
//!
//! - KIND: an intent kind, with `-` or `_`: `chat`, `check-out`.
//! - FIGURE of a kind: the series `response`, `service`, `blocked`, `lag`, `paced`, and for what is
//!   broadcast `delivery`, `transit` (these want a STATISTIC: `p99`, `p99.9`, `max`, `mean`, and a
//!   LIMIT in time); for what is broadcast the shares `completeness`, `boundary` and the counts
//!   `duplicates`, `out-of-order`.
//! - FIGURE of a kind, or without one of all kinds together, how intents ended: `answered`,
//!   `rejected`, `timed-out`, `unsent`, and `failed` (all but the first two: neither answered nor
//!   rejected). A LIMIT with `%` or a point is a share (`0.1%`, `0.001`), a whole number a count.
//! - FIGURE of the whole run, without a kind: the counts `oversold`, `orders`.
//! - COMPARISON: `<`, `<=`, `=`, `>=`, `>`.
//! - Several limits on one figure stand after one another: `chat response p50 < 50ms, p99 < 250ms`.
//!   Each is an objective of its own; the window holds for all of them.
//! - WINDOW: `in the worst second`, `during flash_sale(PRODUCT)` or `during giveaway(PRODUCT)`
//!   (with a number if the product has several: `flash_sale(lamp, 2)`), `after 30s`, `before 10s`.
//! - With `reaction` before it, a figure is about what viewers do because of something received.
//!
//! A rule of `abort_when` has the same form, and instead of these windows `over 10s`, the seconds
//! that it looks back.

mod window;
mod words;

use claque_audience::{CueAct, Group, IntentKind, Micros, Product, ReactionAct, Show};

use super::objective::{
    AbortRule, Acts, Comparison, Ending, Figure, Objective, Series, Statistic, Unit,
};
use crate::input::{Field, Input, Spanned, Table, did_you_mean, units};
use words::{Fault, Token, Words};

/// What objectives may refer to.
pub(super) struct Known<'a> {
    pub(super) products: &'a [Spanned<Product>],
    pub(super) shows: &'a [Show],
    pub(super) groups: &'a [Group],
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
/// Other figures of what is broadcast.
const BROADCAST: [&str; 4] = ["completeness", "boundary", "duplicates", "out_of_order"];
/// Figures of the whole run.
const WHOLE: [&str; 2] = ["oversold", "orders"];
/// What viewers may do because of something received.
const REACTIONS: [IntentKind; 6] = [
    IntentKind::Chat,
    IntentKind::Click,
    IntentKind::AddToCart,
    IntentKind::CheckOut,
    IntentKind::Enter,
    IntentKind::Leave,
];

/// Reads `objectives`.
pub(super) fn read_objectives(root: &Table<'_>, known: &Known<'_>) -> Vec<Objective> {
    let lines = root.optional("objectives").array().unwrap_or_default();
    let lines = lines.iter().filter_map(Field::string);
    lines.flat_map(|text| objectives(root.input(), &text, known)).collect()
}

/// Reads `abort_when`.
pub(super) fn read_abort_rules(root: &Table<'_>, known: &Known<'_>) -> Vec<AbortRule> {
    let field = root.optional("abort_when");
    let lines = field.array().unwrap_or_default();
    let lines = lines.iter().filter_map(Field::string);
    let rules: Vec<_> = lines.flat_map(|text| abort_rules(root.input(), &text, known)).collect();
    if let Some(span) = field.span().filter(|_| rules.len() > AbortRule::RULES_MAX) {
        let message = format!("there are {} rules", rules.len());
        root.input().problem(span, message, format!("write at most {}", AbortRule::RULES_MAX));
    }
    rules
}

/// Reads one line of objectives; what is wrong is reported at its token.
fn objectives(input: &Input, text: &Spanned<String>, known: &Known<'_>) -> Vec<Objective> {
    let window = |words: &mut Words<'_>, head: &Head<'_>, figure| {
        window::window(words, known, head.acts, figure)
    };
    let Some(Line { acts, limits, window }) = line(input, text, known, window) else {
        return Vec::new();
    };
    let objective = |Limit { text, figure, comparison, value: limit }| Objective {
        text,
        acts,
        figure,
        comparison,
        limit,
        window: window.clone(),
    };
    limits.into_iter().map(objective).collect()
}

/// Reads one line of rules that end a run early; what is wrong is reported at its token.
fn abort_rules(input: &Input, text: &Spanned<String>, known: &Known<'_>) -> Vec<AbortRule> {
    let over = |words: &mut Words<'_>, head: &Head<'_>, figure| {
        if figure == Figure::Oversold {
            let help = "look at it in `objectives`, or at orders here";
            return head.token.fault("what was oversold is known only at the end".into(), help);
        }
        window::over(words)
    };
    let Some(Line { acts, limits, window: over_s }) = line(input, text, known, over) else {
        return Vec::new();
    };
    let rule = |Limit { text, figure, comparison, value: limit }| AbortRule {
        text,
        acts,
        figure,
        comparison,
        limit,
        over_s,
    };
    limits.into_iter().map(rule).collect()
}

/// What a line's limits have in common.
#[derive(Clone, Copy)]
struct Head<'t> {
    acts: Acts,
    what: What<'t>,
    /// The figure's name, or its kind's where it has one.
    token: Token<'t>,
}

/// A figure that may still want its statistic or its unit.
#[derive(Clone, Copy)]
enum What<'t> {
    Series(IntentKind, Series, Token<'t>),
    Ended(Option<IntentKind>, Ending),
    Figure(Figure),
}

/// One limit of a line.
struct Limit {
    text: String,
    figure: Figure,
    comparison: Comparison,
    value: f64,
}
/// A line under one head: its limits and the window that they share.
struct Line<W> {
    acts: Acts,
    limits: Vec<Limit>,
    window: W,
}

const FORM: &str = "such as \"chat response p99 < 250ms\"";

/// Reads a line; `window` reads its end.
fn line<W>(
    input: &Input,
    text: &Spanned<String>,
    known: &Known<'_>,
    window: impl FnOnce(&mut Words<'_>, &Head<'_>, Figure) -> Result<W, Fault>,
) -> Option<Line<W>> {
    let tokens = words::tokens(&text.value);
    match read(&mut Words::new(&tokens, &text.value), &text.value, window) {
        Ok(line) => {
            if let Some(limit) = line.limits.first() {
                warn_if_empty(input, text, line.acts, limit.figure, known);
            }
            Some(line)
        }
        Err(fault) => {
            let span = input.inside(text, fault.from, fault.to);
            input.problem(span, fault.message, fault.help);
            None
        }
    }
}

fn read<W>(
    words: &mut Words<'_>,
    text: &str,
    window: impl FnOnce(&mut Words<'_>, &Head<'_>, Figure) -> Result<W, Fault>,
) -> Result<Line<W>, Fault> {
    let head = head(words)?;
    let stem = &text[..words.taken_to()];
    let (first, mut to) = limit(words, &head, text)?;
    let figure = first.figure;
    let mut limits = vec![first];
    while words.take_if(",") {
        if let Some(token) = words.peek().filter(|&token| is_figure(token)) {
            return token.fault(
                format!("`{}` begins another figure", token.text),
                "write it as an objective of its own, in quotes of its own",
            );
        }
        let (next, end) = limit(words, &head, text)?;
        limits.push(next);
        to = end;
    }
    let window = window(words, &head, figure)?;
    if let Some(rest) = words.peek() {
        return rest.fault(
            format!("`{}` does not belong here", rest.text),
            "a line ends after its limits and their window",
        );
    }
    if let [alone] = limits.as_mut_slice() {
        text.clone_into(&mut alone.text);
    } else {
        for limit in &mut limits {
            limit.text = format!("{} {}{}", stem.trim(), limit.text, text[to..].trim_end());
        }
    }
    Ok(Line { acts: head.acts, limits, window })
}

fn head<'t>(words: &mut Words<'t>) -> Result<Head<'t>, Fault> {
    let mut token = words.want("a kind or a figure", FORM)?;
    let mut acts = Acts::Planned;
    if token.word() == "reaction" {
        token = words.want("a kind", "such as \"reaction click response p99 < 1s\"")?;
        acts = Acts::Reactions;
    }
    let word = token.word();
    let what = match word.as_str() {
        "orders" if acts == Acts::Reactions => {
            let message = "orders are not told apart by what led to them".to_owned();
            return token.fault(message, "write reaction check-out answered");
        }
        "oversold" if acts == Acts::Reactions => {
            let message = "stock is not told apart by what led to an order".to_owned();
            return token.fault(message, "leave `reaction` out");
        }
        "oversold" => What::Figure(Figure::Oversold),
        "orders" => What::Figure(Figure::Orders),
        word => match (Ending::from_name(word), IntentKind::from_name(word)) {
            (Some(ending), _) => What::Ended(None, ending),
            (None, Some(kind)) if acts == Acts::Reactions && !REACTIONS.contains(&kind) => {
                let kinds: Vec<&str> = REACTIONS.into_iter().map(IntentKind::name).collect();
                return token.fault(
                    format!("nobody does a {} because of something received", kind.name()),
                    format!("reactions are {}", kinds.join(", ")),
                );
            }
            (None, Some(kind)) => figure(words, kind, acts)?,
            (None, None) => return first_word(token),
        },
    };
    Ok(Head { acts, what, token })
}

/// The first word is neither a kind nor a figure of the whole run: says which it may have meant.
fn first_word<T>(first: Token<'_>) -> Result<T, Fault> {
    let word = first.word();
    let of_a_kind = SERIES.iter().chain(&BROADCAST_SERIES).any(|(name, _)| *name == word)
        || BROADCAST.contains(&word.as_str());
    if of_a_kind {
        return first.fault(
            format!("of which kind is this the {}?", first.text),
            format!("write the kind before it: chat {}", first.text),
        );
    }
    let kinds: Vec<&str> = IntentKind::ALL.iter().map(|kind| kind.name()).collect();
    let alone = WHOLE.into_iter().chain(Ending::ALL.map(Ending::name));
    let alone: Vec<&str> = alone.collect();
    let all = kinds.iter().chain(&alone).copied().chain(["reaction"]);
    let help = match did_you_mean(&word, all) {
        Some(near) => format!("did you mean `{near}`?"),
        None if ["all", "any", "every"].contains(&word.as_str()) => {
            "without a kind, all of them are meant: failed < 1%".to_owned()
        }
        None => format!("kinds are {}; {} stand alone", kinds.join(", "), alone.join(", ")),
    };
    first.fault(format!("`{}` is no kind of intent", first.text), help)
}

/// Whether a word begins a figure.
fn is_figure(token: Token<'_>) -> bool {
    let word = token.word();
    IntentKind::from_name(&word).is_some()
        || Ending::from_name(&word).is_some()
        || SERIES.iter().chain(&BROADCAST_SERIES).any(|(name, _)| *name == word)
        || BROADCAST.iter().chain(&WHOLE).any(|name| *name == word)
        || word == "reaction"
}

/// The figure of a kind.
fn figure<'t>(words: &mut Words<'t>, kind: IntentKind, acts: Acts) -> Result<What<'t>, Fault> {
    let token = words.want("a figure", FORM)?;
    let word = token.word();
    let broadcast = kind.is_broadcast();
    let needs_broadcast = BROADCAST_SERIES.iter().any(|(name, _)| *name == word)
        || BROADCAST.contains(&word.as_str());
    if needs_broadcast && acts == Acts::Reactions {
        return token.fault(
            format!("the {} is not told apart by what somebody wrote it for", token.text),
            "leave `reaction` out",
        );
    }
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
        return Ok(What::Series(kind, series, token));
    }
    if let Some(ending) = Ending::from_name(&word) {
        return Ok(What::Ended(Some(kind), ending));
    }
    Ok(What::Figure(match word.as_str() {
        "completeness" => Figure::Completeness(kind),
        "boundary" => Figure::Boundary(kind),
        "duplicates" => Figure::Duplicates(kind),
        "out_of_order" => Figure::OutOfOrder(kind),
        word if WHOLE.contains(&word) => {
            return token.fault(
                format!("`{word}` is counted over the whole run, not by kind"),
                format!("write it alone: {word}"),
            );
        }
        word => {
            let mut names: Vec<&str> = SERIES.iter().map(|(name, _)| *name).collect();
            if broadcast && acts == Acts::Planned {
                names.extend(BROADCAST_SERIES.iter().map(|(name, _)| *name).chain(BROADCAST));
            }
            names.extend(Ending::ALL.map(Ending::name));
            let help = match did_you_mean(word, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("figures of {} are {}", kind.name(), names.join(", ")),
            };
            return token.fault(format!("`{}` is no figure", token.text), help);
        }
    }))
}

/// One limit, with its own words and where they end.
fn limit(words: &mut Words<'_>, head: &Head<'_>, text: &str) -> Result<(Limit, usize), Fault> {
    let from = words.peek().map_or(text.len(), |token| token.from);
    let figure = match head.what {
        What::Series(kind, series, token) => {
            Some(Figure::Latency { kind, series, statistic: statistic(words, token)? })
        }
        What::Figure(figure) => Some(figure),
        What::Ended(..) => None,
    };
    let comparison = comparison(words)?;
    let (figure, value) = match (figure, head.what) {
        (None, What::Ended(kind, ending)) => {
            let (unit, value) = share_or_count(words)?;
            (Figure::Ended { kind, ending, unit }, value)
        }
        (Some(figure), _) => (figure, amount(words, figure.unit())?),
        (None, _) => unreachable!("only how intents ended leaves its unit to the limit"),
    };
    let to = words.taken_to();
    Ok((Limit { text: text[from..to].to_owned(), figure, comparison, value }, to))
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

fn amount(words: &mut Words<'_>, unit: Unit) -> Result<f64, Fault> {
    let (what, help) = match unit {
        Unit::Time => ("a time", "this figure is a time: write its unit, 250ms"),
        Unit::Share => ("a share", "this figure is a share: write 99.9% or 0.999"),
        Unit::Count => ("a count", "this figure is a count: write a whole number"),
    };
    let token = words.want(what, help)?;
    let read = match unit {
        Unit::Time => units::duration(token.text).ok().map(Micros::seconds),
        Unit::Share => units::share(token.text).ok().map(|share| share.0),
        Unit::Count => count(token.text),
    };
    read.map_or_else(|| token.fault(format!("`{}` is not {what}", token.text), help), Ok)
}

/// The limit of how intents ended: `0.1%` and `0.001` are shares, `100` is a count.
fn share_or_count(words: &mut Words<'_>) -> Result<(Unit, f64), Fault> {
    let help = "write a share, 0.1% or 0.001, or how many, 100";
    let token = words.want("a share or a count", help)?;
    if let Some(count) = count(token.text) {
        return Ok((Unit::Count, count));
    }
    match units::share(token.text) {
        Ok(share) => Ok((Unit::Share, share.0)),
        Err(misread) if token.text.contains(['%', '.']) => {
            token.fault(misread.message, misread.help)
        }
        Err(_) => token.fault(format!("`{}` is neither a share nor a count", token.text), help),
    }
}

fn count(text: &str) -> Option<f64> {
    text.replace('_', "").parse::<u32>().ok().map(f64::from)
}

/// Warns of a figure of something that nobody ever does.
fn warn_if_empty(
    input: &Input,
    text: &Spanned<String>,
    acts: Acts,
    figure: Figure,
    known: &Known<'_>,
) {
    let is_done = match acts {
        Acts::Planned => figure.kind().is_none_or(|kind| is_planned(known, kind)),
        Acts::Reactions => is_reaction(known, figure.kind()),
    };
    // A wrong group is already reported; what it would have done is not known.
    if !is_done && !input.has_errors() {
        let (what, help) = match (acts, figure.kind()) {
            (Acts::Planned, Some(kind)) => {
                (format!("does a {}", kind.name()), "leave it out, or let a group or a cue do it")
            }
            (_, kind) => (
                format!(
                    "does {} because of something received",
                    match kind {
                        Some(kind) => format!("a {}", kind.name()),
                        None => "anything".to_owned(),
                    }
                ),
                "leave it out, or give a group `on_received`",
            ),
        };
        let message = format!("nobody ever {what} here, so this cannot be judged");
        input.warning(text.span, message, help);
    }
}

fn is_planned(known: &Known<'_>, kind: IntentKind) -> bool {
    let cue =
        |is: fn(&CueAct) -> bool| known.shows.iter().any(|s| s.cues.iter().any(|c| is(&c.act)));
    match kind {
        IntentKind::GoLive | IntentKind::End => !known.shows.is_empty(),
        IntentKind::Pin => cue(|act| matches!(act, CueAct::Pin { .. })),
        IntentKind::PriceChange => cue(|act| matches!(act, CueAct::PriceChange { .. })),
        IntentKind::Giveaway => cue(|act| matches!(act, CueAct::Giveaway { .. })),
        IntentKind::Raid => cue(|act| matches!(act, CueAct::Raid { .. })),
        IntentKind::FlashSale => cue(|act| matches!(act, CueAct::FlashSale { .. })),
        IntentKind::Join | IntentKind::Leave => !known.groups.is_empty(),
        IntentKind::Chat => {
            known.groups.iter().any(|group| group.chat.is_some())
                || cue(|act| matches!(act, CueAct::Say { .. }))
        }
        IntentKind::Like => known.groups.iter().any(|group| group.likes.is_some()),
        IntentKind::Gift => known.groups.iter().any(|group| group.gifts.is_some()),
        IntentKind::Share => known.groups.iter().any(|group| group.shares.is_some()),
        IntentKind::Enter => known.groups.iter().any(|group| group.giveaways.is_some()),
        IntentKind::Click | IntentKind::AddToCart | IntentKind::CheckOut => {
            known.groups.iter().any(|group| group.funnel.is_some())
        }
    }
}

/// Whether anybody does such a thing because of something received; anything at all, for no kind.
fn is_reaction(known: &Known<'_>, kind: Option<IntentKind>) -> bool {
    let acts = |kind| match kind {
        ReactionAct::Click => &[IntentKind::Click, IntentKind::AddToCart, IntentKind::CheckOut][..],
        ReactionAct::Enter => &[IntentKind::Enter],
        ReactionAct::Complain => &[IntentKind::Chat],
        ReactionAct::Leave => &[IntentKind::Leave],
    };
    let is_asked = |done: &[IntentKind]| kind.is_none_or(|kind| done.contains(&kind));
    let mut of_viewers = known.groups.iter().flat_map(|group| &group.on_received);
    of_viewers.any(|reaction| is_asked(acts(reaction.act)))
        || is_asked(&[IntentKind::Chat]) && known.shows.iter().any(|show| show.answers.is_some())
}
