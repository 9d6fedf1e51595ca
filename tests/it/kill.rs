//! kill -9 at random instants: the report rebuilds what was measured; Ctrl-C: a whole report, marked.
