//! The commands eci, eci-plan and eci-apply.
