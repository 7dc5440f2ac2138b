//! `[backend.NAME]`, `[[encryption.key]]` and `[state.NAME]`.

mod blocks;
mod keys;
mod other_state;
mod overrides;
mod read;
mod store;
mod table;

pub(crate) use blocks::StateBlocks;
pub(crate) use keys::check_keys;
pub(crate) use other_state::{lazy_state, read_other_state};
pub(crate) use read::read_state_settings;
