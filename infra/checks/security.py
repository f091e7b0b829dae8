"""What a security team, and whoever operates a stack, ask of the translated template. Each rule yields what is wrong, in words."""

from collections.abc import Iterator

from import_template import IMPORT, as_text
from stack import KEY, SECURITY, Stack, as_list, statements_of, target
from translation import ROOT, missing_types

# What Lambda does to send from subnets. Each works only on `*`.
NETWORK_INTERFACES = {
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}

# Where each type of resource names the key that encrypts it.
ENCRYPTED_BY = {
    "AWS::DynamoDB::Table": lambda table: table.get("SSESpecification", {}).get("KMSMasterKeyId"),
    "AWS::SQS::Queue": lambda queue: queue.get("KmsMasterKeyId") if queue.get("SqsManagedSseEnabled") is False else None,
    "AWS::SecretsManager::Secret": lambda secret: secret.get("KmsKeyId"),
    "AWS::Logs::LogGroup": lambda group: group.get("KmsKeyId"),
}


def secured(stack: Stack, kind: str) -> dict[str, dict]:
    """Properties of each resource of one type, with a key and subnets given."""
    return {name: resource["Properties"] for name, resource in stack.secured.items() if resource["Type"] == kind}


def everything_is_encrypted_with_the_key_that_is_given(stack: Stack) -> Iterator[str]:
    for kind, key_of in ENCRYPTED_BY.items():
        for name, properties in secured(stack, kind).items():
            if key_of(properties) != KEY:
                yield f"{name}: is not encrypted with KmsKeyArn"


def roles_may_use_the_key_that_is_given(stack: Stack) -> Iterator[str]:
    wanted = {"kms:Decrypt", "kms:GenerateDataKey"}
    for name, role in secured(stack, "AWS::IAM::Role").items():
        of_keys = [s for s in statements_of(role) if any(action.startswith("kms:") for action in as_list(s["Action"]))]
        if [(set(as_list(s["Action"])), s["Resource"]) for s in of_keys] != [(wanted, KEY)]:
            yield f"{name}: may not do just {sorted(wanted)} with KmsKeyArn"


def deliveries_leave_from_the_subnets_that_are_given(stack: Stack) -> Iterator[str]:
    wanted = {name: {"Fn::Split": [",", SECURITY[name]]} for name in ("SubnetIds", "SecurityGroupIds")}
    for name, function in secured(stack, "AWS::Lambda::Function").items():
        if (name == "DeliverFunction") != (function.get("VpcConfig") == wanted):
            yield f"{name}: is in the wrong network"
    statements = statements_of(secured(stack, "AWS::IAM::Role")["DeliverRole"])
    of_ec2 = {s["Effect"]: s for s in statements if any(action.startswith("ec2:") for action in as_list(s["Action"]))}
    if set(of_ec2.get("Allow", {}).get("Action", [])) != NETWORK_INTERFACES:
        yield "DeliverRole: Lambda may not do just what it needs to send from subnets"
    of_code = {"Null": {"lambda:SourceFunctionArn": "false"}}
    if (of_ec2.get("Deny", {}).get("Action"), of_ec2.get("Deny", {}).get("Condition")) != ("ec2:*", of_code):
        yield "DeliverRole: the function's own code may change network interfaces"


def queues_take_nothing_without_tls(stack: Stack) -> Iterator[str]:
    without = {"Bool": {"aws:SecureTransport": "false"}}
    guarded = {
        target(queue)
        for policy in stack.of_type("AWS::SQS::QueuePolicy").values()
        for queue in policy["Queues"]
        for s in policy["PolicyDocument"]["Statement"]
        if (s["Effect"], s["Principal"], s["Action"], s.get("Condition")) == ("Deny", "*", "sqs:*", without)
        # SQS refuses a list of resources, and the ARN of another queue.
        and (s["Resource"] == "*" or target(s["Resource"]) == target(queue))
    }
    for name in sorted(stack.of_type("AWS::SQS::Queue").keys() - guarded):
        yield f"{name}: is open to requests without TLS"


def queues_take_dead_letters_of_their_sources_only(stack: Stack) -> Iterator[str]:
    queues = stack.of_type("AWS::SQS::Queue")
    for name, queue in queues.items():
        redrives = {source: q["RedrivePolicy"]["deadLetterTargetArn"] for source, q in queues.items() if "RedrivePolicy" in q}
        sources = sorted(source for source, dead in redrives.items() if target(dead) == name)
        arns = [{"Fn::Sub": f"arn:${{AWS::Partition}}:sqs:${{AWS::Region}}:${{AWS::AccountId}}:${{AWS::StackName}}-{s}"} for s in sources]
        wanted = {"redrivePermission": "byQueue", "sourceQueueArns": arns} if sources else {"redrivePermission": "denyAll"}
        if queue.get("RedriveAllowPolicy") != wanted:
            yield f"{name}: is not the dead letter queue of just {sources or 'no queue'}"
        for source in sources:
            if queues[source].get("QueueName") != {"Fn::Sub": f"${{AWS::StackName}}-{source}"}:
                yield f"{source}: does not have the name that {name} knows"


def scheduled_runs_are_not_made_up_for(stack: Stack) -> Iterator[str]:
    retried = {target(c["FunctionName"]): c.get("MaximumRetryAttempts", 2) for c in stack.of_type("AWS::Lambda::EventInvokeConfig").values()}
    for name, rule in stack.of_type("AWS::Events::Rule").items():
        for goal in rule["Targets"]:
            if goal.get("RetryPolicy", {}).get("MaximumRetryAttempts") != 0:
                yield f"{name}: EventBridge repeats what it could not hand over"
            if retried.get(target(goal["Arn"]), 2) != 0:
                yield f"{target(goal['Arn'])}: Lambda repeats a run that has failed"


def runbook_names_the_regions_without_what_the_stack_needs(stack: Stack) -> Iterator[str]:
    runbook = (ROOT / "infra" / "README.md").read_text(encoding="utf-8")
    for region, kind in sorted(missing_types(stack.template)):
        if kind != "AWS::Lambda::Url" or f"`{region}`" not in runbook:
            yield f"infra/README.md does not say that there is no {kind} in {region}"


def import_template_is_what_outlives_a_stack(stack: Stack) -> Iterator[str]:
    if IMPORT.read_text(encoding="utf-8") != as_text(stack.template):
        yield f"infra/{IMPORT.name} is not what the template makes it: run infra/checks/import_template.py --write"


RULES = (
    everything_is_encrypted_with_the_key_that_is_given,
    roles_may_use_the_key_that_is_given,
    deliveries_leave_from_the_subnets_that_are_given,
    queues_take_nothing_without_tls,
    queues_take_dead_letters_of_their_sources_only,
    scheduled_runs_are_not_made_up_for,
    runbook_names_the_regions_without_what_the_stack_needs,
    import_template_is_what_outlives_a_stack,
)
