//! `infra/template.yaml` itself, with the parameters that a security team asks for.

use std::collections::BTreeMap;
use std::path::Path;

use local::template::{Site, Template};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/a";
const SUBNETS: (&str, &str) = ("SubnetIds", "subnet-0a,subnet-0b");
const GROUPS: (&str, &str) = ("SecurityGroupIds", "sg-0a");

fn template(given: &[(&str, &str)]) -> Result<Template, String> {
    let given = given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let site = Site {
        stack: "mine".to_owned(),
        api: "http://127.0.0.1:1".to_owned(),
        sqs: "http://127.0.0.1:2".to_owned(),
    };
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml"));
    let parameters: BTreeMap<String, String> = given.collect();
    Template::load(path, &parameters, &site).map_err(|error| format!("{error:#}"))
}

#[test]
fn queues_are_encrypted_with_the_operators_key_or_with_that_of_sqs() {
    for (given, managed, key) in [
        (&[][..], "true", None),
        (&[("KmsKeyArn", KEY)][..], "false", Some(KEY)),
    ] {
        for (id, queue) in template(given).unwrap().queues {
            let attribute = |name: &str| queue.attributes.get(name).map(String::as_str);
            assert_eq!(attribute("SqsManagedSseEnabled"), Some(managed), "{id}");
            assert_eq!(attribute("KmsMasterKeyId"), key, "{id}");
        }
    }
}

#[test]
fn dead_letter_queues_allow_the_queues_that_name_them_and_no_others() {
    let template = template(&[]).unwrap();
    for (id, dead, sources) in [
        (
            "EventQueue",
            "EventDeadLetterQueue",
            r#"["arn:aws:sqs:us-east-1:000000000000:mine-EventQueue"]"#,
        ),
        (
            "SlowDeliveryQueue",
            "DeliveryDeadLetterQueue",
            r#"["arn:aws:sqs:us-east-1:000000000000:mine-DeliveryQueue","arn:aws:sqs:us-east-1:000000000000:mine-SlowDeliveryQueue"]"#,
        ),
    ] {
        assert_eq!(template.queues[id].name, format!("mine-{id}"));
        assert_eq!(
            template.queues[dead].attributes["RedriveAllowPolicy"],
            format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":{sources}}}"#)
        );
    }
}

#[test]
fn subnets_and_security_groups_are_given_together() {
    let with_both = template(&[SUBNETS, GROUPS, ("KmsKeyArn", KEY)]).unwrap();
    assert!(with_both.functions.contains_key("DeliverFunction"));
    for one in [SUBNETS, GROUPS] {
        let error = template(&[one]).unwrap_err();
        assert!(error.contains("must both be set, or neither"), "{error}");
    }
    for (name, value) in [
        ("SubnetIds", "10.0.0.0/8"),
        ("SecurityGroupIds", "subnet-0a"),
        ("KmsKeyArn", "alias/mine"),
    ] {
        let error = template(&[(name, value)]).unwrap_err();
        assert!(error.contains(&format!("parameter {name}")), "{error}");
    }
}
