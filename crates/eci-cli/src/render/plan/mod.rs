//! A plan for people, for programs and for pull requests.

mod block;
mod change;
mod cost;
mod json;
mod links;
mod markdown;
mod text;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod terraform;
#[cfg(test)]
mod tests;

pub use json::json;
pub use markdown::markdown;
pub use text::text;
