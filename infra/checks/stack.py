"""One translated template, with its parameters at some values, and ways to ask what is in it."""

from collections.abc import Iterator
from dataclasses import dataclass

from translation import default_values, largest_values, resources

PLATFORM = "arn:aws:iam::123456789012:role/platform"
KEY = "arn:aws:kms:us-east-1:123456789012:key/operators"
SECURITY = {"KmsKeyArn": KEY, "SubnetIds": "subnet-0a", "SecurityGroupIds": "sg-0a"}


@dataclass
class Stack:
    """The resources at the defaults, at the largest numbers that an operator may choose, with a platform's role, and with a security team's wishes."""

    template: dict
    resources: dict
    largest: dict
    with_platform: dict
    secured: dict

    def __init__(self, template: dict) -> None:
        defaults = default_values(template)
        self.template = template
        self.resources = resources(template, defaults)
        self.largest = resources(template, largest_values(template))
        self.with_platform = resources(template, defaults | {"PlatformPrincipalArn": PLATFORM})
        self.secured = resources(template, defaults | SECURITY)

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


def statements_of(role: dict) -> list[dict]:
    """What a role allows."""
    return [statement for policy in role.get("Policies", []) for statement in policy["PolicyDocument"]["Statement"]]


def may_send(role: dict, queue: str) -> bool:
    return any(
        "sqs:SendMessage" in as_list(statement["Action"]) and queue in map(target, as_list(statement["Resource"]))
        for statement in statements_of(role)
    )


def target(reference) -> str:
    """The logical id that a Ref or GetAtt points to."""
    if isinstance(reference, dict):
        return reference.get("Ref") or reference["Fn::GetAtt"][0]
    return str(reference)


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]
