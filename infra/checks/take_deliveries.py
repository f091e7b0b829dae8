#!/usr/bin/env python3
"""Takes what is on the delivery queue of a running `cargo local`, and prints it as Lambda would hand it to `deliver`.

Needs the variables of target/local/env.
"""

import json
import os
import sys
import urllib.request

from events import record, sqs_event

request = urllib.request.Request(
    os.environ["AWS_ENDPOINT_URL_SQS"],
    json.dumps({"QueueUrl": os.environ["DELIVERY_QUEUE_URL"], "MaxNumberOfMessages": 10, "WaitTimeSeconds": 20}).encode(),
    {
        # Signatures are not verified, but must be there.
        "Authorization": f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/20261101/us-east-1/sqs/aws4_request, Signature=00",
        "X-Amz-Target": "AmazonSQS.ReceiveMessage",
        "Content-Type": "application/x-amz-json-1.0",
    },
)
with urllib.request.urlopen(request) as response:
    messages = json.load(response).get("Messages", [])
if not messages:
    sys.exit("no message came to the delivery queue")
bodies = [json.loads(message["Body"]) for message in messages]
print(sqs_event([record(body, queue="DeliveryQueue", sender="ingest", group=body["user"]) for body in bodies]), end="")
