#!/usr/bin/env python3
"""The sample events of infra/events, made from the message bodies in infra/events/messages.

Without an argument: fails when a sample is missing, or is not what its message makes it. With --write: writes the samples.
The sample for `deliver` is the delivery that `ingest` makes of created-with-ad-hoc-webhooks.json: cargo-lambda.sh holds the two together.
"""

import hashlib
import json
import sys
import uuid
from pathlib import Path

EVENTS = Path(__file__).resolve().parents[1] / "events"


def main() -> int:
    stale = []
    for name, body in samples().items():
        path = EVENTS / f"{name}.json"
        text = sqs_event([record(body)])
        if "--write" in sys.argv[1:]:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
    if stale:
        print(f"not what their messages make them, run infra/checks/events.py --write: {', '.join(stale)}")
        return 1
    print(f"{len(samples())} sample events are what their messages make them")
    return 0


def samples() -> dict[str, dict]:
    """The body of each sample event, in the three envelopes that `ingest` takes."""
    return {
        "created-with-ad-hoc-webhooks": message("created"),
        "succeeded": message("succeeded"),
        "failed": message("failed"),
        "aborted": message("aborted"),
        "timedout": message("timedout"),
        "build-succeeded": message("build-succeeded"),
        "sns-envelope": in_sns(message("succeeded")),
        "eventbridge-envelope": in_eventbridge(message("succeeded")),
    }


def message(name: str) -> dict:
    return json.loads((EVENTS / "messages" / f"{name}.json").read_text(encoding="utf-8"))


def in_sns(event: dict) -> dict:
    return {
        "Type": "Notification",
        "MessageId": stable_id("sns"),
        "TopicArn": "arn:aws:sns:us-east-1:000000000000:platform-run-events",
        "Subject": event["eventType"],
        "Message": compact(event),
        "Timestamp": event["createdAt"],
        "SignatureVersion": "1",
        "Signature": "c2lnbmF0dXJlIG9mIFNOUw==",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0000.pem",
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    }


def in_eventbridge(event: dict) -> dict:
    return {
        "version": "0",
        "id": stable_id("eventbridge"),
        "detail-type": "Actor run state change",
        "source": "platform.runs",
        "account": "000000000000",
        "time": event["createdAt"][:19] + "Z",
        "region": "us-east-1",
        "resources": [],
        "detail": event,
    }


def sqs_event(records: list[dict]) -> str:
    return json.dumps({"Records": records}, indent=2, ensure_ascii=False) + "\n"


def record(body: dict, queue: str = "EventQueue", sender: str = "platform", group: str | None = None) -> dict:
    """One message, as Lambda hands it over from SQS."""
    text = compact(body)
    return {
        "messageId": stable_id(text),
        "receiptHandle": f"receipt-{stable_id(text)}",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1795190400000",
            "SenderId": f"AROAEXAMPLE{sender.upper()}:{sender}",
            **({"MessageGroupId": group} if group else {}),
            "ApproximateFirstReceiveTimestamp": "1795190400012",
        },
        "messageAttributes": {},
        "md5OfBody": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue}",
        "awsRegion": "us-east-1",
    }


def compact(value: dict) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def stable_id(seed: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, seed))


if __name__ == "__main__":
    sys.exit(main())
