//! Limits for reading lists page by page.
//!
//! Where a list ends is said by the one who answers. One that is broken, or means no good, may
//! never say it: then following the list would take memory and time without end.

use std::collections::{BTreeMap, HashSet};
use std::mem::size_of;
use std::time::{Duration, Instant};

use eci_text::{Text, text};
use serde_json::Value;

use crate::error::{CallError, CallErrorKind, seconds};
use crate::operation::Operation;
use crate::types::Event;

/// The most pages of one list.
pub const MOST_PAGES: usize = 10_000;

/// The most items of one list.
pub const MOST_ITEMS: usize = 200_000;

/// The most memory that the items of one list may take, in bytes, as far as that can be determined:
/// 512 MiB, which is some ten thousands of large groups.
pub const MOST_BYTES: usize = 512 << 20;

/// The most pages in a row that bring nothing new.
///
/// Some are to be expected: a filter may leave a page empty, and objects created meanwhile shift
/// the pages.
pub const MOST_STALE_PAGES: usize = 100;

/// The longest time for one list: an hour, which is enough for thousands of slow pages.
///
/// A page on its way is waited for.
pub const LONGEST_LIST: Duration = Duration::from_secs(60 * 60);

/// The number of items that there may be beyond those that are counted: objects are created while a
/// list is read, and a count may cover only a part.
const COUNTED: usize = 10;
const UNCOUNTED: usize = 10_000;

/// The limits of reading one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pages.
    pub pages: usize,
    /// Items.
    pub items: usize,
    /// Bytes of memory.
    pub bytes: usize,
    /// Pages in a row that bring nothing new.
    pub stale_pages: usize,
    /// From its first page to its last.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            pages: MOST_PAGES,
            items: MOST_ITEMS,
            bytes: MOST_BYTES,
            stale_pages: MOST_STALE_PAGES,
            time: LONGEST_LIST,
        }
    }
}

/// The contribution of a page to its list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The number of items on it.
    pub items: usize,
    /// The number of them that were on no page before.
    pub new: usize,
    /// About how much memory they take, in bytes.
    pub bytes: usize,
    /// The number of items on all pages, as far as it is reported.
    pub total: Option<i64>,
}

/// A list that is read page after page, and how much of it was read.
#[derive(Debug)]
pub struct Pages {
    operation: Operation,
    limits: Limits,
    begin: Instant,
    tokens: HashSet<String>,
    pages: usize,
    items: usize,
    bytes: usize,
    stale: usize,
    total: Option<usize>,
    /// Items that were on no page before.
    distinct: usize,
    last: Page,
}

impl Pages {
    /// Creates a list that is read by this call, of which nothing was read yet.
    pub fn of(operation: Operation) -> Pages {
        Pages::within(operation, Limits::default())
    }

    /// Creates a list with other limits.
    pub fn within(operation: Operation, limits: Limits) -> Pages {
        Pages {
            operation,
            limits,
            begin: Instant::now(),
            tokens: HashSet::new(),
            pages: 0,
            items: 0,
            bytes: 0,
            stale: 0,
            total: None,
            distinct: 0,
            last: Page::default(),
        }
    }

    /// Takes a page that was read.
    ///
    /// # Errors
    /// If the list is longer than any is followed.
    pub fn take(&mut self, page: Page) -> Result<(), CallError> {
        self.pages += 1;
        self.items += page.items;
        self.bytes = self.bytes.saturating_add(page.bytes);
        self.stale = if page.new == 0 { self.stale + 1 } else { 0 };
        self.distinct += page.new;
        self.last = page;
        let total = page.total.and_then(|total| usize::try_from(total).ok());
        self.total = self.total.max(total);
        match self.excess() {
            Some(detail) => Err(self.endless(detail)),
            None => Ok(()),
        }
    }

    /// Returns whether the numbered page that was just taken is the last one.
    ///
    /// The number of pages and that of items decide, each of which can be too low where the cloud
    /// caps a page. An empty page is the last one in any case, and so is one that repeats others
    /// where none should follow.
    pub fn is_last(&self, number: i64, total_pages: Option<i64>) -> bool {
        let by_pages = total_pages.map(|pages| number >= pages);
        let by_items = self.last_total().map(|total| self.distinct >= total);
        let stale = by_pages == Some(true) && self.last.new == 0;
        let is_counted = by_pages.is_some() || by_items.is_some();
        let over = is_counted && by_pages != Some(false) && by_items != Some(false);
        self.last.items == 0 || stale || over
    }

    /// Checks a complete list against its own total.
    ///
    /// The total of the last page counts: objects created or deleted meanwhile change it. `limit`
    /// is the size of a page of a list that goes on by tokens.
    ///
    /// # Errors
    /// If more items are counted than came, or if the last page is full and nothing says that
    /// none follows: some clouds cap a page and forget the token.
    pub fn complete(&self, limit: Option<i64>) -> Result<(), CallError> {
        let read = self.distinct;
        let detail = match self.last_total() {
            Some(total) if total > read => {
                text!(
                    en: "`totalCount` is {total}, but {read} elements were returned",
                    zh: "`totalCount` 为 {total}，但返回了 {read} 个元素",
                    total = total,
                    read = read,
                )
            }
            None if limit.is_some_and(|limit| usize::try_from(limit) == Ok(self.last.items)) => {
                text!(
                    en: "the last page is full ({read} elements), but there is neither `totalCount` nor `nextToken`",
                    zh: "最后一页已满（{read} 个元素），但既没有 `totalCount` 也没有 `nextToken`",
                    read = read,
                )
            }
            _ => return Ok(()),
        };
        Err(CallError::new(
            self.operation,
            CallErrorKind::Incomplete { detail },
        ))
    }

    fn last_total(&self) -> Option<usize> {
        let total = self.last.total?;
        usize::try_from(total).ok()
    }

    /// Takes the token at the end of a page, with which the next one is requested.
    ///
    /// # Errors
    /// If an earlier page returned the same token, which would loop.
    pub fn after(&mut self, token: String) -> Result<String, CallError> {
        // All are kept, and may be as long as an answer.
        self.bytes = self.bytes.saturating_add(token.len());
        if self.tokens.insert(token.clone()) {
            Ok(token)
        } else {
            Err(self.endless(text!(
                en: "`nextToken` leads back to an earlier page",
                zh: "`nextToken` 指回先前的页",
            )))
        }
    }

    /// Returns the limit that is exceeded.
    fn excess(&self) -> Option<Text> {
        let Limits {
            pages,
            items,
            bytes,
            stale_pages,
            time,
        } = self.limits;
        if let Some(total) = self.total
            && self.items > total.saturating_mul(COUNTED).saturating_add(UNCOUNTED)
        {
            let read = self.items;
            return Some(text!(
                en: "`totalCount` is {total}, but {read} elements were returned, and more follow",
                zh: "`totalCount` 为 {total}，但已返回 {read} 个元素且仍有后续",
                total = total,
                read = read,
            ));
        }
        if self.stale > stale_pages {
            return Some(text!(
                en: "{count} consecutive pages had no new elements",
                zh: "连续 {count} 页没有新元素",
                count = self.stale,
            ));
        }
        if self.items > items {
            return Some(text!(
                en: "it has more than {limit} elements",
                zh: "元素超过 {limit} 个",
                limit = items,
            ));
        }
        if self.bytes > bytes {
            return Some(text!(
                en: "it is larger than {limit} MiB",
                zh: "大小超过 {limit} MiB",
                limit = bytes >> 20,
            ));
        }
        if self.pages > pages {
            return Some(text!(
                en: "it has more than {limit} pages",
                zh: "超过 {limit} 页",
                limit = pages,
            ));
        }
        let over = self.begin.elapsed() > time;
        over.then(|| {
            text!(
                en: "it did not end within {limit}",
                zh: "{limit}内未结束",
                limit = seconds(time),
            )
        })
    }

    fn endless(&self, detail: Text) -> CallError {
        CallError::new(self.operation, CallErrorKind::Endless { detail })
    }
}

/// A page of a list whose pages are numbered.
pub(super) struct NumberedPage<T> {
    pub(super) items: Vec<T>,
    /// The number of items on all pages.
    pub(super) total: Option<i64>,
    /// The number of pages.
    pub(super) total_pages: Option<i64>,
}

/// An item of a list, which keeps what was reported of it.
pub(super) trait ListItem {
    fn id(&self) -> &str;
    fn report(&self) -> &Value;
}

/// Reads a list page after page, from the first one on, and adds its items to others by id:
/// what comes or goes between two pages shifts them.
///
/// # Errors
/// The first error of a page, or that they have no end, or that the list is incomplete by its own
/// total.
pub(super) async fn add_numbered<T, F>(
    operation: Operation,
    all: &mut BTreeMap<String, T>,
    read: impl Fn(i64) -> F,
) -> Result<(), CallError>
where
    T: ListItem,
    F: Future<Output = Result<NumberedPage<T>, CallError>>,
{
    let mut pages = Pages::of(operation);
    for number in 1.. {
        let page = read(number).await?;
        let (items, before) = (page.items.len(), all.len());
        let bytes = weight::<T>(page.items.iter().map(ListItem::report));
        let items_by_id = page.items.into_iter();
        all.extend(items_by_id.map(|item| (item.id().to_owned(), item)));
        pages.take(Page {
            items,
            new: all.len() - before,
            bytes,
            total: page.total,
        })?;
        if pages.is_last(number, page.total_pages) {
            break;
        }
    }
    pages.complete(None)
}

/// Estimates the memory of items that keep their reports.
///
/// Most of a report is in memory twice: as it was reported, and as it was parsed.
pub(super) fn weight<'a, T>(reports: impl Iterator<Item = &'a Value>) -> usize {
    let each = reports.map(|report| size_of::<T>() + 2 * value(report));
    each.sum()
}

fn value(value: &Value) -> usize {
    let within: usize = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(self::value).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| size_of::<String>() + name.len() + self::value(field))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + within
}

/// Estimates the memory of events.
pub fn weight_of_events(events: &[Event]) -> usize {
    let texts = |event: &Event| -> usize {
        let own = [
            &event.name,
            &event.namespace,
            &event.event_type,
            &event.first_timestamp,
            &event.last_timestamp,
            &event.message,
            &event.reason,
            &event.reporting_component,
        ];
        let source = event.source.iter().flat_map(|it| [&it.component, &it.host]);
        let about = event.involved_object.iter();
        let about = about.flat_map(|it| [&it.kind, &it.namespace, &it.name, &it.uid]);
        let all = own.into_iter().chain(source).chain(about);
        all.flatten().map(String::len).sum()
    };
    let each = events.iter().map(|event| size_of::<Event>() + texts(event));
    each.sum()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    const SMALL: Limits = Limits {
        pages: 5,
        items: 20,
        bytes: 10 << 20,
        stale_pages: 2,
        time: Duration::from_secs(60),
    };

    const FULL: Page = Page {
        items: 3,
        new: 3,
        bytes: 100,
        total: None,
    };

    /// Returns the number of such pages that are taken, and the error about the next one.
    fn taken(limits: Limits, page: Page) -> (usize, String) {
        let mut pages = Pages::within(Operation::ListEips, limits);
        let mut count = 0;
        loop {
            match pages.take(page) {
                Ok(()) => count += 1,
                Err(error) => return (count, error.to_string()),
            }
        }
    }

    #[test]
    fn a_list_that_goes_on_is_followed_so_far_and_no_further() {
        let few = Limits { items: 10, ..SMALL };
        let thin = Limits {
            bytes: 350,
            ..SMALL
        };
        let stale = Page { new: 0, ..FULL };
        let (empty, none) = (
            Page::default(),
            Limits {
                time: Duration::ZERO,
                ..SMALL
            },
        );
        for (limits, page, most, is_counted) in [
            (SMALL, FULL, 5, "more than 5 pages"),
            (few, FULL, 3, "more than 10 elements"),
            (thin, FULL, 3, " MiB"),
            (SMALL, stale, 2, "3 consecutive pages had no new elements"),
            (SMALL, empty, 2, "3 consecutive pages had no new elements"),
            (none, FULL, 0, "it did not end within 0 seconds"),
        ] {
            let (count, error) = taken(limits, page);
            assert_eq!(count, most, "{error}");
            let begin = format!(
                "{} returned a list that does not end: ",
                Operation::ListEips
            );
            assert!(
                error.starts_with(&begin) && error.contains(is_counted),
                "{error}"
            );
        }
    }

    #[test]
    fn a_count_allows_for_objects_created_meanwhile() {
        let page = Page {
            items: 1000,
            new: 1000,
            total: Some(50),
            bytes: 0,
        };
        let (count, error) = taken(Limits::default(), page);
        assert_eq!(count, 10);
        assert!(
            error.contains("`totalCount` is 50, but 11000 elements were returned"),
            "{error}"
        );
        // An invalid count is ignored.
        let odd = Page {
            total: Some(-1),
            ..page
        };
        assert_eq!(taken(Limits::default(), odd).0, MOST_ITEMS / 1000);
    }

    #[test]
    fn a_page_with_a_new_object_restarts_the_count() {
        let mut pages = Pages::within(
            Operation::ListEips,
            Limits {
                pages: 100,
                ..SMALL
            },
        );
        for _ in 0..5 {
            pages.take(Page::default()).unwrap();
            pages.take(Page::default()).unwrap();
            pages.take(FULL).unwrap();
        }
    }

    #[test]
    fn a_token_leads_on_once() {
        let mut pages = Pages::of(Operation::DescribeContainerGroupEvent);
        assert_eq!(pages.after("a".to_owned()).unwrap(), "a");
        pages.after("b".to_owned()).unwrap();
        let error = pages.after("a".to_owned()).unwrap_err();
        assert!(
            error.to_string().contains("`nextToken` leads back"),
            "{error}"
        );
        // Tokens are kept, and count.
        let mut pages = Pages::within(Operation::ListEips, SMALL);
        pages.after("x".repeat(11 << 20)).unwrap();
        assert!(pages.take(FULL).is_err());
    }

    #[test]
    fn what_is_reported_weighs_what_it_takes() {
        let report = json!({ "a": ["x".repeat(1000), 1, 2] });
        let weight = weight::<u64>([&report, &report].into_iter());
        assert!((4000..6000).contains(&weight), "{weight}");
        let event = Event {
            message: Some("x".repeat(1000)),
            ..Event::default()
        };
        assert!((1000..2000).contains(&weight_of_events(&[event])));
    }
}
