//! Texts that are not shown, and how they are covered where others quote them.
//!
//! A cloud, or a gateway before it, may repeat a request in what it answers. [`Secret`] is a text
//! that no `Debug` shows; [`RequestSecrets`] covers such texts in what is shown or recorded, however
//! they are escaped there.
//!
//! ```
//! use eci_secret::{RequestSecrets, Secret};
//!
//! let secrets = RequestSecrets::new([Secret::new("hunter2plain")]);
//! assert_eq!(secrets.redact("password \"hunter2plain\" is weak"), "password \"***\" is weak");
//! assert!(!secrets.is_quoted_in("the password is weak"));
//! ```

mod redaction;
mod secret;
mod unescaped;

pub use redaction::{COVER, RequestSecrets};
pub use secret::Secret;
