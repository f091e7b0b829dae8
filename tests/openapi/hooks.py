"""What schemathesis is told of this API: ids of things that exist, and the differences that are accepted."""

import atexit
import json
import os
import re
import tomllib
import urllib.request
import zlib
from pathlib import Path

import schemathesis
from schemathesis import GenerationMode

API = os.environ["RUNHOOKS_API"]
TOKEN = os.environ["RUNHOOKS_TOKEN"]
ACCEPTED = tomllib.loads((Path(__file__).parent / "accepted.toml").read_text(encoding="utf-8"))[os.environ["DESCRIPTION"]]


# What no schema says of a webhook: its templates are valid, it has one condition, and its URL is
# one. Nobody listens there.
RIGHT = {
    "eventTypes": ["ACTOR.RUN.SUCCEEDED"],
    "condition": {"actorId": "actor1"},
    "requestUrl": "http://127.0.0.1:1/",
    "payloadTemplate": '{"run": {{resource.id}}}',
    "headersTemplate": None,
    "isAdHoc": False,
}
# Any value that a schema allows will do.
FREE = {"ignoreSslErrors", "doNotRetry", "shouldInterpolateStrings", "isEnabled"}


def call(method: str, path: str, body: object = None) -> dict | None:
    request = urllib.request.Request(API + path, method=method, data=json.dumps(body).encode())
    request.add_header("Authorization", f"Bearer {TOKEN}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text)["data"] if text else None


def new_webhook() -> str:
    return call("POST", "/v2/webhooks", RIGHT)["id"]


WEBHOOK = new_webhook()
DISPATCH = call("POST", f"/v2/webhooks/{WEBHOOK}/test")["id"]
JOB = call("POST", f"/v2/webhooks/{WEBHOOK}/redeliver-failed")["id"]
ID_OF = {
    # What is deleted is gone, and where a job runs no other can be started.
    "webhookId": lambda case: new_webhook() if case.method == "DELETE" or starts_a_job(case) else WEBHOOK,
    "dispatchId": lambda _: DISPATCH,
    "jobId": lambda _: JOB,
    "actorId": lambda _: "actor1",
    "actorTaskId": lambda _: "task1",
}


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Has half of the requests that are meant to be right ask for something that exists, and say something that makes sense."""
    if is_stateful(case) or not is_meant_to_be_right(case) or is_left_as_it_is(case):
        return
    real = {name: ID_OF[name](case) for name in case.path_parameters if name in ID_OF}
    case.path_parameters = case.path_parameters | real
    # Most ranges of any two times are none.
    case.query = {name: value for name, value in case.query.items() if name not in ("since", "until")}
    if isinstance(case.body, dict):
        body = {name: RIGHT.get(name, value) for name, value in case.body.items() if name in FREE | RIGHT.keys()}
        case.body = body | ({"condition": {}} if case.path.startswith("/v2/act") else {})


@schemathesis.hook
def after_call(context, case, response) -> None:
    """Keeps the list of webhooks short: each list and each creation reads all of it."""
    if response.status_code == 201 and case.path.endswith("/webhooks") and not is_stateful(case):
        call("DELETE", f"/v2/webhooks/{response.json()['data']['id']}")


def starts_a_job(case) -> bool:
    return case.path.endswith("/redeliver-failed")


def is_stateful(case) -> bool:
    return case.meta is None or case.meta.phase.name.value == "stateful"


def is_left_as_it_is(case) -> bool:
    return zlib.crc32(repr((case.path_parameters, case.query, case.body)).encode()) % 2 == 0


def is_meant_to_be_right(case) -> bool:
    return all(component.mode == GenerationMode.POSITIVE for component in case.meta.components.values())


occurred = [False] * len(ACCEPTED)


@schemathesis.hook
def filter_failure(context, failure, case, response) -> bool:
    """Whether a difference is not an accepted one."""
    operation = f"{case.method} {case.path}"
    for place, accepted in enumerate(ACCEPTED):
        if (
            re.fullmatch(accepted["operation"], operation)
            and accepted["difference"] == failure.title
            and re.search(accepted["answer"], response.content.decode())
        ):
            occurred[place] = True
            return False
    return True


@atexit.register
def name_what_did_not_occur() -> None:
    for accepted, has_occurred in zip(ACCEPTED, occurred):
        if not has_occurred:
            print(f"accepted, but has not occurred: {accepted['operation']}: {accepted['difference']}: {accepted['answer']}")
