//! What the README says is true: its commands exist, its files are there.
