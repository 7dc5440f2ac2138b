//! Links to the reference page and to the headings on it.

use eci_text::Lang;

/// Returns the address of the reference page in a language.
pub(crate) fn reference_page(lang: Lang) -> &'static str {
    lang.pick(
        concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/reference.md"),
        concat!(
            env!("CARGO_PKG_REPOSITORY"),
            "/blob/main/docs/zh/reference.md"
        ),
    )
}

/// Returns the fragment by which a heading is linked to.
pub(crate) fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let text: String = heading.chars().filter(kept).collect();
    text.to_lowercase().replace(' ', "-")
}
