//! Every place that has to know of a notice's type, for each that there is.

use domain::notice::Notice;
use serde_json::json;

use super::description;
use super::event_types::page;

#[test]
fn the_description_lists_every_type_of_a_notice_and_no_other() {
    let listed = &description()["components"]["schemas"]["Notice"]["properties"]["type"]["enum"];
    assert_eq!(*listed, json!(Notice::TYPES));
}

#[test]
fn the_page_for_users_says_what_every_type_of_a_notice_means() {
    let page = page("functions/api/README.md");
    let means = |line: &&str| line.starts_with("| `");
    for kind in Notice::TYPES {
        let name = format!("`{kind}`");
        let first = |line: &str| {
            let cell = line.split('|').nth(1).unwrap_or_default();
            cell.contains(&name)
        };
        assert!(page.lines().filter(means).any(first), "{kind}");
    }
}
