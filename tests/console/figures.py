"""What the console takes: the server's time for each page when there are 10,000 dispatches, and starts of `api`.

    cargo build --release -p api
    tests/with-platform --parameter HeavyReadsPerMinute=100000 --function api=target/release/api -- \\
        python3 tests/console/figures.py target/release/api [ANOTHER BUILD OF IT]

Needs boto3. Builds of `api` are started one after the other, in turn.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

import boto3

API, TOKEN = os.environ["RUNHOOKS_API"], os.environ["RUNHOOKS_TOKEN"]
DISPATCHES, ASKED, STARTS = 10_000, 15, 200
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def call(method: str, path: str, body: object = None) -> bytes:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(API + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read()


def api(method: str, path: str, body: object = None) -> dict:
    return json.loads(call(method, path, body))["data"]


def base62(number: int, length: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = DIGITS[digit] + digits
    return digits.rjust(length, "0")


def filled() -> dict[str, str]:
    """A webhook with one real dispatch, and as many copies of that, each a second older."""
    definition = {"eventTypes": ["ACTOR.RUN.SUCCEEDED"], "condition": {"actorId": "figures"}, "requestUrl": "http://127.0.0.1:9/"}
    webhook = api("POST", "/v2/webhooks", definition)["id"]
    run = api("POST", "/v2/acts/figures/runs?waitForFinish=10", {"finishAs": "SUCCEEDED", "afterMs": 10})["id"]
    while not (found := api("GET", f"/v2/webhooks/{webhook}/dispatches")["items"]) or not found[0]["calls"]:
        time.sleep(0.1)
    [dispatch] = found
    database, table = boto3.client("dynamodb"), os.environ["DISPATCHES_TABLE"]
    partition = {"S": f"U#{dispatch['userId']}#W#{webhook}"}
    [item] = database.query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": partition, ":sk": {"S": "D#"}},
    )["Items"]
    newest = int(item["sk"]["S"].split("#")[1])

    def older(number: int) -> dict:
        millis, digest = newest - 1000 * number, f"{number:012d}"
        own = {"sk": {"S": f"D#{millis:013d}#{digest}"}, "id": {"S": f"S{webhook}{base62(millis, 8)}{digest}"}}
        return {"PutRequest": {"Item": item | own}}

    for first in range(1, DISPATCHES, 25):
        some = range(first, min(first + 25, DISPATCHES))
        database.batch_write_item(RequestItems={table: [older(number) for number in some]})
    database.update_item(
        TableName=table,
        Key={"pk": partition, "sk": {"S": "N"}},
        UpdateExpression="SET dispatches = :count",
        ExpressionAttributeValues={":count": {"N": str(DISPATCHES)}},
    )
    return {"webhook": webhook, "dispatch": dispatch["id"], "run": run}


def pages(ids: dict[str, str]) -> None:
    for page in (
        "/", "/webhooks/{webhook}", "/webhooks/{webhook}?status=FAILED", "/webhooks/{webhook}?tab=settings", "/webhooks/{webhook}?tab=secret",
        "/dispatches", "/dispatches?status=ACTIVE", "/dispatches/{dispatch}", "/dispatches/{dispatch}?call=1&part=request", "/runs/{run}",
        "/webhooks/new",
    ):
        times = []
        for _ in range(ASKED):
            begin = time.perf_counter()
            size = len(call("GET", f"/console{page.format(**ids)}"))
            times.append(1000 * (time.perf_counter() - begin))
        print(f"{page:45} median {statistics.median(times):6.1f} ms, largest {max(times):6.1f} ms, {size:7,} bytes")


def start(program: str) -> float:
    """Milliseconds from the start of a process to its first request for work."""
    with socket.create_server(("127.0.0.1", 0)) as host:
        port = host.getsockname()[1]
        own = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}", "AWS_LAMBDA_FUNCTION_NAME": "api", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
               "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_LOG_STREAM_NAME": "figures", "AWS_LAMBDA_LOG_GROUP_NAME": "figures"}
        begin = time.perf_counter()
        process = subprocess.Popen([program], env=os.environ | own, stdout=subprocess.DEVNULL)
        connection, _ = host.accept()
        connection.recv(1)
        took = time.perf_counter() - begin
        process.kill()
        process.wait()
        connection.close()
    return 1000 * took


def main(programs: list[str]) -> None:
    pages(filled())
    times: dict[str, list[float]] = {program: [] for program in programs}
    for _ in range(STARTS):
        for program, all_times in times.items():
            all_times.append(start(program))
    for program, all_times in times.items():
        tenth = statistics.quantiles(all_times, n=10)[0]
        print(f"{program}: {os.path.getsize(program):,} bytes, first poll after {statistics.median(all_times):.2f} ms (median), {tenth:.2f} ms (p10)")


main(sys.argv[1:])
