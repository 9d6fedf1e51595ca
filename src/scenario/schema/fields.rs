//! Every field of a scenario: its name, its form, and what an editor says about it.
//!
//! The readers decide; a test reads everything that they read and holds these lists equal to what
//! they asked for.

use super::{Field, Object, Shape};
use Shape::{
    Any, Boolean, Choice, Duration, Integer, List, Map, Money, Name, Number, Pairs, Path, Rate,
    Share, Table, Text,
};

const MAX: f64 = 1e9;
const LAW_OR_TEXT: Shape = Any(&[Duration, Table(&LAW)]);

const fn optional(name: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { name, shape, doc, required: false }
}

const fn required(name: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { name, shape, doc, required: true }
}

/// An object without rules on which of its fields go together.
const fn plain(name: &'static str, fields: &'static [Field]) -> Object {
    Object { name, fields, exactly_one: &[], at_most_one: &[] }
}

pub(super) static SCENARIO: Object = plain(
    "scenario",
    &[
        optional(
            "include",
            List(&Path),
            "Further files that are merged into this one: tables by their keys, arrays appended. Paths begin at this file's folder.",
        ),
        optional(
            "environment",
            List(&Text),
            "Variables of the environment that may stand in texts as ${NAME}.",
        ),
        optional("name", Name, "Names the results folder: letters, digits, - and _."),
        optional(
            "seed",
            Integer(0, u64::MAX),
            "Of all randomness; another seed is another audience of the same kind. Default 1.",
        ),
        optional("length", Duration, "Length of the run, from \"1s\" to \"7d\"."),
        optional(
            "objectives",
            List(&Shape::Limit),
            "What must hold for the run to pass: [reaction] [KIND] FIGURE [STATISTIC] COMPARISON LIMIT [, …] [WINDOW].",
        ),
        optional(
            "abort_when",
            List(&Shape::Limit),
            "Under which conditions the run ends early, judged each second: as an objective, with `over 10s` as the window.",
        ),
        optional("target", Table(&TARGET), "What it is played against."),
        optional("products", Map(NAME_KEY, &Table(&PRODUCT)), "What is sold, by name."),
        optional("shows", List(&Table(&SHOW)), "Live streams, each by one creator."),
        optional("audience", List(&Table(&GROUP)), "Kinds of viewers."),
    ],
);

pub(super) const NAME_KEY: &str = "^[A-Za-z0-9_-]{1,64}$";

static TARGET: Object = plain(
    "target",
    &[
        optional(
            "url",
            Text,
            "\"http://host:port\". Left out, the embedded reference backend is started.",
        ),
        optional(
            "binding",
            Path,
            "A shipped binding's name, or a path of your own. Default \"reference\".",
        ),
        optional(
            "authorised",
            Boolean,
            "The owner of a target that is neither loopback nor private has agreed. Default false.",
        ),
        optional(
            "time_out",
            Duration,
            "After its planned instant an intent is given up, \"10ms\" to \"10m\". Default \"10s\".",
        ),
        optional(
            "guard",
            Duration,
            "A message this near to a viewer's join or leave is a boundary case. Default \"50ms\".",
        ),
        optional(
            "delivery_deadline",
            Duration,
            "A message must be sent so long before a leave to be expected. Default \"250ms\".",
        ),
    ],
);

static PRODUCT: Object = plain(
    "product",
    &[
        required("price", Money, "What a unit costs: \"39.00 EUR\"."),
        required("stock", Integer(0, u32::MAX as u64), "Units at the start."),
    ],
);

static SHOW: Object = plain(
    "show",
    &[
        required("creator", Name, "The creator's name; the room on the wire is named after it."),
        optional(
            "preset",
            Choice(super::show_presets),
            "Published figures for the fields that are absent here.",
        ),
        optional("co_hosts", List(&Name), "Further hosts, each with a connection of its own."),
        optional("chat", Table(&REPLIES), "How messages of the room are replied to."),
        optional("answers", Table(&ANSWERS), "The creator answers what it receives."),
        optional("cues", List(&Table(&CUE)), "Planned acts, in the order of time."),
    ],
);

static REPLIES: Object = plain(
    "replies",
    &[
        optional(
            "branching",
            Number(0.0, 1.0),
            "Mean direct replies to a message, from 0 to below 1. Default 0.",
        ),
        optional("decay", Duration, "Mean delay of a reply. Default \"1s\"."),
    ],
);

static ANSWERS: Object = plain(
    "answers",
    &[
        required(
            "every",
            Integer(1, u32::MAX as u64),
            "Every so many messages of viewers one is answered.",
        ),
        required("delay", LAW_OR_TEXT, "From receiving that message to answering it."),
    ],
);

static CUE: Object = Object {
    name: "cue",
    fields: &[
        required("at", Duration, "When, from the start of the run."),
        optional("by", Name, "Who does it: a co-host. Default: the creator."),
        optional("pin", Name, "Shows this product at the top of the room."),
        optional("price_change", Name, "This product has a new `price` from then on."),
        optional("flash_sale", Name, "This product is cheaper, at `price`, for `length`."),
        optional("giveaway", Name, "This product is given away; it can be entered for `length`."),
        optional(
            "raid",
            Name,
            "Sends viewers on to this creator, who is live then; `follow` says how many.",
        ),
        optional("say", Text, "A message of at most 500 letters."),
        optional("go_live", Boolean, "The show starts (true). Without it, at 0s."),
        optional("end", Boolean, "The show ends (true). Without it, with the run."),
        optional("price", Money, "The new price of a unit: \"29.00 EUR\"."),
        optional("length", Duration, "How long the flash sale or the giveaway lasts."),
        optional("follow", Share, "Share of those present who follow a raid."),
    ],
    exactly_one: &[&[
        "pin",
        "price_change",
        "flash_sale",
        "giveaway",
        "raid",
        "say",
        "go_live",
        "end",
    ]],
    at_most_one: &[],
};

static GROUP: Object = Object {
    name: "group",
    fields: &[
        required(
            "name",
            Name,
            "The group's name; viewers are called NAME-0, NAME-1, … on the wire.",
        ),
        optional(
            "preset",
            Choice(super::audience_presets),
            "Published figures for the fields that are absent here.",
        ),
        optional("show", Name, "The creator whose show they visit. Default: the only show."),
        optional(
            "shows",
            Map("", &Number(0.0, MAX)),
            "Several shows by weight, { mia = 3, noor = 1 }; or all, { zipf = 1.0 }: the k-th with weight k^-1.0.",
        ),
        optional("viewers", Integer(0, u32::MAX as u64), "Exactly so many viewers."),
        optional(
            "rate",
            Rate,
            "Mean rate of arrivals over the show, whose number is then drawn once: \"2/s\".",
        ),
        optional(
            "arrivals",
            Any(&[Choice(constant), Table(&ARRIVALS)]),
            "When they come. Default \"constant\".",
        ),
        optional("stay", LAW_OR_TEXT, "How long a visit is; it is cut at the show's end."),
        optional("returns", Table(&RETURNS), "How often viewers come back."),
        optional(
            "classes",
            List(&Table(&CLASS)),
            "Several kinds of viewers in one group, instead of stay and returns.",
        ),
        optional("hop", Table(&HOP), "Going on to another show of the group when a visit ends."),
        optional(
            "compress",
            Number(1e-3, 1e6),
            "Divides the times of bins, traces, notifications, stays and absences. Default 1.",
        ),
        optional("chat", Table(&CHAT), "What they write, replies included."),
        optional("likes", Table(&LIKES), "Their likes."),
        optional("gifts", Table(&GIFTS), "Their gifts."),
        optional("shares", Table(&SHARES), "How they pass the stream on."),
        optional("giveaways", Table(&GIVEAWAYS), "How they enter for giveaways."),
        optional("funnel", Table(&FUNNEL), "Their way to a purchase."),
        optional("on_received", Table(&ON_RECEIVED), "What they do when they receive something."),
    ],
    exactly_one: &[],
    at_most_one: &[
        &["show", "shows"],
        &["viewers", "rate"],
        &["stay", "classes"],
        &["returns", "classes"],
    ],
};

fn constant() -> Vec<&'static str> {
    vec!["constant"]
}

/// The forms of arrivals that a part of a sum may have as well.
macro_rules! curves {
    ($($more:expr),*) => {
        &[
            optional("constant", Boolean, "The same rate from going live to the end (true)."),
            optional("points", Pairs, "[instant, rate], linear between."),
            optional("cubic", Pairs, "[instant, rate], smooth and monotone between two points."),
            optional("ramp", Table(&RAMP), "Linear from going live on."),
            optional("spike", Table(&SPIKE), "Rate 1, rising to a height and falling back."),
            optional("flash_crowd", Table(&FLASH_CROWD), "Rate 1, rising to a height, staying there, falling back."),
            optional("notification", Table(&NOTIFICATION), "All are told at an instant; a share of them come, each after a delay."),
            optional("bins", Table(&BINS), "Shares of arrivals in stretches of equal length."),
            optional("trace", Path, "A CSV file: where a bin begins (second, minute or hour), and its share."),
            optional("compress", Number(1e-3, 1e6), "Divides the times of the trace. Default: the group's."),
            $($more),*
        ]
    };
}

static ARRIVALS: Object = Object {
    name: "arrivals",
    fields: curves![optional(
        "sum",
        List(&Table(&SUMMAND)),
        "Several of these; every viewer comes by one."
    )],
    exactly_one: &[&[
        "constant",
        "points",
        "cubic",
        "ramp",
        "spike",
        "flash_crowd",
        "notification",
        "bins",
        "trace",
        "sum",
    ]],
    at_most_one: &[],
};

static SUMMAND: Object = Object {
    name: "arrivals_in_sum",
    fields: curves![optional(
        "weight",
        Number(0.001, MAX),
        "How many come by this one, against the others. Default 1."
    )],
    exactly_one: &[&[
        "constant",
        "points",
        "cubic",
        "ramp",
        "spike",
        "flash_crowd",
        "notification",
        "bins",
        "trace",
    ]],
    at_most_one: &[],
};

static RAMP: Object = plain(
    "ramp",
    &[
        required("from", Number(0.0, MAX), "Relative rate at the start."),
        required("to", Number(0.0, MAX), "Relative rate at the end of it; it stays."),
        optional("length", Duration, "How long it takes. Default: the whole show."),
    ],
);

static SPIKE: Object = plain(
    "spike",
    &[
        required("at", Duration, "When it begins to rise."),
        required("height", Number(0.0, MAX), "Relative rate at the top; before and after it is 1."),
        required("width", Duration, "From rising to having fallen back."),
    ],
);

static FLASH_CROWD: Object = plain(
    "flash_crowd",
    &[
        required("at", Duration, "When it begins to rise."),
        required("height", Number(0.0, MAX), "Relative rate at the top; before and after it is 1."),
        required("ramp", Duration, "How long it rises."),
        required("sustain", Duration, "How long it stays at the top."),
        required("decay", Duration, "How long it falls back."),
    ],
);

static NOTIFICATION: Object = plain(
    "notification",
    &[
        required("at", Duration, "When all are told."),
        required("opens", Share, "Share of them who come."),
        required("delay", LAW_OR_TEXT, "From being told to coming."),
    ],
);

static BINS: Object = plain(
    "bins",
    &[
        required("width", Duration, "Length of a bin; the first begins when the show goes live."),
        required("weights", List(&Number(0.0, MAX)), "Share of arrivals in each, on any scale."),
    ],
);

/// The forms of a law, with what may stand beside them.
macro_rules! laws {
    ($($more:expr),*) => {
        &[
            optional("fixed", Duration, "Always the same."),
            optional("exponential", Table(&EXPONENTIAL), "P(S > s) = e^(-s/mean)."),
            optional("log_normal", Table(&LOG_NORMAL), "ln S is normal."),
            optional("weibull", Table(&WEIBULL), "P(S > s) = e^(-(s/scale)^shape)."),
            optional("exponentiated_weibull", Table(&EXPONENTIATED_WEIBULL), "P(S <= s) = (1 - e^(-(s/scale)^c))^a."),
            optional("exponential_power", Table(&EXPONENTIAL_POWER), "P(S > s) = e^(1 - e^((s/scale)^b))."),
            optional("gamma", Table(&SCALED), "Density proportional to s^(shape - 1) e^(-s/scale)."),
            optional("empirical", Any(&[List(&Duration), Table(&OBSERVED)]), "Drawn from what was observed, with equal chance."),
            optional("mixture", List(&Table(&LAW_IN_MIXTURE)), "One of several laws, by their shares, which sum to 100%."),
            optional("shift", Duration, "Added to every length."),
            $($more),*
        ]
    };
}

const LAWS: &[&str] = &[
    "fixed",
    "exponential",
    "log_normal",
    "weibull",
    "exponentiated_weibull",
    "exponential_power",
    "gamma",
    "empirical",
    "mixture",
];

static LAW: Object =
    Object { name: "law", fields: laws![], exactly_one: &[LAWS], at_most_one: &[] };

static LAW_IN_MIXTURE: Object = Object {
    name: "law_in_mixture",
    fields: laws![required("share", Share, "How often it is this law.")],
    exactly_one: &[LAWS],
    at_most_one: &[],
};

const SHAPE: Shape = Number(0.01, 1_000.0);

static EXPONENTIAL: Object = plain("exponential", &[required("mean", Duration, "The mean.")]);

static LOG_NORMAL: Object = plain(
    "log_normal",
    &[
        required("median", Duration, "The median."),
        required("sigma", Number(0.0, 10.0), "Standard deviation of the logarithm."),
    ],
);

static WEIBULL: Object = plain(
    "weibull",
    &[
        required("shape", SHAPE, "Below 1, long stays are the more common."),
        required("scale", Duration, "63% are shorter."),
    ],
);

static EXPONENTIATED_WEIBULL: Object = plain(
    "exponentiated_weibull",
    &[
        required("a", SHAPE, "The outer exponent."),
        required("c", SHAPE, "The inner exponent."),
        required("scale", Duration, "The scale."),
    ],
);

static EXPONENTIAL_POWER: Object = plain(
    "exponential_power",
    &[required("b", SHAPE, "The exponent."), required("scale", Duration, "The scale.")],
);

static SCALED: Object = plain(
    "gamma",
    &[
        required("shape", SHAPE, "The shape; the mean is shape times scale."),
        required("scale", Duration, "The scale."),
    ],
);

static OBSERVED: Object = plain(
    "observed",
    &[
        required("trace", Path, "A CSV file with one column, headed second, minute or hour."),
        optional("compress", Number(1e-3, 1e6), "Divides its times. Default: the group's."),
    ],
);

static RETURNS: Object = plain(
    "returns",
    &[
        optional("visits", Integer(0, 256), "Visits that every viewer makes. Default 1."),
        optional("more", Table(&MORE), "How many more, drawn once a viewer."),
        required("absence", LAW_OR_TEXT, "How long a viewer is away between two visits."),
    ],
);

static MORE: Object = Object {
    name: "more_visits",
    fields: &[
        optional("negative_binomial", Table(&NEGATIVE_BINOMIAL), "0, 1, 2, …"),
        optional("geometric", Table(&GEOMETRIC), "1, 2, …"),
        optional("zipf", Number(1.0, 100.0), "1, 2, …; the exponent, above 1."),
    ],
    exactly_one: &[&["negative_binomial", "geometric", "zipf"]],
    at_most_one: &[],
};

static NEGATIVE_BINOMIAL: Object = plain(
    "negative_binomial",
    &[
        required("r", SHAPE, "The number of successes."),
        required("p", Number(0.0, 1.0), "The chance of a success."),
    ],
);

static GEOMETRIC: Object =
    plain("geometric", &[required("p", Number(0.0, 1.0), "The chance that it was the last.")]);

static CLASS: Object = plain(
    "class",
    &[
        required("share", Share, "Share of the group's viewers; they sum to 100%."),
        required("stay", LAW_OR_TEXT, "How long a visit is."),
        optional("returns", Table(&RETURNS), "How often they come back."),
    ],
);

static HOP: Object = plain(
    "hop",
    &[
        required("per_visit", Share, "Share of ended visits after which a viewer goes on."),
        required("gap", LAW_OR_TEXT, "How long that takes."),
    ],
);

/// How something that is done often differs by time and viewer, behind its own fields.
macro_rules! with_rates {
    ($($own:expr),* $(,)?) => {
        &[
            $($own,)*
            optional("by_show_time", Pairs, "Factors on the rate, [instant, factor]; 1 is as declared."),
            optional("by_viewer_age", Pairs, "Factors on the rate, [time since joining, factor]."),
            optional("weights", Map("^[0-9]+$", &Share), "How viewers differ: { 1 = \"80%\", 4 = \"20%\" }; powers of two."),
        ]
    };
}

const PER_VIEWER: Field =
    optional("per_viewer", Rate, "Mean rate of a viewer who is present: \"0.5/min\".");
const PER_VISIT: Field = optional("per_visit", Number(0.0, 1e6), "Mean number in a visit.");

static CHAT: Object = Object {
    name: "chat",
    fields: with_rates![
        PER_VIEWER,
        PER_VISIT,
        optional(
            "per_show",
            Any(&[Number(0.0, 1e12), Table(&DRAWN)]),
            "Number in the show, of all viewers of the group."
        ),
        optional(
            "metronome",
            Boolean,
            "Exact spacing and no replies, for measurements. Default false."
        ),
    ],
    exactly_one: &[&["per_viewer", "per_visit", "per_show"]],
    at_most_one: &[],
};

static DRAWN: Object = plain(
    "drawn",
    &[required(
        "quantiles",
        List(&Number(0.0, 1e12)),
        "The number is drawn once; its quantiles at equal steps from 0 to 1.",
    )],
);

static LIKES: Object = Object {
    name: "likes",
    fields: with_rates![
        PER_VIEWER,
        PER_VISIT,
        optional("run", Number(1.0, 1e6), "Mean number of likes in a run. Default 1."),
    ],
    exactly_one: &[&["per_viewer", "per_visit"]],
    at_most_one: &[],
};

static SHARES: Object = Object {
    name: "shares",
    fields: with_rates![PER_VIEWER, PER_VISIT],
    exactly_one: &[&["per_viewer", "per_visit"]],
    at_most_one: &[],
};

static GIFTS: Object = plain(
    "gifts",
    with_rates![
        required("givers", Share, "Share of viewers who give at all."),
        required("per_giver", Rate, "Mean rate of a viewer who gives."),
        required(
            "amount",
            Any(&[Money, Table(&AMOUNT)]),
            "Always the same, or drawn once a giver."
        ),
    ],
);

static AMOUNT: Object = Object {
    name: "amount",
    fields: &[
        optional("log_normal", Table(&LOG_NORMAL_AMOUNT), "The logarithm is normal."),
        optional("pareto", Table(&PARETO), "P(X > x) = (min/x)^alpha."),
    ],
    exactly_one: &[&["log_normal", "pareto"]],
    at_most_one: &[],
};

static LOG_NORMAL_AMOUNT: Object = plain(
    "log_normal_amount",
    &[
        required("median", Money, "The median."),
        required("sigma", Number(0.0, 10.0), "Standard deviation of the logarithm."),
        required("max", Money, "The largest gift."),
    ],
);

static PARETO: Object = plain(
    "pareto",
    &[
        required("min", Money, "The smallest gift."),
        required(
            "alpha",
            Number(0.05, 100.0),
            "The exponent; the smaller, the more is given by few.",
        ),
        required("max", Money, "The largest gift."),
    ],
);

static GIVEAWAYS: Object = plain(
    "giveaways",
    &[
        required("enter_per_viewer", Share, "Share of those present who enter."),
        required("delay", LAW_OR_TEXT, "After the cue, or after joining if that is later."),
    ],
);

static FUNNEL: Object = plain(
    "funnel",
    &[
        required(
            "click_per_visit",
            Share,
            "Share of visits with a click if there were no cues, below 100%.",
        ),
        required("cart_per_click", Share, "Share of clicks that lead to the cart."),
        required("buy_per_cart", Share, "Share of carts that are bought, at list price."),
        optional(
            "pin_lift",
            Number(0.0, 1_000.0),
            "Factor on the readiness to click right after a pin. Default 1.",
        ),
        optional(
            "sale_lift",
            Number(0.0, 1_000.0),
            "The same while a flash sale is on. Default: as pin_lift.",
        ),
        optional("lift_decay", Duration, "How fast the lift of a pin fades. Default \"20s\"."),
        optional(
            "price_sensitivity",
            Number(0.0, 100.0),
            "How much a lower price sells. Default 1.",
        ),
        optional("cart_delay", Duration, "Mean time from click to cart. Default \"3s\"."),
        optional("check_out_delay", Duration, "Mean time from cart to check-out. Default \"5s\"."),
        optional("by_show_time", Pairs, "Factors on the readiness to click, [instant, factor]."),
        optional(
            "by_viewer_age",
            Pairs,
            "Factors on the readiness to click, [time since joining, factor].",
        ),
    ],
);

static ON_RECEIVED: Object = plain(
    "on_received",
    &[
        optional("pin", Table(&SEEN), "When a product was pinned."),
        optional("flash_sale", Table(&SEEN), "When a flash sale has begun."),
        optional("price_change", Table(&SEEN), "When a price has changed."),
        optional("giveaway", Table(&OFFERED), "When a giveaway has begun."),
        optional("sold_out", Table(&SOLD_OUT), "When a product is sold out."),
    ],
);

const ACT: Shape = Any(&[Share, Table(&ACTED)]);
const COMPLAIN: Field =
    optional("complain", ACT, "Share of those who received it who write about it.");
const LEAVE: Field = optional("leave", ACT, "Share of those who received it who leave.");
const DELAY: Field = optional("delay", LAW_OR_TEXT, "From receiving it to doing it.");

static SEEN: Object = plain(
    "reaction_to_offer",
    &[
        optional(
            "click",
            ACT,
            "Share of those who received it who open the product; cart and check-out follow as in the funnel.",
        ),
        COMPLAIN,
        LEAVE,
        DELAY,
    ],
);

static OFFERED: Object = plain(
    "reaction_to_giveaway",
    &[optional("enter", ACT, "Share of those who received it who enter."), COMPLAIN, LEAVE, DELAY],
);

static SOLD_OUT: Object = plain("reaction_to_sold_out", &[COMPLAIN, LEAVE, DELAY]);

static ACTED: Object = plain(
    "act",
    &[
        required("share", Share, "Share of those who received it."),
        optional("delay", LAW_OR_TEXT, "From receiving it to doing it. Default: the table's."),
    ],
);
