//! Products, sales, carts and orders: the tables, and what is done to them.
//!
//! Time is an argument; it only decides whether a flash sale is still on.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use tokio::time::Instant;

use super::ShopError;
use crate::money::{Currency, Money};
use crate::product::ProductSpec;

/// Version of the tables, kept in the file.
const VERSION: i64 = 1;

const TABLES: &str = "
    CREATE TABLE products (
        name TEXT PRIMARY KEY,
        stock INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE carts (
        viewer TEXT NOT NULL,
        product TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        PRIMARY KEY (viewer, product)
    ) WITHOUT ROWID;
    CREATE TABLE orders (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        viewer TEXT NOT NULL,
        product TEXT NOT NULL,
        quantity INTEGER NOT NULL,
        price TEXT NOT NULL
    );
    PRAGMA user_version = 1;
";

/// A product as it is offered at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) product: String,
    pub(crate) price: Money,
    pub(crate) list_price: Money,
    pub(crate) stock: u32,
    pub(crate) sale: bool,
}

/// An order that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) id: i64,
    pub(crate) viewer: String,
    pub(crate) product: String,
    pub(crate) quantity: u32,
    /// What one unit cost, as a decimal.
    pub(crate) price: String,
}

/// What a viewer asks for at the check-out.
#[derive(Clone, Debug)]
pub(crate) struct CheckOut {
    pub(crate) key: String,
    pub(crate) viewer: String,
    pub(crate) product: String,
    pub(crate) quantity: u32,
    /// The price that the viewer saw, as a decimal.
    pub(crate) shown: String,
}

/// An order taken now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) order: Order,
    /// It took the last unit.
    pub(crate) took_last: bool,
    /// There was not enough stock for it.
    pub(crate) oversold: bool,
}

/// How a check-out ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Checked {
    Placed(Placed),
    /// The key was used before, for this same order.
    Repeated(Order),
    /// The key was used before, for something else.
    KeyReused,
    NoSuchProduct,
    BadPrice(String),
    PriceChanged(Money),
    SoldOut,
}

/// Why there is no flash sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoSale {
    NoSuchProduct,
    /// The product is sold in this currency.
    Currency(Currency),
}

struct Item {
    list_price: Money,
    sale: Option<Sale>,
}

struct Sale {
    price: Money,
    until: Instant,
}

/// The shop's whole state.
pub(crate) struct Store {
    database: Connection,
    items: BTreeMap<String, Item>,
    oversell: bool,
}

impl Store {
    /// Opens `path` (in memory if `None`) with these products. A file goes on with the stock and
    /// the orders that it has.
    pub(crate) fn open(
        path: Option<&Path>,
        products: &[ProductSpec],
        oversell: bool,
    ) -> Result<Store, String> {
        let words = |error: rusqlite::Error| error.to_string();
        let mut database = match path {
            Some(path) => Connection::open(path),
            None => Connection::open_in_memory(),
        }
        .map_err(words)?;
        database.busy_timeout(Duration::from_secs(1)).map_err(words)?;
        let version: i64 =
            database.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(words)?;
        let empty: bool = database
            .query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))
            .map_err(words)?;
        match version {
            VERSION => (),
            0 if empty => {
                database
                    .execute_batch("PRAGMA journal_mode = WAL")
                    .and_then(|()| database.execute_batch(TABLES))
                    .map_err(words)?;
            }
            _ => return Err("it is a database of something else, or of another version".to_owned()),
        }
        // Orders survive a killed process; only a failing machine may lose the last ones.
        database.execute_batch("PRAGMA synchronous = NORMAL").map_err(words)?;
        let transaction = database.transaction().map_err(words)?;
        let mut items = BTreeMap::new();
        for product in products {
            transaction
                .execute(
                    "INSERT INTO products VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                    params![product.name, product.stock],
                )
                .map_err(words)?;
            items.insert(product.name.clone(), Item { list_price: product.price, sale: None });
        }
        transaction.commit().map_err(words)?;
        Ok(Store { database, items, oversell })
    }

    /// Every product.
    pub(crate) fn offers(&self, now: Instant) -> Result<Vec<Offer>, ShopError> {
        self.items.iter().map(|(name, item)| self.offer_of(name, item, now)).collect()
    }

    /// One product, if there is one of that name.
    pub(crate) fn offer(&self, product: &str, now: Instant) -> Result<Option<Offer>, ShopError> {
        let item = self.items.get_key_value(product);
        item.map(|(name, item)| self.offer_of(name, item, now)).transpose()
    }

    fn offer_of(&self, name: &str, item: &Item, now: Instant) -> Result<Offer, ShopError> {
        let stock: i64 = self
            .database
            .prepare_cached("SELECT stock FROM products WHERE name = ?1")?
            .query_row([name], |row| row.get(0))?;
        Ok(Offer {
            product: name.to_owned(),
            price: item.price(now),
            list_price: item.list_price,
            // An oversold product has none left, not a negative number.
            stock: u32::try_from(stock.max(0)).unwrap_or(u32::MAX),
            sale: item.is_on_sale(now),
        })
    }

    /// Starts a flash sale, which ends one that is on.
    pub(crate) fn start_sale(
        &mut self,
        product: &str,
        price: Money,
        until: Instant,
    ) -> Result<(), NoSale> {
        self.priced_in(product, price.currency)?.sale = Some(Sale { price, until });
        Ok(())
    }

    /// Changes the list price; a flash sale that is on goes on.
    pub(crate) fn change_price(&mut self, product: &str, price: Money) -> Result<(), NoSale> {
        self.priced_in(product, price.currency)?.list_price = price;
        Ok(())
    }

    fn priced_in(&mut self, product: &str, currency: Currency) -> Result<&mut Item, NoSale> {
        let item = self.items.get_mut(product).ok_or(NoSale::NoSuchProduct)?;
        if item.list_price.currency != currency {
            return Err(NoSale::Currency(item.list_price.currency));
        }
        Ok(item)
    }

    /// Puts units into a cart and returns how many of the product are in it then.
    pub(crate) fn add_to_cart(
        &self,
        viewer: &str,
        product: &str,
        quantity: u32,
    ) -> Result<u32, ShopError> {
        let total: u32 = self
            .database
            .prepare_cached(
                "INSERT INTO carts VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET quantity = min(quantity + ?3, 1000000)
                 RETURNING quantity",
            )?
            .query_row(params![viewer, product, quantity], |row| row.get(0))?;
        Ok(total)
    }

    /// What is in a cart: products and units.
    pub(crate) fn cart(&self, viewer: &str) -> Result<Vec<(String, u32)>, ShopError> {
        let mut select = self.database.prepare_cached(
            "SELECT product, quantity FROM carts WHERE viewer = ?1 ORDER BY product",
        )?;
        let rows = select.query_map([viewer], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Takes an order, or says why not; all in one transaction.
    pub(crate) fn check_out(&mut self, ask: &CheckOut, now: Instant) -> Result<Checked, ShopError> {
        let oversell = self.oversell;
        let item = self.items.get(&ask.product);
        let transaction =
            self.database.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let checked = check_out(&transaction, item, ask, oversell, now)?;
        transaction.commit()?;
        Ok(checked)
    }

    /// The order of that id.
    pub(crate) fn order(&self, id: i64) -> Result<Option<Order>, ShopError> {
        select_order(&self.database, "id", id)
    }

    /// The order that was taken with that key.
    pub(crate) fn order_of_key(&self, key: &str) -> Result<Option<Order>, ShopError> {
        select_order(&self.database, "key", key)
    }
}

impl Item {
    fn is_on_sale(&self, now: Instant) -> bool {
        self.sale.as_ref().is_some_and(|sale| now < sale.until)
    }

    fn price(&self, now: Instant) -> Money {
        match &self.sale {
            Some(sale) if now < sale.until => sale.price,
            _ => self.list_price,
        }
    }
}

fn select_order(
    database: &Connection,
    column: &str,
    value: impl rusqlite::ToSql,
) -> Result<Option<Order>, ShopError> {
    let sql =
        format!("SELECT id, viewer, product, quantity, price FROM orders WHERE {column} = ?1");
    let order = database.prepare_cached(&sql)?.query_row([value], |row| {
        Ok(Order {
            id: row.get(0)?,
            viewer: row.get(1)?,
            product: row.get(2)?,
            quantity: row.get(3)?,
            price: row.get(4)?,
        })
    });
    Ok(order.optional()?)
}

fn check_out(
    transaction: &Transaction<'_>,
    item: Option<&Item>,
    ask: &CheckOut,
    oversell: bool,
    now: Instant,
) -> Result<Checked, ShopError> {
    // The key first: a repeated request is answered as it was, whatever has changed since.
    if let Some(order) = select_order(transaction, "key", &ask.key)? {
        let same = (&order.viewer, &order.product, order.quantity)
            == (&ask.viewer, &ask.product, ask.quantity);
        return Ok(if same { Checked::Repeated(order) } else { Checked::KeyReused });
    }
    let Some(item) = item else { return Ok(Checked::NoSuchProduct) };
    let price = item.price(now);
    match Money::from_decimal(&ask.shown, price.currency) {
        Err(error) => return Ok(Checked::BadPrice(error.to_string())),
        Ok(shown) if shown != price => return Ok(Checked::PriceChanged(price)),
        Ok(_) => (),
    }
    let left: Option<i64> = transaction
        .prepare_cached(
            "UPDATE products SET stock = stock - ?2
             WHERE name = ?1 AND (stock >= ?2 OR ?3) RETURNING stock",
        )?
        .query_row(params![ask.product, ask.quantity, oversell], |row| row.get(0))
        .optional()?;
    let Some(left) = left else { return Ok(Checked::SoldOut) };
    let price = price.decimal();
    transaction
        .prepare_cached(
            "INSERT INTO orders (key, viewer, product, quantity, price)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![ask.key, ask.viewer, ask.product, ask.quantity, price])?;
    let id = transaction.last_insert_rowid();
    transaction
        .prepare_cached("DELETE FROM carts WHERE viewer = ?1 AND product = ?2")?
        .execute(params![ask.viewer, ask.product])?;
    let order = Order {
        id,
        viewer: ask.viewer.clone(),
        product: ask.product.clone(),
        quantity: ask.quantity,
        price,
    };
    let before = left + i64::from(ask.quantity);
    Ok(Checked::Placed(Placed { order, took_last: before > 0 && left <= 0, oversold: left < 0 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop(path: Option<&Path>, oversell: bool) -> Store {
        let products = ["lamp=39.00 EUR x3".parse().unwrap(), "mug=1200 JPY x1".parse().unwrap()];
        Store::open(path, &products, oversell).unwrap()
    }

    fn ask(key: &str, quantity: u32, shown: &str) -> CheckOut {
        CheckOut {
            key: key.to_owned(),
            viewer: "f-3".to_owned(),
            product: "lamp".to_owned(),
            quantity,
            shown: shown.to_owned(),
        }
    }

    fn money(text: &str) -> Money {
        Money::from_decimal(text, "EUR".parse().unwrap()).unwrap()
    }

    /// What became of a check-out, in words.
    fn words(checked: &Checked) -> String {
        match checked {
            Checked::Placed(placed) => format!(
                "o-{} at {}{}{}",
                placed.order.id,
                placed.order.price,
                if placed.took_last { ", the last" } else { "" },
                if placed.oversold { ", oversold" } else { "" },
            ),
            Checked::Repeated(order) => format!("again o-{}", order.id),
            Checked::PriceChanged(price) => format!("now {price}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn check_outs() {
        let mut shop = shop(None, false);
        let now = Instant::now();
        let mut check = |ask: CheckOut, expect: &str| {
            let got = words(&shop.check_out(&ask, now).unwrap());
            assert_eq!(got, expect, "{ask:?}");
        };
        check(ask("a", 1, "39.00"), "o-1 at 39.00");
        check(ask("a", 1, "39.00"), "again o-1");
        check(ask("a", 1, "1.00"), "again o-1");
        check(ask("a", 2, "39.00"), "KeyReused");
        check(ask("b", 1, "29.00"), "now 39.00 EUR");
        check(
            ask("b", 1, "x"),
            "BadPrice(\"`x` is no amount: digits with at most one point, as in `29.00`\")",
        );
        check(ask("b", 3, "39"), "SoldOut");
        check(ask("b", 2, "39"), "o-2 at 39.00, the last");
        check(ask("c", 1, "39.00"), "SoldOut");
        check(CheckOut { product: "rug".to_owned(), ..ask("c", 1, "39.00") }, "NoSuchProduct");
    }

    #[test]
    fn overselling_says_so() {
        let mut shop = shop(None, true);
        let now = Instant::now();
        let mut check = |ask: CheckOut, expect: &str| {
            assert_eq!(words(&shop.check_out(&ask, now).unwrap()), expect, "{ask:?}");
        };
        check(ask("a", 2, "39.00"), "o-1 at 39.00");
        check(ask("b", 2, "39.00"), "o-2 at 39.00, the last, oversold");
        check(ask("c", 1, "39.00"), "o-3 at 39.00, oversold");
        assert_eq!(shop.offer("lamp", now).unwrap().unwrap().stock, 0);
    }

    #[test]
    fn a_flash_sale_ends() {
        let mut shop = shop(None, false);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let jpy = Money { minor: 100, currency: "JPY".parse().unwrap() };
        assert_eq!(shop.start_sale("rug", money("29.00"), at(15)), Err(NoSale::NoSuchProduct));
        assert_eq!(
            shop.start_sale("lamp", jpy, at(15)),
            Err(NoSale::Currency(money("1").currency))
        );
        assert_eq!(shop.start_sale("lamp", money("29.00"), at(15)), Ok(()));
        let offer = |shop: &Store, seconds| {
            let offer = shop.offer("lamp", at(seconds)).unwrap().unwrap();
            (offer.price.decimal(), offer.list_price.decimal(), offer.sale)
        };
        assert_eq!(offer(&shop, 14), ("29.00".to_owned(), "39.00".to_owned(), true));
        assert_eq!(offer(&shop, 15), ("39.00".to_owned(), "39.00".to_owned(), false));
        let mut buy =
            |key, shown, seconds| words(&shop.check_out(&ask(key, 1, shown), at(seconds)).unwrap());
        assert_eq!(buy("a", "39.00", 14), "now 29.00 EUR");
        assert_eq!(buy("a", "29.00", 14), "o-1 at 29.00");
        assert_eq!(buy("b", "29.00", 15), "now 39.00 EUR");
        assert_eq!(buy("b", "39.00", 15), "o-2 at 39.00");
    }

    #[test]
    fn a_changed_price_stays_and_a_flash_sale_is_above_it() {
        let mut shop = shop(None, false);
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let jpy = Money { minor: 100, currency: "JPY".parse().unwrap() };
        assert_eq!(shop.change_price("rug", money("35")), Err(NoSale::NoSuchProduct));
        assert_eq!(shop.change_price("lamp", jpy), Err(NoSale::Currency(money("1").currency)));
        assert_eq!(shop.start_sale("lamp", money("29.00"), at(15)), Ok(()));
        assert_eq!(shop.change_price("lamp", money("35.00")), Ok(()));
        let mut buy =
            |key, shown, seconds| words(&shop.check_out(&ask(key, 1, shown), at(seconds)).unwrap());
        assert_eq!(buy("a", "35.00", 14), "now 29.00 EUR");
        assert_eq!(buy("a", "29.00", 14), "o-1 at 29.00");
        assert_eq!(buy("b", "39.00", 15), "now 35.00 EUR");
        assert_eq!(buy("b", "35.00", 15), "o-2 at 35.00");
        assert_eq!(shop.offer("lamp", at(15)).unwrap().unwrap().list_price, money("35.00"));
    }

    #[test]
    fn carts_are_emptied_by_their_order() {
        let mut shop = shop(None, false);
        assert_eq!(shop.add_to_cart("f-3", "lamp", 1), Ok(1));
        assert_eq!(shop.add_to_cart("f-3", "lamp", 1), Ok(2));
        assert_eq!(shop.add_to_cart("f-3", "mug", 1), Ok(1));
        shop.check_out(&ask("a", 2, "39.00"), Instant::now()).unwrap();
        assert_eq!(shop.cart("f-3"), Ok(vec![("mug".to_owned(), 1)]));
        assert_eq!(shop.cart("nobody"), Ok(Vec::new()));
    }

    #[test]
    fn a_file_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.sqlite");
        let now = Instant::now();
        shop(Some(&path), false).check_out(&ask("a", 2, "39.00"), now).unwrap();
        let mut again = shop(Some(&path), false);
        assert_eq!(again.offer("lamp", now).unwrap().unwrap().stock, 1);
        assert_eq!(again.order_of_key("a").unwrap().unwrap().id, 1);
        assert_eq!(words(&again.check_out(&ask("a", 2, "39.00"), now).unwrap()), "again o-1");
        assert_eq!(
            words(&again.check_out(&ask("b", 1, "39.00"), now).unwrap()),
            "o-2 at 39.00, the last"
        );
        assert_eq!(again.order(2).unwrap().unwrap().viewer, "f-3");
        assert_eq!(again.order(3), Ok(None));
    }

    #[test]
    fn a_file_of_something_else_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("notes.txt");
        std::fs::write(&text, "not a database, but long enough to look at".repeat(9)).unwrap();
        assert!(Store::open(Some(&text), &[], false).err().unwrap().contains("not a database"));
        let other = folder.path().join("other.sqlite");
        Connection::open(&other).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
        assert!(Store::open(Some(&other), &[], false).err().unwrap().contains("something else"));
    }
}
