//! A language server for manifests: what `eci lsp` runs.
//!
//! An editor tells it of the documents that it shows, changed or not, and asks about places in
//! them. The server checks the whole configuration after each change and answers questions from
//! the texts alone: it reads no state and calls no cloud.
//!
//! The rooms, in the order in which data passes them:
//!
//! * `text`: positions as editors count them, in UTF-16 units; `outline`: a file as its tables,
//!   also while it is no valid TOML; `expression`: the names in a `${…}`, also while it is not
//!   finished; `names`: what has a name, and where it is used;
//! * `workspace`: open documents, and the directories that they are in; `cursor`: what stands at
//!   a place of one;
//! * `check`: what is wrong; `actions`: the changes that mend it;
//! * `completion`, `hover`, `definition`, `rename`, `symbols`, `formatting`: one question each, a
//!   pure function of a place or a directory;
//! * `server`: messages in, messages out;
//! * `frames`, `lenient`: what is no message, or cannot be read, ends nothing.

mod check;
mod code_actions;
mod completion;
mod cursor;
mod definition;
mod describe;
mod expression;
mod formatting;
mod frames;
mod hover;
mod lenient;
mod names;
mod outline;
mod rename;
mod serve;
mod server;
mod symbols;
mod text;
mod workspace;

pub use serve::{ServeError, serve, serve_process};
