//! A page of a list, as it is answered.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use store::{LARGEST_PAGE, Page};

use crate::error::ApiError;

/// A part of a list, and where in the list it stands. Lambda carries answers of 6 MB, and a page of
/// long records can have more: it is cut then, and its reader goes on from `offset` + `count`, as
/// all clients do.
#[derive(Debug, Serialize)]
pub(crate) struct List {
    total: usize,
    offset: usize,
    limit: usize,
    desc: bool,
    count: usize,
    #[serde(rename = "nextCursor", skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    items: Vec<Box<RawValue>>,
}

impl List {
    /// The items of this page, of a list of `total`.
    pub(crate) fn of(
        page: Page,
        total: usize,
        items: impl IntoIterator<Item = impl Serialize>,
    ) -> Result<Self, ApiError> {
        let mut left = LARGEST_PAGE;
        let mut kept = Vec::new();
        for item in items {
            let item = to_raw_value(&item).map_err(ApiError::internal)?;
            let Some(rest) = left.checked_sub(length_on_the_way(item.get())) else {
                break;
            };
            left = rest;
            kept.push(item);
        }
        Ok(Self {
            total,
            offset: page.offset,
            limit: page.limit,
            desc: page.newest_first,
            count: kept.len(),
            next_cursor: None,
            items: kept,
        })
    }

    /// How many of the items that it was to have found room.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The same, with where to go on.
    pub(crate) fn going_on_at(self, cursor: Option<String>) -> Self {
        Self {
            next_cursor: cursor,
            ..self
        }
    }
}

/// The items of this page, of a whole list that has the oldest first.
pub(crate) fn part_of<T>(mut all: Vec<T>, page: Page) -> Vec<T> {
    if page.newest_first {
        all.reverse();
    }
    let part = all.into_iter().skip(page.offset).take(page.limit);
    part.collect()
}

/// An answer travels as a JSON string inside JSON, where quotation marks and backslashes count
/// twice.
fn length_on_the_way(json: &str) -> usize {
    let doubled = json
        .bytes()
        .filter(|byte| matches!(byte, b'"' | b'\\'))
        .count();
    json.len() + doubled + ",".len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    use crate::description::tests::schemas::assert_described;

    fn page(offset: usize, limit: usize, newest_first: bool) -> Page {
        Page {
            offset,
            limit,
            newest_first,
        }
    }

    fn shown(list: &List) -> String {
        serde_json::to_string(list).unwrap()
    }

    #[test]
    fn a_page_says_where_it_stands_and_how_much_it_holds() {
        let list = List::of(page(1, 2, false), 4, [2, 3]).unwrap();
        assert_eq!(
            shown(&list),
            r#"{"total":4,"offset":1,"limit":2,"desc":false,"count":2,"items":[2,3]}"#
        );
        let empty = List::of(page(5, 1000, true), 4, [(); 0]).unwrap();
        let empty = serde_json::to_value(empty).unwrap();
        assert_described("WebhookPage", &empty);
        assert_described("DispatchPage", &empty);
    }

    #[test]
    fn a_page_is_a_part_of_the_list_from_either_end() {
        for (page, expected) in [
            (page(0, 1000, false), vec![1, 2, 3, 4]),
            (page(1, 2, false), vec![2, 3]),
            (page(1, 1000, true), vec![3, 2, 1]),
            (page(4, 1000, false), vec![]),
            (page(usize::MAX, 1000, true), vec![]),
        ] {
            assert_eq!(part_of(vec![1, 2, 3, 4], page), expected);
        }
    }

    #[test]
    fn a_page_that_lambda_could_not_carry_is_cut_and_can_be_read_on() {
        let all: Vec<_> = (0..1000)
            .map(|place| json!({"place": place, "body": "\"\\\u{1}".repeat(2000)}))
            .collect();
        let mut seen = 0;
        while seen < all.len() {
            let list = List::of(page(seen, 1000, false), all.len(), &all[seen..]).unwrap();
            let carried = serde_json::to_string(&shown(&list)).unwrap();
            assert!(carried.len() < 6 * 1024 * 1024, "{}", carried.len());
            assert!(list.count > 0 && list.count == list.items.len());
            seen += list.count;
        }
        assert_eq!(seen, all.len());
    }
}
