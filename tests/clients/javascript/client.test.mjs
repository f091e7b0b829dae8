// Every method of the JavaScript client 2.x that concerns webhooks.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { ApifyApiError, ApifyClient } from 'apify-client';

import { PATIENCE, Receiver } from './receiver.mjs';

const { RUNHOOKS_API: baseUrl, RUNHOOKS_TOKEN } = process.env;
const USER = 'localUser00000001';

// All that can be said of a webhook of one run.
const DEFINITION = {
    eventTypes: ['ACTOR.RUN.SUCCEEDED', 'ACTOR.RUN.TIMED_OUT'],
    requestUrl: 'https://example.com/hook?key=value',
    payloadTemplate: '{"run": {{resource.id}}, "text": "{{eventType}} of {{userId}}"}',
    headersTemplate: '{"Authorization": "Bearer {{resource.id}}"}',
    shouldInterpolateStrings: true,
    ignoreSslErrors: true,
    doNotRetry: true,
};

let client;
let receiver;
let webhook;

beforeEach(async () => {
    client = connect(RUNHOOKS_TOKEN);
    receiver = await Receiver.start();
    const condition = { actorId: newId() };
    webhook = await client.webhooks().create({ eventTypes: ['ACTOR.RUN.SUCCEEDED'], condition, requestUrl: receiver.url('/hook') });
    webhook = asRead(webhook);
});

afterEach(async () => {
    receiver.stop();
    for (const { id } of await iterated(client.webhooks().list())) await client.webhook(id).delete();
});

/** A client that never tries again, so that no fault of the API is hidden. */
function connect(token) {
    return new ApifyClient({ baseUrl, token, maxRetries: 0 });
}

/** An id as Apify's are: 17 letters and digits. */
function newId() {
    return randomUUID().replaceAll('-', '').slice(0, 17);
}

function ids(items) {
    return items.map(({ id }) => id);
}

async function iterated(pages) {
    const items = [];
    for await (const item of pages) items.push(item);
    return items;
}

function pick(object, names) {
    return Object.fromEntries(names.map((name) => [name, object[name]]));
}

function without(object, ...names) {
    return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

/** A webhook as it is read after its creation, whose answer alone has its secret. */
function asRead(created) {
    assert.match(created.secret, /^whsec_/);
    return without(created, 'secret');
}

function dispatchId(post) {
    return post.headers['x-apify-webhook-dispatch-id'];
}

/** A run that the webhook is about, until its end. */
function run() {
    return client.actor(webhook.condition.actorId).start({ afterMs: 1 }, { waitForFinish: 20 });
}

/** The dispatch, once its last call is over. */
async function finished(id) {
    const giveUp = Date.now() + PATIENCE;
    for (;;) {
        const dispatch = await client.webhookDispatch(id).get();
        if (dispatch.status !== 'ACTIVE') return dispatch;
        assert.ok(Date.now() < giveUp, `dispatch ${id} is still active`);
        await setTimeout(20);
    }
}

describe('webhooks', () => {
    for (const kind of ['actorId', 'actorTaskId', 'actorRunId']) {
        test(`create takes every field, with ${kind}`, async () => {
            const definition = { ...DEFINITION, description: 'tells the team', isApifyIntegration: true, condition: { [kind]: newId() } };
            const created = await client.webhooks().create({ ...definition, isAdHoc: false, idempotencyKey: newId() });
            assert.deepEqual(pick(created, Object.keys(definition)), definition);
            assert.deepEqual([created.userId, created.isAdHoc], [USER, false]);
            assert.ok(created.createdAt instanceof Date);
            assert.deepEqual(created.createdAt, created.modifiedAt);
            assert.deepEqual(await client.webhook(created.id).get(), asRead(created));
        });

        test(`update changes what it is about to ${kind}`, async () => {
            const condition = { [kind]: newId() };
            assert.deepEqual((await client.webhook(webhook.id).update({ condition })).condition, condition);
        });
    }

    test('create makes an ad hoc webhook of a run', async () => {
        const created = await client.webhooks().create({ ...DEFINITION, condition: { actorRunId: newId() }, isAdHoc: true });
        assert.equal(created.isAdHoc, true);
        assert.deepEqual(await client.webhook(created.id).get(), asRead(created));
    });

    test('create fills in what is not said, or is null', async () => {
        const absent = ['payloadTemplate', 'headersTemplate', 'description', 'shouldInterpolateStrings', 'ignoreSslErrors', 'doNotRetry'];
        const nulls = Object.fromEntries(absent.map((name) => [name, null]));
        const created = await client.webhooks().create({ ...DEFINITION, ...nulls, condition: { actorId: newId() } });
        assert.deepEqual(pick(created, absent), pick(webhook, absent));
        assert.deepEqual([created.ignoreSslErrors, created.doNotRetry, created.lastDispatch], [false, false, null]);
        assert.deepEqual(created.stats, { totalDispatches: 0 });
    });

    test('create finds the webhook with the same idempotency key', async () => {
        const definition = { ...DEFINITION, condition: { actorId: newId() }, idempotencyKey: newId() };
        const first = await client.webhooks().create(definition);
        const second = await client.webhooks().create({ ...definition, requestUrl: 'https://example.com/other' });
        assert.deepEqual(without(second, 'secret'), without(first, 'secret'));
    });

    test('create takes a large body', async () => {
        const payloadTemplate = JSON.stringify({ text: 'long '.repeat(5000) });
        const created = await client.webhooks().create({ ...DEFINITION, payloadTemplate, condition: { actorId: newId() } });
        assert.equal(created.payloadTemplate, payloadTemplate);
    });

    for (const [name, value] of Object.entries({ ...DEFINITION, description: 'new', isApifyIntegration: true })) {
        test(`update changes ${name} alone`, async () => {
            const updated = await client.webhook(webhook.id).update({ [name]: value });
            assert.deepEqual(updated[name], value);
            assert.deepEqual(without(updated, name, 'modifiedAt'), without(webhook, name, 'modifiedAt'));
            assert.ok(updated.modifiedAt > webhook.modifiedAt);
            assert.deepEqual(await client.webhook(webhook.id).get(), updated);
        });
    }

    test('update clears what is null', async () => {
        const names = ['payloadTemplate', 'headersTemplate', 'description', 'shouldInterpolateStrings', 'ignoreSslErrors', 'doNotRetry'];
        const nulls = Object.fromEntries(names.map((name) => [name, null]));
        await client.webhook(webhook.id).update({ ...without(DEFINITION, 'eventTypes', 'requestUrl'), description: 'old' });
        assert.deepEqual(without(await client.webhook(webhook.id).update(nulls), 'modifiedAt'), without(webhook, 'modifiedAt'));
    });

    test('update takes what get has shown', async () => {
        const names = ['eventTypes', 'condition', 'requestUrl', 'payloadTemplate', 'headersTemplate', 'description', 'isAdHoc', 'ignoreSslErrors', 'doNotRetry'];
        const updated = await client.webhook(webhook.id).update(pick(webhook, names));
        assert.deepEqual(without(updated, 'modifiedAt'), without(webhook, 'modifiedAt'));
    });

    test('delete ends a webhook', async () => {
        assert.equal(await client.webhook(webhook.id).delete(), undefined);
        assert.equal(await client.webhook(webhook.id).get(), undefined);
        assert.equal((await client.webhooks().list()).total, 0);
    });

    test('test sends a dummy', async () => {
        const dispatch = await client.webhook(webhook.id).test();
        assert.deepEqual([dispatch.webhookId, dispatch.eventType, dispatch.eventData, dispatch.status], [webhook.id, 'TEST', null, 'ACTIVE']);
        const [post] = await receiver.waitFor('/hook');
        assert.deepEqual([dispatchId(post), post.json().eventType, post.json().eventData], [dispatch.id, 'TEST', null]);
        assert.equal((await finished(dispatch.id)).status, 'SUCCEEDED');
        const { lastDispatch, stats } = await client.webhook(webhook.id).get();
        assert.deepEqual([lastDispatch.status, stats], ['SUCCEEDED', { totalDispatches: 0 }]);
    });
});

describe('lists', () => {
    for (const subject of ['user', 'actor', 'task']) {
        test(`three pages of webhooks: ${subject}`, async () => {
            const actorId = newId();
            const webhooks = { user: client.webhooks(), actor: client.actor(actorId).webhooks(), task: client.task(actorId).webhooks() }[subject];
            const condition = { user: { actorRunId: newId() }, actor: { actorId }, task: { actorTaskId: actorId } }[subject];
            for (let count = 0; count < 5; count += 1) await client.webhooks().create({ ...DEFINITION, condition });
            const list = await webhooks.list();
            const expected = ids(list.items);
            const total = subject === 'user' ? 6 : 5;
            assert.deepEqual(without(list, 'items'), { total, count: total, offset: 0, limit: 1000, desc: false });
            const pages = [];
            for (let offset = 0; offset < 6; offset += 2) pages.push(...ids((await webhooks.list({ limit: 2, offset })).items));
            assert.deepEqual(pages, expected);
            const page = await webhooks.list({ limit: 2, offset: 2, desc: true });
            assert.deepEqual(ids(page.items), expected.toReversed().slice(2, 4));
            assert.deepEqual(without(page, 'items'), { total, count: 2, offset: 2, limit: 2, desc: true });
            assert.deepEqual(without(await webhooks.list({ offset: 100, limit: 0 }), 'desc', 'limit'), { total, count: 0, offset: 100, items: [] });
            assert.deepEqual(ids(await iterated(webhooks.list())), expected);
            assert.deepEqual(ids(await iterated(webhooks.list({ limit: 3, offset: 1 }))), expected.slice(1, 4));
        });
    }

    for (const subject of ['actor', 'task']) {
        test(`create takes the condition from the path: ${subject}`, async () => {
            const id = newId();
            const webhooks = client[subject](id).webhooks();
            const created = await webhooks.create(DEFINITION);
            assert.deepEqual(created.condition, subject === 'actor' ? { actorId: id } : { actorTaskId: id });
            assert.deepEqual(ids((await webhooks.list()).items), [created.id]);
        });
    }
});

describe('dispatches', () => {
    test('they show what happened', async () => {
        const started = await run();
        const [post] = await receiver.waitFor('/hook');
        const dispatch = await finished(dispatchId(post));
        assert.deepEqual([dispatch.userId, dispatch.webhookId, dispatch.status], [USER, webhook.id, 'SUCCEEDED']);
        assert.deepEqual([dispatch.eventType, dispatch.eventData], ['ACTOR.RUN.SUCCEEDED', { actorId: started.actId, actorRunId: started.id }]);
        assert.deepEqual(pick(dispatch.webhook, ['requestUrl', 'isAdHoc']), { requestUrl: receiver.url('/hook'), isAdHoc: false });
        const [call] = dispatch.calls;
        assert.deepEqual([call.responseStatus, call.errorMessage], [200, null]);
        const { lastDispatch, stats } = await client.webhook(webhook.id).get();
        assert.deepEqual([lastDispatch.status, stats], ['SUCCEEDED', { totalDispatches: 1 }]);
    });

    test('they show every call', async () => {
        receiver.answer('/hook', 500);
        await run();
        const dispatch = await finished(dispatchId((await receiver.waitFor('/hook', 2))[1]));
        assert.deepEqual([dispatch.status, dispatch.calls.map((call) => call.responseStatus)], ['FAILED', [500, 500]]);
    });

    for (const whose of ['webhook', 'user']) {
        test(`three pages of dispatches: ${whose}`, async () => {
            for (let count = 0; count < 5; count += 1) await run();
            const posted = (await receiver.waitFor('/hook', 5)).map(dispatchId);
            const dispatches = whose === 'webhook' ? client.webhook(webhook.id).dispatches() : client.webhookDispatches();
            const newest = await dispatches.list({ desc: true });
            const expected = ids(newest.items);
            assert.deepEqual(new Set(expected.slice(0, 5)), new Set(posted));
            assert.deepEqual([newest.total, newest.count], [expected.length, expected.length]);
            const pages = [];
            for (let offset = 0; offset < 6; offset += 2) pages.push(...ids((await dispatches.list({ limit: 2, offset, desc: true })).items));
            assert.deepEqual(pages, expected.slice(0, 6));
            assert.deepEqual(ids((await dispatches.list()).items), expected.toReversed());
            assert.deepEqual(ids(await iterated(dispatches.list({ desc: true }))), expected);
            assert.equal((await dispatches.list({ offset: newest.total })).count, 0);
        });
    }

    test('they outlive their webhook', async () => {
        const { id } = await client.webhook(webhook.id).test();
        await receiver.waitFor('/hook');
        await finished(id);
        await client.webhook(webhook.id).delete();
        assert.equal((await client.webhookDispatch(id).get()).status, 'SUCCEEDED');
        assert.deepEqual(ids((await client.webhook(webhook.id).dispatches().list()).items), [id]);
    });
});

for (const subject of ['actor', 'task']) {
    describe(`ad hoc webhooks of a run: ${subject}`, () => {
        const start = (webhooks, input = {}) => client[subject](newId()).start({ afterMs: 1, ...input }, { webhooks });
        const call = (webhooks) => client[subject](newId()).call({ afterMs: 1 }, { webhooks });

        test('start takes them with every field', async () => {
            const adHoc = { ...DEFINITION, requestUrl: receiver.url('/ad-hoc') };
            const started = await start([{ ...adHoc, idempotencyKey: newId() }]);
            const [post] = await receiver.waitFor('/ad-hoc');
            assert.deepEqual(post.json(), { run: started.id, text: `ACTOR.RUN.SUCCEEDED of ${USER}` });
            assert.deepEqual([post.headers.authorization, post.headers['content-type']], [`Bearer ${started.id}`, 'application/json']);
            const made = await client.webhook((await finished(dispatchId(post))).webhookId).get();
            assert.deepEqual(pick(made, Object.keys(adHoc)), adHoc);
            assert.deepEqual([made.condition, made.isAdHoc], [{ actorRunId: started.id }, true]);
        });

        test('start takes fields that mean nothing here, and any letters', async () => {
            const odd = { condition: { actorId: 'other' }, description: 'Příliš', isAdHoc: false, nonsense: 1 };
            await start([{ eventTypes: ['ACTOR.RUN.CREATED'], requestUrl: receiver.url('/odd?ř'), ...odd }]);
            assert.equal((await receiver.waitFor('/odd?%C5%99'))[0].json().eventType, 'ACTOR.RUN.CREATED');
        });

        test('start takes none, and runs without an input', async () => {
            for (const started of [await start([]), await client[subject](newId()).start()]) assert.equal(started.userId, USER);
        });

        test('start takes a large input', async () => {
            const adHoc = { eventTypes: ['ACTOR.RUN.FAILED'], requestUrl: receiver.url('/failed') };
            const started = await start([adHoc], { finishAs: 'FAILED', text: 'long '.repeat(5000) });
            assert.equal((await receiver.waitFor('/failed'))[0].json().resource.id, started.id);
        });

        test('call takes them', async () => {
            const ended = await call([{ eventTypes: ['ACTOR.RUN.SUCCEEDED'], requestUrl: receiver.url('/called') }]);
            assert.equal(ended.status, 'SUCCEEDED');
            assert.equal((await receiver.waitFor('/called'))[0].json().resource.id, ended.id);
        });

        test('one that must not be retried is sent once', async () => {
            receiver.answer('/down', 503);
            await start([{ eventTypes: ['ACTOR.RUN.SUCCEEDED'], requestUrl: receiver.url('/down'), doNotRetry: true }]);
            const dispatch = await finished(dispatchId((await receiver.waitFor('/down'))[0]));
            assert.deepEqual([dispatch.status, dispatch.calls.length, receiver.posts('/down').length], ['FAILED', 1, 1]);
        });

        test('an idempotency key makes one of two', async () => {
            const key = { eventTypes: ['ACTOR.RUN.CREATED'], idempotencyKey: newId() };
            await start([{ ...key, requestUrl: receiver.url('/first') }, { ...key, requestUrl: receiver.url('/second') }]);
            await finished(dispatchId((await receiver.waitFor('/first'))[0]));
            assert.deepEqual(receiver.posts('/second'), []);
        });

        test('one that is added after the end of its run fires at once', async () => {
            const condition = { actorRunId: (await call()).id };
            await client.webhooks().create({ eventTypes: ['ACTOR.RUN.SUCCEEDED'], condition, requestUrl: receiver.url('/late'), isAdHoc: true });
            assert.equal((await receiver.waitFor('/late'))[0].json().resource.id, condition.actorRunId);
        });
    });
}

describe('errors', () => {
    const is = (statusCode, type) => (error) => {
        assert.ok(error instanceof ApifyApiError, error);
        assert.deepEqual([error.statusCode, error.type, error.attempt], [statusCode, type, 1]);
        return true;
    };

    for (const wrong of [
        { eventTypes: [] },
        { eventTypes: ['ACTOR.RUN.NEVER'] },
        { requestUrl: 'not a url' },
        { condition: { actorId: 'actor1', actorTaskId: 'task1' } },
        { payloadTemplate: '{"a": {{b}}}' },
        { headersTemplate: '["Authorization"]' },
        { unknown: 1 },
    ]) {
        test(`400 on create with ${JSON.stringify(wrong)}`, async () => {
            const definition = { ...DEFINITION, condition: { actorId: 'actor1' }, ...wrong };
            await assert.rejects(client.webhooks().create(definition), is(400, 'schema-validation'));
            assert.equal((await client.webhooks().list()).total, 1);
        });
    }

    test('400 on create with nothing', async () => {
        await assert.rejects(client.webhooks().create(), is(400, 'invalid-request'));
    });

    test('400 on update changes nothing', async () => {
        await assert.rejects(client.webhook(webhook.id).update({ eventTypes: [] }), is(400, 'schema-validation'));
        assert.deepEqual(await client.webhook(webhook.id).get(), webhook);
    });

    for (const [token, type] of [['wrong', 'user-or-token-not-found'], [undefined, 'user-or-token-not-found']]) {
        test(`401 ${type}`, async () => {
            const stranger = connect(token);
            for (const request of [
                () => stranger.webhooks().list(),
                () => stranger.webhooks().create(DEFINITION),
                () => stranger.webhook('nothing').get(),
                () => stranger.webhook('nothing').update({}),
                () => stranger.webhook('nothing').delete(),
                () => stranger.webhook('nothing').test(),
                () => stranger.webhook('nothing').dispatches().list(),
                () => stranger.webhookDispatches().list(),
                () => stranger.webhookDispatch('nothing').get(),
                () => stranger.actor('actor1').webhooks().list(),
                () => stranger.task('task1').webhooks().list(),
                () => stranger.actor('actor1').start(),
            ]) await assert.rejects(request, is(401, type));
        });
    }

    for (const missing of ['nothing', 'not/an id']) {
        test(`404 is undefined or an error: ${missing}`, async () => {
            assert.equal(await client.webhook(missing).get(), undefined);
            assert.equal(await client.webhook(missing).delete(), undefined);
            assert.equal(await client.webhook(missing).test(), undefined);
            assert.equal(await client.webhookDispatch(missing).get(), undefined);
            await assert.rejects(client.webhook(missing).update({}), is(404, 'record-not-found'));
            await assert.rejects(client.webhook(missing).dispatches().list(), is(404, 'record-not-found'));
        });
    }

    test('a name is not found, and the error says what to use', async () => {
        for (const request of [
            () => client.actor('me/actor').webhooks().list(),
            () => client.task('me/task').webhooks().list(),
        ]) await assert.rejects(request, (error) => is(404, 'record-not-found')(error) && /\bid\b/.test(error.message));
    });
});
