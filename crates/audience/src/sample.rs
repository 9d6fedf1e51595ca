//! Samplers whose every bit is ours: few lines over the stream's 64 bits, with `libm` pinned, so
//! that a seed gives the same plan on any machine. Golden vectors hold them to it.
//!
//! All but the Poisson count of large means are inversions: one draw of the stream each, monotone
//! in it, so that variants of a plan which share a stream also share their luck.

use crate::Amount;
use crate::random::Stream;

/// 2⁻⁵³, the step of the floats in [½, 1).
const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;

/// Largest mean for which a Poisson number is found by searching its distribution.
const POISSON_SEARCH_MEAN_MAX: f64 = 10.0;

impl Stream {
    /// Uniform on [0, 1): a multiple of 2⁻⁵³.
    #[inline]
    pub(crate) fn uniform(&mut self) -> f64 {
        mantissa(self.bits()) * STEP
    }

    /// Uniform on (0, 1), neither end reached: an odd multiple of 2⁻⁵⁴.
    #[inline]
    pub(crate) fn open(&mut self) -> f64 {
        open(self.bits())
    }

    /// Exponential of mean 1: −ln U.
    #[inline]
    pub(crate) fn exponential(&mut self) -> f64 {
        -libm::log(self.open())
    }

    /// Uniform on 0, …, `below` − 1 without modulo bias (Lemire 2019); `below` is at least 1.
    #[inline]
    pub(crate) fn integer(&mut self, below: u64) -> u64 {
        loop {
            let product = u128::from(self.bits()) * u128::from(below);
            #[expect(clippy::cast_possible_truncation, reason = "the two halves of the product")]
            let (high, low) = ((product >> 64) as u64, product as u64);
            // Only a low half under 2⁶⁴ mod `below` is over-represented.
            if low >= below || low >= below.wrapping_neg() % below {
                return high;
            }
        }
    }

    /// Poisson of the given mean, at most `u32::MAX`.
    pub(crate) fn poisson(&mut self, mean: f64) -> u32 {
        if mean <= POISSON_SEARCH_MEAN_MAX {
            return poisson_quantile(self.uniform(), mean, libm::exp(-mean));
        }
        // How many unit exponentials fit into the mean; one draw each.
        let (mut sum, mut count) = (self.exponential(), 0_u32);
        while sum < mean && count < u32::MAX {
            sum += self.exponential();
            count += 1;
        }
        count
    }
}

impl Amount {
    /// The amount that goes with a uniform draw `u` in (0, 1), to the nearest minor unit.
    #[must_use]
    pub fn at(&self, u: f64) -> u32 {
        let (amount, max) = match *self {
            Amount::Fixed(amount) => return amount.max(1),
            Amount::LogNormal { median, sigma, max } => {
                (median * libm::exp(sigma * normal_quantile(u)), max)
            }
            // (1 − u)^(−1/α)
            Amount::Pareto { min, alpha, max } => (min * libm::exp(-libm::log1p(-u) / alpha), max),
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and saturating is right"
        )]
        let amount = (amount + 0.5) as u32;
        amount.min(max).max(1)
    }
}

/// The geometric number on 1, 2, … that goes with a uniform draw `u` in (0, 1): P(L > k) =
/// (1 − 1/m)ᵏ of mean m; always 1 for m ≤ 1. `scale` is [`geometric_scale`] of the mean.
#[inline]
pub(crate) fn geometric(u: f64, scale: f64) -> u32 {
    let beyond = libm::log(u) * scale;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at least 0, and saturating is right"
    )]
    (beyond as u32).saturating_add(1)
}

/// 1 / ln(1 − 1/`mean`), the scale of [`geometric`]; 0 for means up to 1.
pub(crate) fn geometric_scale(mean: f64) -> f64 {
    if mean > 1.0 { 1.0 / libm::log1p(-1.0 / mean) } else { 0.0 }
}

/// The smallest k with P(K ≤ k) > `u` for Poisson K; `none` is e^−mean.
#[inline]
pub(crate) fn poisson_quantile(u: f64, mean: f64, none: f64) -> u32 {
    let (mut k, mut chance, mut left) = (0_u32, none, u);
    // Rounding can leave a remainder that no k covers; the chances have then run out.
    while left >= chance && chance > 0.0 && k < 1_000 {
        left -= chance;
        k += 1;
        chance *= mean / f64::from(k);
    }
    k
}

/// [`Stream::open`] of these bits.
#[inline]
pub(crate) fn open(bits: u64) -> f64 {
    // Near 1 the odd multiple is no float and rounds to an even one; 1 itself is cut off.
    ((mantissa(bits) + 0.5) * STEP).min(1.0 - STEP)
}

#[inline]
fn mantissa(bits: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let mantissa = (bits >> 11) as f64;
    mantissa
}

/// Φ⁻¹, the quantile of the standard normal, to about 1 part in 10¹⁶: algorithm AS 241 (PPND16,
/// Wichura 1988).
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(r, &NORMAL_CENTRE);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    let r = (-libm::log(tail)).sqrt();
    let x = if r <= 5.0 { ratio(r - 1.6, &NORMAL_SHOULDER) } else { ratio(r - 5.0, &NORMAL_TAIL) };
    if q < 0.0 { -x } else { x }
}

/// Numerator and denominator of a rational function, lowest power first.
type Ratio = ([f64; 8], [f64; 8]);

fn ratio(r: f64, (above, below): &Ratio) -> f64 {
    let horner = |c: &[f64; 8]| c.iter().rev().fold(0.0, |sum, c| sum * r + c);
    horner(above) / horner(below)
}

#[expect(clippy::excessive_precision, reason = "as published")]
const NORMAL_CENTRE: Ratio = (
    [
        3.387_132_872_796_366_608_0e0,
        1.331_416_678_917_843_774_5e2,
        1.971_590_950_306_551_442_7e3,
        1.373_169_376_550_946_112_5e4,
        4.592_195_393_154_987_145_7e4,
        6.726_577_092_700_870_085_3e4,
        3.343_057_558_358_812_810_5e4,
        2.509_080_928_730_122_672_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091_125_2e1,
        6.871_870_074_920_579_083_0e2,
        5.394_196_021_424_751_107_7e3,
        2.121_379_430_158_659_586_7e4,
        3.930_789_580_009_271_061_0e4,
        2.872_908_573_572_194_267_4e4,
        5.226_495_278_852_854_561_0e3,
    ],
);

#[expect(clippy::excessive_precision, reason = "as published")]
const NORMAL_SHOULDER: Ratio = (
    [
        1.423_437_110_749_683_577_34e0,
        4.630_337_846_156_545_295_90e0,
        5.769_497_221_460_691_405_50e0,
        3.647_848_324_763_204_605_04e0,
        1.270_458_252_452_368_382_58e0,
        2.417_807_251_774_506_117_70e-1,
        2.272_384_498_926_918_458_33e-2,
        7.745_450_142_783_414_076_40e-4,
    ],
    [
        1.0,
        2.053_191_626_637_758_821_87e0,
        1.676_384_830_183_803_849_40e0,
        6.897_673_349_851_000_045_50e-1,
        1.481_039_764_274_800_745_90e-1,
        1.519_866_656_361_645_719_66e-2,
        5.475_938_084_995_344_946_00e-4,
        1.050_750_071_644_416_843_24e-9,
    ],
);

#[expect(clippy::excessive_precision, reason = "as published")]
const NORMAL_TAIL: Ratio = (
    [
        6.657_904_643_501_103_777_20e0,
        5.463_784_911_164_114_369_90e0,
        1.784_826_539_917_291_335_80e0,
        2.965_605_718_285_048_912_30e-1,
        2.653_218_952_657_612_309_30e-2,
        1.242_660_947_388_078_438_60e-3,
        2.711_555_568_743_487_578_15e-5,
        2.010_334_399_292_288_132_65e-7,
    ],
    [
        1.0,
        5.998_322_065_558_879_376_90e-1,
        1.369_298_809_227_358_053_10e-1,
        1.487_536_129_085_061_485_25e-2,
        7.868_691_311_456_132_591_00e-4,
        1.846_318_317_510_054_681_80e-5,
        1.421_511_758_316_445_888_70e-7,
        2.044_263_103_389_939_785_64e-15,
    ],
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;

    /// Six draws of one stream by each sampler, to the last bit. The streams themselves were
    /// computed by an independent program; what the logarithms of another library make of them
    /// agrees to 15 digits.
    #[test]
    fn golden_vectors() {
        fn six<T: std::fmt::Debug>(mut draw: impl FnMut(&mut Stream) -> T) -> String {
            let mut stream = Key(42).stream();
            format!("{:?}", [(); 6].map(|()| draw(&mut stream)))
        }
        let expect = [
            (
                six(Stream::uniform),
                "[0.8143051451229099, 0.3188210400616611, 0.9838941681774888, 0.7011355981347556, 0.793504489691729, 0.5880984664675596]",
            ),
            (
                six(Stream::open),
                "[0.81430514512291, 0.3188210400616612, 0.9838941681774889, 0.7011355981347556, 0.7935044896917292, 0.5880984664675597]",
            ),
            (
                six(Stream::exponential),
                "[0.2054201120678683, 1.1431253365598222, 0.016236940379239846, 0.3550539753687814, 0.231296080945065, 0.5308608851245242]",
            ),
            (
                six(|stream| normal_quantile(stream.open())),
                "[0.893873253485737, -0.4709981162414731, 2.1417741113345397, 0.5276694166748407, 0.8186414327439828, 0.22265623321351144]",
            ),
            (six(|stream| stream.integer(1_000)), "[814, 318, 983, 701, 793, 588]"),
            (
                six(|stream| stream.integer(3 << 62)),
                "[11265958957490425463, 4410907598498523564, 10978180682012118998, 8136376425801098973, 1734258313309431808, 8371904207726483572]",
            ),
            (six(|stream| stream.poisson(0.3)), "[1, 0, 2, 0, 1, 0]"),
            (six(|stream| stream.poisson(7.0)), "[9, 6, 13, 8, 9, 7]"),
            (six(|stream| stream.poisson(200.0)), "[217, 214, 197, 206, 193, 225]"),
            (six(|stream| geometric(stream.open(), geometric_scale(4.0))), "[1, 4, 1, 2, 1, 2]"),
            (six(|stream| geometric(stream.open(), geometric_scale(1.0))), "[1, 1, 1, 1, 1, 1]"),
        ];
        let got: Vec<&str> = expect.iter().map(|pair| pair.0.as_str()).collect();
        let expect: Vec<&str> = expect.iter().map(|pair| pair.1).collect();
        assert_eq!(got, expect, "{got:#?}");
    }

    #[test]
    fn normal_quantiles_are_right() {
        use statrs::distribution::{ContinuousCDF, Normal};
        let normal = Normal::standard();
        // The quantile of Wichura's own table, and the textbook's.
        for (p, x) in [(1e-10, -6.361_340_902_404_056), (0.975, 1.959_963_984_540_054)] {
            assert!((normal_quantile(p) - x).abs() < 1e-14);
        }
        for step in 1..10_000 {
            let p = f64::from(step) / 10_000.0;
            assert!((normal.cdf(normal_quantile(p)) - p).abs() < 1e-10, "at {p}");
        }
        assert!(normal_quantile(STEP / 2.0) > -9.0 && normal_quantile(1.0 - STEP) < 9.0);
    }

    /// Mean and variance over 200,000 draws, within 4.5 standard errors.
    #[test]
    fn moments_are_right() {
        // (what, mean, variance, fourth central moment)
        type Draw = fn(&mut Stream) -> f64;
        let poisson = |m: f64| (m, m, m * (1.0 + 3.0 * m));
        let samplers: [(&str, Draw, (f64, f64, f64)); 7] = [
            ("uniform", Stream::uniform, (0.5, 1.0 / 12.0, 1.0 / 80.0)),
            ("exponential", Stream::exponential, (1.0, 1.0, 9.0)),
            ("normal", |stream| normal_quantile(stream.open()), (0.0, 1.0, 3.0)),
            ("poisson .3", |stream| f64::from(stream.poisson(0.3)), poisson(0.3)),
            ("poisson 9.9", |stream| f64::from(stream.poisson(9.9)), poisson(9.9)),
            ("poisson 40", |stream| f64::from(stream.poisson(40.0)), poisson(40.0)),
            // Geometric of success chance q = 1/4: variance (1 − q)/q² = 12, excess kurtosis
            // 6 + q²/(1 − q).
            (
                "geometric 4",
                |stream| f64::from(geometric(stream.open(), geometric_scale(4.0))),
                (4.0, 12.0, 144.0 * (9.0 + 1.0 / 12.0)),
            ),
        ];
        for (name, draw, (mean, variance, fourth)) in samplers {
            let (mut stream, count) = (Key(7).stream(), 200_000.0);
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..200_000 {
                let off = draw(&mut stream) - mean;
                sum += off;
                squares += off * off;
            }
            let off_mean = sum / count / (variance / count).sqrt();
            let off_variance =
                (squares / count - variance) / ((fourth - variance * variance) / count).sqrt();
            assert!(off_mean.abs() < 4.5, "{name}: mean off by {off_mean} standard errors");
            assert!(off_variance.abs() < 4.5, "{name}: variance off by {off_variance}");
        }
    }

    #[test]
    fn amounts_follow_their_laws_and_are_cut() {
        let log_normal = Amount::LogNormal { median: 500.0, sigma: 2.0, max: 100_000 };
        let pareto = Amount::Pareto { min: 100.0, alpha: 1.02, max: 50_000 };
        let expect = [
            (Amount::Fixed(99), 0.3, 99),
            (Amount::Fixed(0), 0.3, 1),
            (log_normal, 0.5, 500),
            // 500 · e^{2 · 1.2815516}, and e^{−2 · 3.7190165}: 0.29, but no gift is less than 1.
            (log_normal, 0.9, 6_488),
            (log_normal, 1e-4, 1),
            (log_normal, 1.0 - 1e-6, 100_000),
            (pareto, 1e-12, 100),
            // 100 · 0.1^{−1/1.02}
            (pareto, 0.9, 956),
            (pareto, 0.999_9, 50_000),
            (Amount::Pareto { max: u32::MAX, min: 1e9, alpha: 0.1 }, 0.9, u32::MAX),
        ];
        for (amount, u, minor) in expect {
            assert_eq!(amount.at(u), minor, "{amount:?} at {u}");
        }
    }

    #[test]
    fn integers_are_unbiased() {
        // Below 3·2⁶² a modulo would give the lowest third twice as often.
        let (mut stream, mut low) = (Key(3).stream(), 0_u32);
        for _ in 0..30_000 {
            low += u32::from(stream.integer(3 << 62) < 1 << 62);
        }
        assert!((f64::from(low) - 10_000.0).abs() < 4.5 * 82.0, "{low} of 30,000");
        assert!((0..100).all(|_| stream.integer(1) == 0));
    }
}
