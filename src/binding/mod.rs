//! How intents become a backend's frames and requests, and how answers and broadcasts are
//! recognised. No I/O, no time.
