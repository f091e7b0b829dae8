// Receivers verify what they get with the library standardwebhooks, and what is signed with a private key by means of Node itself. The platform
// is started twice on the same data; in between, the master key is rotated, so what is shown before it and what is shown after it must both verify.

import assert from 'node:assert/strict';
import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, test } from 'node:test';

import { Webhook } from 'standardwebhooks';

import { Receiver } from './receiver.mjs';

const { KEPT, RUNHOOKS_API, RUNHOOKS_TOKEN } = process.env;

let receiver;
let webhook;

beforeEach(async () => {
    receiver = await Receiver.start();
    const condition = { actorId: randomUUID().replaceAll('-', '').slice(0, 17) };
    const payloadTemplate = '{"text": "é 🦀 {{userId}}", "user": {{userId}}}';
    const definition = { eventTypes: ['TEST'], condition, requestUrl: receiver.url('/hook'), payloadTemplate, shouldSignWithEd25519: true };
    webhook = await call('POST', '/v2/webhooks', definition);
});

afterEach(() => receiver.stop());

async function call(method, path, body) {
    const headers = { authorization: `Bearer ${RUNHOOKS_TOKEN}`, 'content-type': 'application/json' };
    const answer = await fetch(RUNHOOKS_API + path, { method, headers, body: JSON.stringify(body) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
    return (await answer.json()).data;
}

async function trial({ id }) {
    const arrived = receiver.posts('/hook').length;
    await call('POST', `/v2/webhooks/${id}/test`);
    return (await receiver.waitFor('/hook', arrived + 1))[arrived];
}

function rotate(overlapSeconds) {
    return call('POST', `/v2/webhooks/${webhook.id}/secret/rotate`, { overlapSeconds });
}

function isTaken(key, { body, headers }) {
    try {
        new Webhook(key).verify(body, headers);
        return true;
    } catch (error) {
        assert.equal(error.name, 'WebhookVerificationError', error);
        return false;
    }
}

/** What the specification says of `v1a`, which the library does not know yet. */
function isTakenByPublicKey(publicKey, { body, headers }) {
    const x = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const message = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const entries = headers['webhook-signature'].split(' ').filter((entry) => entry.startsWith('v1a,'));
    return entries.some((entry) => verify(null, Buffer.from(message), key, Buffer.from(entry.slice(4), 'base64')));
}

test('before the master key is rotated, its secret verifies', async () => {
    const post = await trial(webhook);
    const { key, publicKey } = await call('GET', `/v2/webhooks/${webhook.id}/secret`);
    assert.equal(key, webhook.secret);
    assert.ok(isTaken(key, post));
    assert.ok(isTakenByPublicKey(publicKey, post));
    await writeFile(KEPT, JSON.stringify({ ...webhook, publicKey }));
});

test('before: anything that was changed is refused', async () => {
    const post = await trial(webhook);
    const { publicKey } = await call('GET', `/v2/webhooks/${webhook.id}/secret`);
    const changed = (name, value) => ({ ...post, headers: { ...post.headers, [name]: value } });
    const seconds = Number(post.headers['webhook-timestamp']);
    const swapped = post.headers['webhook-signature'].replaceAll(/[a-z]/gi, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase()));
    for (const wrong of [
        { ...post, body: `${post.body} ` },
        changed('webhook-id', `${post.headers['webhook-id']}x`),
        changed('webhook-timestamp', String(seconds - 1)),
        changed('webhook-timestamp', String(seconds - 301)),
        changed('webhook-signature', swapped),
    ]) {
        assert.ok(!isTaken(webhook.secret, wrong));
        assert.ok(!isTakenByPublicKey(publicKey, wrong));
    }
    assert.ok(isTaken(webhook.secret, post));
});

test('before: both secrets verify while one replaces the other', async () => {
    const first = await call('GET', `/v2/webhooks/${webhook.id}/secret`);
    const second = await rotate(3600);
    const during = await trial(webhook);
    const third = await rotate(0);
    const after = await trial(webhook);
    const takers = (post) => [first, second, third].map(({ key, publicKey }) => [isTaken(key, post), isTakenByPublicKey(publicKey, post)]);
    assert.deepEqual(takers(during), [[true, true], [true, true], [false, false]]);
    assert.deepEqual(takers(after), [[false, false], [false, false], [true, true]]);
});

test('after the master key was rotated, both secrets verify', async () => {
    const kept = JSON.parse(await readFile(KEPT));
    await call('PUT', `/v2/webhooks/${kept.id}`, { requestUrl: receiver.url('/hook') });
    const { key, publicKey } = await call('GET', `/v2/webhooks/${kept.id}/secret`);
    assert.notEqual(key, kept.secret);
    const post = await trial(kept);
    for (const secret of [kept.secret, key]) assert.ok(isTaken(secret, post));
    for (const known of [kept.publicKey, publicKey]) assert.ok(isTakenByPublicKey(known, post));
});
