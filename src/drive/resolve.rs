//! Asks the shop, after the show, about check-outs whose answer never came.

use std::sync::Arc;
use std::time::Duration;

use super::Clock;
use super::address::Address;
use super::http::{Connection, build};
use super::shard::Unresolved;
use super::transport::Broken;
use crate::binding::{Binding, Judgement, Scratch, Session, Values, Verb};
use crate::measure::{Interval, OrderSeen, Recorder, Resolution, Settings};

/// How long the shop has to answer about one check-out.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long all of it may take; what is not asked by then stays unresolved.
const PATIENCE_IN_ALL: Duration = Duration::from_secs(20);

/// The shop that is asked.
#[derive(Clone, Copy, Debug)]
pub struct Shop<'a> {
    /// How to ask.
    pub binding: &'a Binding,
    /// Where it is.
    pub address: &'a Address,
    /// Names of the products, by index.
    pub products: &'a [claque_audience::Product],
}

/// What the shop says of each check-out, as an interval to be added to the totals; `None` if there
/// is nothing to ask, or no way to.
#[must_use]
pub fn resolve(
    shop: Shop<'_>,
    unresolved: &[Unresolved],
    settings: &Arc<Settings>,
) -> Option<Box<Interval>> {
    let call = shop.binding.verb(Verb::Order).filter(|call| call.http())?;
    if unresolved.is_empty() {
        return None;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let mut recorder = Recorder::new(Arc::clone(settings), false);
    let tasks = tokio::task::LocalSet::new();
    let asking = async {
        let mut connection = None;
        for one in unresolved {
            let asked = ask(shop, call, one, &mut connection, &mut recorder);
            // What cannot be told simply stays unresolved.
            if !matches!(tokio::time::timeout(PATIENCE, asked).await, Ok(Ok(()))) {
                connection = None;
            }
        }
    };
    let _ = tasks.block_on(&runtime, async { tokio::time::timeout(PATIENCE_IN_ALL, asking).await });
    Some(recorder.take(Box::new(Interval::new(settings))))
}

async fn ask(
    shop: Shop<'_>,
    call: &crate::binding::Call,
    one: &Unresolved,
    connection: &mut Option<Connection>,
    recorder: &mut Recorder,
) -> Result<(), Broken> {
    let product = shop.products.get(usize::from(one.intent.product.0));
    let values = Values {
        url: &shop.address.ws,
        http: &shop.address.http,
        host: &shop.address.host,
        viewer: &one.viewer,
        key: &one.key,
        product: product.map_or("", |product| &product.name),
        ..Values::default()
    };
    let mut session = Session::default();
    let Some(request) = call.request(&values, &session) else { return Ok(()) };
    let request = build(&request, &shop.address.host)?;
    let open = if let Some(open) = connection.take().filter(Connection::is_open) {
        open
    } else {
        let clock = Clock::starting_in(Duration::ZERO);
        Connection::open(shop.address.route(0), clock).await?
    };
    let answer = connection.insert(open).ask(request).await?;
    let mut scratch = Scratch::default();
    let judgement = call.judge_http(
        answer.status,
        &answer.headers,
        &answer.body,
        &values,
        &mut session,
        &mut scratch,
    );
    match judgement {
        Judgement::Answered(facts) => recorder.resolved(Resolution::Confirmed(OrderSeen {
            product: one.intent.product,
            units: facts.units.unwrap_or(1),
            key: one.intent.id,
            order_id: facts.order.unwrap_or(&one.key),
            charged: facts.price,
            shown: one.shown.as_deref(),
        })),
        Judgement::Rejected { .. } => {
            recorder.resolved(Resolution::NotFound(one.intent.id));
        }
        Judgement::Failed { .. } | Judgement::NotMine => {}
    }
    Ok(())
}
