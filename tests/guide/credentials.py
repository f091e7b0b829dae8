"""Runs the snippet for a platform whose API is called by webhooks, as it stands, against deliveries to such an API.

Takes the project. Needs what the snippet imports: PyJWT with cryptography.
"""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from receiver import Receiver
from snippets import snippets

PROJECT = Path(sys.argv[1]).resolve()


def main() -> None:
    if "PLATFORM_PORT" in os.environ:
        beside_platform(Receiver(int(os.environ["PLATFORM_PORT"])))
        return
    free = Receiver()
    free.stop()
    port = free.url("").rsplit(":", 1)[1]
    command = [PROJECT / "tests/with-platform", "--parameter", f"PlatformApiOrigin=http://127.0.0.1:{port}", "--"]
    ended = subprocess.run([*command, sys.executable, *sys.argv], env=os.environ | {"PLATFORM_PORT": port})
    sys.exit(ended.returncode)


def beside_platform(api: Receiver) -> None:
    [text] = snippets(PROJECT / "functions/deliver/README.md", "What the platform has to do", "python")
    webhook = call("/v2/webhooks", {"eventTypes": ["TEST"], "condition": {"actorId": "a1"}, "requestUrl": api.url("/v2/acts/a2/runs")})
    call(f"/v2/webhooks/{webhook['id']}/test", None)
    [post] = api.wait_for("/v2/acts/a2/runs")
    token = post.headers["Authorization"].removeprefix("Bearer ")
    header, claims, signature = token.split(".")
    for what, origin, jwt, expected in (
        ("the delivery's", api.url(""), token, ("localUser00000001", 1)),
        ("one for another origin", "https://api.example.com", token, None),
        ("one that was changed", api.url(""), f"{header}.{claims[:-4]}AAAA.{signature}", None),
        ("one of somebody else", api.url(""), os.environ["RUNHOOKS_USER_TOKEN"], None),
        ("none", api.url(""), "x", None),
    ):
        defined: dict = {}
        exec(text.replace("https://api.example.com", origin), defined)  # It is a page of ours.
        found = defined["started_by"](jwt)
        if found != expected:
            sys.exit(f"a credential, {what}: {found}")
    print("a platform takes the credential of a delivery to it, and no other")


def call(path: str, body: object) -> dict:
    request = urllib.request.Request(os.environ["RUNHOOKS_API"] + path, method="POST", data=json.dumps(body).encode() if body else b"")
    request.add_header("Authorization", f"Bearer {os.environ['RUNHOOKS_TOKEN']}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"]


main()
