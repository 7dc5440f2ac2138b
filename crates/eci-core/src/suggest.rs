//! "Did you mean …?"

/// The known name nearest to what was written, if one is near enough to be meant.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    let allowed = (written.chars().count() / 3).clamp(1, 3);
    known
        .into_iter()
        .map(|name| {
            (
                strsim::damerau_levenshtein(&lower, &name.to_lowercase()),
                name,
            )
        })
        .filter(|(distance, name)| {
            *distance <= allowed
                || (lower.len() >= 4 && name.replace('_', "") == lower.replace(['_', '-'], ""))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_finds_its_name_and_nonsense_finds_none() {
        let known = ["image", "image_pull_policy", "ports", "working_dir"];
        assert_eq!(nearest("imgae", known), Some("image"));
        assert_eq!(nearest("workingDir", known), Some("working_dir"));
        assert_eq!(nearest("port", known), Some("ports"));
        assert_eq!(nearest("replicas", known), None);
    }
}
