//! The cloud's calls: wire types, signing and the HTTP client.
