"""What we ask of the translated template beyond what a linter knows. Each rule yields what is wrong, in words."""

import re
from collections.abc import Iterator

from stack import PLATFORM, Stack, as_list, may_send, statements_of, target
from translation import ROOT
from watching import WATCHING

TWO_WEEKS = 14 * 24 * 3600


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
        yield from not_kept(stack, name)


def secrets_are_generated_and_survive(stack: Stack) -> Iterator[str]:
    for name, secret in stack.of_type("AWS::SecretsManager::Secret").items():
        if "SecretString" in secret or int(secret.get("GenerateSecretString", {}).get("PasswordLength", 0)) < 43:
            yield f"{name}: is not generated, with 256 bits at least"
        yield from not_kept(stack, name)


def not_kept(stack: Stack, name: str) -> Iterator[str]:
    """A resource outlives its stack, unless the deployment that was to create both has failed."""
    for policy, wanted in (("DeletionPolicy", "RetainExceptOnCreate"), ("UpdateReplacePolicy", "Retain")):
        if stack.resources[name].get(policy) != wanted:
            yield f"{name}: {policy} is not {wanted}"


def secrets_are_read_at_run_time_only(stack: Stack) -> Iterator[str]:
    for name, resource in stack.resources.items():
        if "{{resolve:" in str(resource):
            yield f"{name}: a secret stands in it in plain text, for everyone who may look at it"


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
        for statement in statements_of(role):
            if statement["Effect"] == "Deny":
                continue
            for entry in as_list(statement["Action"]) + as_list(statement["Resource"]):
                if "*" in str(entry):
                    yield f"{name}: {entry} is a wildcard"
    roles = [target(function["Role"]) for function in stack.of_type("AWS::Lambda::Function").values()]
    for name in {role for role in roles if roles.count(role) > 1}:
        yield f"{name}: is shared by several functions"


def only_api_reads_tokens_and_no_function_writes_them(stack: Stack) -> Iterator[str]:
    tokens = {"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["T#*"]}}
    writes = {f"dynamodb:{action}" for action in ("BatchWriteItem", "DeleteItem", "PutItem", "UpdateItem")}
    for name, role in stack.of_type("AWS::IAM::Role").items():
        denials = [s for s in statements_of(role) if s["Effect"] == "Deny" and s.get("Condition") == tokens]
        denied = {action for statement in denials for action in as_list(statement["Action"])}
        if "dynamodb:*" not in denied and not (name == "ApiRole" and writes <= denied):
            yield f"{name}: reaches API tokens"


def event_queue_is_guarded(stack: Stack) -> Iterator[str]:
    statements = stack.of_type("AWS::SQS::QueuePolicy")["EventQueuePolicy"]["PolicyDocument"]["Statement"]
    if not any(statement["Effect"] == "Deny" and "aws:SecureTransport" in str(statement.get("Condition")) for statement in statements):
        yield "EventQueue: takes messages without TLS"
    if any(statement["Effect"] == "Allow" and statement["Principal"] in ("*", {"AWS": "*"}) for statement in statements):
        yield "EventQueue: takes messages from everyone"


def event_queue_takes_events_of_the_platform_and_our_own_senders(stack: Stack) -> Iterator[str]:
    policy = stack.with_platform["EventQueuePolicy"]["Properties"]["PolicyDocument"]
    refusals = [statement["Condition"].get("ArnNotEquals", {}) for statement in policy["Statement"] if statement["Effect"] == "Deny"]
    excepted = [target(sender) for refusal in refusals for sender in as_list(refusal.get("aws:PrincipalArn", []))]
    if PLATFORM not in excepted:
        yield "EventQueue: takes messages of others than the platform, or none of the platform"
    for name, role in stack.of_type("AWS::IAM::Role").items():
        if may_send(role, "EventQueue") and name not in excepted:
            yield f"EventQueue: refuses {name}, which sends to it"
        if name in excepted and not may_send(role, "EventQueue"):
            yield f"EventQueue: makes an exception for {name}, which has nothing to send"


def function_urls_have_both_permissions(stack: Stack) -> Iterator[str]:
    permissions = stack.of_type("AWS::Lambda::Permission").values()
    for url in stack.of_type("AWS::Lambda::Url").values():
        function = target(url["TargetFunctionArn"])
        granted = [permission for permission in permissions if target(permission["FunctionName"]) == function]
        if not any(p["Action"] == "lambda:InvokeFunctionUrl" and p.get("FunctionUrlAuthType") == "NONE" for p in granted):
            yield f"{function}: its URL lacks the permission lambda:InvokeFunctionUrl"
        if not any(p["Action"] == "lambda:InvokeFunction" and p.get("InvokedViaFunctionUrl") is True for p in granted):
            yield f"{function}: its URL lacks the permission lambda:InvokeFunction"


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
        default = row.split("|")[2].strip() if row else None
        if default != (str(parameter["Default"]) or "*(empty)*"):
            yield f"infra/README.md does not list parameter {name} with its default {parameter['Default']}"
    for name in stack.of_type("AWS::CloudWatch::Alarm"):
        if f"`{name}`" not in runbook:
            yield f"infra/README.md does not explain {name}"


RULES = (
    parameters_are_described,
    visibility_outlasts_retries_of_a_throttled_batch,
    large_batches_have_a_window,
    mappings_report_single_failures_and_are_capped,
    consumed_queues_have_a_dead_letter_queue,
    parking_places_keep_messages_for_14_days,
    tables_expire_and_survive,
    secrets_are_generated_and_survive,
    secrets_are_read_at_run_time_only,
    logs_are_structured_and_expire,
    roles_name_what_they_touch,
    only_api_reads_tokens_and_no_function_writes_them,
    event_queue_is_guarded,
    event_queue_takes_events_of_the_platform_and_our_own_senders,
    function_urls_have_both_permissions,
    environment_is_what_the_functions_read,
    runbook_lists_parameters_and_alarms,
    *WATCHING,
)
