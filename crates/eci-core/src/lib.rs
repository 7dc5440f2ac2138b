//! Values, addresses, field descriptions and diagnostics that every other crate speaks.
