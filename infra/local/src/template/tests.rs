//! A template as a whole: what it comes to, and how it is refused.

mod limits;

use super::*;
use crate::cloudwatch::{Metric, MissingData, Statistic};

const TEMPLATE: &str = r#"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Level: { Type: String, Default: INFO, AllowedValues: [INFO, DEBUG] }
  Batch: { Type: Number, Default: 10 }
  Reserved: { Type: Number, Default: 0 }
Mappings:
  Memory: { Small: { megabytes: 256 } }
Conditions:
  Reserves: !Not [!Equals [!Ref Reserved, 0]]
  Both: !And [!Condition Reserves, !Equals [!Ref Level, DEBUG]]
Rules:
  SmallBatches:
    Assertions:
      - Assert: !Contains [["1", "10"], !Ref Batch]
        AssertDescription: only batches of 1 and 10
Globals:
  Function:
    Timeout: 7
    Environment: { Variables: { SHARED: "yes", LEVEL: none } }
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Join ["-", [!Select [1, !Split [",", "a,b"]], in]]
      VisibilityTimeout: 42
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }
  Dead:
    Type: AWS::SQS::Queue
  OnlyIfBoth:
    Type: AWS::SQS::Queue
    Condition: Both
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: The queue is too old.
      Namespace: AWS/SQS
      MetricName: ApproximateAgeOfOldestMessage
      Dimensions: [{ Name: QueueName, Value: !GetAtt Queue.QueueName }]
      Statistic: Maximum
      Period: 300
      EvaluationPeriods: 3
      DatapointsToAlarm: 2
      ComparisonOperator: GreaterThanThreshold
      Threshold: 0.5
      TreatMissingData: notBreaching
      AlarmActions: [!GetAtt WorkFunctionRole.Arn]
  WorkFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../functions/work
      MemorySize: !FindInMap [Memory, Small, megabytes]
      ReservedConcurrentExecutions: !If [Reserves, !Ref Reserved, !Ref AWS::NoValue]
      FunctionUrlConfig: { AuthType: NONE }
      LoggingConfig: { LogFormat: JSON, ApplicationLogLevel: !Ref Level }
      Environment:
        Variables:
          TABLE: !Ref Table
          QUEUE: !Ref Queue
          LEVEL: !Sub ["${Level} at ${AWS::Region} of ${Own} ${!Plain} ${Queue.Arn}", { Own: mine }]
          HERE: !GetAtt WorkFunctionUrl.FunctionUrl
      Events:
        In:
          Type: SQS
          Properties:
            Queue: !GetAtt Queue.Arn
            BatchSize: !Ref Batch
            MaximumBatchingWindowInSeconds: 2
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: { MaximumConcurrency: 9 }
        Off: { Type: SQS, Properties: { Queue: !GetAtt Dead.Arn, Enabled: false } }
        Sweep: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(2 minutes) } }
Outputs:
  Url: { Value: !GetAtt WorkFunctionUrl.FunctionUrl }
"#;

fn parse(text: &str, given: &[(&str, &str)]) -> Result<Template> {
    let given = given
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()));
    let site = Site {
        stack: "runhooks".into(),
        api: "http://127.0.0.1:1".into(),
        sqs: "http://127.0.0.1:2".into(),
    };
    Template::parse(text, &given.collect(), &BTreeMap::new(), &site)
}

fn refusal(text: &str, given: &[(&str, &str)]) -> String {
    let error = format!("{:#}", parse(text, given).unwrap_err());
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

#[test]
fn tables_and_queues_are_resolved() {
    let template = parse(TEMPLATE, &[]).unwrap();
    let table = &template.tables["Table"];
    assert_eq!(table.name, "runhooks-Table");
    assert_eq!(table.ttl_attribute.as_deref(), Some("ttl"));
    assert_eq!(table.create["KeySchema"][0]["KeyType"], "HASH");
    let queue = &template.queues["Queue"];
    assert_eq!(queue.name, "b-in");
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:runhooks-Dead","maxReceiveCount":3}"#;
    let expected = [("RedrivePolicy", policy), ("VisibilityTimeout", "42")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(queue.attributes, BTreeMap::from(expected));
}

#[test]
fn a_function_is_resolved_over_the_globals() {
    let template = parse(TEMPLATE, &[]).unwrap();
    let work = &template.functions["WorkFunction"];
    assert_eq!(
        (work.short_name.as_str(), work.memory_megabytes),
        ("work", 256)
    );
    assert_eq!(
        (work.timeout.as_secs(), work.reserved_concurrency),
        (7, None)
    );
    assert!(work.has_url);
    let expected = [
        ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ("AWS_LAMBDA_LOG_LEVEL", "INFO"),
        ("HERE", "http://127.0.0.1:1/"),
        (
            "LEVEL",
            "INFO at us-east-1 of mine ${Plain} arn:aws:sqs:us-east-1:000000000000:b-in",
        ),
        ("QUEUE", "http://127.0.0.1:2/000000000000/b-in"),
        ("SHARED", "yes"),
        ("TABLE", "runhooks-Table"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(work.environment, BTreeMap::from(expected));
}

#[test]
fn events_are_resolved_and_those_switched_off_left_out() {
    let template = parse(TEMPLATE, &[]).unwrap();
    let work = &template.functions["WorkFunction"];
    let [source] = work.sources.as_slice() else {
        panic!("{:?}", work.sources)
    };
    assert_eq!((source.queue.as_str(), source.batch_size), ("b-in", 10));
    assert_eq!(
        (source.batch_window.as_secs(), source.maximum_concurrency),
        (2, Some(9))
    );
    assert!(source.reports_failures);
    assert_eq!(work.schedules[0].every.as_secs(), 120);
}

#[test]
fn an_alarm_is_resolved() {
    let template = parse(TEMPLATE, &[]).unwrap();
    let alarm = &template.alarms["Alarm"];
    let metric = Metric::new(
        "AWS/SQS",
        "ApproximateAgeOfOldestMessage",
        [("QueueName", "b-in")],
    );
    assert_eq!(alarm.metric, metric);
    assert_eq!(alarm.name, "runhooks-Alarm");
    assert_eq!(alarm.description, "The queue is too old.");
    let (of, to_alarm) = (alarm.evaluation_periods, alarm.datapoints_to_alarm);
    assert_eq!((alarm.period_minutes, of, to_alarm), (5, 3, 2));
    assert_eq!(
        (alarm.statistic, alarm.threshold),
        (Statistic::Maximum, 0.5)
    );
    assert_eq!(alarm.missing_data, MissingData::NotBreaching);
}

#[test]
fn an_alarm_that_could_never_go_on_is_refused() {
    for (from, to, expected) in [
        (
            "MetricName: ApproximateAge",
            "MetricName: ApproximateRage",
            "watches AWS/SQS ApproximateRageOfOldestMessage QueueName=b-in, which the local platform does not compute",
        ),
        ("!GetAtt Queue.QueueName", "other", "none of that name"),
        (
            "Name: QueueName",
            "Name: Queue",
            "no dimension but QueueName",
        ),
        ("Period: 300", "Period: 10", "Period: 10"),
        ("Statistic: Maximum", "ExtendedStatistic: tm90", "\"tm90\""),
        (
            "DatapointsToAlarm: 2",
            "DatapointsToAlarm: 4",
            "DatapointsToAlarm: 4",
        ),
        ("Threshold: 0.5", "Threshold: high", "Threshold: \"high\""),
        (
            "Threshold: 0.5",
            "Threshold: 1\n      Unit: Seconds",
            "has Unit",
        ),
        ("notBreaching", "good", "TreatMissingData: \"good\""),
        (
            "AWS::CloudWatch::Alarm",
            "AWS::CloudWatch::CompositeAlarm",
            "CompositeAlarm",
        ),
    ] {
        let error = refusal(&TEMPLATE.replace(from, to), &[]);
        let names_it = error.starts_with("Alarm: ");
        assert!(names_it && error.contains(expected), "{error}");
    }
}

#[test]
fn parameters_change_what_a_template_comes_to() {
    let template = parse(TEMPLATE, &[("Reserved", "4"), ("Level", "DEBUG")]).unwrap();
    assert!(template.queues.contains_key("OnlyIfBoth"));
    assert_eq!(
        template.functions["WorkFunction"].reserved_concurrency,
        Some(4)
    );
}

#[test]
fn a_fault_is_one_line_that_names_it() {
    let broken = |from: &str, to: &str| refusal(&TEMPLATE.replace(from, to), &[]);
    let cases = [
        (
            broken("!Ref Table", "!Ref Tabel"),
            "unknown reference Tabel",
        ),
        (broken("${Level}", "${Levle}"), "unknown reference Levle"),
        (
            broken("!GetAtt Queue.QueueName", "!GetAtt Qeue.QueueName"),
            "unknown reference Qeue",
        ),
        (broken("Dead.Arn", "Dead.Size"), "no Size of Dead"),
        (
            broken("[Reserves, !Ref", "[Reserve, !Ref"),
            "unknown condition Reserve",
        ),
        (
            broken("Small, megabytes", "Large, megabytes"),
            "no Memory.Large.megabytes",
        ),
        (broken("!Join", "!Joyn"), "!Joyn"),
        (
            broken("AWS::CloudWatch::Alarm", "AWS::Serverless::HttpApi"),
            "AWS::Serverless::HttpApi",
        ),
        (
            broken("rate(2 minutes)", "cron(0 * * * ? *)"),
            "cron(0 * * * ? *)",
        ),
        (
            broken("Timeout: 7", "Timeout: long"),
            "\"long\" is not a whole number",
        ),
        (
            broken("Condition Reserves", "Condition Both"),
            "circular reference",
        ),
        (
            refusal(TEMPLATE, &[("Nope", "1")]),
            "unknown parameter Nope",
        ),
        (refusal(TEMPLATE, &[("Level", "LOUD")]), "parameter Level"),
        (
            refusal(TEMPLATE, &[("Batch", "5")]),
            "rule SmallBatches: only batches of 1 and 10",
        ),
    ];
    for (error, expected) in cases {
        assert!(
            error.contains(expected),
            "{error}\nshould contain: {expected}"
        );
    }
}

#[test]
fn a_large_batch_without_a_window_is_refused() {
    let text = TEMPLATE
        .replace(
            "MaximumBatchingWindowInSeconds: 2",
            "MaximumBatchingWindowInSeconds: 0",
        )
        .replace("BatchSize: !Ref Batch", "BatchSize: 50");
    let error = refusal(&text, &[]);
    assert!(error.contains("a BatchSize of 50 needs"), "{error}");
}
