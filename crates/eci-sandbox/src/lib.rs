//! A local simulator of the container instance cloud.
mod clock;
mod lifecycle;
mod refusal;
mod request;
mod sizes;
pub use clock::{Speed, SpeedError};
