//! Tests of the registries of texts.

mod texts;
