//! The preset `world-cup-2014` against the exact figures of the laws it is made of: 50,000 clients,
//! each figure within its own sampling error.
//!
//! The targets are by `scipy`, by quadrature over the mixture (`reference/make.py`); the laws are
//! read from the preset's file. `cargo test -p claque-audience world_cup -- --nocapture` prints the
//! table.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use claque_audience::{
    Actor, Arrivals, Audience, Curve, Group, IntentKind, IntentSource, Law, Micros, MoreVisits,
    Returns, Share, VisitClass,
};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use toml::Table;

use crate::laws::count;
use crate::plans::{plan, seconds, show, watchers};
use crate::reference::uniforms;

const PRESET: &str = include_str!("../../../../scenarios/presets/world-cup-2014.toml");
const TARGETS: &str = include_str!("reference/world-cup.csv");
/// Clients drawn.
const CLIENTS: u32 = 50_000;
/// Most standard errors that a figure may be off.
const DEVIATIONS: f64 = 4.5;
/// The broadcast, and the bins of the targets for first arrivals.
const LENGTH: Micros = Micros(4 * 3_600_000_000);
const BINS: usize = 24;

/// What a client does, in seconds.
struct Client {
    first: f64,
    stays: Vec<f64>,
    absences: Vec<f64>,
}

fn number(table: &Table, name: &str) -> f64 {
    table[name].as_float().unwrap()
}

fn time(table: &Table, name: &str) -> Micros {
    let text = table[name].as_str().unwrap();
    Micros::from_seconds(text.strip_suffix('s').unwrap().parse().unwrap())
}

fn law(table: &Table) -> Law {
    let of = |name: &str| table.get(name).and_then(|law| law.as_table());
    let law = if let Some(law) = of("weibull") {
        Law::Weibull { shape: number(law, "shape"), scale: time(law, "scale") }
    } else if let Some(law) = of("gamma") {
        Law::Gamma { shape: number(law, "shape"), scale: time(law, "scale") }
    } else if let Some(law) = of("exponential_power") {
        Law::ExponentialPower { b: number(law, "b"), scale: time(law, "scale") }
    } else {
        let law = of("exponentiated_weibull").unwrap();
        let scale = time(law, "scale");
        Law::ExponentiatedWeibull { a: number(law, "a"), c: number(law, "c"), scale }
    };
    Law::Shifted { shift: time(table, "shift"), law: Box::new(law) }
}

fn returns(table: &Table) -> Returns {
    let more = table["more"].as_table().unwrap();
    let more = if let Some(law) = more.get("geometric") {
        MoreVisits::Geometric { p: number(law.as_table().unwrap(), "p") }
    } else {
        let law = more["negative_binomial"].as_table().unwrap();
        MoreVisits::NegativeBinomial { r: number(law, "r"), p: number(law, "p") }
    };
    let visits = table["visits"].as_integer().unwrap().try_into().unwrap();
    Returns { visits, more, absence: law(table["absence"].as_table().unwrap()) }
}

/// The arrivals and classes of the preset.
pub(crate) fn preset() -> (Arrivals, Vec<VisitClass>) {
    let preset: Table = PRESET.parse().unwrap();
    let audience = preset["audience"].as_table().unwrap();
    let weights = audience["arrivals"]["bins"]["weights"].as_array().unwrap();
    let whole = |weight: i64| f64::from(i32::try_from(weight).unwrap());
    let weights: Vec<f64> = weights
        .iter()
        .map(|weight| weight.as_float().or(weight.as_integer().map(whole)).unwrap())
        .collect();
    let edges: Vec<Micros> = (0..=240).map(|minute| seconds(60 * minute)).collect();
    let mut classes: Vec<VisitClass> = audience["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|class| class.as_table().unwrap())
        .map(|class| VisitClass {
            share: Share(
                class["share"].as_str().unwrap().strip_suffix('%').unwrap().parse::<f64>().unwrap(),
            ),
            stay: law(class["stay"].as_table().unwrap()),
            returns: class.get("returns").map(|table| returns(table.as_table().unwrap())),
        })
        .collect();
    let total: f64 = classes.iter().map(|class| class.share.0).sum();
    for class in &mut classes {
        class.share.0 /= total;
    }
    (Curve::bins(&edges, &weights).unwrap().into(), classes)
}

fn clients(seed: u64, (arrivals, classes): &(Arrivals, Vec<VisitClass>)) -> Vec<Client> {
    let arriving = arrivals.within(Micros(0), LENGTH).unwrap();
    let mut uniform = uniforms(seed);
    (0..CLIENTS)
        .map(|_| {
            let first = arriving.instant(uniform()).unwrap().seconds();
            let class = &classes[VisitClass::choose(classes, uniform())];
            let visits = class.returns.as_ref().map_or(1, |returns| returns.count(uniform()));
            let absence = class.returns.as_ref().map(|returns| &returns.absence);
            let stays = (0..visits).map(|_| class.stay.at(uniform()).seconds()).collect();
            let absences = (1..visits).map(|_| absence.unwrap().at(uniform()).seconds()).collect();
            Client { first, stays, absences }
        })
        .collect()
}

/// The same clients as the whole audience plays them: from joins and leaves.
fn played(seed: u64, (arrivals, classes): (Arrivals, Vec<VisitClass>)) -> Vec<Client> {
    // So long a show that nobody's last visit is cut by its end.
    let length = seconds(1_000 * 3_600);
    let viewers = Group { arrivals, classes, ..watchers(CLIENTS, length) };
    let mut intents = Vec::new();
    let mut source = Audience::new(&plan(seed, show(length), viewers));
    source.fill(Micros(u64::MAX >> 8), &mut intents);
    let mut clients: BTreeMap<Actor, (Client, f64)> = BTreeMap::new();
    for intent in intents {
        let (at, viewer) = (intent.at.seconds(), intent.id.actor);
        match intent.kind {
            IntentKind::Join => match clients.entry(viewer) {
                Entry::Vacant(new) => {
                    let (stays, absences) = (Vec::new(), Vec::new());
                    new.insert((Client { first: at, stays, absences }, at));
                }
                Entry::Occupied(mut known) => {
                    let (client, last) = known.get_mut();
                    client.absences.push(at - *last);
                    *last = at;
                }
            },
            IntentKind::Leave => {
                let Some((client, last)) = clients.get_mut(&viewer) else { continue };
                client.stays.push(at - *last);
                *last = at;
            }
            _ => {}
        }
    }
    clients.into_values().map(|(client, _)| client).collect()
}

/// One figure of a sample beside its target.
struct Figure {
    name: String,
    target: f64,
    got: f64,
    /// Of `got`.
    standard_error: f64,
    n: usize,
}

impl Figure {
    fn deviations(&self) -> f64 {
        (self.got - self.target) / self.standard_error
    }

    /// P(as far off as this or further), if the target is right.
    fn p_value(&self) -> f64 {
        libm::erfc(self.deviations().abs() / std::f64::consts::SQRT_2)
    }

    fn line(&self) -> String {
        format!(
            "{:<12} {:>9.3} {:>9.3} ± {:<7.3} {:>6} {:>6.2} {:>7.4}",
            self.name,
            self.target,
            self.got,
            DEVIATIONS * self.standard_error,
            self.n,
            self.deviations(),
            self.p_value()
        )
    }
}

/// The standard error of a mean over all values of all clients: values of one client belong
/// together, so that their sums are what is independent.
fn clustered(clients: &[&[f64]], influence: impl Fn(f64) -> f64) -> f64 {
    let sum = |values: &&[f64]| values.iter().map(|value| influence(*value)).sum::<f64>();
    let squares: f64 = clients.iter().map(sum).map(|sum| sum * sum).sum();
    let n: usize = clients.iter().map(|values| values.len()).sum();
    squares.sqrt() / count(n)
}

/// The figures called `what` of values, by client.
///
/// Standard errors are those of independent clients: for a quantile √(p(1 − p)/n)/f, with f the
/// density there, if each had one value.
fn figures(what: &str, clients: &[&[f64]], targets: &[(&str, f64, f64)]) -> Vec<Figure> {
    let mut values: Vec<f64> = clients.concat();
    values.sort_unstable_by(f64::total_cmp);
    let n = count(values.len());
    let target = |name: &str| targets.iter().find(|target| target.0 == format!("{what} {name}"));
    let mean = target("mean").unwrap().1;
    let square = |value: f64| (value - mean) * (value - mean);
    let mut figures = Vec::new();
    let mut add = |name: &str, target, got, standard_error| {
        let name = format!("{what} {name}");
        figures.push(Figure { name, target, got, standard_error, n: values.len() });
    };
    let got = values.iter().sum::<f64>() / n;
    add("mean", mean, got, clustered(clients, |value| value - mean));
    if let Some(&(_, sd, _)) = target("sd") {
        let got = (values.iter().map(|value| square(*value)).sum::<f64>() / n).sqrt();
        let influence = |value| (square(value) - sd * sd) / (2.0 * sd);
        add("sd", sd, got, clustered(clients, influence));
    }
    for (name, p) in [("p10", 0.10), ("p50", 0.50), ("p75", 0.75), ("p90", 0.90), ("p99", 0.99)] {
        let Some(&(_, at, density)) = target(name) else { continue };
        let below = values.partition_point(|value| count_until(*value, p, &values));
        let influence = |value| (f64::from(u8::from(value <= at)) - p) / density;
        add(name, at, values[below.min(values.len() - 1)], clustered(clients, influence));
    }
    figures
}

/// Whether less than a share `p` of the sorted `values` are at or below `value`.
fn count_until(value: f64, p: f64, values: &[f64]) -> bool {
    let until = values.partition_point(|other| *other <= value);
    count(until) < p * count(values.len())
}

/// All figures of a sample.
fn all_figures(clients: &[Client]) -> Vec<Figure> {
    let targets: Vec<(&str, f64, f64)> = TARGETS
        .lines()
        .skip(2)
        .map(|line| {
            let mut fields = line.split(',');
            let name = fields.next().unwrap();
            let mut number = || fields.next().unwrap().parse().unwrap();
            (name, number(), number())
        })
        .collect();
    let visits: Vec<[f64; 1]> = clients.iter().map(|client| [count(client.stays.len())]).collect();
    let visits: Vec<&[f64]> = visits.iter().map(<[f64; 1]>::as_slice).collect();
    let stays: Vec<&[f64]> = clients.iter().map(|client| client.stays.as_slice()).collect();
    let absences: Vec<&[f64]> = clients.iter().map(|client| client.absences.as_slice()).collect();
    let mut all = figures("visits", &visits, &targets);
    all.extend(figures("stay", &stays, &targets));
    all.extend(figures("absence", &absences, &targets));
    all
}

/// χ² of first arrivals by ten minutes against `arrivals`, and its p-value.
fn first_arrivals(clients: &[Client], arrivals: &Arrivals) -> (f64, f64) {
    let Arrivals::Curve(curve) = arrivals else { panic!("bins are a curve") };
    let mut bins = [0.0; BINS];
    for client in clients {
        let inside = |bin: &usize| client.first >= count(*bin) * 600.0;
        bins[(0..BINS).take_while(inside).count() - 1] += 1.0;
    }
    let edge = |bin: usize| curve.share(Micros::from_seconds(count(bin) * 600.0));
    let term = |(bin, got): (usize, f64)| {
        let expect = (edge(bin + 1) - edge(bin)) * count(clients.len());
        (got - expect) * (got - expect) / expect
    };
    let square = bins.into_iter().enumerate().map(term).sum();
    (square, ChiSquared::new(count(BINS - 1)).unwrap().sf(square))
}

fn table(figures: &[Figure]) -> String {
    let head = format!(
        "{:<12} {:>9} {:>9} ± {:<7} {:>6} {:>6} {:>7}",
        "figure", "target", "got", "4.5 SE", "n", "SE off", "p-value"
    );
    let lines = figures.iter().map(Figure::line);
    std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
}

/// Each figure of `clients` is within its tolerance of the target.
#[expect(clippy::print_stdout, reason = "the table is what a reader of the test asks for")]
fn fits_the_targets(what: &str, clients: &[Client], arrivals: &Arrivals) {
    let figures = all_figures(clients);
    let (square, p) = first_arrivals(clients, arrivals);
    let report = format!(
        "{CLIENTS} clients, {what}\n{}\nfirst arrivals by ten minutes: chi-square {square:.1}, {} degrees \
         of freedom, n = {}, p-value {p:.4}",
        table(&figures),
        BINS - 1,
        clients.len(),
    );
    println!("{report}\n");
    assert_eq!(figures.len(), 15, "{report}");
    for figure in &figures {
        assert!(figure.deviations().abs() < DEVIATIONS, "{} is off\n{report}", figure.name);
    }
    assert!(p > 1e-3, "first arrivals are off\n{report}");
}

#[test]
fn world_cup_clients_are_those_of_the_published_classes() {
    let preset = preset();
    fits_the_targets("drawn from the laws", &clients(2_014, &preset), &preset.0);
}

#[test]
fn world_cup_clients_are_played_as_they_are_drawn() {
    let preset = preset();
    fits_the_targets("by joins and leaves", &played(2_014, preset.clone()), &preset.0);
}

#[test]
fn the_presets_arrivals_are_those_of_the_table_by_ten_minutes() {
    let (Arrivals::Curve(curve), _) = preset() else { panic!("bins are a curve") };
    // In per cent.
    let known = [
        1.93, 2.39, 2.80, 3.46, 4.43, 7.31, 10.88, 9.61, 8.38, 7.39, 6.29, 5.23, 5.32, 5.64, 5.18,
        5.14, 4.38, 2.46, 0.37, 0.36, 0.40, 0.33, 0.24, 0.07,
    ];
    for (bin, percent) in (0..).zip(known) {
        let share = curve.share(seconds(600 * (bin + 1))) - curve.share(seconds(600 * bin));
        assert!((share * 100.0 - percent).abs() < 0.006, "bin {bin}: {share}");
    }
}

#[test]
fn a_wrong_world_cup_is_told_from_the_right_one() {
    type Wrong = fn(&mut Vec<VisitClass>);
    let wrong: [(&str, Wrong); 4] = [
        ("stay p10", |classes| {
            // A shift of 3 s instead of 1 s.
            for class in classes {
                class.stay = Law::Shifted { shift: seconds(2), law: Box::new(class.stay.clone()) };
            }
        }),
        ("visits mean", |classes| {
            classes[5].returns.as_mut().unwrap().visits = 1;
        }),
        ("absence p10", |classes| {
            let absence = &mut classes[1].returns.as_mut().unwrap().absence;
            let Law::Shifted { law, .. } = absence else { panic!("absences are shifted") };
            *absence = (**law).clone();
        }),
        ("stay p50", |classes| {
            classes[0].stay = Law::Exponential { mean: classes[0].stay.mean() };
        }),
    ];
    for (name, spoil) in wrong {
        let (arrivals, mut classes) = preset();
        spoil(&mut classes);
        let figures = all_figures(&clients(2_014, &(arrivals, classes)));
        let figure = figures.iter().find(|figure| figure.name == name).unwrap();
        assert!(figure.deviations().abs() > DEVIATIONS, "{name}:\n{}", table(&figures));
    }
    let (arrivals, classes) = preset();
    let even = (Curve::constant(LENGTH).into(), classes);
    assert!(first_arrivals(&clients(2_014, &even), &arrivals).1 < 1e-9);
}
