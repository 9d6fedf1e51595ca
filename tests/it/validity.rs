//! When a run is invalid: the generator's own fault, never the backend's.
