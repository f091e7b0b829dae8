"""What we ask of the translated template beyond what a linter knows. Each rule yields what is wrong, in words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from translation import ROOT, default_values, largest_values, resources

TWO_WEEKS = 14 * 24 * 3600


@dataclass
class Stack:
    """One translated template, with its parameters at some values."""

    template: dict
    resources: dict
    largest: dict

    def __init__(self, template: dict) -> None:
        self.template = template
        self.resources = resources(template, default_values(template))
        self.largest = resources(template, largest_values(template))

    def of_type(self, kind: str, largest: bool = False) -> dict[str, dict]:
        """Properties of each resource of one type, by logical id."""
        chosen = self.largest if largest else self.resources
        return {name: resource["Properties"] for name, resource in chosen.items() if resource["Type"] == kind}

    def mappings(self, largest: bool = False) -> Iterator[tuple[str, str, dict]]:
        """Each event source mapping: the queue it reads, the function it calls, its properties."""
        for mapping in self.of_type("AWS::Lambda::EventSourceMapping", largest).values():
            yield target(mapping["EventSourceArn"]), target(mapping["FunctionName"]), mapping

    def alarms_on(self, metric: str) -> set[str]:
        """The resources that an alarm watches by this metric."""
        alarms = self.of_type("AWS::CloudWatch::Alarm").values()
        return {target(dimension["Value"]) for alarm in alarms if alarm["MetricName"] == metric for dimension in alarm["Dimensions"]}


def target(reference) -> str:
    """The logical id that a Ref or GetAtt points to."""
    if isinstance(reference, dict):
        return reference.get("Ref") or reference["Fn::GetAtt"][0]
    return str(reference)


def parameters_are_described(stack: Stack) -> Iterator[str]:
    groups = stack.template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    grouped = {name for group in groups for name in group["Parameters"]}
    for name, parameter in stack.template["Parameters"].items():
        if not parameter.get("Description"):
            yield f"parameter {name} has no description"
        if name not in grouped:
            yield f"parameter {name} is in no group"
    for name in grouped - stack.template["Parameters"].keys():
        yield f"a group names the parameter {name}, which does not exist"


def visibility_outlasts_retries_of_a_throttled_batch(stack: Stack) -> Iterator[str]:
    for largest in (False, True):
        for queue, function, mapping in stack.mappings(largest):
            visibility = int(stack.of_type("AWS::SQS::Queue", largest)[queue].get("VisibilityTimeout", 30))
            timeout = int(stack.of_type("AWS::Lambda::Function", largest)[function]["Timeout"])
            needed = 6 * timeout + int(mapping.get("MaximumBatchingWindowInSeconds", 0))
            if visibility < needed:
                yield f"{queue}: visibility is {visibility} s, less than 6 x the timeout of {function} + the window = {needed} s"


def large_batches_have_a_window(stack: Stack) -> Iterator[str]:
    for queue, _, mapping in stack.mappings():
        if int(mapping["BatchSize"]) > 10 and int(mapping.get("MaximumBatchingWindowInSeconds", 0)) < 1:
            yield f"{queue}: a batch of {mapping['BatchSize']} needs a window of at least 1 s"


def mappings_report_single_failures_and_are_capped(stack: Stack) -> Iterator[str]:
    for queue, function, mapping in stack.mappings():
        if mapping.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{function} on {queue}: without ReportBatchItemFailures a failed message is deleted"
        if "MaximumConcurrency" not in mapping.get("ScalingConfig", {}):
            yield f"{function} on {queue}: no MaximumConcurrency"


def consumed_queues_have_a_dead_letter_queue(stack: Stack) -> Iterator[str]:
    queues = stack.of_type("AWS::SQS::Queue")
    for queue in {queue for queue, _, _ in stack.mappings()}:
        redrive = queues[queue].get("RedrivePolicy")
        if not redrive:
            yield f"{queue}: consumed, and has no dead letter queue"
        elif int(queues[target(redrive["deadLetterTargetArn"])].get("MessageRetentionPeriod", 0)) < TWO_WEEKS:
            yield f"{target(redrive['deadLetterTargetArn'])}: keeps messages for less than 14 days"


def parking_places_keep_messages_for_14_days(stack: Stack) -> Iterator[str]:
    consumed = {queue for queue, _, _ in stack.mappings()}
    for name, queue in stack.of_type("AWS::SQS::Queue").items():
        if name not in consumed and int(queue.get("MessageRetentionPeriod", 0)) < TWO_WEEKS:
            yield f"{name}: nothing consumes it, and it keeps messages for less than 14 days"
        if queue.get("SqsManagedSseEnabled") is not True:
            yield f"{name}: is not encrypted"


def tables_expire_and_survive(stack: Stack) -> Iterator[str]:
    for name, table in stack.of_type("AWS::DynamoDB::Table").items():
        if table.get("TimeToLiveSpecification") != {"AttributeName": "ttl", "Enabled": True}:
            yield f"{name}: items do not expire by `ttl`"
        if str(table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled")).lower() != "true":
            yield f"{name}: no point-in-time recovery"
        if str(table.get("DeletionProtectionEnabled")).lower() != "true":
            yield f"{name}: no deletion protection"
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            if stack.resources[name].get(policy) != "Retain":
                yield f"{name}: {policy} is not Retain"


def logs_are_structured_and_expire(stack: Stack) -> Iterator[str]:
    groups = stack.of_type("AWS::Logs::LogGroup")
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        logging = function.get("LoggingConfig", {})
        if not groups.get(target(logging.get("LogGroup")), {}).get("RetentionInDays"):
            yield f"{name}: no log group with a retention of ours"
        if logging.get("LogFormat") != "JSON":
            yield f"{name}: logs are not JSON"


def roles_name_what_they_touch(stack: Stack) -> Iterator[str]:
    for name, role in stack.of_type("AWS::IAM::Role").items():
        if role.get("ManagedPolicyArns"):
            yield f"{name}: managed policies reach every resource of the account"
        statements = [statement for policy in role.get("Policies", []) for statement in policy["PolicyDocument"]["Statement"]]
        for statement in statements:
            for entry in as_list(statement["Action"]) + as_list(statement["Resource"]):
                if "*" in str(entry):
                    yield f"{name}: {entry} is a wildcard"
    roles = [target(function["Role"]) for function in stack.of_type("AWS::Lambda::Function").values()]
    for name in {role for role in roles if roles.count(role) > 1}:
        yield f"{name}: is shared by several functions"


def event_queue_is_guarded(stack: Stack) -> Iterator[str]:
    policies = [policy for policy in stack.of_type("AWS::SQS::QueuePolicy").values() if target(policy["Queues"][0]) == "EventQueue"]
    statements = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
    if not any(statement["Effect"] == "Deny" and "aws:SecureTransport" in str(statement.get("Condition")) for statement in statements):
        yield "EventQueue: takes messages without TLS"
    if any(statement["Effect"] == "Allow" and statement["Principal"] in ("*", {"AWS": "*"}) for statement in statements):
        yield "EventQueue: takes messages from everyone"


def function_urls_have_both_permissions(stack: Stack) -> Iterator[str]:
    permissions = stack.of_type("AWS::Lambda::Permission").values()
    for url in stack.of_type("AWS::Lambda::Url").values():
        function = target(url["TargetFunctionArn"])
        granted = [permission for permission in permissions if target(permission["FunctionName"]) == function]
        if not any(p["Action"] == "lambda:InvokeFunctionUrl" and p.get("FunctionUrlAuthType") == "NONE" for p in granted):
            yield f"{function}: its URL lacks the permission lambda:InvokeFunctionUrl"
        if not any(p["Action"] == "lambda:InvokeFunction" and p.get("InvokedViaFunctionUrl") is True for p in granted):
            yield f"{function}: its URL lacks the permission lambda:InvokeFunction"


def alarms_watch_everything_that_can_go_wrong(stack: Stack) -> Iterator[str]:
    consumed = {queue for queue, _, _ in stack.mappings()}
    queues, functions = set(stack.of_type("AWS::SQS::Queue")), set(stack.of_type("AWS::Lambda::Function"))
    expected = {
        "ApproximateNumberOfMessagesVisible": queues - consumed,
        "ApproximateAgeOfOldestMessage": consumed,
        "Errors": functions,
        "Throttles": functions,
    }
    for metric, names in expected.items():
        for name in sorted(names - stack.alarms_on(metric)):
            yield f"{name}: no alarm on {metric}"


def environment_is_what_the_functions_read(stack: Stack) -> Iterator[str]:
    for name, function in stack.of_type("AWS::Lambda::Function").items():
        package = ROOT / "functions" / name.removesuffix("Function").lower()
        if not package.exists():
            print(f"  skipped: {name} has no package {package.relative_to(ROOT)} yet")
            continue
        config = package / "src" / "config.rs"
        source = config.read_text(encoding="utf-8") if config.exists() else ""
        read = set(re.findall(r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"', source))
        given = set(function["Environment"]["Variables"])
        for variable in sorted(given - read):
            yield f"{name}: is given {variable}, which {config.relative_to(ROOT)} does not read"
        for variable in sorted(read - given):
            yield f"{name}: {config.relative_to(ROOT)} reads {variable}, which it is not given"


def runbook_lists_parameters_and_alarms(stack: Stack) -> Iterator[str]:
    runbook = (ROOT / "infra" / "README.md").read_text(encoding="utf-8")
    for name, parameter in stack.template["Parameters"].items():
        row = next((line for line in runbook.splitlines() if line.startswith(f"| `{name}` |")), "")
        default = row.split("|")[2].strip() if row else ""
        if default not in (str(parameter["Default"]), "*(empty)*" if parameter["Default"] == "" else None):
            yield f"infra/README.md does not list parameter {name} with its default {parameter['Default']}"
    for name in stack.of_type("AWS::CloudWatch::Alarm"):
        if f"`{name}`" not in runbook:
            yield f"infra/README.md does not explain {name}"


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


RULES = (
    parameters_are_described,
    visibility_outlasts_retries_of_a_throttled_batch,
    large_batches_have_a_window,
    mappings_report_single_failures_and_are_capped,
    consumed_queues_have_a_dead_letter_queue,
    parking_places_keep_messages_for_14_days,
    tables_expire_and_survive,
    logs_are_structured_and_expire,
    roles_name_what_they_touch,
    event_queue_is_guarded,
    function_urls_have_both_permissions,
    alarms_watch_everything_that_can_go_wrong,
    environment_is_what_the_functions_read,
    runbook_lists_parameters_and_alarms,
)
