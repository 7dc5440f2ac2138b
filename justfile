# Common tasks; `just` lists them.

default:
    @just --list

# Everything that must pass before a change lands.
ci:
    ./.ci/run

# Format the code.
fmt:
    cargo fmt --all

# Lints, warnings denied.
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# All tests.
test:
    cargo test --workspace

# Licenses, advisories, duplicates and sources of dependencies (needs cargo-deny).
deny:
    cargo deny check
