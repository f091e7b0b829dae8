"""Receivers verify what they get with the library standardwebhooks. The platform is started twice on the same data; in between, the master key
is rotated, so what is shown before it and what is shown after it must both verify."""

import json
import os
import urllib.request
from email.message import Message
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from conftest import API, TOKEN
from receiver import Post

KEPT = Path(os.environ["KEPT"])


def call(method: str, path: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(API + path, method=method, data=data)
    request.add_header("Authorization", f"Bearer {TOKEN}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]


@pytest.fixture
def webhook(receiver, new_id) -> dict:
    definition = {"eventTypes": ["TEST"], "condition": {"actorId": new_id()}, "requestUrl": receiver.url("/hook")}
    return call("POST", "/v2/webhooks", definition | {"payloadTemplate": '{"text": "é 🦀 {{userId}}", "user": {{userId}}}'})


def trial(webhook: dict, receiver) -> Post:
    arrived = len(receiver.posts("/hook"))
    call("POST", f"/v2/webhooks/{webhook['id']}/test")
    return receiver.wait_for("/hook", arrived + 1)[arrived]


def is_taken(key: str, post: Post) -> bool:
    try:
        return Webhook(key).verify(post.body, dict(post.headers)) == post.json()
    except WebhookVerificationError:
        return False


def changed(post: Post, name: str, value: str) -> Post:
    headers = Message()
    for known, its_value in post.headers.items():
        headers[known] = value if known.lower() == name else its_value
    return Post(post.path, headers, post.body)


def test_before_the_master_key_is_rotated_its_secret_verifies(webhook, receiver):
    assert is_taken(webhook["secret"], trial(webhook, receiver))
    assert call("GET", f"/v2/webhooks/{webhook['id']}/secret")["key"] == webhook["secret"]
    KEPT.write_text(json.dumps(webhook), encoding="utf-8")


def test_before_anything_that_was_changed_is_refused(webhook, receiver):
    post, key = trial(webhook, receiver), webhook["secret"]
    seconds, signature = int(post.headers["webhook-timestamp"]), post.headers["webhook-signature"]
    for wrong in (
        Post(post.path, post.headers, post.body + b" "),
        changed(post, "webhook-id", post.headers["webhook-id"] + "x"),
        changed(post, "webhook-timestamp", str(seconds - 1)),
        changed(post, "webhook-timestamp", str(seconds - 301)),
        changed(post, "webhook-signature", signature.swapcase()),
    ):
        assert not is_taken(key, wrong)
    assert is_taken(key, post)


def test_before_both_secrets_verify_while_one_replaces_the_other(webhook, receiver):
    rotate = lambda seconds: call("POST", f"/v2/webhooks/{webhook['id']}/secret/rotate", {"overlapSeconds": seconds})["key"]
    second = rotate(3600)
    post = trial(webhook, receiver)
    assert is_taken(webhook["secret"], post) and is_taken(second, post)
    third = rotate(0)
    post = trial(webhook, receiver)
    assert [is_taken(key, post) for key in (webhook["secret"], second, third)] == [False, False, True]


def test_after_the_master_key_was_rotated_both_secrets_verify(receiver):
    webhook = json.loads(KEPT.read_text(encoding="utf-8"))
    call("PUT", f"/v2/webhooks/{webhook['id']}", {"requestUrl": receiver.url("/hook")})
    new = call("GET", f"/v2/webhooks/{webhook['id']}/secret")["key"]
    assert new != webhook["secret"]
    post = trial(webhook, receiver)
    assert is_taken(webhook["secret"], post) and is_taken(new, post)
