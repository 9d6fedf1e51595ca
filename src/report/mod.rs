//! Writers, one a file, each only from the summary of a run.
