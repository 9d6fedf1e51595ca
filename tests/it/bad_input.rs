//! Files and flags that are wrong: a clear error each, never a panic.
