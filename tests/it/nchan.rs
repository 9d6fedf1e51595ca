//! Whole shows against the real nginx with nchan.
