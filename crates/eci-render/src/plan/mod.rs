//! A plan as text, Markdown, HTML and JSON.

mod block;
mod change;
mod cost;
mod html;
mod json;
mod limits;
mod links;
mod markdown;
mod reason;
mod summary;
mod text;
mod words;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod terraform_json;
#[cfg(test)]
mod tests;

pub(crate) use change::{ValueView, type_of_attribute};
pub use html::{failed_html, html};
pub use json::{DocumentSource, json};
pub use markdown::{failed_markdown, markdown};
pub use text::{drift_text, text};
pub(crate) use words::action_reason;
