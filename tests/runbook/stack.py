"""What stands in AWS: asked of AWS itself, not of the template."""

import json
import time
from collections.abc import Callable

import boto3
from botocore.exceptions import ClientError

# Long enough for the slowest machine: a wait that ends so has failed.
PATIENCE = 60


class Stack:
    def __init__(self, name: str) -> None:
        self.name = name
        self._cloudformation = boto3.client("cloudformation")
        self.dynamodb = boto3.client("dynamodb")
        self.functions = boto3.client("lambda")
        self.secrets = boto3.client("secretsmanager")
        self.sqs = boto3.client("sqs")

    def status(self) -> str:
        """Of the stack; of one that is gone, DELETE_COMPLETE."""
        try:
            return self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"]
        except ClientError:
            return "DELETE_COMPLETE"

    def outputs(self) -> dict[str, str]:
        [stack] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def parameters(self) -> dict[str, str]:
        [stack] = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        return {parameter["ParameterKey"]: parameter["ParameterValue"] for parameter in stack["Parameters"]}

    def physical(self, logical_id: str) -> str:
        resource = self._cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return resource["StackResourceDetail"]["PhysicalResourceId"]

    def function(self, logical_id: str) -> dict:
        return self.functions.get_function_configuration(FunctionName=self.physical(logical_id))

    def mapping(self, queue: str) -> dict:
        """What feeds a function from this queue."""
        arn = self.queue(queue)["QueueArn"]
        [mapping] = [m for m in self.functions.list_event_source_mappings()["EventSourceMappings"] if m["EventSourceArn"] == arn]
        return mapping

    def queue(self, logical_id: str) -> dict[str, str]:
        return self.sqs.get_queue_attributes(QueueUrl=self.physical(logical_id), AttributeNames=["All"])["Attributes"]

    def depth(self, logical_id: str) -> int:
        attributes = self.queue(logical_id)
        return int(attributes["ApproximateNumberOfMessages"]) + int(attributes["ApproximateNumberOfMessagesNotVisible"])

    def table(self, logical_id: str) -> dict:
        return self.dynamodb.describe_table(TableName=self.physical(logical_id))["Table"]

    def master_key(self) -> dict:
        return json.loads(self.secrets.get_secret_value(SecretId=self.physical("MasterKey"))["SecretString"])

    def send(self, event: dict | str) -> None:
        body = event if isinstance(event, str) else json.dumps(event)
        self.sqs.send_message(QueueUrl=self.physical("EventQueue"), MessageBody=body)


def done(what: str) -> None:
    print(f"    {what}", flush=True)


def is_so(what: str, truth: object) -> None:
    if not truth:
        raise SystemExit(f"not so: {what}")
    done(what)


def in_the_end(what: str, condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited in vain: {what}")
        time.sleep(0.2)
    done(what)
