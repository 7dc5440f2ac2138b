//! 10xx: modules.

codes! {}
