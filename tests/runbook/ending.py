"""What becomes of the data when a stack does not go on."""

import boto3
from botocore.exceptions import ClientError
from deploying import a_run_succeeds
from stack import Stack, done, in_the_end, is_so


def restore_a_table(course) -> None:
    course.run("Roll back", "aws dynamodb restore-table-to-point-in-time")
    restored = course.stack.dynamodb.scan(TableName="runhooks-webhooks-restored", Select="COUNT")["Count"]
    is_so("the restored table has the webhooks", restored == count(course.stack, course.stack.physical("WebhooksTable")) > 0)


def count(stack: Stack, table: str) -> int:
    return stack.dynamodb.scan(TableName=table, Select="COUNT")["Count"]


def delete_and_take_over(course) -> None:
    stack = course.stack
    kept = {"tables": (stack.physical("WebhooksTable"), stack.physical("DispatchesTable")), "key": stack.master_key()}
    key = stack.parameters()["KmsKeyArn"]
    deleted = course.page.take("Delete a stack", "WEBHOOKS=")
    course.run_block(deleted, {})
    is_so("the stack is gone", stack.status() == "DELETE_COMPLETE")
    is_so("its tables are still there", all(count(stack, table) for table in kept["tables"]))

    # As the old stack had them: all but the key are the page's own.
    old = "ParameterKey=DeletionProtection,ParameterValue=false"
    course.run("Delete a stack", "resources=$(", {old: f"{old} ParameterKey=KmsKeyArn,ParameterValue={key}"})
    is_so("a new stack has the old tables", (stack.physical("WebhooksTable"), stack.physical("DispatchesTable")) == kept["tables"])
    is_so("and the old master key", stack.master_key() == kept["key"])
    course.shell.run("export RUNHOOKS_API=$(output ApiUrl | sed 's:/$::')")
    a_run_succeeds(course)
    done("the webhook of the old stack fires")

    course.run_block(deleted, {})
    course.run("Delete a stack", 'for table in "$WEBHOOKS"')
    in_the_end("the tables are gone", lambda: not any(exists(stack, table) for table in kept["tables"]))


def exists(stack: Stack, table: str) -> bool:
    try:
        stack.dynamodb.describe_table(TableName=table)
    except ClientError:
        return False
    return True


def clear_a_failed_deployment_away(course) -> None:
    """The platform's role is not there yet."""
    clear = course.page.take("Deploy", "for table in $(aws cloudformation")
    before = tables(course.stack)
    for name, protected, left in (("runhooks-fails", "false", 0), ("runhooks-fails-protected", "true", 2)):
        failing = Stack(name)
        overrides = f"Architecture=x86_64 DeletionProtection={protected} PlatformPrincipalArn=arn:aws:iam::000000000000:role/nobody"
        course.shell.run(f"! sam deploy --stack-name {name} --parameter-overrides {overrides}\nSTACK={name}")
        is_so("a first deployment fails", failing.status() in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED"))
        is_so(f"it leaves {left} tables, with DeletionProtection={protected}", len(tables(failing) - before) == left)
        course.run_block(clear, {})
        is_so("nothing of it is left", (failing.status(), tables(failing)) == ("DELETE_COMPLETE", before))


def tables(stack: Stack) -> set[str]:
    return set(stack.dynamodb.list_tables()["TableNames"])
