//! What a run comes to: one verdict, its exit code, and why.

/// What a run comes to, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Every objective that could be evaluated holds.
    Passed,
    /// The run is valid, and an objective does not hold.
    ObjectivesMissed,
    /// The generator could not keep its plan, so that its figures are not the backend's.
    Invalid,
    /// It was ended early.
    Interrupted,
    /// The target could not be reached.
    Unreachable,
    /// The command or the scenario was wrong.
    BadUsage,
}

impl Verdict {
    /// The process's exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Verdict::Passed => 0,
            Verdict::ObjectivesMissed => 1,
            Verdict::BadUsage => 2,
            Verdict::Invalid => 3,
            Verdict::Unreachable => 4,
            Verdict::Interrupted => 130,
        }
    }

    /// Its name in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Passed => "passed",
            Verdict::ObjectivesMissed => "objectives missed",
            Verdict::BadUsage => "bad usage",
            Verdict::Invalid => "invalid",
            Verdict::Unreachable => "target unreachable",
            Verdict::Interrupted => "interrupted",
        }
    }

    /// The verdict that `reasons` come to: the gravest that any of them speaks for.
    #[must_use]
    pub fn of(reasons: &[Reason]) -> Verdict {
        reasons.iter().map(|reason| reason.verdict).max().unwrap_or(Verdict::Passed)
    }
}

/// One reason against a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The verdict that it speaks for.
    pub verdict: Verdict,
    /// The reason, in words, with the second in which it first held.
    pub text: String,
}

/// What the generator may fall behind before its figures are no longer the backend's.
#[derive(Debug)]
pub struct Limits;

impl Limits {
    /// Longest lag of any intent, ns.
    pub const LAG_NS: u64 = 500_000_000;

    /// Highest median lag of a second, ns.
    pub const LAG_MEDIAN_NS: u64 = 100_000_000;

    /// Latest that a shard may wake, ns.
    pub const WOKE_LATE_NS: u64 = 500_000_000;

    /// Largest p99 of all deliveries less p99 of the sentinels', ns: our own draining.
    pub const SENTINEL_GAP_NS: u64 = 250_000_000;
}
