"""What Apify's own integration tests of its Python client do with webhooks, in words of our own: twice on one run, because a suite that is
stopped leaves its webhooks behind."""

import asyncio

import pytest
from apify_client import ApifyClient, ApifyClientAsync

from conftest import API, TOKEN
from in_step import InStep


@pytest.fixture(params=[ApifyClient, ApifyClientAsync], ids=["sync", "async"])
def client(request):
    with asyncio.Runner() as runner:
        client = request.param(TOKEN, api_url=API)
        yield client if request.param is ApifyClient else InStep(client, runner.get_loop())


@pytest.fixture(scope="module")
def run_id():
    run = ApifyClient(TOKEN, api_url=API).actor("helloWorld0000001").call()
    return run.id


@pytest.fixture(params=["actor", "run", "the same run again"])
def condition(request, run_id):
    return {"actor_id": "helloWorld0000001"} if request.param == "actor" else {"actor_run_id": run_id}


@pytest.fixture
def webhook(client, condition, receiver):
    """A webhook that is there while a test runs, and its own client."""
    created = client.webhooks().create(event_types=["ACTOR.RUN.SUCCEEDED"], request_url=receiver.url("/post"), **condition)
    yield client.webhook(created.id), created
    client.webhook(created.id).delete()


def test_lists_have_pages(client, webhook):
    for options in [{"limit": 10}, {"limit": 5, "offset": 0}, {"limit": 10, "desc": True}, {}]:
        page = client.webhooks().list(**options)
        assert isinstance(page.items, list)
        assert page.count == len(page.items)
    newest = client.webhooks().list(limit=1, desc=True)
    assert newest.items[0].id == webhook[1].id


def test_what_was_created_is_read(webhook):
    own, created = webhook
    assert own.get().id == created.id


def test_a_change_needs_the_condition_again(webhook, condition, receiver):
    own, _ = webhook
    changed = own.update(request_url=receiver.url("/anything"), **condition)
    assert str(changed.request_url) == receiver.url("/anything")


def test_a_trial_makes_a_dispatch(client, webhook):
    own, created = webhook
    dispatch = own.test()
    assert [listed.id for listed in own.dispatches().list().items] == [dispatch.id]
    assert client.webhook_dispatch(dispatch.id).get().webhook_id == created.id
    assert client.webhook_dispatches().list(limit=10).items


def test_what_was_deleted_is_gone(client, condition, receiver):
    created = client.webhooks().create(event_types=["ACTOR.RUN.SUCCEEDED"], request_url=receiver.url("/post"), **condition)
    client.webhook(created.id).delete()
    assert client.webhook(created.id).get() is None
    assert created.id not in [listed.id for listed in client.webhooks().list(limit=1000).items]


def test_an_ad_hoc_webhook_of_a_run_is_listed_until_it_fires(client, receiver):
    for _ in range(2):
        run = client.actor("helloWorld0000001").start(run_input={"afterMs": 60000})
        created = client.webhooks().create(
            event_types=["ACTOR.RUN.FAILED"], request_url=receiver.url("/post"), actor_run_id=run.id, is_ad_hoc=True
        )
        assert client.webhooks().list(limit=1, desc=True).items[0].id == created.id
        client.webhook(created.id).delete()


def test_what_nobody_has_is_none(client):
    assert client.webhook_dispatch("non-existent-id").get() is None
    assert client.webhook("non-existent-id").get() is None
