"""MiniStack, where it matters here as AWS is: each correction with what AWS does."""

import re
import sys
from pathlib import Path

import hypercorn.config
from ministack.app import main
from ministack.core import iam_actions, iam_evaluator
from ministack.services import iam
from ministack.services.cloudformation import provisioners

sys.path.append(str(Path(__file__).parents[1] / "second-opinion"))
import partiql  # noqa: E402

HANDLERS = provisioners._RESOURCE_HANDLERS


def typed(value):
    """Parameters are text to CloudFormation, which gives each property the type that it has."""
    if isinstance(value, dict):
        return {key: typed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [typed(item) for item in value]
    if value in ("true", "false"):
        return value == "true"
    return int(value) if isinstance(value, str) and value.isdigit() else value


def type_properties(kind: str) -> None:
    handlers = HANDLERS[kind]
    create, update = handlers["create"], handlers["update"]
    handlers["create"] = lambda logical_id, properties, stack: create(logical_id, typed(properties), stack)
    handlers["update"] = lambda physical_id, old, new, *more, **named: update(physical_id, typed(old), typed(new), *more, **named)


def protect_tables() -> None:
    """CloudFormation cannot delete a protected table either."""
    handlers = HANDLERS["AWS::DynamoDB::Table"]
    delete = handlers["delete"]

    def delete_as_aws(name, properties):
        if provisioners._dynamodb._tables[name]["DeletionProtectionEnabled"]:
            raise ValueError("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
        delete(name, properties)

    handlers["delete"] = delete_as_aws


def refer_to_secrets_by_arn() -> None:
    """`Ref` of a secret is its ARN: its name, a hyphen, and six characters more. By the ARN it can be imported, too."""
    handlers = HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]
    secrets = provisioners._sm._secrets

    def by_arn(attributes: dict) -> tuple[str, dict]:
        return attributes["Arn"], attributes

    def name_of(arn: str) -> str:
        return arn.rpartition(":")[2][:-7]

    handlers["create"] = lambda *given: by_arn(create(*given)[1])
    handlers["update"] = lambda arn, *given, **named: by_arn(update(name_of(arn), *given, **named)[1])
    handlers["delete"] = lambda arn, properties: delete(name_of(arn), properties)
    handlers["import"] = lambda identifier: by_arn({"Id": identifier["Id"], "Arn": secrets[name_of(identifier["Id"])]["ARN"]})


def authorize_batches_as_single_calls() -> None:
    """The action of SendMessageBatch is sqs:SendMessage, and so with the other batches of SQS."""
    extract = iam_actions.extract_iam_action

    def extract_as_aws(*request):
        action = extract(*request)
        return action.removesuffix("Batch") if action and action.startswith("sqs:") else action

    iam_actions.extract_iam_action = extract_as_aws


def refuse_policies_for_roles_that_are_not_there() -> None:
    """SQS takes a policy only if everyone whom it names exists."""
    handlers = HANDLERS["AWS::SQS::QueuePolicy"]

    def check(properties: dict) -> None:
        for statement in properties["PolicyDocument"]["Statement"]:
            principal = statement.get("Principal")
            named = principal.get("AWS", []) if isinstance(principal, dict) else []
            for arn in [named] if isinstance(named, str) else named:
                if ":role/" in arn and arn.rpartition("/")[2] not in iam._roles:
                    raise ValueError("Invalid value for the parameter Policy.")

    create, update = handlers["create"], handlers["update"]
    handlers["create"] = lambda logical_id, properties, stack: (check(properties), create(logical_id, properties, stack))[1]
    handlers["update"] = lambda physical_id, old, new, *more, **named: (check(new), update(physical_id, old, new, *more, **named))[1]


def know_who_calls() -> None:
    """Every request has aws:PrincipalIsAWSService, and aws:PrincipalArn of a role's session is that of the role."""
    resolve = iam_evaluator._resolve_condition_key

    def resolve_as_aws(key, context):
        if key.lower() == "aws:principalisawsservice":
            return str(context.principal_type == "Service").lower()
        value = resolve(key, context)
        if key.lower() == "aws:principalarn":
            return re.sub(r"^arn:(\S+):sts::(\d+):assumed-role/(.+)/[^/]+$", r"arn:\1:iam::\2:role/\3", value)
        return value

    iam_evaluator._resolve_condition_key = resolve_as_aws


def speak_http_1() -> None:
    """DynamoDB and SQS offer no HTTP/2."""
    hypercorn.config.Config.alpn_protocols = ["http/1.1"]


type_properties("AWS::DynamoDB::Table")
type_properties("AWS::Lambda::EventSourceMapping")
protect_tables()
refer_to_secrets_by_arn()
authorize_batches_as_single_calls()
refuse_policies_for_roles_that_are_not_there()
know_who_calls()
speak_http_1()
partiql.append_to_lists()
partiql.authorize_each_statement()
main()
