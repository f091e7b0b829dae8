"""What an operator does with a stack that stands."""

import json
import os
import subprocess
import sys
import time

import boto3
from botocore.exceptions import ClientError
from deploying import a_run_succeeds, an_event_brings_webhooks
from stack import done, in_the_end, is_so


def rotate_the_master_key(course) -> None:
    old = course.stack.master_key()["current"]
    course.run("The master key", "key() {")
    course.run("The master key", "key | jq --rawfile new")
    new = course.stack.master_key()["next"]
    is_so("a new key stands beside the old one", course.stack.master_key() == {"current": old, "next": new} and len(new) == 64)
    course.run("The master key", "key | jq '{current: .next")
    is_so("it takes the old one's place", course.stack.master_key() == {"current": new, "previous": old})
    course.run("The master key", "key | jq '{current}'")
    is_so("the old one is gone", course.stack.master_key() == {"current": new})


def change_parameters(course) -> None:
    before = course.stack.parameters()
    table = course.run("Parameters", "aws cloudformation describe-stacks")
    is_so("all parameters are shown", all(name in table for name in before))
    course.run("Concurrency", "aws lambda get-account-settings")
    course.run("Concurrency", "sam deploy")
    capped = {queue: course.stack.mapping(queue)["ScalingConfig"]["MaximumConcurrency"] for queue in ("EventQueue", "DeliveryQueue", "SlowDeliveryQueue")}
    is_so("the mappings run less at the same time", capped == {"EventQueue": 2, "DeliveryQueue": 3, "SlowDeliveryQueue": 2})
    changed = {"EventConcurrency": "2", "DeliveryConcurrency": "3", "SlowDeliveryConcurrency": "2"}
    is_so("other parameters are as they were", course.stack.parameters() == before | changed)
    a_run_succeeds(course)


def pause_and_go_on(course) -> None:
    course.run("Roll back", "sam deploy --parameter-overrides EventsEnabled=false")
    posts = len(course.receiver.posts("/finished"))
    course.stack.send(course.jobs.event("succeeded", course.jobs.new_run()))
    course.shell.run("sam deploy")
    is_so("the pause outlasts a deployment that does not speak of it", course.stack.parameters()["EventsEnabled"] == "false")
    is_so("an event waits meanwhile", course.stack.depth("EventQueue") == 1 and len(course.receiver.posts("/finished")) == posts)
    course.run("Roll back", "sam deploy --parameter-overrides EventsEnabled=true")
    course.receiver.wait_for("/finished", posts + 1)
    done("it is handled when work goes on")


def encrypt_and_leave_from_subnets(course) -> None:
    secret = course.stack.master_key()
    course.run("Encryption", "ACCOUNT=")
    key = course.shell.value('"$KEY"')
    log_groups = boto3.client("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{course.stack.name}-")["logGroups"]
    is_so(
        "the key encrypts a queue, a table, the master key and the logs",
        course.stack.queue("DeliveryQueue")["KmsMasterKeyId"] == key
        and course.stack.table("WebhooksTable")["SSEDescription"]["KMSMasterKeyArn"] == key
        and course.stack.secrets.describe_secret(SecretId=course.stack.physical("MasterKey"))["KmsKeyId"] == key
        and [group["kmsKeyId"] for group in log_groups] == [key] * 4,
    )
    is_so("the master key is the same", course.stack.master_key() == secret)

    ec2 = boto3.client("ec2")
    network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=network, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in (1, 2)]
    group = ec2.create_security_group(GroupName="deliveries", Description="deliveries", VpcId=network)["GroupId"]
    ids = {"subnet-0123456789abcdef0": subnets[0], "subnet-0fedcba9876543210": subnets[1], "sg-0123456789abcdef0": group}
    course.run("Network", "sam deploy", ids)
    # MiniStack loses a function's VpcConfig, which is checked in the translated template.
    role = boto3.client("iam").get_role_policy(RoleName=course.stack.physical("DeliverRole"), PolicyName="deliver")["PolicyDocument"]
    is_so("deliver's role may make network interfaces", "ec2:CreateNetworkInterface" in str(role))
    a_run_succeeds(course)
    an_event_brings_webhooks(course, "/encrypted")


def see_and_resend_rejected_events(course) -> None:
    course.stack.send("not an event")
    in_the_end("what is no event is rejected", lambda: course.stack.depth("RejectedQueue") == 1)
    [seen] = json.loads(course.run("Rejected events", "aws sqs receive-message"))["Messages"]
    is_so("it is kept as it came, with the reason", seen["Body"] == "not an event" and seen["MessageAttributes"]["Reason"]["StringValue"])
    course.run("Rejected events", "count=$(")
    in_the_end("sent again, it is rejected again", lambda: again(course, seen))
    course.run("Rejected events", "aws sqs purge-queue")
    is_so("nothing is left when the queue is purged", course.stack.depth("RejectedQueue") == 0)


def again(course, seen: dict) -> bool:
    answer = course.stack.sqs.receive_message(
        QueueUrl=course.stack.physical("RejectedQueue"), MessageAttributeNames=["All"], VisibilityTimeout=0
    )
    source = seen["MessageAttributes"]["SourceMessageId"]
    return any(message["MessageAttributes"]["SourceMessageId"] != source for message in answer.get("Messages", []))


def redrive(course) -> None:
    """MiniStack cannot move messages: this block is run against the local platform."""
    block = course.page.take("Redrive", "aws sqs start-message-move-task")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    command = [
        *[course.project / "tests" / "with-platform", "--parameter", "MaxReceives=1", "--parameter", "EventsEnabled=false", "--"],
        *["bash", "-euo", "pipefail", course.project / "tests" / "runbook" / "redrive.sh"],
    ]
    started = time.monotonic()
    done = subprocess.run(command, env=environment | {"BLOCK": block.text}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.exit(done.stdout)
    print(f"{time.monotonic() - started:5.1f} s  {block}\n    a dead letter goes back to its queue, on the local platform", flush=True)


def let_the_platform_alone_send(course) -> None:
    roles = {name: a_sender(course, name) for name in ("platform", "operators", "others")}
    overrides = f"PlatformPrincipalArn={roles['platform']} OperatorPrincipalArn={roles['operators']}"
    course.shell.run(f"sam deploy --parameter-overrides {overrides}")
    before = len(course.receiver.posts("/finished"))
    for name, may_send in (("platform", True), ("operators", True), ("others", False)):
        event = course.jobs.event("succeeded", course.jobs.new_run())
        is_so(f"{name}: {'may' if may_send else 'may not'} send events", sends(course, roles[name], event) == may_send)
    course.receiver.wait_for("/finished", before + 2)
    course.shell.run("""sam deploy --parameter-overrides 'PlatformPrincipalArn=""' 'OperatorPrincipalArn=""'""")


def a_sender(course, name: str) -> str:
    """A role that may send to every queue of the account."""
    iam = boto3.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    sending = {"Effect": "Allow", "Action": ["sqs:SendMessage", "kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="sending", PolicyDocument=policy(sending))
    return role


def policy(statement: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def sends(course, role: str, event: dict) -> bool:
    session = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="runbook")["Credentials"]
    sqs = boto3.client(
        "sqs",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    try:
        sqs.send_message(QueueUrl=course.stack.physical("EventQueue"), MessageBody=json.dumps(event))
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException"):
            raise
        return False
    return True
