//! The simulated cloud: the world over time, its behaviors and its faults.

pub(crate) mod api_behavior;
pub(crate) mod cloud;
pub(crate) mod faults;
pub(crate) mod open_error;
pub(crate) mod rate_limit;
pub(crate) mod recorded_requests;
pub(crate) mod shared;
