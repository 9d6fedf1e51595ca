//! The shop: prices, carts, stock and orders, on a thread of its own behind a bounded queue.
//!
//! One thread, one connection to `SQLite`: what a check-out reads and writes is one transaction, and
//! transactions never meet. Callers wait for their answer; while the queue is full they wait for
//! their place in it, and no socket is read meanwhile for those who wait.

mod store;

use std::path::PathBuf;
use std::thread;

use tokio::sync::{mpsc, oneshot};

pub(crate) use store::{CheckOut, Checked, NoSale, Offer, Order, Placed, Store};

use crate::config::ServeError;
use crate::product::ProductSpec;

/// Jobs that may wait for the shop's thread.
const QUEUE: usize = 1_024;

type Job = Box<dyn FnOnce(&mut Store) + Send>;

enum Errand {
    Do(Job),
    Close,
}

/// The way to the shop's thread.
pub(crate) struct Shop {
    errands: mpsc::Sender<Errand>,
}

/// The shop does not answer: it is closed, or its database failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ShopError {
    #[error("the shop is closed")]
    Closed,
    #[error("the database failed: {0}")]
    Database(String),
}

impl From<rusqlite::Error> for ShopError {
    fn from(error: rusqlite::Error) -> ShopError {
        ShopError::Database(error.to_string())
    }
}

impl Shop {
    /// Opens the shop on a thread of its own.
    pub(crate) async fn open(
        path: Option<PathBuf>,
        products: Vec<ProductSpec>,
        oversell: bool,
    ) -> Result<Shop, ServeError> {
        let (errands, queue) = mpsc::channel(QUEUE);
        let (opened, open) = oneshot::channel();
        let database = path.clone();
        thread::Builder::new().name("shop".to_owned()).spawn(move || {
            match Store::open(database.as_deref(), &products, oversell) {
                Ok(store) => {
                    // If nobody waits for the opening any more, the queue is closed too.
                    drop(opened.send(Ok(())));
                    work(store, queue);
                }
                Err(reason) => drop(opened.send(Err(reason))),
            }
        })?;
        match open.await {
            Ok(Ok(())) => Ok(Shop { errands }),
            Ok(Err(reason)) => Err(ServeError::Database { path, reason }),
            Err(_) => {
                let reason = "its thread came to an end".to_owned();
                Err(ServeError::Database { path, reason })
            }
        }
    }

    /// Has `job` done by the shop's thread.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Store) -> Result<T, ShopError> + Send + 'static,
    ) -> Result<T, ShopError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |store| {
            // The one who asked may have gone; the job is done all the same.
            drop(answer.send(job(store)));
        });
        self.errands.send(Errand::Do(job)).await.map_err(|_| ShopError::Closed)?;
        answered.await.map_err(|_| ShopError::Closed)?
    }

    /// Has the thread close the database, after all that was asked before.
    pub(crate) async fn close(&self) {
        if self.errands.send(Errand::Close).await.is_ok() {
            self.errands.closed().await;
        }
    }
}

fn work(mut store: Store, mut queue: mpsc::Receiver<Errand>) {
    while let Some(errand) = queue.blocking_recv() {
        match errand {
            Errand::Do(job) => job(&mut store),
            Errand::Close => break,
        }
    }
    // In this order: whoever waits for the queue to close may then open the file.
    drop(store);
    drop(queue);
}
