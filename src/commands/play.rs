//! `claque run`: plays a scenario in real time and reports what happened.

use std::io::IsTerminal as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use claque::drive::{self, Address, Cores, Embedded, Needs, Play, Played, Second};
use claque::measure::{
    Abort, Aborted, AbortedBy, Live, RunEnd, RunInfo, RunSummary, Settings, Totals, Usage,
};
use claque::report::{self, IntervalWriter, TraceWriter};
use claque_audience::Audience;
use indicatif::{ProgressBar, ProgressStyle};

use super::prepare::Prepared;
use super::results::{self, describe};
use crate::cli::Run;

/// Seconds between two progress lines where there is no terminal to draw on.
const PLAIN_PROGRESS_EVERY: u32 = 10;

/// Plays a scenario and reports.
pub(crate) fn run(arguments: &Run) -> Result<u8> {
    let prepared = Prepared::new(&arguments.source)?;
    let target = Target::open(arguments, &prepared)?;
    let info = describe(&prepared, &target.address, target.embedded.is_some());
    let folder = results::open(&arguments.results, &prepared, &info)?;
    if !arguments.quiet {
        announce(&prepared, &info, &folder);
    }
    let summary = play(arguments, prepared, target, &info, &folder)?;
    report::json::write(&folder, &summary)?;
    anstream::print!("{}", report::terminal::render(&summary, super::width(), super::colour()));
    anstream::println!("results in {}", folder.display());
    Ok(summary.verdict.exit_code())
}

/// The backend to play against.
struct Target {
    address: Address,
    embedded: Option<Embedded>,
    cores: Option<Cores>,
}

impl Target {
    /// Checks that this machine can carry the plan, starts the embedded backend if none is named,
    /// and checks that the backend can be spoken to.
    fn open(arguments: &Run, prepared: &Prepared) -> Result<Target> {
        let Prepared { scenario, binding, forecast, shards, .. } = prepared;
        let hosts: u64 =
            scenario.plan.shows.iter().map(|show| 1 + show.co_hosts.len() as u64).sum();
        let present = hosts + forecast.rooms.iter().map(|room| room.present_max).sum::<u64>();
        #[expect(clippy::cast_precision_loss, reason = "a rate is far below 2^53")]
        let needs = Needs {
            viewers_max: present,
            http: binding.uses_http(),
            deliveries_max: forecast.frames_max() as f64,
        };
        if let Some(budget) = drive::calibrate(*shards)
            && !arguments.force
        {
            drive::afford(&needs, &budget)?;
        }
        drive::reserve_files(&needs)?;
        let url = arguments.url.as_ref().or(scenario.target.url.as_ref());
        let (embedded, cores) = if url.is_some() {
            (None, None)
        } else {
            let cores = Cores::split();
            let further = embedded_arguments(arguments, scenario.plan.seed);
            let products = &scenario.plan.products;
            (Some(Embedded::start(products, &further, cores.as_ref())?), cores)
        };
        let place = match (&embedded, url) {
            (Some(embedded), _) => embedded.url(),
            (None, Some(url)) => url,
            (None, None) => "",
        };
        let mut address = Address::resolve(place)?;
        address.permit(arguments.authorised || scenario.target.authorised)?;
        drive::reserve_ports(&needs, &mut address)?;
        address.settle();
        let room = scenario.plan.shows.first().map_or("", |show| show.creator.as_str());
        drive::probe(binding, &address, room)?;
        Ok(Target { address, embedded, cores })
    }
}

/// What the embedded backend is told besides its products.
fn embedded_arguments(arguments: &Run, seed: u64) -> Vec<String> {
    let mut further = vec!["--seed".to_owned(), seed.to_string()];
    for fault in &arguments.faults {
        further.extend(["--fault".to_owned(), fault.clone()]);
    }
    if let Some(log) = &arguments.fault_log {
        further.extend(["--fault-log".to_owned(), log.display().to_string()]);
    }
    further
}

/// The first screen: what is about to happen.
fn announce(prepared: &Prepared, info: &RunInfo, folder: &Path) {
    let forecast = &prepared.forecast;
    anstream::eprintln!(
        "{}: {} viewers, {} at most at once, {} s against {} ({})",
        info.name,
        info.viewers,
        forecast.rooms.iter().map(|room| room.present_max).sum::<u64>(),
        info.length.0.div_ceil(1_000_000),
        info.target,
        if info.embedded { "the embedded reference backend" } else { &info.binding },
    );
    if !info.not_played.is_empty() {
        let kinds: Vec<_> = info.not_played.iter().map(|kind| kind.name()).collect();
        anstream::eprintln!("not played by binding {}: {}", info.binding, kinds.join(", "));
    }
    anstream::eprintln!("results in {}", folder.display());
}

/// Plays, writing every second as it comes, and sums up.
fn play(
    arguments: &Run,
    prepared: Prepared,
    target: Target,
    info: &RunInfo,
    folder: &Path,
) -> Result<RunSummary> {
    let settings = Arc::new(Settings::of(info));
    let Prepared { scenario, binding, group_sizes, shards, .. } = prepared;
    let Target { address, embedded, cores } = target;
    let audience = Audience::new(&scenario.plan);
    let play = Play {
        plan: scenario.plan,
        group_sizes,
        binding,
        address,
        shards,
        run: info.run,
        time_out: info.time_out,
        settings: Arc::clone(&settings),
        trace: arguments.trace.is_some(),
        cores,
    };
    let mut writer = IntervalWriter::create(folder, info)?;
    let mut trace = arguments.trace.as_deref().map(|path| trace(path, info)).transpose()?;
    let mut totals = Totals::new(info.clone());
    let mut live = Live::new(&settings);
    let mut abort = Abort::new(&scenario.abort, &settings);
    let mut aborted = None;
    let seconds_planned = info.length.0.div_ceil(1_000_000);
    let progress = Progress::new(info, arguments.quiet);
    let played = drive::play(play, audience, |Second { number, measured, interrupted }| {
        writer.write(number, measured)?;
        if let Some(trace) = &mut trace {
            trace.write(measured)?;
        }
        totals.add(number, measured);
        live.add(measured);
        progress.show(info, number + 1, &live);
        // Once everything has been taken up, nothing is left to be ended; nor after a signal, when
        // all that is left undone would speak against the backend.
        if aborted.is_none() && !interrupted && u64::from(number) < seconds_planned {
            aborted = abort.add(number, measured).map(aborted_by);
            if let Some(aborted) = &aborted {
                progress.say(&format!("ended early by {aborted}"));
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    });
    progress.finish();
    if let Some(missing) = trace.map(|trace| trace.missing).filter(|&missing| missing > 0) {
        anstream::eprintln!("warning: {missing} intents found no room in the trace");
    }
    let Played { interrupted, plan, .. } = played?;
    let usage = usage(embedded.as_ref());
    let end = RunEnd { interrupted, aborted, played: plan, usage };
    writer.finish(&end)?;
    Ok(totals.summary(Some(&end)))
}

/// Why a run ends early, as its report says it.
fn aborted_by(aborted: Aborted) -> AbortedBy {
    let Aborted { rule, value, figure, second } = aborted;
    AbortedBy { rule, value, found: report::terminal::quantity(figure.unit(), value), second }
}

/// The file that takes every single intent.
fn trace(path: &Path, info: &RunInfo) -> Result<TraceWriter> {
    TraceWriter::create(path, info).with_context(|| format!("cannot write {}", path.display()))
}

/// What generator and target have cost.
fn usage(embedded: Option<&Embedded>) -> Option<Usage> {
    let millis = |cpu: Duration| u64::try_from(cpu.as_millis()).unwrap_or(u64::MAX);
    let own = drive::Usage::own()?;
    let target = embedded.and_then(|embedded| drive::Usage::of(embedded.process_id()));
    Some(Usage {
        generator_cpu_ms: millis(own.cpu),
        generator_memory_bytes: own.memory_bytes_max,
        target_cpu_ms: target.map(|target| millis(target.cpu)),
        target_memory_bytes: target.map(|target| target.memory_bytes_max),
    })
}

/// The live line: a bar on a terminal, now and then a plain line elsewhere.
enum Progress {
    Bar(ProgressBar),
    Plain,
    Quiet,
}

impl Progress {
    fn new(info: &RunInfo, quiet: bool) -> Progress {
        if quiet {
            return Progress::Quiet;
        }
        if !std::io::stderr().is_terminal() {
            return Progress::Plain;
        }
        let bar = ProgressBar::new(info.length.0.div_ceil(1_000_000));
        let style = ProgressStyle::with_template("{bar:16.cyan} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress::Bar(bar)
    }

    fn show(&self, info: &RunInfo, seconds: u32, live: &Live) {
        let elapsed = Duration::from_secs(seconds.into());
        let text = || report::live::line(info, elapsed, &live.figures());
        match self {
            Progress::Bar(bar) => {
                bar.set_position(seconds.into());
                bar.set_message(text());
            }
            Progress::Plain if seconds.is_multiple_of(PLAIN_PROGRESS_EVERY) => {
                anstream::eprintln!("{}", text());
            }
            Progress::Plain | Progress::Quiet => {}
        }
    }

    /// Something that is said once.
    fn say(&self, text: &str) {
        match self {
            Progress::Bar(bar) => bar.println(text),
            Progress::Plain => anstream::eprintln!("{text}"),
            Progress::Quiet => {}
        }
    }

    fn finish(&self) {
        if let Progress::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
