//! Entry: arguments → command → exit code.

mod cli;
mod commands;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run(arguments) => commands::run(&arguments),
        Command::Check(arguments) => commands::check(&arguments),
        Command::Preview(arguments) => commands::preview(&arguments),
        Command::Presets(arguments) => commands::presets(&arguments),
        Command::Report(arguments) => commands::report(&arguments),
        Command::Serve(arguments) => commands::serve(arguments),
        Command::New(arguments) => commands::new(&arguments),
        Command::Schema => Ok(commands::schema()),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => ExitCode::from(commands::explain(&error)),
    }
}
