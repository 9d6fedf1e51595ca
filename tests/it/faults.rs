//! The ledger against the backend's own log of what it did wrong.
