//! Backends that are not there, not what they should be, or say nothing: a clear error or a counted outcome, never a hang.
