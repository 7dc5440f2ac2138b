//! The resource kinds mapped onto the cloud's calls.
