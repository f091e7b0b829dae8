"""What DynamoDB's PartiQL has, and MiniStack's lacks."""

import json

from ministack.core import iam_actions
from ministack.services import dynamodb

ACTIONS = {"SELECT": "PartiQLSelect", "INSERT": "PartiQLInsert", "UPDATE": "PartiQLUpdate", "DELETE": "PartiQLDelete"}


def append_to_lists() -> None:
    """DynamoDB documents `list_append` for UPDATE."""
    call = dynamodb._pq_call

    def call_as_aws(name, arguments, nodes):
        if name != "list_append":
            return call(name, arguments, nodes)
        first, second = arguments
        return {"L": [*first["L"], *second["L"]]}

    dynamodb._pq_call = call_as_aws


def authorize_each_statement() -> None:
    """BatchExecuteStatement is no action: each statement is authorized by what it does, on its table."""
    checks = iam_actions.dynamodb_transaction_checks

    def checks_as_aws(action, body, region, account):
        if action != "dynamodb:BatchExecuteStatement":
            return checks(action, body, region, account)
        texts = [statement["Statement"] for statement in json.loads(body)["Statements"]]
        return [
            ("dynamodb:" + ACTIONS[text.split()[0].upper()], iam_actions._dynamodb_table_arn(text.split('"')[1], region, account)) for text in texts
        ]

    iam_actions.dynamodb_transaction_checks = checks_as_aws
