"""Runs the snippets of the other pages, as they stand, beside a running platform: tokens, the first ones of a platform, a producer of events, and a receiver that verifies.

Takes the project, the directory that has the JavaScript packages, and a Python that has boto3 and standardwebhooks.
"""

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

from receiver import Post, Receiver
from snippets import snippets

PROJECT, DIRECTORY = (Path(argument).resolve() for argument in sys.argv[1:3])
# Not resolved: what a link of a virtual environment leads to has none of its packages.
PYTHON = sys.argv[3]
# In seconds: a sweep comes once a minute.
PATIENCE = 150
API, TOKEN = os.environ["RUNHOOKS_API"], os.environ["RUNHOOKS_TOKEN"]


def main() -> None:
    receiver = Receiver()
    tokens()
    tokens_of_the_platform()
    producer(receiver)
    verifying(receiver)
    notices(receiver)
    receiver.stop()


def tokens() -> None:
    [text] = snippets(PROJECT / "functions/api/README.md", "Tokens", "bash")
    *_, token = output(["bash", "-euo", "pipefail", "-c", f'{text}\necho "$TOKEN"'], cwd=PROJECT).split()
    is_so("a token is created, listed and revoked", token.startswith("runhooks_api_") and call("GET", "/v2/webhooks", token=token)[0] == 401)


def tokens_of_the_platform() -> None:
    [text] = snippets(PROJECT / "functions/api/README.md", "Tokens that your platform signs", "bash")
    shown, token = output(["bash", "-euo", "pipefail", "-c", text]).rsplit("}", 1)
    is_so("the token in the environment is taken", json.loads(shown + "}")["data"]["total"] == 0)
    token = token.strip()
    is_so("a token with other claims can be had", token.count(".") == 2 and call("GET", "/v2/webhooks", token=token)[0] == 200)
    refused = call("POST", "/v2/webhooks", {}, token)
    is_so("it only reads", refused[0] == 403 and "webhooks:write" in refused[1]["error"]["message"])


def producer(receiver: Receiver) -> None:
    [text] = snippets(PROJECT / "functions/ingest/README.md", "A producer in Python", "python")
    define(receiver.url("/event"), ["ACTOR.RUN.SUCCEEDED"])
    output([PYTHON, "-c", text])
    [post] = receiver.wait_for("/event")
    is_so("what the producer sends triggers a webhook", post.json()["eventData"]["actorRunId"] == "uPBN9qaKd2iLs5naZ")


def verifying(receiver: Receiver) -> None:
    page = PROJECT / "functions/deliver/README.md"
    show, rotate = snippets(page, "Verify a delivery", "bash")
    [python], [javascript] = (snippets(page, "Verify a delivery", language) for language in ("python", "javascript"))
    webhook = define(receiver.url("/signed"), ["TEST"])
    shell = lambda text: output(["bash", "-euo", "pipefail", "-c", text], env={"ID": webhook["id"]})
    status, _ = call("POST", f"/v2/webhooks/{webhook['id']}/test")
    is_so("a test delivery is made", status == 201)
    [post] = receiver.wait_for("/signed")
    secret = shell(show).strip()
    is_so("the secret can be read again", secret == webhook["secret"])

    for body, expected in ((post.body, "TEST"), (post.body + b" ", "refused")):
        changed = Post(post.path, post.headers, body)
        is_so(f"Python: a body of {len(body)} bytes is {expected}", verified_by([PYTHON, "-c"], python, PYTHON_CALL, secret, changed) == expected)
        node = ["node", "--input-type=module", "-e"]
        is_so(f"JavaScript: a body of {len(body)} bytes is {expected}", verified_by(node, javascript, JAVASCRIPT_CALL, secret, changed) == expected)

    rotated = json.loads(shell(rotate))["data"]
    is_so("a rotation makes a new secret, and keeps the old one for a while", rotated["key"] not in ("", secret) and shell(show).strip() == rotated["key"])


def notices(receiver: Receiver) -> None:
    [text] = snippets(PROJECT / "functions/ingest/README.md", "Notices", "python")
    webhook = define(receiver.url("/gone"), ["TEST"])
    receiver.answer("/gone", 410)
    status, _ = call("POST", f"/v2/webhooks/{webhook['id']}/test")
    is_so("a test delivery finds its receiver gone", status == 201 and receiver.wait_for("/gone"))
    consumer = subprocess.Popen([PYTHON, "-c", text], stdout=subprocess.PIPE, text=True)
    # A sweep sends it, within a minute.
    silence = threading.Timer(PATIENCE, consumer.kill)
    silence.start()
    said = consumer.stdout.readline()
    silence.cancel()
    consumer.kill()
    is_so("the consumer hears that the webhook was disabled", "webhook.disabled: The endpoint answered 410" in said)


PYTHON_CALL = """
import json, sys
asked = json.load(sys.stdin)
event = event_of(asked["body"].encode(), asked["headers"])
print(event["eventType"] if event else "refused")
"""
JAVASCRIPT_CALL = """
import { readFileSync } from 'node:fs';
const { body, headers } = JSON.parse(readFileSync(0, 'utf8'));
const event = eventOf(body, headers);
console.log(event ? event.eventType : 'refused');
"""


def verified_by(command: list[str], snippet: str, then: str, secret: str, post: Post) -> str:
    asked = {"body": post.body.decode(), "headers": {name.lower(): value for name, value in post.headers.items()}}
    return output([*command, f"{snippet}\n{then}"], json.dumps(asked), cwd=DIRECTORY, env={"WEBHOOK_SECRET": secret}).strip()


def define(url: str, event_types: list[str]) -> dict:
    definition = {"eventTypes": event_types, "condition": {"actorId": "fW4MyDhgwtMLrB987"}, "requestUrl": url}
    status, answer = call("POST", "/v2/webhooks", definition)
    is_so(f"a webhook is defined for {', '.join(event_types)}", status == 201)
    return answer["data"]


def call(method: str, path: str, body: object = None, token: str = TOKEN) -> tuple[int, dict]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, method=method, data=data)
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def output(command: list[str], given: str = "", cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    (DIRECTORY / ".curlrc").write_text("fail-with-body\n", encoding="utf-8")
    environment = os.environ | {"CURL_HOME": str(DIRECTORY)} | (env or {})
    ended = subprocess.run(command, input=given, cwd=cwd, env=environment, stdout=subprocess.PIPE, text=True)
    if ended.returncode:
        sys.exit(f"exit code {ended.returncode}: {command[-1]}\n{ended.stdout}")
    return ended.stdout


def is_so(what: str, holds: bool) -> None:
    if not holds:
        sys.exit(f"not so: {what}")
    print(what)


main()
