"""Every method of the Python client 2.x that concerns webhooks, of its synchronous and its asynchronous class."""

import asyncio
import time

import pytest
from apify_client import ApifyClient, ApifyClientAsync
from apify_client.errors import ApifyApiError
from apify_shared.consts import WebhookEventType

from conftest import API, TOKEN
from in_step import InStep
from receiver import PATIENCE

USER = "localUser00000001"

# All that this client can say of a webhook, but for what it is about and its idempotency key.
DEFINITION = {
    "event_types": ["ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.TIMED_OUT"],
    "request_url": "https://example.com/hook?key=value",
    "payload_template": '{"run": {{resource.id}}}',
    "headers_template": '{"Authorization": {{resource.id}}}',
    "ignore_ssl_errors": True,
    "do_not_retry": True,
}

# Its options, as the API calls them.
NAMES = {
    "event_types": "eventTypes",
    "request_url": "requestUrl",
    "payload_template": "payloadTemplate",
    "headers_template": "headersTemplate",
    "ignore_ssl_errors": "ignoreSslErrors",
    "do_not_retry": "doNotRetry",
    "actor_id": "actorId",
    "actor_task_id": "actorTaskId",
    "actor_run_id": "actorRunId",
}


@pytest.fixture(params=[ApifyClient, ApifyClientAsync], ids=["sync", "async"])
def connect(request):
    """Makes clients. They never try again, so that no fault of the API is hidden."""
    with asyncio.Runner() as runner:

        def connect(token=TOKEN):
            client = request.param(token, api_url=API, max_retries=0)
            return client if request.param is ApifyClient else InStep(client, runner.get_loop())

        yield connect


@pytest.fixture
def client(connect):
    client = connect()
    yield client
    for webhook in client.webhooks().list().items:
        client.webhook(webhook["id"]).delete()


@pytest.fixture
def webhook(client, receiver, new_id):
    return as_read(client.webhooks().create(event_types=[WebhookEventType.ACTOR_RUN_SUCCEEDED], actor_id=new_id(), request_url=receiver.url("/hook")))


def as_read(created):
    """A webhook as it is read after its creation, whose answer alone has its secret."""
    assert created.pop("secret").startswith("whsec_")
    return created


def on_the_wire(options) -> dict:
    return {NAMES[name]: value for name, value in options.items()}


def without(webhook, *names) -> dict:
    return {name: value for name, value in webhook.items() if name not in names}


def ids(items) -> list:
    return [item["id"] for item in items]


def run(client, webhook):
    """A run that the webhook is about, until its end."""
    return client.actor(webhook["condition"]["actorId"]).start(run_input={"afterMs": 1}, wait_for_finish=20)


def finished(client, dispatch_id):
    """The dispatch, once its last call is over."""
    give_up = time.monotonic() + PATIENCE
    while (dispatch := client.webhook_dispatch(dispatch_id).get())["status"] == "ACTIVE":
        assert time.monotonic() < give_up, f"still active: {dispatch}"
        time.sleep(0.02)
    return dispatch


def dispatch_id(post) -> str:
    return post.headers["X-Apify-Webhook-Dispatch-Id"]


# Webhooks


@pytest.mark.parametrize("kind", ["actor_id", "actor_task_id"])
def test_create_takes_every_option(client, new_id, kind):
    about = {kind: new_id()}
    webhook = client.webhooks().create(**DEFINITION, **about, idempotency_key=new_id(), is_ad_hoc=False)
    assert webhook | on_the_wire(DEFINITION) == webhook
    assert (webhook["condition"], webhook["userId"], webhook["isAdHoc"]) == (on_the_wire(about), USER, False)
    assert client.webhook(webhook["id"]).get() == as_read(webhook)


def test_create_makes_an_ad_hoc_webhook_of_a_run(client, new_id):
    """This client takes every webhook of a run for an ad hoc one, whatever it is told."""
    run_id = new_id()
    webhook = client.webhooks().create(**DEFINITION, actor_run_id=run_id, is_ad_hoc=False)
    assert (webhook["condition"], webhook["isAdHoc"]) == ({"actorRunId": run_id}, True)
    assert client.webhook(webhook["id"]).get() == as_read(webhook)


def test_create_finds_the_webhook_with_the_same_idempotency_key(client, new_id):
    key = new_id()
    first = client.webhooks().create(**DEFINITION, actor_id=new_id(), idempotency_key=key)
    second = client.webhooks().create(**DEFINITION, actor_id=new_id(), idempotency_key=key)
    assert without(second, "secret") == without(first, "secret")


@pytest.mark.parametrize("option", DEFINITION.items(), ids=lambda option: option[0])
def test_update_changes_one_field(client, webhook, option):
    name, value = option
    updated = client.webhook(webhook["id"]).update(**{name: value})
    assert updated[NAMES[name]] == value
    assert without(updated, NAMES[name], "modifiedAt") == without(webhook, NAMES[name], "modifiedAt")
    assert updated["modifiedAt"] > webhook["modifiedAt"]
    assert client.webhook(webhook["id"]).get() == updated


@pytest.mark.parametrize("kind", ["actor_id", "actor_task_id"])
def test_update_changes_what_it_is_about(client, webhook, new_id, kind):
    about = {kind: new_id()}
    assert client.webhook(webhook["id"]).update(**about, is_ad_hoc=False)["condition"] == on_the_wire(about)


def test_update_of_an_ad_hoc_webhook_says_again_that_it_is_one(client, new_id):
    run_id = new_id()
    webhook = client.webhooks().create(**DEFINITION, actor_run_id=run_id)
    updated = client.webhook(webhook["id"]).update(actor_run_id=run_id, do_not_retry=False)
    assert without(updated, "modifiedAt") == without(as_read(webhook), "modifiedAt") | {"doNotRetry": False}


def test_delete_ends_a_webhook(client, webhook):
    assert client.webhook(webhook["id"]).delete() is None
    assert client.webhook(webhook["id"]).get() is None
    assert client.webhooks().list().total == 0


def test_test_sends_a_dummy(client, webhook, receiver):
    dispatch = client.webhook(webhook["id"]).test()
    assert (dispatch["webhookId"], dispatch["eventType"], dispatch["eventData"], dispatch["status"]) == (webhook["id"], "TEST", None, "ACTIVE")
    [post] = receiver.wait_for("/hook")
    assert (dispatch_id(post), post.json()["eventType"]) == (dispatch["id"], "TEST")
    assert finished(client, dispatch["id"])["status"] == "SUCCEEDED"


# Lists


@pytest.mark.parametrize("whose", ["user", "actor", "task"])
def test_list_shows_three_pages(client, new_id, whose):
    subject_id = new_id()
    about = {"actor_task_id" if whose == "task" else "actor_id": subject_id}
    webhooks = client.webhooks() if whose == "user" else getattr(client, whose)(subject_id).webhooks()
    created = [client.webhooks().create(**DEFINITION, **about)["id"] for _ in range(5)]
    everything = webhooks.list()
    assert (ids(everything.items), everything.total, everything.count) == (created, 5, 5)
    assert (everything.offset, everything.limit, everything.desc) == (0, 1000, False)
    pages = [webhooks.list(limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [page.count for page in pages] == [2, 2, 1, 0]
    assert [webhook_id for page in pages for webhook_id in ids(page.items)] == created
    page = webhooks.list(limit=2, offset=2, desc=True)
    assert (ids(page.items), page.total, page.limit, page.offset, page.desc) == (created[::-1][2:4], 5, 2, 2, True)
    assert webhooks.list(limit=0, desc=False).count == 5


@pytest.mark.parametrize("subject", ["actor", "task"])
def test_create_takes_the_condition_from_the_path(client, new_id, subject):
    subject_id = new_id()
    webhooks = getattr(client, subject)(subject_id).webhooks()
    webhook = webhooks.create(**DEFINITION)
    assert webhook["condition"] == {"actor": {"actorId": subject_id}, "task": {"actorTaskId": subject_id}}[subject]
    assert ids(webhooks.list().items) == [webhook["id"]]


# Dispatches


def test_dispatches_show_what_happened(client, webhook, receiver):
    started = run(client, webhook)
    dispatch = finished(client, dispatch_id(receiver.wait_for("/hook")[0]))
    assert (dispatch["userId"], dispatch["webhookId"], dispatch["status"]) == (USER, webhook["id"], "SUCCEEDED")
    assert (dispatch["eventType"], dispatch["eventData"]) == ("ACTOR.RUN.SUCCEEDED", {"actorId": started["actId"], "actorRunId": started["id"]})
    assert [call["responseStatus"] for call in dispatch["calls"]] == [200]
    webhook = client.webhook(webhook["id"]).get()
    assert (webhook["lastDispatch"]["status"], webhook["stats"]) == ("SUCCEEDED", {"totalDispatches": 1})


@pytest.mark.parametrize("whose", ["webhook", "user"])
def test_dispatches_are_listed_in_three_pages(client, webhook, receiver, whose):
    for _ in range(5):
        run(client, webhook)
    posted = {dispatch_id(post) for post in receiver.wait_for("/hook", 5)}
    dispatches = client.webhook(webhook["id"]).dispatches() if whose == "webhook" else client.webhook_dispatches()
    newest = dispatches.list(desc=True)
    assert set(ids(newest.items)[:5]) == posted and newest.count == newest.total
    pages = [dispatches.list(limit=2, offset=offset, desc=True) for offset in (0, 2, 4)]
    assert [dispatch_id for page in pages for dispatch_id in ids(page.items)] == ids(newest.items)[:6]
    assert ids(dispatches.list().items) == ids(newest.items)[::-1]
    assert dispatches.list(offset=newest.total).count == 0


def test_dispatches_outlive_their_webhook(client, webhook, receiver):
    dispatch = client.webhook(webhook["id"]).test()
    receiver.wait_for("/hook")
    finished(client, dispatch["id"])
    client.webhook(webhook["id"]).delete()
    assert client.webhook_dispatch(dispatch["id"]).get()["status"] == "SUCCEEDED"
    assert ids(client.webhook(webhook["id"]).dispatches().list().items) == [dispatch["id"]]


# Ad hoc webhooks


@pytest.fixture(params=["actor", "task"])
def start(request, client, new_id):
    """Starts a run of an actor or of a task."""
    subject = getattr(client, request.param)(new_id())
    given = {"actor": "run_input", "task": "task_input"}[request.param]
    return lambda method="start", **options: getattr(subject, method)(**{given: {"afterMs": 1}}, **options)


def test_start_takes_ad_hoc_webhooks(client, start, receiver):
    """This client sends four fields and drops the rest."""
    ad_hoc = {name: DEFINITION[name] for name in ["event_types", "payload_template", "headers_template"]} | {"request_url": receiver.url("/ad-hoc")}
    started = start(webhooks=[ad_hoc | {"do_not_retry": True}])
    [post] = receiver.wait_for("/ad-hoc")
    assert (post.json(), post.headers["Authorization"]) == ({"run": started["id"]}, started["id"])
    webhook = client.webhook(finished(client, dispatch_id(post))["webhookId"]).get()
    assert webhook | on_the_wire(ad_hoc) == webhook
    assert (webhook["condition"], webhook["isAdHoc"], webhook["doNotRetry"]) == ({"actorRunId": started["id"]}, True, False)


def test_call_takes_ad_hoc_webhooks(start, receiver):
    ended = start("call", webhooks=[{"event_types": [WebhookEventType.ACTOR_RUN_SUCCEEDED], "request_url": receiver.url("/called?ř")}])
    assert ended["status"] == "SUCCEEDED"
    assert receiver.wait_for("/called?%C5%99")[0].json()["resource"]["id"] == ended["id"]


def test_a_webhook_that_is_added_after_the_end_of_its_run_fires_at_once(client, start, receiver):
    ended = start(wait_for_finish=20)
    client.webhooks().create(event_types=["ACTOR.RUN.SUCCEEDED"], request_url=receiver.url("/late"), actor_run_id=ended["id"], is_ad_hoc=True)
    assert receiver.wait_for("/late")[0].json()["resource"]["id"] == ended["id"]


# Errors


@pytest.mark.parametrize(
    "wrong",
    [
        {"event_types": []},
        {"event_types": ["ACTOR.RUN.NEVER"]},
        {"request_url": "not a url"},
        {"actor_task_id": "task1"},
        {"payload_template": '{"a": {{b}}}'},
        {"headers_template": '["Authorization"]'},
    ],
    ids=str,
)
def test_400_is_an_error(client, wrong):
    with pytest.raises(ApifyApiError) as error:
        client.webhooks().create(**DEFINITION | {"actor_id": "actor1"} | wrong)
    assert (error.value.status_code, error.value.type, error.value.attempt) == (400, "schema-validation", 1)
    assert client.webhooks().list().total == 0


@pytest.mark.parametrize(("token", "kind"), [("wrong", "user-or-token-not-found"), (None, "user-or-token-not-found")])
def test_401_is_an_error(connect, token, kind):
    client = connect(token)
    for request in [
        client.webhooks().list,
        lambda: client.webhooks().create(**DEFINITION, actor_id="actor1"),
        client.webhook("nothing").get,
        client.webhook("nothing").update,
        client.webhook("nothing").delete,
        client.webhook("nothing").test,
        client.webhook("nothing").dispatches().list,
        client.webhook_dispatches().list,
        client.webhook_dispatch("nothing").get,
        client.actor("actor1").webhooks().list,
        client.task("task1").webhooks().list,
        client.actor("actor1").start,
    ]:
        with pytest.raises(ApifyApiError) as error:
            request()
        assert (error.value.status_code, error.value.type, error.value.attempt) == (401, kind, 1)


@pytest.mark.parametrize("missing", ["nothing", "not/an id"])
def test_404_is_none_or_an_error(client, missing):
    assert client.webhook(missing).get() is None
    assert client.webhook(missing).delete() is None
    assert client.webhook(missing).test() is None
    assert client.webhook_dispatch(missing).get() is None
    for request in [client.webhook(missing).update, client.webhook(missing).dispatches().list]:
        with pytest.raises(ApifyApiError) as error:
            request()
        assert (error.value.status_code, error.value.type) == (404, "record-not-found")


def test_a_name_is_not_found_and_the_error_says_what_to_use(client):
    for request in [client.actor("me/actor").webhooks().list, client.task("me/task").webhooks().list]:
        with pytest.raises(ApifyApiError, match=r"\bid\b") as error:
            request()
        assert (error.value.status_code, error.value.type) == (404, "record-not-found")
