//! The same plan for any number of shards, and in every run.
