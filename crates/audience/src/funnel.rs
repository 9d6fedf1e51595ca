//! From a visit to an order: clicks by a hazard that cues lift, carts, check-outs by a logit on
//! price.
//!
//! - **Click.** A viewer present clicks at the hazard h·m(t)·c(t)·g(a), m the lift of the cues
//!   ([`crate::cues::Cues::lift`]), c and g the group's factors over show time and over the time
//!   since the join. h is one number a group, calibrated so that without cues E[1 − e^{−hX}] = the
//!   declared share, over first visits: X = ∫c·g from an arrival A to min(A + S, T), stays S cut by
//!   the show's end T. So who stays longer clicks more, and a short show asks for a higher hazard.
//!   Clicks are drawn by inversion through c and by thinning m and g (Lewis & Shedler 1979). Where
//!   the group clicks on what it receives, the cues of that kind do not lift its hazard.
//! - **Which product.** The one on sale, else the one pinned, else any with equal chance.
//! - **Cart** with probability `cart_per_click`, an exponential delay after the click.
//! - **Check-out** an exponential delay after the cart, with probability
//!   P = 1/(1 + e^{−(δ − η·ln(price/list))}), where δ = logit(`buy_per_cart`) gives the declared
//!   share at list price, and price is that of the plan's own sale windows at that instant. The
//!   price elasticity of orders is −η(1 − P). Price acts nowhere else.
//! - A step that would come after the leave is dropped: people gone do not buy. So carts a click
//!   fall short of the declared share by those who leave during the delay. Nothing here reads an
//!   outcome: check-outs go on after the stock is gone.

use crate::acts::after;
use crate::chain::Stay;
use crate::cues::{Cues, Lift, Prices};
use crate::entry::{Class, Entry, VISIT_SHIFT, What, sequence};
use crate::law::midpoints;
use crate::random::{Key, Stream};
use crate::{Factor, Funnel, Group, IntentKind, Micros, ProductId, ReactionAct, Share, Trigger};

/// No hazard is above one click a second: who clicked more often would be a robot, and a share
/// that asks for more is not reached.
const HAZARD_MAX: f64 = 1e-6;

/// A group's funnel, calibrated; one for all its visits.
#[derive(Clone, Debug)]
pub(crate) struct Clicks {
    /// h, clicks a µs.
    pub(crate) hazard: f64,
    /// For each show 1/(h·max m·max g) in µs, the mean gap of candidates where c is 1, and
    /// max m·max g.
    rooms: Vec<(f64, f64)>,
    lift: Lift,
    by_show_time: Option<Factor>,
    by_viewer_age: Option<Factor>,
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

/// One of the first visits that stand for all: its weight, when it begins, how long it lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sampled {
    pub(crate) weight: f64,
    pub(crate) join: Micros,
    /// In µs.
    pub(crate) length_us: f64,
}

impl Clicks {
    /// `None` if nobody ever clicks.
    pub(crate) fn new(
        group: &Group,
        funnel: &Funnel,
        cues: &[Cues],
        products: usize,
        visits: &[Sampled],
    ) -> Option<Clicks> {
        let clicks_on = |trigger| {
            let reacts = |r: &&crate::Reaction| r.to == trigger && r.act == ReactionAct::Click;
            group.on_received.iter().any(|reaction| reacts(&reaction))
        };
        let lift = Lift {
            pin: if clicks_on(Trigger::Pin) { 1.0 } else { funnel.pin_lift },
            // At least 1 µs: a lift without length would be 0/0 at the pin itself.
            decay_us: (funnel.lift_decay.seconds() * 1e6).max(1.0),
            sale: if clicks_on(Trigger::FlashSale) { 1.0 } else { funnel.sale_lift },
        };
        let (by_show_time, by_viewer_age) =
            (funnel.by_show_time.clone(), funnel.by_viewer_age.clone());
        let lived: Vec<(f64, f64)> = visits
            .iter()
            .map(|visit| {
                (visit.weight, lived(visit, by_show_time.as_ref(), by_viewer_age.as_ref()))
            })
            .collect();
        let hazard = calibrate(funnel.click_per_visit, &lived);
        let age_max = by_viewer_age.as_ref().map_or(1.0, Factor::max);
        let room = |cues: &Cues| {
            let max = cues.lift_max(&lift) * age_max;
            (1.0 / (hazard * max), max)
        };
        let products = u16::try_from(products).unwrap_or(u16::MAX);
        (hazard > 0.0 && products > 0).then(|| Clicks {
            hazard,
            rooms: cues.iter().map(room).collect(),
            lift,
            by_show_time,
            by_viewer_age,
            steps: Steps::new(funnel),
            products,
        })
    }

    /// Every click of a visit and what becomes of it, not in time order.
    pub(crate) fn of_visit(
        &self,
        key: Key,
        stay: &Stay,
        (cues, prices): (&Cues, &Prices),
        sink: &mut impl FnMut(Entry),
    ) {
        let mut stream = key.stream();
        let (gap_us, max) = self.rooms[usize::from(stay.show.0)];
        let (mut at, mut number) = (stay.join, stay.visit << VISIT_SHIFT);
        let mut walk = self.by_show_time.as_ref().map(|factor| factor.walk(at));
        loop {
            let mass_us = gap_us * stream.exponential();
            let next = match &mut walk {
                None => Some(after(at, mass_us)),
                Some(walk) => walk.step(mass_us),
            };
            let Some(next) = next.filter(|next| *next < stay.leave) else { return };
            at = next;
            // Every candidate takes the same draws, used or not: a variant that changes one step
            // leaves the luck of all others as it was.
            let accept = stream.uniform();
            let any = stream.integer(u64::from(self.products));
            let luck = Luck::draw(&mut stream);
            let age = self.by_viewer_age.as_ref().map(|g| g.at(at.saturating_sub(stay.join)));
            let lift = cues.lift(at, &self.lift);
            if accept * max >= age.map_or(lift, |age| age * lift) {
                continue;
            }
            #[expect(clippy::cast_possible_truncation, reason = "below a u16")]
            let product = cues.featured(at).unwrap_or(ProductId(any as u16));
            let step = |at, kind, class| {
                let sequence = sequence(class, number);
                Entry::new(at, kind as What, stay.show, stay.viewer, sequence).with_product(product)
            };
            sink(step(at, IntentKind::Click, Class::Click));
            let (cart_at, buy_at) = self.steps.of_click((at, stay.leave), product, luck, prices);
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

/// X, in µs: the length of a visit, weighted by the factors over show time and over its age.
fn lived(visit: &Sampled, by_show_time: Option<&Factor>, by_viewer_age: Option<&Factor>) -> f64 {
    /// Ages at which the factor over show time is looked at.
    const AGES: u32 = 32;
    let length = Micros::from_seconds(visit.length_us / 1e6);
    match (by_show_time, by_viewer_age) {
        (None, None) => visit.length_us,
        (Some(c), None) => c.integral(visit.join, visit.join.saturating_add(length)),
        (None, Some(g)) => g.integral(Micros(0), length),
        (Some(c), Some(g)) => {
            // ∫c·g = ∫c dG: the mean of c over ages that share G evenly.
            let aged = g.integral(Micros(0), length);
            let age = |u: f64| g.after(Micros(0), u * aged).unwrap_or(length).min(length);
            let sum: f64 = midpoints(AGES).map(|u| c.at(visit.join.saturating_add(age(u)))).sum();
            aged * sum / f64::from(AGES)
        }
    }
}

fn logit(share: f64) -> f64 {
    // ±∞ for the shares 0 and 1, which no price then moves.
    libm::log(share / (1.0 - share))
}

/// The hazard h with mean(1 − e^{−hX}) = `share` over the weighted X (in µs), at most
/// [`HAZARD_MAX`].
///
/// The left side is concave and increasing in h, so Newton's method from 0 climbs to the root
/// without ever passing it.
fn calibrate(share: Share, lived: &[(f64, f64)]) -> f64 {
    let total: f64 = lived.iter().map(|visit| visit.0).sum();
    let mut hazard = 0.0;
    for _ in 0..200 {
        let (mut reached, mut slope) = (0.0, 0.0);
        for (weight, lived) in lived {
            let none = libm::exp(-hazard * lived);
            reached += weight * (1.0 - none);
            slope += weight * lived * none;
        }
        let step = (share.0 * total - reached) / slope;
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
        let fixed = [(1.0, 60e6)];
        let mixed = [(1.0, 1e6), (0.5, 10e6), (0.5, 10e6), (1.0, 100e6), (1.0, 1_000e6)];
        for (share, lengths) in
            [(0.09, &fixed[..]), (0.5, &fixed), (0.09, &mixed), (0.3, &mixed), (0.7, &mixed)]
        {
            let hazard = calibrate(Share(share), lengths);
            let missed = lengths.iter().map(|v| v.0 * libm::exp(-hazard * v.1)).sum::<f64>();
            let got = 1.0 - missed / lengths.iter().map(|v| v.0).sum::<f64>();
            assert!((got - share).abs() < 1e-9, "{got}, not {share}");
        }
        let alone = calibrate(Share(0.09), &fixed);
        assert!((alone + libm::log(1.0 - 0.09) / 60e6).abs() < 1e-18, "−ln(1 − p)/V");
    }

    #[test]
    fn shares_out_of_reach_end_at_the_largest_hazard() {
        for share in [0.999_999, 1.0] {
            assert_eq!(
                calibrate(Share(share), &[(1.0, 1e6), (1.0, 60e6)]).to_bits(),
                HAZARD_MAX.to_bits()
            );
        }
        assert_eq!(calibrate(Share(0.0), &[(1.0, 60e6)]).to_bits(), 0.0_f64.to_bits());
        assert_eq!(calibrate(Share(0.5), &[]).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn visits_live_through_both_factors() {
        let second = |second: u64| Micros(second * 1_000_000);
        let factor = |points: &[(u64, f64)]| {
            Factor::new(points.iter().map(|point| (second(point.0), point.1)).collect()).unwrap()
        };
        let visit = Sampled { weight: 1.0, join: second(10), length_us: 20e6 };
        // c rises from 1 to 3 over the visit; g falls from 1 to 0 within ten seconds.
        let (c, g) = (factor(&[(10, 1.0), (30, 3.0)]), factor(&[(0, 1.0), (10, 0.0)]));
        // ∫(1 + t/10)(1 − t/10) over 10 s is 10·(1 − 1/3).
        for (c, g, expect) in [
            (None, None, 20e6),
            (Some(&c), None, 40e6),
            (None, Some(&g), 5e6),
            (Some(&c), Some(&g), 20e6 / 3.0),
        ] {
            let got = lived(&visit, c, g);
            assert!((got / expect - 1.0).abs() < 1e-3, "{got}, not {expect}");
        }
    }
}
