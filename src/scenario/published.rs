//! Warnings where a scenario is far from what was published about real shows.
//!
//! They never stop a run: a load test may well be livelier than life. Each names the figure and its
//! source, so that the choice is made knowingly.

use claque_audience::{Law, Micros, Rate, Share};

use crate::input::units::show_share;
use crate::input::{Input, Spanned};

/// Messages a visit above which chat is livelier than published.
const MESSAGES_A_VISIT: f64 = 0.05;
/// Likes a visit above which a crowd is keener than published, three times Periscope's.
const LIKES_A_VISIT: f64 = 34.0;
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

pub(super) fn chat(input: &Input, rate: Spanned<Rate>, stay: &Law, length: Micros) {
    let messages = rate.value.per_second * mean_visit(stay, length);
    if messages > MESSAGES_A_VISIT {
        input.warning(
            rate.span,
            format!("about {messages:.2} messages a visit: livelier than published rooms"),
            "KuaiLive: at most 4 % of visits write a comment at all",
        );
    }
}

pub(super) fn likes(input: &Input, rate: Spanned<Rate>, stay: &Law, length: Micros) {
    let likes = rate.value.per_second * mean_visit(stay, length);
    if likes > LIKES_A_VISIT {
        input.warning(
            rate.span,
            format!("about {likes:.0} likes a visit: keener than published rooms"),
            "Periscope: 407 hearts for 36 views, 11 a view (IMC 2016)",
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
fn mean_visit(stay: &Law, length: Micros) -> f64 {
    const STEPS: u32 = 64;
    let longest = length.seconds() / 2.0;
    let quantile = |step: u32| (f64::from(step) + 0.5) / f64::from(STEPS);
    let total: f64 = (0..STEPS).map(|step| stay.at(quantile(step)).seconds().min(longest)).sum();
    total / f64::from(STEPS)
}
