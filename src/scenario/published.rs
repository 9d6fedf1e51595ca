//! Warnings where a scenario is far from what was published about real shows.
//!
//! They never stop a run: a load test may well be livelier than life. Each names the figure and its
//! source, so that the choice is made knowingly.

use claque_audience::{Law, Micros, Share, VisitClass};

use crate::input::units::show_share;
use crate::input::{Input, Span, Spanned};

/// Messages a visit above which chat is livelier than published.
const MESSAGES_A_VISIT: f64 = 0.05;
/// Likes a visit above which a crowd is keener than published, three times Periscope's.
const LIKES_A_VISIT: f64 = 34.0;
/// Share of viewers who give above which a crowd gives more than published, three times the source's.
const GIVERS: f64 = 0.045;
/// Clicks a visit above which a crowd is keener than published, three times the study's.
const CLICKS_A_VISIT: f64 = 0.33;
/// Purchases a visit above which a crowd buys more than published, three times the study's.
const PURCHASES_A_VISIT: f64 = 0.046;
/// The largest branching ratio read out of published chats.
const BRANCHING: f64 = 0.83;

pub(super) fn branching(input: &Input, branching: Spanned<f64>) {
    if branching.value > BRANCHING {
        input.warning(
            branching.span,
            format!("a branching of {} is above what was published", branching.value),
            "YouTube Live chats: 0.75 to 0.83 by one reading (arXiv 2408.05700)",
        );
    }
}

pub(super) fn chat(input: &Input, span: Span, messages: f64) {
    if messages > MESSAGES_A_VISIT {
        let decimals = if messages < 100.0 { 2 } else { 0 };
        input.warning(
            span,
            format!("about {messages:.decimals$} messages a visit: livelier than published rooms"),
            "KuaiLive: at most 4 % of visits write a comment at all",
        );
    }
}

pub(super) fn likes(input: &Input, span: Span, likes: f64) {
    if likes > LIKES_A_VISIT {
        input.warning(
            span,
            format!("about {likes:.0} likes a visit: keener than published rooms"),
            "Periscope: 407 hearts for 36 views, 11 a view (IMC 2016)",
        );
    }
}

pub(super) fn givers(input: &Input, givers: Spanned<Share>) {
    if givers.value.0 > GIVERS {
        input.warning(
            givers.span,
            format!("{} of viewers give: more than published", show_share(givers.value)),
            "KuaiLive: a gift in at most 1.48 % of visits",
        );
    }
}

pub(super) fn funnel(input: &Input, click: Spanned<Share>, cart: Share, buy: Spanned<Share>) {
    if click.value.0 > CLICKS_A_VISIT {
        input.warning(
            click.span,
            format!("{} of visits click: more than published", show_share(click.value)),
            "of those who enter a live-shopping room, 9.11 % open a product page, 11 % with a \
             pitch (Li, Peking University)",
        );
    }
    let purchases = click.value.0 * cart.0 * buy.value.0;
    if purchases > PURCHASES_A_VISIT {
        input.warning(
            buy.span,
            format!("{:.1} % of visits would buy: more than published", purchases * 100.0),
            "of those who enter a live-shopping room, 0.66 % buy, 1.54 % with a pitch (Li, Peking \
             University)",
        );
    }
}

/// Mean time in seconds that a visit lasts within a show, roughly: stays cut at half the show, as if
/// everybody came in the middle. Good enough to say "several times as many as published".
pub(super) fn mean_visit(classes: &[VisitClass], length: Micros) -> f64 {
    const STEPS: u32 = 64;
    let longest = length.seconds() / 2.0;
    let quantile = |step: u32| (f64::from(step) + 0.5) / f64::from(STEPS);
    let mean = |stay: &Law| {
        let cut = |step: u32| stay.at(quantile(step)).seconds().min(longest);
        (0..STEPS).map(cut).sum::<f64>() / f64::from(STEPS)
    };
    classes.iter().map(|class| class.share.0 * mean(&class.stay)).sum()
}
