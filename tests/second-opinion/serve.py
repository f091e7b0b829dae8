"""MiniStack, with a clock that can be moved: it is ahead by as many milliseconds as the file says that RUNHOOKS_LOCAL_CLOCK names."""

import os
import time
from pathlib import Path

import partiql
from ministack.app import main

clock = Path(os.environ["RUNHOOKS_LOCAL_CLOCK"])
real_time = time.time


def moved_time() -> float:
    return real_time() + int(clock.read_text()) / 1000


# Whatever in MiniStack wants to know the time asks this module.
time.time = moved_time
partiql.append_to_lists()
main()
