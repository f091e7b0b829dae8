"""The page's first steps: a stack is made, and a webhook arrives."""

import json

from page import Page
from stack import Stack, done, in_the_end, is_so


def deploy(course) -> None:
    course.run("Regions and processors", "sam validate")
    block = Page(course.project / "README.md").take("Deploy", "cd infra")
    course.run_block(block, {}, course.work)
    is_so("the project's README deploys a stack", course.stack.status() == "CREATE_COMPLETE")
    said = course.run("Deploy", "sam build\nsam deploy\n")
    is_so("to deploy the same again changes nothing", "No changes to deploy" in said)
    course.run("Deploy", "sam list")
    course.run("Deploy", "STACK=")
    everything_stands(course.stack)

    course.run("Deploy", "sam build --config-env prod")
    prod = Stack("runhooks-prod")
    is_so("prod stands beside it", prod.status() == "CREATE_COMPLETE")
    is_so("prod's tables are protected", prod.table("WebhooksTable")["DeletionProtectionEnabled"])
    is_so("the other's tables are not", not course.stack.table("WebhooksTable")["DeletionProtectionEnabled"])
    is_so("the two were built in places of their own", len(list((course.work / "target" / "sam").glob("*/IngestFunction/bootstrap"))) == 2)


def everything_stands(stack: Stack) -> None:
    """What MiniStack has made of the template. What it loses, TTL and point-in-time recovery, is checked in the translated template."""
    for logical_id, timeout in (("IngestFunction", 30), ("DeliverFunction", 150), ("SweepFunction", 60), ("ApiFunction", 10)):
        function = stack.function(logical_id)
        is_so(
            f"{logical_id} runs our program for {timeout} s at most, in 256 MB, with a role of its own",
            (function["Runtime"], function["Timeout"], function["MemorySize"]) == ("provided.al2023", timeout, 256)
            and logical_id.replace("Function", "Role") in function["Role"],
        )
    for queue, visibility, function in (("EventQueue", 185, "Ingest"), ("DeliveryQueue", 900, "Deliver"), ("SlowDeliveryQueue", 901, "Deliver")):
        dead = "EventDeadLetterQueue" if queue == "EventQueue" else "DeliveryDeadLetterQueue"
        attributes, mapping = stack.queue(queue), stack.mapping(queue)
        redrive, allowed = json.loads(attributes["RedrivePolicy"]), json.loads(stack.queue(dead)["RedriveAllowPolicy"])
        is_so(
            f"{queue} feeds {function}Function, hides messages for {visibility} s, and {dead} takes those that it gives up",
            f"{function}Function" in mapping["FunctionArn"]
            and attributes["VisibilityTimeout"] == str(visibility)
            and redrive["deadLetterTargetArn"] == stack.queue(dead)["QueueArn"]
            and attributes["QueueArn"] in allowed["sourceQueueArns"],
        )
    sweep = stack.functions.get_function_event_invoke_config(FunctionName=stack.physical("SweepFunction"), Qualifier="$LATEST")
    is_so("a sweep that fails is not repeated", sweep["MaximumRetryAttempts"] == 0)


def first_webhook(course) -> None:
    said = course.run("API tokens", 'eval "$(aws configure')
    is_so("the API takes the token of a user without webhooks", '"items":[]' in said)
    listed = course.run("API tokens", "cargo token list")
    is_so("the token is listed with its note", "for their CI" in listed)
    refusal = course.shell.run('curl --header "Authorization: Bearer $TOKEN" "$(output ApiUrl)v2/webhooks" || true')
    is_so("the API refuses the revoked token", "401" in refusal)

    course.run("API tokens", "export RUNHOOKS_API", {"https://example.com": course.receiver.url("")})
    [post] = course.receiver.wait_for("/finished")
    is_so("the webhook arrives, and is signed", post.json()["eventType"] == "ACTOR.RUN.SUCCEEDED" and post.headers["webhook-signature"])
    in_the_end("its dispatch is on record", lambda: "SUCCEEDED" in dispatches(course))
    course.run("API tokens", 'curl --silent "$RUNHOOKS_API/v2/webhook-dispatches"')
    an_event_brings_webhooks(course, "/brought")


def dispatches(course) -> str:
    return course.shell.run('curl "$RUNHOOKS_API/v2/webhook-dispatches" --header "Authorization: Bearer $RUNHOOKS_TOKEN"')


def an_event_brings_webhooks(course, path: str) -> None:
    """An ad hoc webhook comes with a run's first event, and another is added late: every role has its part in it."""
    run = course.jobs.new_run()
    brought = [{"eventTypes": ["ACTOR.RUN.CREATED"], "requestUrl": course.receiver.url(path)}]
    course.stack.send(course.jobs.event("created", run, brought))
    course.receiver.wait_for(path)
    late = {
        "isAdHoc": True,
        "eventTypes": ["ACTOR.RUN.CREATED"],
        "condition": {"actorRunId": run},
        "requestUrl": course.receiver.url(f"{path}-late"),
    }
    course.shell.run(f"""curl "$RUNHOOKS_API/v2/webhooks" --header "Authorization: Bearer $RUNHOOKS_TOKEN" --json '{json.dumps(late)}'""")
    course.receiver.wait_for(f"{path}-late")
    done("ad hoc webhooks fire: one that its run brings, and one that is added late")


def a_run_succeeds(course) -> None:
    """The standing webhook is told of another run."""
    before = len(course.receiver.posts("/finished"))
    course.stack.send(course.jobs.event("succeeded", course.jobs.new_run()))
    course.receiver.wait_for("/finished", before + 1)
