//! What a client asks for, done in its room and in the shop, or refused.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::backend::Backend;
use crate::decimal::Decimal;
use crate::link::Link;
use crate::money::{Currency, Money};
use crate::room::{Audited, Seat};
use crate::shop::{NoSale, ShopError};
use crate::wire::{Refusal, Request};

/// What a request that was obeyed is answered with.
pub(crate) enum Answer {
    Nothing,
    Done,
    Left,
    Pong,
    Joined { viewers: usize },
    Published { seq: u64 },
}

/// Who asks, and from which seat.
struct Asker<'a> {
    backend: &'a Backend,
    link: &'a Arc<Link>,
    seat: &'a mut Option<Seat>,
}

/// Does what is asked for. The connection is given by its parts, so that nothing else of it is
/// held meanwhile.
pub(crate) async fn obey(
    (backend, link, seat): (&Backend, &Arc<Link>, &mut Option<Seat>),
    request: Request,
    cid: Option<&str>,
) -> Result<Answer, Refusal> {
    let mut asker = Asker { backend, link, seat };
    let user = &link.user;
    match request {
        Request::Ping => Ok(Answer::Pong),
        Request::Join { room } => asker.sit(&room, None),
        Request::GoLive { room, co_hosts } => asker.sit(&room, Some(co_hosts)),
        Request::Leave => {
            let seat = asker.seat.take().ok_or_else(not_in_room)?;
            seat.leave(link);
            Ok(Answer::Left)
        }
        Request::Like { count } => {
            asker.seat()?.room.like(count);
            Ok(Answer::Nothing)
        }
        Request::Share => {
            asker.seat()?;
            backend.stats.shares.add(1);
            Ok(Answer::Done)
        }
        Request::Enter { product } => {
            asker.seat()?.room.enter(user, &product, Instant::now())?;
            Ok(Answer::Done)
        }
        Request::Chat { text } => asker.publish(&Audited::Chat { user, text: &text }, cid),
        Request::Gift { amount, currency } => asker.give(&amount, currency.as_deref(), cid),
        Request::End => asker.publish(&Audited::End, cid),
        Request::Raid { to } => asker.publish(&Audited::Raid { to: &to }, cid),
        Request::Pin { product } => {
            asker.seat()?.room.check_host(user)?;
            let price = price_of(backend, &product).await?;
            asker.publish(&Audited::Pin { product: &product, price: &price }, cid)
        }
        Request::PriceChange { product, price, currency } => {
            asker.seat()?.room.check_host(user)?;
            let price = change_price(backend, &product, &price, &currency).await?;
            asker.publish(&Audited::PriceChange { product: &product, price: &price }, cid)
        }
        Request::FlashSale { product, price, currency, seconds } => {
            asker.seat()?.room.check_host(user)?;
            let price = start_sale(backend, &product, &price, &currency, seconds).await?;
            asker.publish(&Audited::FlashSale { product: &product, price: &price, seconds }, cid)
        }
        Request::Giveaway { product, seconds } => {
            asker.seat()?.room.check_host(user)?;
            // Only what the shop has can be given away; what it costs does not matter.
            price_of(backend, &product).await?;
            asker.publish(&Audited::Giveaway { product: &product, seconds }, cid)
        }
    }
}

impl Asker<'_> {
    fn seat(&self) -> Result<&Seat, Refusal> {
        self.seat.as_ref().ok_or_else(not_in_room)
    }

    /// Takes a seat in a room, as a host with these co-hosts or as a viewer; a connection is in one
    /// room at a time, so another one is left.
    fn sit(&mut self, room: &str, co_hosts: Option<Vec<String>>) -> Result<Answer, Refusal> {
        // Given back first, so that joining the same room again does not sit down twice.
        let before = self.seat.take();
        if let Some(seat) = &before {
            seat.leave(self.link);
        }
        let rooms = &self.backend.rooms;
        let seated = match co_hosts {
            Some(co_hosts) => rooms.go_live(room, self.link, co_hosts),
            None => rooms.join(room, self.link),
        };
        match seated {
            Ok(seat) => {
                let viewers = seat.viewers();
                *self.seat = Some(seat);
                Ok(Answer::Joined { viewers })
            }
            Err(refusal) => {
                // Refused is as if never asked.
                if let Some(seat) = before {
                    *self.seat = rooms.join(&seat.room.name, self.link).ok();
                }
                Err(refusal)
            }
        }
    }

    fn publish(&self, what: &Audited<'_>, cid: Option<&str>) -> Result<Answer, Refusal> {
        let seq = self.seat()?.room.publish(&self.link.user, what, cid)?;
        Ok(Answer::Published { seq })
    }

    /// Takes a gift; with a currency it is told with that currency's decimals, else as it is
    /// written.
    fn give(
        &self,
        amount: &str,
        currency: Option<&str>,
        cid: Option<&str>,
    ) -> Result<Answer, Refusal> {
        self.seat()?;
        let bad = |message: String| Refusal::new("bad_amount", message);
        let written = if let Some(currency) = currency {
            let currency: Currency = currency.parse().map_err(|error| bad(format!("{error}")))?;
            let money = Money::from_decimal(amount, currency);
            let money = money.map_err(|error| bad(error.to_string()))?;
            if money.minor == 0 {
                return Err(bad("a gift is above 0".to_owned()));
            }
            money.decimal()
        } else {
            match Decimal::parse(amount) {
                Some(number) if number.is_zero() => {
                    return Err(bad("a gift is above 0".to_owned()));
                }
                Some(_) => amount.to_owned(),
                None => return Err(bad(format!("`{amount:.64}` is no amount, as in `5.00`"))),
            }
        };
        let user = &self.link.user;
        let told = self.publish(&Audited::Gift { user, amount: &written, currency }, cid)?;
        self.backend.stats.gifts.add(1);
        Ok(told)
    }
}

fn not_in_room() -> Refusal {
    Refusal::new("not_in_room", "join a room first")
}

fn no_such_product(product: &str) -> Refusal {
    Refusal::new("no_such_product", format!("there is no product `{product:.64}`"))
}

/// What a product costs now.
async fn price_of(backend: &Backend, product: &str) -> Result<String, Refusal> {
    let (name, now) = (product.to_owned(), Instant::now());
    let offer = backend.shop.ask(move |store| store.offer(&name, now)).await;
    match offer {
        Ok(Some(offer)) => Ok(offer.price.decimal()),
        Ok(None) => Err(no_such_product(product)),
        Err(error) => Err(Refusal::new("unavailable", error.to_string())),
    }
}

/// Starts a flash sale, and says at which price.
async fn start_sale(
    backend: &Backend,
    product: &str,
    price: &str,
    currency: &str,
    seconds: u64,
) -> Result<String, Refusal> {
    let price = asked_price(price, currency)?;
    let until = Instant::now() + Duration::from_secs(seconds);
    let name = product.to_owned();
    let started = backend.shop.ask(move |store| Ok(store.start_sale(&name, price, until))).await;
    priced(product, started)?;
    Ok(price.decimal())
}

/// Changes a product's list price, and says to which.
async fn change_price(
    backend: &Backend,
    product: &str,
    price: &str,
    currency: &str,
) -> Result<String, Refusal> {
    let price = asked_price(price, currency)?;
    let name = product.to_owned();
    let changed = backend.shop.ask(move |store| Ok(store.change_price(&name, price))).await;
    priced(product, changed)?;
    Ok(price.decimal())
}

/// A price that a host asks for.
fn asked_price(price: &str, currency: &str) -> Result<Money, Refusal> {
    let price = currency
        .parse()
        .and_then(|currency| Money::from_decimal(price, currency))
        .map_err(|error| Refusal::new("bad_price", error.to_string()))?;
    if price.minor == 0 {
        return Err(Refusal::new("bad_price", "the price must be above 0"));
    }
    Ok(price)
}

/// Whether the shop has taken a new price.
fn priced(product: &str, done: Result<Result<(), NoSale>, ShopError>) -> Result<(), Refusal> {
    match done {
        Ok(Ok(())) => Ok(()),
        Ok(Err(NoSale::NoSuchProduct)) => Err(no_such_product(product)),
        Ok(Err(NoSale::Currency(right))) => {
            Err(Refusal::new("bad_price", format!("`{product}` is sold in {right}")))
        }
        Err(error) => Err(Refusal::new("unavailable", error.to_string())),
    }
}
