use super::*;

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn key(number: &str) -> Key {
    Key {
        pk: "U#1".to_owned(),
        sk: format!("D#{number}"),
    }
}

#[test]
fn a_call_carries_twenty_five_and_no_item_twice() {
    let of = |numbers: &[&str]| {
        let statements = numbers
            .iter()
            .map(|number| Statement::insert("t", key(number), Item::new()));
        calls_of(&statements.collect::<Vec<_>>())
    };
    assert_eq!(of(&[]), [] as [Vec<usize>; 0]);
    assert_eq!(
        of(&["1", "2", "1", "3", "1"]),
        [vec![0, 1, 3], vec![2], vec![4]]
    );
    let many: Vec<String> = (0..26).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let sizes: Vec<usize> = of(&many).iter().map(Vec::len).collect();
    assert_eq!(sizes, [25, 1]);
}

#[test]
fn an_insert_names_every_attribute_once_in_the_order_of_its_parameters() {
    let item = Item::from([
        ("sk".to_owned(), text("D#1")),
        ("pk".to_owned(), text("U#1")),
        ("status".to_owned(), text("ACTIVE")),
    ]);
    let statement = Statement::insert("my-table", key("1"), item);
    assert_eq!(
        statement.text,
        r#"INSERT INTO "my-table" VALUE {'pk': ?, 'sk': ?, 'status': ?}"#
    );
    assert_eq!(
        statement.parameters,
        [text("U#1"), text("D#1"), text("ACTIVE")]
    );
}

#[test]
fn an_update_has_the_parameters_of_the_change_before_those_of_its_condition() {
    let statement = Statement::update(
        "t",
        key("1"),
        ("SET \"status\" = ?", vec![text("new")]),
        ("\"status\" = ?", vec![text("old")]),
    );
    assert_eq!(
        statement.text,
        r#"UPDATE "t" SET "status" = ? WHERE pk = ? AND sk = ? AND "status" = ?"#
    );
    assert_eq!(
        statement.parameters,
        [text("new"), text("U#1"), text("D#1"), text("old")]
    );
}

#[test]
fn what_aws_was_too_busy_for_is_repeated_and_in_the_end_told() {
    use BatchStatementErrorCodeEnum as Code;
    for (code, is_repeated) in [
        (Code::ThrottlingError, true),
        (Code::ProvisionedThroughputExceeded, true),
        (Code::RequestLimitExceeded, true),
        (Code::InternalServerError, true),
        (Code::TransactionConflict, true),
        (Code::ValidationError, false),
        (Code::AccessDenied, false),
        (Code::ResourceNotFound, false),
    ] {
        let error = BatchStatementError::builder().code(code.clone()).build();
        let first = result_of("claim", &error, false);
        assert_eq!(first.is_none(), is_repeated, "{code}");
        assert!(matches!(result_of("claim", &error, true), Some(Err(_))));
    }
    for code in [Code::ConditionalCheckFailed, Code::DuplicateItem] {
        let error = BatchStatementError::builder().code(code).build();
        let result = result_of("claim", &error, false);
        assert!(matches!(result, Some(Ok(Changed::Refused))));
    }
}
