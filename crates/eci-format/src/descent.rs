//! The descent from the shape of a table to the shape at a path of keys.

use eci_core::tables::ManifestShape;
use toml_edit::Key;

/// Returns the shape at the end of a path of keys.
pub(crate) fn below(shape: ManifestShape, variant: Option<&str>, path: &[&Key]) -> ManifestShape {
    let mut variant = variant;
    path.iter()
        .fold(shape, |shape, key| shape.child(key.get(), variant.take()))
}
