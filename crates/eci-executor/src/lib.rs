//! Runs a plan: order, concurrency, journal, readiness.
