//! A synthetic audience for live-shopping backends and markets.
