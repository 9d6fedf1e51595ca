//! Where the backend is, and whether load may be sent there.

use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use url::{Host, Url};

use super::transport::Route;

/// How long each of a name's addresses has to accept a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(1);

/// A resolved target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// `ws://host:port`, with the path that the user gave.
    pub ws: String,
    /// `http://host:port`, with the path that the user gave.
    pub http: String,
    /// `host:port`, for the Host header.
    pub host: String,
    /// Where to connect.
    pub socket: SocketAddr,
    /// All addresses of the name.
    candidates: Vec<SocketAddr>,
    /// How many loopback addresses connections come from: one has some 28,000 ports towards one
    /// target. Without meaning for other targets.
    pub sources: u8,
}

/// Why a url is no target.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// It is not a url of a host.
    #[error("`{url}` is not a target: {why}; write it like `http://127.0.0.1:8080`")]
    NotATarget {
        /// As given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The name has no address.
    #[error("the name in `{url}` does not resolve: {why}")]
    Unresolved {
        /// As given.
        url: String,
        /// What the resolver said.
        why: String,
    },
    /// It is a machine of somebody else, perhaps.
    #[error(
        "{ip} is neither loopback nor private, and a load test can take a service down; \
         if its owner has agreed, say so with --authorised (or `authorised = true` under [target])"
    )]
    NotAuthorised {
        /// The address.
        ip: IpAddr,
    },
}

impl Address {
    /// Reads and resolves a url.
    ///
    /// # Errors
    /// If it is no `http` or `ws` url of a host, or the name does not resolve.
    pub fn resolve(text: &str) -> Result<Address, AddressError> {
        let not_a_target = |why: String| AddressError::NotATarget { url: text.to_owned(), why };
        let url = Url::parse(text).map_err(|error| not_a_target(error.to_string()))?;
        match url.scheme() {
            "http" | "ws" => {}
            "https" | "wss" => {
                return Err(not_a_target("TLS is not built in yet".to_owned()));
            }
            other => return Err(not_a_target(format!("it begins with `{other}:`"))),
        }
        let host = url.host().ok_or_else(|| not_a_target("it names no host".to_owned()))?;
        let port = url.port().unwrap_or(80);
        if port == 0 {
            return Err(not_a_target("nobody listens on port 0".to_owned()));
        }
        let unresolved = |why: String| AddressError::Unresolved { url: text.to_owned(), why };
        let candidates = match host {
            Host::Ipv4(ip) => vec![SocketAddr::from((ip, port))],
            Host::Ipv6(ip) => vec![SocketAddr::from((ip, port))],
            Host::Domain(name) => (name, port)
                .to_socket_addrs()
                .map_err(|error| unresolved(error.to_string()))?
                .collect(),
        };
        let Some(&socket) = candidates.first() else {
            return Err(unresolved("no address".to_owned()));
        };
        let place = format!("{host}:{port}");
        let path = url.path().trim_end_matches('/');
        Ok(Address {
            ws: format!("ws://{place}{path}"),
            http: format!("http://{place}{path}"),
            host: place,
            socket,
            candidates,
            sources: 1,
        })
    }

    /// The way that connection `number` takes to it.
    pub(crate) fn route(&self, number: usize) -> Route {
        let loopback = self.socket.is_ipv4() && self.socket.ip().is_loopback();
        let spread = self.sources > 1 && loopback;
        let from = spread.then(|| {
            let place = number % usize::from(self.sources);
            IpAddr::from([127, 0, 0, 1 + u8::try_from(place).unwrap_or(0)])
        });
        Route { to: self.socket, from }
    }

    /// Whether load may be sent there without a further word.
    ///
    /// # Errors
    /// If it is neither loopback nor private and `authorised` is false.
    pub fn permit(&self, authorised: bool) -> Result<(), AddressError> {
        let foreign = |ip: &IpAddr| match ip {
            IpAddr::V4(ip) => !(ip.is_loopback() || ip.is_private() || ip.is_link_local()),
            IpAddr::V6(ip) => {
                !(ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local())
            }
        };
        match self.candidates.iter().map(|one| one.ip().to_canonical()).find(foreign) {
            Some(ip) if !authorised => Err(AddressError::NotAuthorised { ip }),
            _ => Ok(()),
        }
    }

    /// Settles on the first address of the name where somebody listens: `localhost` may be `::1`
    /// to the system and 127.0.0.1 to the backend.
    pub fn settle(&mut self) {
        if self.candidates.len() > 1 {
            let listens =
                |one: &&SocketAddr| TcpStream::connect_timeout(one, CONNECT_WITHIN).is_ok();
            self.socket = self.candidates.iter().find(listens).copied().unwrap_or(self.socket);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_become_targets_or_say_why_not() {
        let check = |text: &str, expect: Result<(&str, &str), &str>| match Address::resolve(text) {
            Ok(address) => {
                let (ws, host) = expect.unwrap();
                assert_eq!((address.ws.as_str(), address.host.as_str()), (ws, host), "{text}");
            }
            Err(error) => {
                let part = expect.expect_err(text);
                assert!(error.to_string().contains(part), "{text}: {error}");
            }
        };
        check("http://127.0.0.1:8080", Ok(("ws://127.0.0.1:8080", "127.0.0.1:8080")));
        check("ws://127.0.0.1:8080/live/", Ok(("ws://127.0.0.1:8080/live", "127.0.0.1:8080")));
        check("http://[::1]:9", Ok(("ws://[::1]:9", "[::1]:9")));
        check("http://127.0.0.1", Ok(("ws://127.0.0.1:80", "127.0.0.1:80")));
        check("https://127.0.0.1", Err("TLS"));
        check("http://127.0.0.1:0", Err("nobody listens on port 0"));
        check("localhost:8080", Err("begins with `localhost:`"));
        check("127.0.0.1:8080", Err("not a target"));
        check("", Err("not a target"));
        check("http://no-such-name.invalid", Err("does not resolve"));
    }

    #[test]
    fn only_loopback_and_private_targets_need_no_permission() {
        let check = |ip: &str, free: bool| {
            let socket = SocketAddr::new(ip.parse().unwrap(), 80);
            let mut address = Address::resolve("http://127.0.0.1:80").unwrap();
            address.candidates = vec![socket];
            assert_eq!(address.permit(false).is_ok(), free, "{ip}");
            assert!(address.permit(true).is_ok(), "{ip}");
        };
        for ip in ["127.0.0.1", "127.9.9.9", "10.1.2.3", "192.168.1.1", "172.16.0.1", "::1"] {
            check(ip, true);
        }
        for ip in ["fd00::1", "fe80::1", "::ffff:127.0.0.1", "169.254.0.1"] {
            check(ip, true);
        }
        for ip in ["8.8.8.8", "172.32.0.1", "2001:db8::1", "::ffff:8.8.8.8", "0.0.0.0"] {
            check(ip, false);
        }
    }
}
