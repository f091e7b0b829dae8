"""What every test of a client needs: a receiver of its own, and ids that no other test uses."""

import os
import uuid

import pytest

from receiver import Receiver

API = os.environ["RUNHOOKS_API"]
TOKEN = os.environ["RUNHOOKS_TOKEN"]


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def new_id():
    """Makes ids as Apify's are: 17 letters and digits."""
    return lambda: uuid.uuid4().hex[:17]
