//! Names that come again and again.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;

/// The largest number of names that are kept, and the longest one: the names of attributes are far fewer, and
/// what users call theirs may be without end.
const MOST: usize = 4096;
const LONGEST: usize = 64;

thread_local! {
    /// One set a thread: threads that count the users of one name get in each other's way.
    static KNOWN: RefCell<HashSet<Arc<str>>> = RefCell::default();
}

/// Returns the name of an attribute.
///
/// Tables that have the same names share them, so that they take little memory.
pub fn shared_name(name: &str) -> Arc<str> {
    KNOWN.with_borrow_mut(|known| {
        if let Some(name) = known.get(name) {
            return name.clone();
        }
        let name: Arc<str> = Arc::from(name);
        if known.len() < MOST && name.len() <= LONGEST {
            known.insert(name.clone());
        }
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once_and_names_without_end_are_not_kept() {
        assert!(Arc::ptr_eq(&shared_name("cpu"), &shared_name("cpu")));
        for number in 0..2 * MOST {
            let name = format!("name-{number}");
            assert_eq!(*shared_name(&name), *name);
        }
        assert!(KNOWN.with_borrow(|known| known.len() == MOST));
    }
}
