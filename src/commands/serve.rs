//! `claque serve`: the reference backend by itself, or as the child of a run.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use claque_reference_backend as backend;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::cli::Serve;

/// Serves until Ctrl-C or the signal to terminate, or, as a child, until standard input closes.
pub(crate) fn serve(arguments: Serve) -> Result<u8> {
    let Serve { listen, products, db, faults, fault_log, seed, idle, until_stdin_closes } =
        arguments;
    let config = backend::Config {
        products,
        seed,
        faults,
        fault_log,
        db,
        idle: std::time::Duration::from_micros(idle.0),
        ..backend::Config::default()
    };
    // One descriptor a connection: as many as may be had.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener =
            backend::listen(listen).with_context(|| format!("cannot listen on {listen}"))?;
        let address = listener.local_addr()?;
        // A child shares terminal and process group, and signals are for its parent to deal with.
        let mut interrupts = signal(SignalKind::interrupt())?;
        let mut terminations = signal(SignalKind::terminate())?;
        let stop = async move {
            // Not before: whatever cannot be used has been found by now.
            anstream::println!("listening on http://{address}");
            if until_stdin_closes {
                let _ = stdin_closed().await;
            } else {
                tokio::select! {
                    _ = interrupts.recv() => {}
                    _ = terminations.recv() => {}
                }
            }
        };
        backend::serve(listener, config, stop).await?;
        anyhow::Ok(())
    })?;
    Ok(0)
}

/// Resolves when standard input ends. A thread of its own waits for it, since such a read cannot
/// be taken back.
fn stdin_closed() -> oneshot::Receiver<()> {
    let (closed, wait) = oneshot::channel();
    std::thread::spawn(move || {
        let mut stdin = std::io::stdin().lock();
        let mut buffer = [0_u8; 64];
        while stdin.read(&mut buffer).is_ok_and(|bytes| bytes > 0) {}
        let _ = closed.send(());
    });
    wait
}
