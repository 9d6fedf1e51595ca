//! Asks the shop, after the show, about check-outs whose answer never came.

use std::sync::Arc;
use std::time::Duration;

use super::Clock;
use super::http::{Connection, build};
use super::shard::{Setup, Unresolved};
use super::transport::Broken;
use super::values::entrance;
use crate::binding::{Call, Judgement, Scratch, Session, Values, Verb};
use crate::measure::{Interval, OrderSeen, Recorder, Resolution};

/// How long the shop has to answer about one check-out.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long all of it may take; what is not asked by then stays unresolved.
const PATIENCE_IN_ALL: Duration = Duration::from_secs(20);

/// What the shop says of each check-out, as an interval to be added to the totals; `None` if there
/// is nothing to ask, or no way to. Runs on a local set.
pub(crate) async fn resolve(setup: &Setup, unresolved: &[Unresolved]) -> Option<Box<Interval>> {
    let call = setup.binding.verb(Verb::Order).filter(|call| call.http())?;
    if unresolved.is_empty() {
        return None;
    }
    let mut recorder = Recorder::new(Arc::clone(&setup.settings), false);
    let asking = async {
        let mut connection = None;
        for one in unresolved {
            let asked = ask(setup, call, one, &mut connection, &mut recorder);
            // What cannot be told simply stays unresolved.
            if !matches!(tokio::time::timeout(PATIENCE, asked).await, Ok(Ok(()))) {
                connection = None;
            }
        }
    };
    let _ = tokio::time::timeout(PATIENCE_IN_ALL, asking).await;
    Some(recorder.take(Box::new(Interval::new(&setup.settings))))
}

async fn ask(
    setup: &Setup,
    call: &Call,
    one: &Unresolved,
    connection: &mut Option<Connection>,
    recorder: &mut Recorder,
) -> Result<(), Broken> {
    let product = setup.plan.products.get(usize::from(one.intent.product.0));
    let values = Values {
        key: &one.key,
        product: product.map_or("", |product| &product.name),
        price: one.shown.as_deref().unwrap_or_default(),
        ..entrance(setup, &one.viewer, one.intent.show)
    };
    let mut session = Session::default();
    let Some(request) = call.request(&values, &session) else { return Ok(()) };
    let request = build(&request, &setup.target.host)?;
    let open = if let Some(open) = connection.take().filter(Connection::is_open) {
        open
    } else {
        let clock = Clock::starting_in(Duration::ZERO);
        Connection::open(setup.target.route(0), clock).await?
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
