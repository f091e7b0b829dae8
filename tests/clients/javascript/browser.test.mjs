// The client's bundle for browsers, in a page of another origin: what its browser asks first is answered, and the page may read the answers.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';

import { JSDOM } from 'jsdom';

const { RUNHOOKS_API: baseUrl, RUNHOOKS_TOKEN } = process.env;
const bundle = readFileSync(createRequire(import.meta.url).resolve('apify-client/browser'), 'utf8');
const definition = () => ({
    eventTypes: ['ACTOR.RUN.SUCCEEDED'],
    requestUrl: 'http://127.0.0.1:9/hook',
    condition: { actorId: randomUUID().replaceAll('-', '').slice(0, 17) },
    // Long enough for the client to pack its requests, if it can.
    description: 'x'.repeat(300),
    payloadTemplate: JSON.stringify({ text: 'x'.repeat(2000) }),
});

let page;

before(() => {
    page = new JSDOM('', { url: 'http://page.example/', runScripts: 'outside-only' });
    // Every browser has them; jsdom leaves them out.
    Object.assign(page.window, { TextDecoder, TextEncoder });
    page.window.eval(bundle);
});

after(() => page.window.close());

function connect(token) {
    return new page.window.Apify.ApifyClient({ baseUrl, token, maxRetries: 0 });
}

describe('in a page of another origin', () => {
    test('webhooks are created, read, changed, listed, tried out and deleted', async () => {
        const client = connect(RUNHOOKS_TOKEN);
        const created = await client.webhooks().create(definition());
        const webhook = client.webhook(created.id);
        assert.equal((await webhook.get()).id, created.id);
        assert.equal((await webhook.update({ isEnabled: false })).isEnabled, false);
        assert.ok((await client.webhooks().list({ desc: true })).items.some(({ id }) => id === created.id));
        const dispatch = await webhook.test();
        assert.equal((await client.webhookDispatch(dispatch.id).get()).id, dispatch.id);
        assert.equal((await webhook.dispatches().list()).total, 1);
        await webhook.delete();
        assert.equal(await webhook.get(), undefined);
    });

    test('an error is as readable as anything else', async () => {
        await assert.rejects(connect('wrong').webhooks().list(), { statusCode: 401, type: 'user-or-token-not-found' });
        await assert.rejects(connect(RUNHOOKS_TOKEN).webhooks().create({ eventTypes: [] }), { statusCode: 400 });
    });

    test('places and waits are shown to the page', async () => {
        const request = new page.window.XMLHttpRequest();
        request.open('POST', `${baseUrl}/v2/webhooks`);
        request.setRequestHeader('Authorization', `Bearer ${RUNHOOKS_TOKEN}`);
        request.setRequestHeader('Content-Type', 'application/json');
        await new Promise((resolve) => {
            request.onloadend = resolve;
            request.send(JSON.stringify(definition()));
        });
        const { id } = JSON.parse(request.responseText).data;
        assert.equal(request.getResponseHeader('Location'), `${baseUrl}/v2/webhooks/${id}`);
        await connect(RUNHOOKS_TOKEN).webhook(id).delete();
    });
});
