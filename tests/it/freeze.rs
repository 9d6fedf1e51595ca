//! The server stopped for two seconds: what it did to every planned intent is in the response times.
