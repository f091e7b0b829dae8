"""What we ask of the alarms and the dashboard: that they look at metrics which exist, at everything that can go wrong, and in time."""

import json
import re
from collections.abc import Iterator

from stack import Stack, target
from translation import ROOT

OURS = "Runhooks"

# The metrics of AWS that we use, and the one dimension that each has. DynamoDB's ThrottledRequests
# is not among them: it exists only per table and operation.
OF_AWS = {
    "AWS/DynamoDB": ("TableName", {"ReadThrottleEvents", "WriteThrottleEvents", "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"}),
    "AWS/Lambda": (
        "FunctionName",
        {
            "Duration",
            "Errors",
            "Invocations",
            "RecursiveInvocationsDropped",
            "Throttles",
            "Url4xxCount",
            "Url5xxCount",
            "UrlRequestCount",
            "UrlRequestLatency",
        },
    ),
    "AWS/SQS": ("QueueName", {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"}),
}

# A function that fails altogether must be seen within it.
IN_TIME = 5 * 60


def alarms_watch_everything_that_can_go_wrong(stack: Stack) -> Iterator[str]:
    consumed = {queue for queue, _, _ in stack.mappings()} | taken_by_the_platform(stack)
    queues, functions = set(stack.of_type("AWS::SQS::Queue")), set(stack.of_type("AWS::Lambda::Function"))
    tables = set(stack.of_type("AWS::DynamoDB::Table"))
    fed = {function for _, function, _ in stack.mappings()}
    allowed = {name for name, function in stack.of_type("AWS::Lambda::Function").items() if function.get("RecursiveLoop") == "Allow"}
    expected = {
        "ApproximateNumberOfMessagesVisible": queues - consumed,
        "ApproximateAgeOfOldestMessage": consumed,
        "Errors": functions,
        "Throttles": functions,
        "RecursiveInvocationsDropped": fed - allowed,
        "Url5xxCount": {target(url["TargetFunctionArn"]) for url in stack.of_type("AWS::Lambda::Url").values()},
        "ReadThrottleEvents": tables,
        "WriteThrottleEvents": tables,
    }
    for metric, names in expected.items():
        for name in sorted(names - stack.alarms_on(metric)):
            yield f"{name}: no alarm on {metric}"
    for name in sorted(stack.alarms_on("RecursiveInvocationsDropped") - (fed - allowed)):
        yield f"{name}: an alarm on RecursiveInvocationsDropped, of which it never has any"


def taken_by_the_platform(stack: Stack) -> set[str]:
    """The queues whose policies let somebody receive."""
    taken = set()
    for policy in stack.of_type("AWS::SQS::QueuePolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement.get("Effect") == "Allow" and "sqs:ReceiveMessage" in statement["Action"]:
                taken |= {target(queue) for queue in policy["Queues"]}
    return taken


def failures_of_ours_are_watched(stack: Stack) -> Iterator[str]:
    watched = {alarm["MetricName"] for alarm in stack.of_type("AWS::CloudWatch::Alarm").values()}
    for _, metric in sorted(metrics_of_the_code()):
        if metric.endswith("Failed") and metric not in watched:
            yield f"no alarm on {metric}"


def alarms_go_on_in_time(stack: Stack) -> Iterator[str]:
    for largest in (False, True):
        queues = stack.of_type("AWS::SQS::Queue", largest)
        for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items():
            if not name.endswith("Alarm"):
                yield f"{name}: is not called an alarm"
            window = int(alarm["Period"]) * int(alarm["EvaluationPeriods"])
            if window > IN_TIME:
                yield f"{name}: looks at {window} s, more than {IN_TIME}"
            if alarm["MetricName"] == "ApproximateAgeOfOldestMessage":
                queue = target(alarm["Dimensions"][0]["Value"])
                # What the platform receives and does not delete becomes a dead letter, which has an
                # alarm of its own.
                if queue in taken_by_the_platform(stack) and "RedrivePolicy" in queues[queue]:
                    continue
                # A message is left out of the age once it has been received three times, which is
                # after two visibility timeouts.
                limit = 2 * int(queues[queue]["VisibilityTimeout"])
                needed = int(alarm["Threshold"]) + window
                if needed >= limit:
                    yield f"{name}: goes on at an age of {needed} s, which no message reaches that is received every {limit // 2} s"


def alarms_and_dashboard_look_at_metrics_that_exist(stack: Stack) -> Iterator[str]:
    ours = metrics_of_the_code()
    for name, alarm in stack.of_type("AWS::CloudWatch::Alarm").items():
        dimensions = {dimension["Name"]: target(dimension["Value"]) for dimension in alarm["Dimensions"]}
        yield from (f"{name}: {problem}" for problem in unknown(alarm["Namespace"], alarm["MetricName"], dimensions, ours))
    for name, dashboard in stack.of_type("AWS::CloudWatch::Dashboard").items():
        try:
            body = json.loads(text_of(dashboard["DashboardBody"]))
        except ValueError as error:
            yield f"{name}: its body is not JSON: {error}"
            continue
        for namespace, metric, dimensions in metrics_of(body):
            yield from (f"{name}: {problem}" for problem in unknown(namespace, metric, dimensions, ours))


def dashboard_shows_every_alarm(stack: Stack) -> Iterator[str]:
    shown = " ".join(str(dashboard["DashboardBody"]) for dashboard in stack.of_type("AWS::CloudWatch::Dashboard").values())
    for name in stack.of_type("AWS::CloudWatch::Alarm"):
        if f"${{{name}.Arn}}" not in shown:
            yield f"Dashboard: does not show {name}"


def runbook_explains_metrics(stack: Stack) -> Iterator[str]:
    runbook = (ROOT / "infra" / "README.md").read_text(encoding="utf-8").partition("\n## Metrics\n")[2]
    explained = {(function, metric) for metric, function in re.findall(r"^\| `(\w+)` \| `(\w+)` \|", runbook, re.MULTILINE)}
    for function, metric in sorted(metrics_of_the_code() - explained):
        yield f"infra/README.md does not explain the metric {metric} of {function}"
    for function, metric in sorted(explained - metrics_of_the_code()):
        yield f"infra/README.md explains the metric {metric} of {function}, which does not count it"


def metrics_of_the_code() -> set[tuple[str, str]]:
    """What the functions count: function and name."""
    counted = set()
    for source in (ROOT / "functions").glob("*/src/**/*.rs"):
        function = source.relative_to(ROOT / "functions").parts[0]
        calls = re.findall(r'\.(?:count|gauge|times)\(\s*"(\w+)"', source.read_text(encoding="utf-8"))
        counted |= {(function, metric) for metric in calls}
    return counted


def metrics_of(body: dict) -> Iterator[tuple[str, str, dict]]:
    """The metrics in a dashboard's widgets, each written out: no `.` for what stands above."""
    for widget in body["widgets"]:
        for entry in widget["properties"].get("metrics", []):
            if isinstance(entry[0], str):
                namespace, metric, *rest = [part for part in entry if isinstance(part, str)]
                yield namespace, metric, dict(zip(rest[::2], rest[1::2], strict=True))


def unknown(namespace: str, metric: str, dimensions: dict, ours: set[tuple[str, str]]) -> Iterator[str]:
    if namespace == OURS:
        if set(dimensions) != {"Stack", "Function"} or "AWS::StackName" not in dimensions["Stack"]:
            yield f"{metric} has the dimensions Stack, which is this one, and Function, not {dimensions}"
        elif (dimensions["Function"], metric) not in ours:
            yield f"{dimensions['Function']} counts no {metric}"
        return
    dimension, known = OF_AWS.get(namespace, ("", set()))
    if metric not in known or set(dimensions) != {dimension}:
        yield f"AWS publishes no {namespace} {metric} by {', '.join(dimensions)}, as far as we know"


def text_of(substituted) -> str:
    """A text whose variables stay as they are written: none of them changes what it is."""
    text = substituted["Fn::Sub"] if isinstance(substituted, dict) else substituted
    return text[0] if isinstance(text, list) else text


WATCHING = (
    alarms_watch_everything_that_can_go_wrong,
    failures_of_ours_are_watched,
    alarms_go_on_in_time,
    alarms_and_dashboard_look_at_metrics_that_exist,
    dashboard_shows_every_alarm,
    runbook_explains_metrics,
)
