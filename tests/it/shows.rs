//! The shipped scenarios against the reference backend.
