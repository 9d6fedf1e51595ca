//! From a visit to an order: clicks by a hazard that cues lift, carts, check-outs by a logit on
//! price.
//!
//! - **Click.** A viewer present clicks at the hazard h·m(t), m the lift of the cues
//!   ([`crate::cues::Cues::lift`]). h is one number a group, calibrated so that without cues
//!   E[1 − e^{−hV}] = the declared share, over V = min(S, T − A): stays S cut by the show's end T
//!   after an arrival at A. So who stays longer clicks more, and a short show asks for a higher
//!   hazard. Clicks are drawn by thinning a Poisson process of rate h·max m (Lewis & Shedler
//!   1979).
//! - **Which product.** The one on sale, else the one pinned, else any with equal chance.
//! - **Cart** with probability `cart_per_click`, an exponential delay after the click.
//! - **Check-out** an exponential delay after the cart, with probability
//!   P = 1/(1 + e^{−(δ − η·ln(price/list))}), where δ = logit(`buy_per_cart`) gives the declared
//!   share at list price, and price is that of the plan's own sale windows at that instant. The
//!   price elasticity of orders is −η(1 − P). Price acts nowhere else.
//! - A step that would come after the leave is dropped: people gone do not buy. So carts a click
//!   fall short of the declared share by those who leave during the delay. Nothing here reads an
//!   outcome: check-outs go on after the stock is gone.

use crate::chat::after;
use crate::cues::{Cues, Lift, Prices};
use crate::entry::{Author, Class, Entry, What, sequence};
use crate::random::{Key, Stream};
use crate::{Funnel, IntentKind, Micros, ProductId, Share, ShowId};

/// No hazard is above one click a second: who clicked more often would be a robot, and a share
/// that asks for more is not reached.
const HAZARD_MAX: f64 = 1e-6;

/// A group's funnel, calibrated; one for all its visits.
#[derive(Clone, Debug)]
pub(crate) struct Clicks {
    /// h, clicks a µs.
    pub(crate) hazard: f64,
    /// 1/(h·max m) in µs, the mean gap of candidates.
    gap_us: f64,
    /// max m.
    lift_max: f64,
    lift: Lift,
    steps: Steps,
    products: u16,
}

/// What becomes of a click.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Steps {
    cart: f64,
    /// δ.
    intercept: f64,
    /// η.
    sensitivity: f64,
    cart_delay_us: f64,
    check_out_delay_us: f64,
}

/// The luck of one click: what decides whether it goes on, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Luck {
    carts: f64,
    cart_delay: f64,
    buys: f64,
    buy_delay: f64,
}

impl Luck {
    #[inline]
    pub(crate) fn draw(stream: &mut Stream) -> Luck {
        let (carts, cart_delay) = (stream.uniform(), stream.exponential());
        let (buys, buy_delay) = (stream.uniform(), stream.exponential());
        Luck { carts, cart_delay, buys, buy_delay }
    }
}

impl Steps {
    pub(crate) fn new(funnel: &Funnel) -> Steps {
        Steps {
            cart: funnel.cart_per_click.0,
            intercept: logit(funnel.buy_per_cart.0),
            sensitivity: funnel.price_sensitivity,
            cart_delay_us: funnel.cart_delay.seconds() * 1e6,
            check_out_delay_us: funnel.check_out_delay.seconds() * 1e6,
        }
    }

    /// When the product clicked at `at` goes into the cart, and when it is bought, if it comes to
    /// that before `leave`.
    pub(crate) fn of_click(
        &self,
        (at, leave): (Micros, Micros),
        product: ProductId,
        luck: Luck,
        prices: &Prices,
    ) -> (Option<Micros>, Option<Micros>) {
        let cart_at = after(at, self.cart_delay_us * luck.cart_delay);
        if luck.carts >= self.cart || cart_at >= leave {
            return (None, None);
        }
        let buy_at = after(cart_at, self.check_out_delay_us * luck.buy_delay);
        let buys = buy_at < leave && luck.buys < self.buys(prices.log_ratio(product, buy_at));
        (Some(cart_at), buys.then_some(buy_at))
    }

    /// P(check-out | cart) at ln(price / list price) = `log_ratio`.
    fn buys(&self, log_ratio: f64) -> f64 {
        1.0 / (1.0 + libm::exp(self.sensitivity * log_ratio - self.intercept))
    }
}

impl Clicks {
    /// `None` if nobody ever clicks. `lengths` stand for V with equal weight.
    pub(crate) fn new(
        funnel: &Funnel,
        cues: &Cues,
        products: usize,
        lengths: &[f64],
    ) -> Option<Clicks> {
        let lift = Lift {
            pin: funnel.pin_lift,
            // At least 1 µs: a lift without length would be 0/0 at the pin itself.
            decay_us: (funnel.lift_decay.seconds() * 1e6).max(1.0),
            sale: funnel.sale_lift,
        };
        let (lift_max, hazard) = (cues.lift_max(&lift), calibrate(funnel.click_per_visit, lengths));
        let products = u16::try_from(products).unwrap_or(u16::MAX);
        (hazard > 0.0 && products > 0).then(|| Clicks {
            hazard,
            gap_us: 1.0 / (hazard * lift_max),
            lift_max,
            lift,
            steps: Steps::new(funnel),
            products,
        })
    }

    /// Every click of a visit and what becomes of it, not in time order.
    pub(crate) fn of_visit(
        &self,
        key: Key,
        (show, viewer): (ShowId, Author),
        (join, leave): (Micros, Micros),
        (cues, prices): (&Cues, &Prices),
        sink: &mut impl FnMut(Entry),
    ) {
        let mut stream = key.stream();
        let (mut at, mut number) = (join, 0);
        loop {
            at = after(at, self.gap_us * stream.exponential());
            if at >= leave {
                return;
            }
            // Every candidate takes the same draws, used or not: a variant that changes one step
            // leaves the luck of all others as it was.
            let accept = stream.uniform();
            let any = stream.integer(u64::from(self.products));
            let luck = Luck::draw(&mut stream);
            if accept * self.lift_max >= cues.lift(at, &self.lift) {
                continue;
            }
            #[expect(clippy::cast_possible_truncation, reason = "below a u16")]
            let product = cues.featured(at).unwrap_or(ProductId(any as u16));
            let step = |at, kind, class| {
                let sequence = sequence(class, number);
                Entry::new(at, kind as What, show, viewer, sequence).with_product(product)
            };
            sink(step(at, IntentKind::Click, Class::Click));
            let (cart_at, buy_at) = self.steps.of_click((at, leave), product, luck, prices);
            if let Some(cart_at) = cart_at {
                sink(step(cart_at, IntentKind::AddToCart, Class::AddToCart));
            }
            if let Some(buy_at) = buy_at {
                sink(step(buy_at, IntentKind::CheckOut, Class::CheckOut));
            }
            number += 1;
        }
    }
}

fn logit(share: f64) -> f64 {
    // ±∞ for the shares 0 and 1, which no price then moves.
    libm::log(share / (1.0 - share))
}

/// The hazard h with mean(1 − e^{−hV}) = `share` over the lengths V (in µs), at most
/// [`HAZARD_MAX`].
///
/// The left side is concave and increasing in h, so Newton's method from 0 climbs to the root
/// without ever passing it.
fn calibrate(share: Share, lengths: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand lengths")]
    let count = lengths.len() as f64;
    let mut hazard = 0.0;
    for _ in 0..200 {
        let (mut reached, mut slope) = (0.0, 0.0);
        for length in lengths {
            let none = libm::exp(-hazard * length);
            reached += 1.0 - none;
            slope += length * none;
        }
        let step = (share.0 * count - reached) / slope;
        if step.is_nan() || step <= hazard * 1e-12 {
            break;
        }
        hazard += step;
        if hazard >= HAZARD_MAX {
            return HAZARD_MAX;
        }
    }
    hazard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calibration_solves_for_the_share() {
        let fixed = [60e6];
        let mixed = [1e6, 10e6, 100e6, 1_000e6];
        for (share, lengths) in
            [(0.09, &fixed[..]), (0.5, &fixed), (0.09, &mixed), (0.3, &mixed), (0.7, &mixed)]
        {
            let hazard = calibrate(Share(share), lengths);
            let missed = lengths.iter().map(|v| libm::exp(-hazard * v)).sum::<f64>();
            let got = 1.0 - missed / f64::from(u32::try_from(lengths.len()).unwrap());
            assert!((got - share).abs() < 1e-9, "{got}, not {share}");
        }
        let alone = calibrate(Share(0.09), &fixed);
        assert!((alone + libm::log(1.0 - 0.09) / 60e6).abs() < 1e-18, "−ln(1 − p)/V");
    }

    #[test]
    fn shares_out_of_reach_end_at_the_largest_hazard() {
        for share in [0.999_999, 1.0] {
            assert_eq!(calibrate(Share(share), &[1e6, 60e6]).to_bits(), HAZARD_MAX.to_bits());
        }
        assert_eq!(calibrate(Share(0.0), &[60e6]).to_bits(), 0.0_f64.to_bits());
        assert_eq!(calibrate(Share(0.5), &[]).to_bits(), 0.0_f64.to_bits());
    }
}
