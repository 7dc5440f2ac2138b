//! The fields of a body, read from the tables of the API reference.
//!
//! ```text
//! 请求体body参数
//! | 参数 | 是否必填 | 参数类型 | 说明 | 示例 | 下级对象 |
//! |---|
//! | containers | 是 | Array of Objects | 容器信息 | | container |
//! | 表 container | | | | | |
//! …
//! 响应参数
//! ```

use std::collections::{BTreeMap, BTreeSet};

/// The page of createContainerGroup, verbatim.
pub const PAGE: &str = include_str!("../data/createContainerGroup.zh.txt");

/// The words at which the tables of the body begin and end.
const FROM: &str = "请求体body参数";
const TO: &str = "响应参数";

/// The name of the table that the body itself is.
const BODY: &str = "";

/// A line of a table.
struct Field<'a> {
    name: &'a str,
    is_list: bool,
    /// The table of the object's direct fields.
    table: Option<&'a str>,
}

/// Returns the places of all fields of the body that hold no further fields.
///
/// # Panics
///
/// If the page is not of that form.
pub fn places(page: &str) -> BTreeSet<String> {
    let (_, body) = page.split_once(FROM).expect("the page has a body");
    let (body, _) = body.split_once(TO).expect("the page has an answer");
    let tables = tables(body);
    let mut walk = Walk {
        tables: &tables,
        used: BTreeSet::from([BODY]),
        places: BTreeSet::new(),
    };
    walk.table(BODY, "");
    let Walk { used, places, .. } = walk;
    let unused: Vec<_> = tables.keys().filter(|name| !used.contains(*name)).collect();
    assert!(unused.is_empty(), "no field leads to the tables {unused:?}");
    places
}

/// Returns the example of the body, at the end of the page.
///
/// # Panics
///
/// If the page has none.
pub fn example(page: &str) -> serde_json::Value {
    let (_, rest) = page
        .split_once("请求体body\n")
        .expect("there is an example");
    let (example, _) = rest.split_once("响应示例").expect("and one of the answer");
    serde_json::from_str(example).expect("the example is JSON")
}

fn tables(body: &str) -> BTreeMap<&str, Vec<Field<'_>>> {
    let mut tables = BTreeMap::new();
    let mut table = BODY;
    for line in body.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        match cells[1] {
            "参数" => {}
            first if first.starts_with("---") => {}
            first if first.starts_with("表 ") => table = first.trim_start_matches("表 "),
            name => {
                assert_eq!(cells.len(), 8, "a line of other form: {line}");
                let field = Field {
                    name,
                    is_list: cells[3] == "Array of Objects",
                    table: Some(cells[6]).filter(|table| !table.is_empty()),
                };
                tables.entry(table).or_insert_with(Vec::new).push(field);
            }
        }
    }
    tables
}

/// A walk through the tables, from each field to the table of its object.
struct Walk<'t, 'a> {
    tables: &'t BTreeMap<&'a str, Vec<Field<'a>>>,
    used: BTreeSet<&'a str>,
    places: BTreeSet<String>,
}

impl<'a> Walk<'_, 'a> {
    /// Adds the places of the fields of a table, which is itself at a place.
    fn table(&mut self, table: &'a str, place: &str) {
        let fields = self.tables.get(table);
        for field in fields.unwrap_or_else(|| panic!("table {table} not found")) {
            let list = if field.is_list { "[]" } else { "" };
            let place = format!("{place}{}{list}", field.name);
            match field.table {
                Some(inner) => {
                    self.used.insert(inner);
                    self.table(inner, &format!("{place}."));
                }
                None => {
                    let is_new = self.places.insert(place.clone());
                    assert!(is_new, "{place} is there twice");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_through_all_their_tables() {
        let page = "请求体body参数\n\
            | 参数 | 是否必填 | 参数类型 | 说明 | 示例 | 下级对象 |\n|---|\n\
            | name | 是 | String | x | test | |\n\
            | ports | 否 | Array of Objects | x | | port |\n\
            | eip | 否 | Object | x | | eip |\n\
            | 表 port | | | | | |\n\
            | 参数 | 是否必填 | 参数类型 | 说明 | 示例 | 下级对象 |\n|---|\n\
            | port | 是 | Integer | x | 80 | |\n\
            | 表 eip | | | | | |\n\
            | id | 否 | String | x | | |\n\
            响应参数\n| 参数 |\n| statusCode | Integer | x | 200 | |\n";
        let expected = ["eip.id", "name", "ports[].port"].map(str::to_owned);
        assert_eq!(places(page), BTreeSet::from(expected));
    }
}
