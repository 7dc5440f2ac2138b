//! Measures plan, apply and empty plan at growing sizes.
