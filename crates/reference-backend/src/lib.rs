//! A small but real live-commerce backend.
