//! Which variables mean something where, in a binding.

use claque_audience::IntentKind;

use super::super::Verb;
use super::super::template::Variable;

/// Where in a binding a template stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scope<'a> {
    /// `[connect]`: nothing has been heard yet.
    Connect,
    /// A step of the handshake; `captured` are the captures that may have been taken by then.
    Handshake { numbered: bool, captured: &'a [u16] },
    /// A reply or a heartbeat.
    Connection,
    /// What a verb sends.
    Send { verb: Verb, numbered: bool },
    /// What a verb's answer is known by.
    Answer { verb: Verb, numbered: bool },
    /// An event or a prompt, which must be recognised alike on every connection.
    Everywhere,
}

impl Scope<'_> {
    /// Why `variable` cannot be named here, if it cannot: fits behind its name.
    pub(super) fn refuse(self, variable: Variable) -> Option<String> {
        let why = match (self, variable) {
            (Scope::Everywhere, _) => {
                "differs between connections, but this must be recognised alike on all of them"
            }
            (Scope::Connect, Variable::Captured(_)) => "is captured only after connecting",
            (Scope::Handshake { captured, .. }, Variable::Captured(number)) => {
                if captured.contains(&number) {
                    return None;
                }
                "is captured only later"
            }
            (_, Variable::Captured(_)) => return None,
            (_, variable) if of_connection(variable) => return None,
            (Scope::Connect, _) => "is not known while connecting",
            (
                Scope::Handshake { numbered: true, .. }
                | Scope::Send { numbered: true, .. }
                | Scope::Answer { numbered: true, .. },
                Variable::Id,
            ) => return None,
            (Scope::Handshake { .. } | Scope::Send { .. } | Scope::Answer { .. }, Variable::Id) => {
                "needs `id = \"seq\"`, which numbers the call"
            }
            (Scope::Handshake { .. } | Scope::Connection, _) => {
                "belongs to an intent, and here there is none"
            }
            (Scope::Send { verb, .. }, variable) => {
                if of_verb(verb, variable) {
                    return None;
                }
                return Some(format!("means nothing for `{}`", verb.name()));
            }
            (Scope::Answer { verb, .. }, variable) => {
                let known_by =
                    matches!(variable, Variable::Cid | Variable::Key | Variable::Product);
                if known_by && of_verb(verb, variable) {
                    return None;
                }
                return Some(format!("is nothing that an answer to `{}` is known by", verb.name()));
            }
        };
        Some(why.to_owned())
    }
}

/// Whether a variable is known as long as its connection is.
fn of_connection(variable: Variable) -> bool {
    matches!(
        variable,
        Variable::Url
            | Variable::Http
            | Variable::Host
            | Variable::Run
            | Variable::Room
            | Variable::Creator
            | Variable::Viewer
            | Variable::Currency
    )
}

/// Whether an intent of that verb has a value for a variable.
fn of_verb(verb: Verb, variable: Variable) -> bool {
    use IntentKind::{
        AddToCart, Chat, CheckOut, Click, Enter, FlashSale, Gift, Giveaway, GoLive, Like, Pin,
        PriceChange, Raid,
    };
    let order = verb == Verb::Order;
    let is = |kinds: &[IntentKind]| kinds.iter().any(|&kind| verb == Verb::Intent(kind));
    match variable {
        Variable::Text => is(&[Chat]),
        Variable::Cid => matches!(verb, Verb::Intent(kind) if kind.is_broadcast()),
        Variable::Count => is(&[Like, Gift]),
        Variable::Amount => is(&[Gift]),
        Variable::To => is(&[Raid]),
        Variable::CoHosts => is(&[GoLive]),
        Variable::Seconds => is(&[FlashSale, Giveaway]),
        Variable::Key => order || is(&[CheckOut]),
        Variable::Quantity => order || is(&[AddToCart, CheckOut]),
        Variable::Price => order || is(&[Pin, PriceChange, FlashSale, AddToCart, CheckOut]),
        Variable::Product => {
            let cue = is(&[Pin, PriceChange, FlashSale, Giveaway]);
            order || cue || is(&[Click, AddToCart, CheckOut, Enter])
        }
        _ => false,
    }
}
