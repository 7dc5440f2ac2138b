//! Links to the reference page and to the headings on it.

/// The address of the reference page.
pub(crate) const REFERENCE: &str =
    concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/reference.md");

/// Returns the fragment by which a heading is linked to.
pub(crate) fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let text: String = heading.chars().filter(kept).collect();
    text.to_lowercase().replace(' ', "-")
}
