//! Every place that has to know of a notice's type, for each that there is.

use domain::notice::Notice;
use serde_json::json;

use super::description;

#[test]
fn the_description_lists_every_type_and_no_other() {
    let listed = &description()["components"]["schemas"]["Notice"]["properties"]["type"]["enum"];
    assert_eq!(*listed, json!(Notice::TYPES));
}
