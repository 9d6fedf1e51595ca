//! What a backend is told before it starts, and why it may refuse to.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};

use crate::faults::Fault;
use crate::product::ProductSpec;

/// How the backend is to run. The default is an honest backend with an empty shop in memory.
#[derive(Clone, Debug)]
pub struct Config {
    /// What the shop sells. Names must differ.
    pub products: Vec<ProductSpec>,
    /// Seed of all decisions about faults.
    pub seed: u64,
    /// The faults. Of a share given twice, the later counts; so with a delay of the same kind;
    /// stalls add up.
    pub faults: Vec<Fault>,
    /// File to which every act of a fault is written as a JSON line; an existing one is emptied.
    pub fault_log: Option<PathBuf>,
    /// File of orders, stock and carts. One that exists goes on where it was; in memory if `None`.
    pub db: Option<PathBuf>,
    /// A WebSocket connection that says nothing for so long is closed with code 4408.
    pub idle: Duration,
    /// Broadcasts that may wait for one connection; one more, and the connection is closed with
    /// code 4413.
    pub outbox: usize,
    /// Size asked for each connection's send buffer in the kernel, in bytes. It bounds what waits
    /// for a slow reader before its outbox begins to fill; the kernel's own choice if `None`.
    pub send_buffer: Option<usize>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            products: Vec::new(),
            seed: 0,
            faults: Vec::new(),
            fault_log: None,
            db: None,
            idle: Duration::from_mins(1),
            outbox: 1_024,
            send_buffer: Some(128 * 1_024),
        }
    }
}

/// Why a backend did not start or came to an early end.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Two products of one name.
    #[error("two products are called `{0}`")]
    ProductTwice(String),
    /// The fault log cannot be written.
    #[error("cannot write the fault log {}: {error}", path.display())]
    FaultLog {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: io::Error,
    },
    /// The database cannot be used.
    #[error("cannot use the database {}: {reason}", path.as_ref().map_or_else(|| "in memory".into(), |path| path.display().to_string()))]
    Database {
        /// The file, `None` in memory.
        path: Option<PathBuf>,
        /// What is wrong.
        reason: String,
    },
    /// Listening failed.
    #[error("cannot listen")]
    Listen(#[from] io::Error),
}

/// Connections that may wait to be accepted: a whole audience may arrive during a stall.
const BACKLOG: u32 = 8_192;

/// Listens on `address` (port 0 chooses one) with a queue long enough for a crowd.
///
/// # Errors
/// When the address cannot be bound. Must be called within a tokio runtime.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
