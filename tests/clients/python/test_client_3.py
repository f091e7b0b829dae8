"""Every method of the Python client 3.x that concerns webhooks, of its synchronous and its asynchronous class."""

import asyncio
import time

import pytest
from apify_client import ApifyClient, ApifyClientAsync
from apify_client.errors import InvalidRequestError, NotFoundError, UnauthorizedError
from apify_client.types import WebhookRepresentation

from conftest import API, TOKEN
from in_step import InStep
from receiver import PATIENCE

USER = "localUser00000001"

# All that can be said of a webhook, but for what it is about and its idempotency key.
DEFINITION = {
    "event_types": ["ACTOR.RUN.SUCCEEDED", "ACTOR.RUN.TIMED_OUT"],
    "request_url": "https://example.com/hook?key=value",
    "payload_template": '{"run": {{resource.id}}, "text": "{{eventType}} of {{userId}}"}',
    "headers_template": '{"Authorization": "Bearer {{resource.id}}"}',
    "should_interpolate_strings": True,
    "ignore_ssl_errors": True,
    "do_not_retry": True,
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
    for webhook in list(client.webhooks().iterate()):
        client.webhook(webhook.id).delete()


@pytest.fixture
def webhook(client, receiver, new_id):
    return as_read(client.webhooks().create(event_types=["ACTOR.RUN.SUCCEEDED"], actor_id=new_id(), request_url=receiver.url("/hook")))


def as_read(created):
    """A webhook as it is read after its creation, whose answer alone has its secret."""
    assert created.model_extra.pop("secret").startswith("whsec_")
    return created


def fields(webhook, names=DEFINITION) -> dict:
    shown = {name: getattr(webhook, name) for name in names}
    return shown | {"request_url": str(webhook.request_url)}


def without(webhook, *names) -> dict:
    return webhook.model_dump(exclude=set(names))


def condition(webhook) -> dict:
    return webhook.condition.model_dump(exclude_none=True)


def run(client, webhook, **course):
    """A run that the webhook is about, until its end."""
    return client.actor(webhook.condition.actor_id).start(run_input={"afterMs": 1, **course}, wait_for_finish=20)


def finished(client, dispatch_id):
    """The dispatch, once its last call is over."""
    give_up = time.monotonic() + PATIENCE
    while (dispatch := client.webhook_dispatch(dispatch_id).get()).status == "ACTIVE":
        assert time.monotonic() < give_up, f"still active: {dispatch}"
        time.sleep(0.02)
    return dispatch


def dispatch_id(post) -> str:
    return post.headers["X-Apify-Webhook-Dispatch-Id"]


# Webhooks


@pytest.mark.parametrize("kind", ["actor_id", "actor_task_id", "actor_run_id"])
def test_create_takes_every_option(client, new_id, kind):
    about = {kind: new_id()}
    definition = DEFINITION | {"description": "tells the team"}
    webhook = client.webhooks().create(**definition, **about, idempotency_key=new_id())
    assert fields(webhook, definition) == definition
    assert (condition(webhook), webhook.user_id, webhook.is_ad_hoc) == (about, USER, False)
    assert webhook.created_at == webhook.modified_at
    assert client.webhook(webhook.id).get() == as_read(webhook)


def test_create_makes_an_ad_hoc_webhook_of_a_run(client, new_id):
    webhook = client.webhooks().create(**DEFINITION, actor_run_id=new_id(), is_ad_hoc=True)
    assert webhook.is_ad_hoc
    assert client.webhook(webhook.id).get() == as_read(webhook)


def test_create_fills_in_what_is_not_said(webhook):
    assert (webhook.is_ad_hoc, webhook.ignore_ssl_errors, webhook.do_not_retry) == (False, False, False)
    assert (webhook.headers_template, webhook.description, webhook.last_dispatch) == (None, None, None)
    assert webhook.stats.total_dispatches == 0


def test_create_finds_the_webhook_with_the_same_idempotency_key(client, webhook, new_id):
    key = new_id()
    first = client.webhooks().create(**DEFINITION, actor_id=new_id(), idempotency_key=key)
    second = client.webhooks().create(event_types=["ACTOR.RUN.FAILED"], request_url="http://127.0.0.1/", actor_id=new_id(), idempotency_key=key)
    assert without(second, "secret") == without(first, "secret")


def test_create_takes_a_large_body(client, new_id):
    template = '{"text": "' + "long " * 5000 + '"}'
    webhook = client.webhooks().create(**DEFINITION | {"payload_template": template}, actor_id=new_id())
    assert webhook.payload_template == template


@pytest.mark.parametrize("change", [*DEFINITION.items(), ("description", "new")], ids=lambda change: change[0])
def test_update_changes_one_field(client, webhook, change):
    name, value = change
    updated = client.webhook(webhook.id).update(**{name: value})
    assert without(updated, name, "modified_at") == without(webhook, name, "modified_at")
    assert fields(updated, [name])[name] == value
    assert updated.modified_at > webhook.modified_at
    assert client.webhook(webhook.id).get() == updated


@pytest.mark.parametrize("kind", ["actor_id", "actor_task_id", "actor_run_id"])
def test_update_changes_what_it_is_about(client, webhook, new_id, kind):
    about = {kind: new_id()}
    assert condition(client.webhook(webhook.id).update(**about)) == about


def test_update_with_nothing_to_say_changes_nothing(client, webhook):
    updated = client.webhook(webhook.id).update()
    assert without(updated, "modified_at") == without(webhook, "modified_at")


def test_delete_ends_a_webhook(client, webhook):
    assert client.webhook(webhook.id).delete() is None
    assert client.webhook(webhook.id).get() is None
    assert client.webhooks().list().total == 0


def test_test_sends_a_dummy(client, webhook, receiver):
    dispatch = client.webhook(webhook.id).test()
    assert (dispatch.webhook_id, dispatch.event_type, dispatch.event_data, dispatch.status) == (webhook.id, "TEST", None, "ACTIVE")
    [post] = receiver.wait_for("/hook")
    assert (dispatch_id(post), post.json()["eventType"], post.json()["eventData"]) == (dispatch.id, "TEST", None)
    assert finished(client, dispatch.id).status == "SUCCEEDED"
    webhook = client.webhook(webhook.id).get()
    assert (webhook.last_dispatch.status, webhook.stats.total_dispatches) == ("SUCCEEDED", 0)


# Lists


@pytest.fixture(params=["all", "of an actor", "of a task"])
def collection(request, client, new_id):
    """A list of webhooks, and how to create one that is in it."""
    actor_id, task_id = new_id(), new_id()
    create = client.webhooks().create
    return {
        "all": (client.webhooks(), lambda **webhook: create(**webhook, actor_run_id=new_id())),
        "of an actor": (client.actor(actor_id).webhooks(), lambda **webhook: create(**webhook, actor_id=actor_id)),
        "of a task": (client.task(task_id).webhooks(), lambda **webhook: create(**webhook, actor_task_id=task_id)),
    }[request.param]


def test_list_and_iterate_go_through_three_pages(collection, webhook):
    webhooks, create = collection
    for _ in range(5):
        create(**DEFINITION)
    everything = webhooks.list()
    ids = [item.id for item in everything.items]
    total = everything.total
    assert (total, everything.count, everything.offset, everything.limit, everything.desc) == (len(ids), len(ids), 0, 1000, False)
    assert total in (5, 6) and fields(everything.items[-1], set(DEFINITION) - {"payload_template", "headers_template"})
    page = webhooks.list(limit=2, offset=2, desc=True)
    assert ([item.id for item in page.items], page.total, page.count) == (ids[::-1][2:4], total, 2)
    assert (page.limit, page.offset, page.desc) == (2, 2, True)
    past = webhooks.list(offset=100)
    assert (past.items, past.count, past.total) == ([], 0, total)
    assert webhooks.list(limit=0).count == total
    assert [item.id for item in webhooks.iterate(chunk_size=2)] == ids
    assert [item.id for item in webhooks.iterate(chunk_size=2, desc=True)] == ids[::-1]
    assert [item.id for item in webhooks.iterate(chunk_size=2, limit=3, offset=1)] == ids[1:4]


@pytest.mark.parametrize("subject", ["actor", "task"])
def test_create_takes_the_condition_from_the_path(client, new_id, subject):
    subject_id = new_id()
    webhooks = getattr(client, subject)(subject_id).webhooks()
    webhook = webhooks.create(**DEFINITION)
    assert condition(webhook) == {"actor": {"actor_id": subject_id}, "task": {"actor_task_id": subject_id}}[subject]
    assert [item.id for item in webhooks.list().items] == [webhook.id]


# Dispatches


def test_dispatches_show_what_happened(client, webhook, receiver):
    started = run(client, webhook)
    [post] = receiver.wait_for("/hook")
    dispatch = finished(client, dispatch_id(post))
    assert (dispatch.user_id, dispatch.webhook_id, dispatch.status) == (USER, webhook.id, "SUCCEEDED")
    assert (dispatch.event_type, dispatch.event_data.actor_run_id) == ("ACTOR.RUN.SUCCEEDED", started.id)
    assert (str(dispatch.webhook.request_url), dispatch.webhook.is_ad_hoc) == (receiver.url("/hook"), False)
    [call] = dispatch.calls
    assert (call.response_status, call.error_message) == (200, None) and call.finished_at >= call.started_at
    webhook = client.webhook(webhook.id).get()
    assert (webhook.last_dispatch.status, webhook.stats.total_dispatches) == ("SUCCEEDED", 1)
    assert webhook.last_dispatch.finished_at == call.finished_at


def test_dispatches_show_every_call(client, webhook, receiver):
    receiver.answer("/hook", 500)
    run(client, webhook)
    dispatch = finished(client, dispatch_id(receiver.wait_for("/hook", 2)[1]))
    assert (dispatch.status, [call.response_status for call in dispatch.calls]) == ("FAILED", [500, 500])
    assert client.webhook(webhook.id).get().last_dispatch.status == "FAILED"


@pytest.mark.parametrize("whose", ["of the webhook", "of the user"])
def test_dispatches_are_listed_and_iterated_over_three_pages(client, webhook, receiver, whose):
    for _ in range(5):
        run(client, webhook)
    posted = {dispatch_id(post) for post in receiver.wait_for("/hook", 5)}
    dispatches = client.webhook(webhook.id).dispatches() if whose == "of the webhook" else client.webhook_dispatches()
    newest = dispatches.list(desc=True)
    ids = [item.id for item in newest.items]
    assert set(ids[:5]) == posted and newest.count == newest.total == len(ids)
    assert [item.id for item in dispatches.list(desc=False).items] == ids[::-1]
    assert [item.id for item in dispatches.list(limit=2, offset=2, desc=True).items] == ids[2:4]
    assert [item.id for item in dispatches.iterate(desc=True, limit=5, chunk_size=2)] == ids[:5]
    assert dispatches.list(offset=newest.total).count == 0


def test_dispatches_outlive_their_webhook(client, webhook, receiver):
    dispatch = client.webhook(webhook.id).test()
    receiver.wait_for("/hook")
    finished(client, dispatch.id)
    client.webhook(webhook.id).delete()
    assert client.webhook_dispatch(dispatch.id).get().status == "SUCCEEDED"
    assert [item.id for item in client.webhook(webhook.id).dispatches().list().items] == [dispatch.id]


# Ad hoc webhooks


@pytest.fixture(params=["actor", "task"])
def start(request, client, new_id):
    """Starts a run of an actor or of a task."""
    subject = getattr(client, request.param)(new_id())
    given = {"actor": "run_input", "task": "task_input"}[request.param]
    return lambda method="start", course={}, **options: getattr(subject, method)(**{given: {"afterMs": 1, **course}}, **options)


def test_start_takes_ad_hoc_webhooks_with_every_field(client, start, receiver, new_id):
    ad_hoc = DEFINITION | {"request_url": receiver.url("/ad-hoc")}
    started = start(webhooks=[ad_hoc | {"idempotency_key": new_id()}])
    [post] = receiver.wait_for("/ad-hoc")
    assert post.json() == {"run": started.id, "text": f"ACTOR.RUN.SUCCEEDED of {USER}"}
    assert (post.headers["Authorization"], post.headers["Content-Type"]) == (f"Bearer {started.id}", "application/json")
    dispatch = finished(client, dispatch_id(post))
    webhook = client.webhook(dispatch.webhook_id).get()
    assert (fields(webhook), condition(webhook), webhook.is_ad_hoc) == (ad_hoc, {"actor_run_id": started.id}, True)


def test_start_takes_every_spelling_of_a_webhook(start, receiver):
    start(
        webhooks=[
            {"event_types": ["ACTOR.RUN.CREATED"], "request_url": receiver.url("/snake")},
            {"eventTypes": ["ACTOR.RUN.CREATED"], "requestUrl": receiver.url("/camel")},
            WebhookRepresentation(event_types=["ACTOR.RUN.CREATED"], request_url=receiver.url("/typed?ř")),
        ]
    )
    for path in ["/snake", "/camel", "/typed?%C5%99"]:
        assert receiver.wait_for(path)[0].json()["eventType"] == "ACTOR.RUN.CREATED"


def test_start_takes_a_large_input(start, receiver):
    started = start(course={"finishAs": "FAILED", "text": "long " * 5000}, webhooks=[{"event_types": ["ACTOR.RUN.FAILED"], "request_url": receiver.url("/failed")}])
    assert receiver.wait_for("/failed")[0].json()["resource"]["id"] == started.id


def test_call_takes_ad_hoc_webhooks(start, receiver):
    ended = start("call", webhooks=[{"event_types": ["ACTOR.RUN.SUCCEEDED"], "request_url": receiver.url("/called")}])
    assert ended.status == "SUCCEEDED"
    assert receiver.wait_for("/called")[0].json()["resource"]["id"] == ended.id


def test_an_ad_hoc_webhook_that_must_not_be_retried_is_sent_once(client, start, receiver):
    receiver.answer("/down", 503)
    start(webhooks=[{"event_types": ["ACTOR.RUN.SUCCEEDED"], "request_url": receiver.url("/down"), "do_not_retry": True}])
    dispatch = finished(client, dispatch_id(receiver.wait_for("/down")[0]))
    assert (dispatch.status, len(dispatch.calls), len(receiver.posts("/down"))) == ("FAILED", 1, 1)


def test_an_idempotency_key_makes_one_webhook_of_two(client, start, receiver, new_id):
    key = {"event_types": ["ACTOR.RUN.CREATED"], "idempotency_key": new_id()}
    start(webhooks=[key | {"request_url": receiver.url("/first")}, key | {"request_url": receiver.url("/second")}])
    finished(client, dispatch_id(receiver.wait_for("/first")[0]))
    assert receiver.posts("/second") == []


def test_a_webhook_that_is_added_after_the_end_of_its_run_fires_at_once(client, start, receiver):
    ended = start(wait_for_finish=20)
    client.webhooks().create(event_types=["ACTOR.RUN.SUCCEEDED"], request_url=receiver.url("/late"), actor_run_id=ended.id, is_ad_hoc=True)
    assert receiver.wait_for("/late")[0].json()["resource"]["id"] == ended.id


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
def test_400_is_an_invalid_request_error(client, wrong):
    with pytest.raises(InvalidRequestError) as error:
        client.webhooks().create(**DEFINITION | {"actor_id": "actor1"} | wrong)
    assert (error.value.status_code, error.value.type, error.value.attempt) == (400, "schema-validation", 1)
    assert client.webhooks().list().total == 0


def test_400_on_update_changes_nothing(client, webhook):
    with pytest.raises(InvalidRequestError):
        client.webhook(webhook.id).update(event_types=[])
    assert client.webhook(webhook.id).get() == webhook


@pytest.mark.parametrize(("token", "kind"), [("wrong", "user-or-token-not-found"), (None, "user-or-token-not-found")])
def test_401_is_an_unauthorized_error(connect, token, kind):
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
        with pytest.raises(UnauthorizedError) as error:
            request()
        assert (error.value.type, error.value.attempt) == (kind, 1)


@pytest.mark.parametrize("missing", ["nothing", "not/an id"])
def test_404_is_none_or_a_not_found_error(client, missing):
    assert client.webhook(missing).get() is None
    assert client.webhook(missing).delete() is None
    assert client.webhook_dispatch(missing).get() is None
    for request in [client.webhook(missing).update, client.webhook(missing).test, client.webhook(missing).dispatches().list]:
        with pytest.raises(NotFoundError) as error:
            request()
        assert (error.value.type, error.value.attempt) == ("record-not-found", 1)


def test_a_name_is_not_found_and_the_error_says_what_to_use(client):
    for request in [client.actor("me/actor").webhooks().list, client.task("me/task").webhooks().list]:
        with pytest.raises(NotFoundError, match="id") as error:
            request()
        assert error.value.type == "record-not-found"
