"""MiniStack, with two things that it lacks.

A clock that can be moved: it is ahead by as many milliseconds as the file says that RUNHOOKS_LOCAL_CLOCK names. And `list_append` in PartiQL,
as DynamoDB documents it for UPDATE.
"""

import os
import time
from pathlib import Path

from ministack.app import main
from ministack.services import dynamodb

clock = Path(os.environ["RUNHOOKS_LOCAL_CLOCK"])
real_time = time.time
call_without_append = dynamodb._pq_call


def moved_time() -> float:
    return real_time() + int(clock.read_text()) / 1000


def call(name, arguments, nodes):
    if name != "list_append":
        return call_without_append(name, arguments, nodes)
    first, second = arguments
    return {"L": [*first["L"], *second["L"]]}


# Whatever in MiniStack wants to know the time asks this module.
time.time = moved_time
dynamodb._pq_call = call
main()
