//! What Lambda would refuse is refused here.

use std::time::Duration;

use super::{TEMPLATE, parse, refusal};

fn broken(from: &str, to: &str) -> String {
    assert!(TEMPLATE.contains(from), "{from}");
    refusal(&TEMPLATE.replace(from, to), &[])
}

#[test]
fn a_setting_out_of_range_is_refused() {
    let cases = [
        (
            broken("megabytes: 256", "megabytes: 127"),
            "MemorySize is 127",
        ),
        (
            broken("megabytes: 256", "megabytes: 10241"),
            "MemorySize is 10241",
        ),
        (broken("Timeout: 7", "Timeout: 0"), "Timeout is 0"),
        (broken("Timeout: 7", "Timeout: 901"), "Timeout is 901"),
        (
            broken("BatchSize: !Ref Batch", "BatchSize: 10001"),
            "BatchSize is 10001",
        ),
        (
            broken("InSeconds: 2", "InSeconds: 301"),
            "MaximumBatchingWindowInSeconds is 301",
        ),
        (
            broken("MaximumConcurrency: 9", "MaximumConcurrency: 1"),
            "MaximumConcurrency is 1",
        ),
        (
            broken(
                "FunctionUrlConfig:",
                "EventInvokeConfig: { MaximumRetryAttempts: 3 }\n      FunctionUrlConfig:",
            ),
            "MaximumRetryAttempts is 3",
        ),
        (
            broken(
                "FunctionUrlConfig:",
                "EventInvokeConfig: { MaximumEventAgeInSeconds: 59 }\n      FunctionUrlConfig:",
            ),
            "MaximumEventAgeInSeconds is 59",
        ),
    ];
    for (error, expected) in cases {
        assert!(
            error.contains("WorkFunction") && error.contains(expected),
            "{error}"
        );
    }
}

#[test]
fn a_queue_that_hides_messages_for_less_than_the_functions_time_is_refused() {
    let error = broken("VisibilityTimeout: 42", "VisibilityTimeout: 6");
    let expected = "Queue visibility timeout: 6 seconds is less than Function timeout: 7 seconds";
    assert!(error.contains(expected), "{error}");
    let text = TEMPLATE.replace("      VisibilityTimeout: 42\n", "");
    let template = parse(&text, &[]).unwrap();
    assert_eq!(template.visibility_of("b-in"), Duration::from_secs(30));
}

#[test]
fn an_environment_that_lambda_would_not_take_is_refused() {
    let cases = [
        (broken("SHARED:", "AWS_REGION:"), "AWS_REGION is reserved"),
        (
            broken("SHARED:", "AWS_LAMBDA_RUNTIME_API:"),
            "AWS_LAMBDA_RUNTIME_API is reserved",
        ),
        (broken("SHARED:", "2ND:"), "\"2ND\" is no name"),
        (
            broken("SHARED:", "SHARED-TOO:"),
            "\"SHARED-TOO\" is no name",
        ),
        (
            broken("\"yes\"", &"x".repeat(4096)),
            "bytes together, and exceed Lambda's limit of 4096",
        ),
    ];
    for (error, expected) in cases {
        assert!(error.contains(expected), "{error}");
    }
    // What says how it logs is no variable of the template's own.
    assert!(parse(&TEMPLATE.replace("\"yes\"", &"x".repeat(3500)), &[]).is_ok());
}

#[test]
fn how_often_events_are_tried_again_can_be_said() {
    let usual = &parse(TEMPLATE, &[]).unwrap().functions["WorkFunction"].patience;
    assert_eq!((usual.retries, usual.maximum_age.as_secs()), (2, 21_600));
    let config = "EventInvokeConfig: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 }";
    let text = TEMPLATE.replace(
        "      FunctionUrlConfig:",
        &format!("      {config}\n      FunctionUrlConfig:"),
    );
    let own = &parse(&text, &[]).unwrap().functions["WorkFunction"].patience;
    assert_eq!((own.retries, own.maximum_age.as_secs()), (0, 60));
}

#[test]
fn a_mapping_that_lambda_would_filter_is_not_played() {
    let error = broken(
        "BatchSize: !Ref Batch",
        "BatchSize: 10\n            FilterCriteria: {}",
    );
    assert!(error.contains("does not play FilterCriteria"), "{error}");
}

#[test]
fn a_function_url_that_answers_browsers_beside_its_function_is_not_played() {
    let error = broken(
        "{ AuthType: NONE }",
        "{ AuthType: NONE, Cors: { AllowOrigins: ['*'] } }",
    );
    assert!(error.contains("does not play Cors"), "{error}");
}
