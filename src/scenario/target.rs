//! `[target]`: what a scenario is played against, and how patiently.
//!
//! All fields may be left out: `binding` (default `reference`), `url` (default: the embedded
//! reference backend is started), `authorised` (default false), `time_out` (default 10s), `guard`
//! (default 50ms) and `delivery_deadline` (default 250ms).

use std::path::Path;

use claque_audience::Micros;
use url::Url;

use crate::input::units::Misread;
use crate::input::{Field, Table};

/// What a scenario is played against, and how patiently.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Base address (`http://host:port`); none starts the embedded reference backend.
    pub url: Option<String>,
    /// A shipped binding's name, or a path.
    pub binding: String,
    /// Whether the owner of a target that is neither loopback nor private has agreed.
    pub authorised: bool,
    /// How long after its planned instant an intent is given up.
    pub time_out: Micros,
    /// Pairs of a viewer and a message whose join or leave is nearer than this to the message are
    /// boundary pairs.
    pub guard: Micros,
    /// How long before a viewer's planned leave a message must have been sent to be expected.
    pub delivery_deadline: Micros,
}

impl Default for Target {
    /// The embedded reference backend. Guard and deadline are small against a visit, so that in a
    /// busy room of minute-long visits boundary pairs stay below 2 % of all.
    fn default() -> Target {
        Target {
            url: None,
            binding: "reference".to_owned(),
            authorised: false,
            time_out: Micros(10_000_000),
            guard: Micros(50_000),
            delivery_deadline: Micros(250_000),
        }
    }
}

pub(super) fn read(table: Option<Table<'_>>) -> Target {
    let mut target = Target::default();
    let Some(table) = table else { return target };
    let within = |field: Field<'_>, from: u64, to: u64, help: &str, place: &mut Micros| {
        if let Some(length) = field.duration() {
            if (from..=to).contains(&length.value.0) {
                *place = length.value;
            } else {
                field.input().problem(
                    length.span,
                    format!("`{}` is out of range", field.name()),
                    help,
                );
            }
        }
    };
    if let Some(binding) = table.optional("binding").string() {
        if binding.value.trim().is_empty() {
            table.input().problem(
                binding.span,
                "the binding's name is empty",
                "write the name of a shipped binding, or the path of your own",
            );
        }
        // The name of a shipped binding is no path.
        let is_file = Path::new(&binding.value).extension().is_some();
        target.binding = if is_file { table.input().relative(&binding) } else { binding.value };
    }
    target.url = table
        .optional("url")
        .parsed("an address", "write \"http://127.0.0.1:8080\"", base_url)
        .map(|url| url.value);
    target.authorised = table.optional("authorised").boolean().is_some_and(|yes| yes.value);
    let (time_out, guard) = (table.optional("time_out"), table.optional("guard"));
    let second = Micros::SECOND.0;
    within(time_out, 10_000, 600 * second, "from \"10ms\" to \"10m\"", &mut target.time_out);
    within(guard, 0, 60 * second, "from \"0s\" to \"1m\"", &mut target.guard);
    let deadline = table.optional("delivery_deadline");
    let help = "from \"1ms\" to \"1m\"";
    within(deadline, 1_000, 60 * second, help, &mut target.delivery_deadline);
    table.finish();
    target
}

/// Reads the base address of a target: `http://host:port`. The same host is spoken to over
/// WebSocket, so `ws://` is taken as `http://`.
///
/// # Errors
/// If it is no address, asks for TLS, or has more than host and port.
pub fn base_url(text: &str) -> Result<String, Misread> {
    let misread = |message: String, help: &str| Err(Misread { message, help: help.to_owned() });
    let form = "write scheme, host and port: \"http://127.0.0.1:8080\"";
    let Ok(url) = Url::parse(text.trim()) else {
        return misread(format!("`{text}` is no address"), form);
    };
    match url.scheme() {
        "http" | "ws" => {}
        "https" | "wss" => {
            return misread(
                format!("`{text}` asks for TLS, which is not spoken yet"),
                "put a TLS proxy in between, or use http://",
            );
        }
        scheme => return misread(format!("`{scheme}` is no scheme that is spoken"), form),
    }
    let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
        return misread(format!("`{text}` has no host"), form);
    };
    if !url.path().trim_matches('/').is_empty() || url.query().is_some() || url.fragment().is_some()
    {
        return misread(
            format!("`{text}` has more than host and port"),
            "paths belong into the binding; here stands only \"http://host:port\"",
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return misread(
            "the address holds a user name or a password".to_owned(),
            "secrets belong into the environment, not into scenarios",
        );
    }
    // Both schemes default to port 80.
    Ok(format!("http://{host}:{}", url.port().unwrap_or(80)))
}
