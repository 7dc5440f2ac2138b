//! Parallel work on many items of one kind.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder};

/// The stack size of a process's main thread: what is deep enough to fit there fits here.
const STACK: usize = 8 * 1024 * 1024;

/// Splits a list into one part a processor and works on all parts at once; the results are in
/// the order of the parts. A part has at least `least` items, so that starting a thread pays;
/// a list that is too short for two parts is worked on here.
///
/// # Panics
///
/// If the work does.
pub fn in_parts<T: Sync, R: Send>(
    items: &[T],
    least: usize,
    work: impl Fn(&[T]) -> R + Sync,
) -> Vec<R> {
    let most = items.len() / least.max(1);
    // To ask how many processors there are takes longer than a short list.
    let processors = || thread::available_parallelism().map_or(1, NonZero::get);
    let parts = match most {
        0 | 1 => 1,
        _ => processors().min(most),
    };
    let mut parts = items.chunks(items.len().div_ceil(parts).max(1));
    let Some(first) = parts.next() else {
        return Vec::new();
    };
    thread::scope(|scope| {
        let work = &work;
        let started: Vec<_> = parts
            .map(|part| {
                let thread = Builder::new().stack_size(STACK);
                // Where no thread can be had, this one does the work.
                let started = thread.spawn_scoped(scope, move || work(part));
                started.map_err(|_| part)
            })
            .collect();
        let mut results = vec![work(first)];
        for started in started {
            results.push(match started {
                Ok(thread) => match thread.join() {
                    Ok(result) => result,
                    Err(panic) => std::panic::resume_unwind(panic),
                },
                Err(part) => work(part),
            });
        }
        results
    })
}

/// Works on each item, the next one wherever a processor is free: for items that differ much in
/// size. The results are in the order of the items. There are at least `least` items for each
/// processor; a list that is too short for two is worked on here.
///
/// # Panics
///
/// If the work does.
pub fn each<T: Sync, R: Send>(items: &[T], least: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let share = |_: &[()]| {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match items.get(at) {
                Some(item) => done.push((at, work(item))),
                None => return done,
            }
        }
    };
    let done = in_parts(&vec![(); items.len()], least, share);
    let mut done: Vec<(usize, R)> = done.into_iter().flatten().collect();
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_item_is_worked_on_once_and_the_order_is_kept() {
        for count in [0, 1, 2, 7, 100] {
            let items: Vec<usize> = (0..count).collect();
            for least in [0, 1, 10, 1000] {
                let parts = in_parts(&items, least, <[usize]>::to_vec);
                assert_eq!(parts.concat(), items);
                assert!(parts.len() <= 1 || parts.len() <= count / least.max(1));
            }
        }
    }

    #[test]
    fn each_result_is_in_the_place_of_its_item() {
        for count in [0, 1, 2, 7, 100] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(
                each(&items, 1, |item| item * 2),
                items.iter().map(|it| it * 2).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    #[should_panic(expected = "alas")]
    fn a_panic_is_not_swallowed() {
        in_parts(&[1, 2], 1, |part| assert!(!part.contains(&2), "alas"));
    }
}
