//! A language server for manifests: what `eci lsp` runs.
//!
//! An editor sends the open documents, changed or not, and requests information about places in
//! them. The server checks the whole configuration after each change and answers questions from the
//! texts alone: it reads no state and calls no cloud.
//!
//! ```no_run
//! # async fn example() -> Result<(), eci_lsp::ServeError> {
//! // Serves the editor that started this process, through its standard input and output.
//! let choice = eci_lsp::LangChoice::Fixed(eci_text::Lang::En);
//! eci_lsp::serve_process(choice).await
//! # }
//! ```
//!
//! The rooms, in the order in which data passes them:
//!
//! * `text`: positions as editors count them, in UTF-16 units; `outline`: a file as its tables,
//!   also while it is not valid TOML; `expression`: the names in a `${…}`, also while it is not
//!   finished; `names`: names and their references;
//! * `workspace`: open documents, and the directories that they are in; `cursor`: the item at a
//!   place of one;
//! * `check`: diagnostics; `actions`: the changes that fix them;
//! * `completion`, `hover`, `definition`, `rename`, `symbols`, `formatting`: one question each, a
//!   pure function of a place or a directory;
//! * `server`: messages in, messages out;
//! * `frames`, `lenient`: an invalid or unreadable message does not end the server.

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
pub use server::LangChoice;
