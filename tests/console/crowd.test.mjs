// Somebody who has much of everything: pages stay as small, and ask as seldom, as those of somebody who has little.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API, accessible, api, consoleAt, dispatches, loaded, newId, picture, receiver, startRun, tokenWith, webhook } from './browser.mjs';

const [WEBHOOKS, ACTORS, RUNS] = [1000, 10, 300];

// Does all of this, some at a time.
async function all(count, work) {
    let next = 0;
    const worker = async () => { while (next < count) await work(next++); };
    await Promise.all(Array.from({ length: 16 }, worker));
}

// What a page of the console is, as the script asks for it.
async function page(token, path) {
    const answer = await fetch(`${API}${path}`, { headers: { Authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 200, path);
    const text = await answer.text();
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, link]) => link.replaceAll('&amp;', '&'));
    return { bytes: Buffer.byteLength(text), text, links, older: /href="([^"]+)">Older/.exec(text)?.[1].replaceAll('&amp;', '&') };
}

// Every id of this kind on a list, page by page.
async function walked(token, path, kind) {
    const [ids, sizes] = [[], []];
    for (let next = path; next;) {
        const { bytes, links, older } = await page(token, next);
        const found = links.map((link) => new RegExp(`^/console/${kind}/(\\w{17,})$`).exec(link)?.[1]);
        ids.push(...new Set(found.filter(Boolean)));
        sizes.push(bytes);
        next = older;
    }
    return { ids, sizes };
}

// What a browser has asked for since, and how much came.
async function counted(opened) {
    const session = await opened.context().newCDPSession(opened);
    await session.send('Network.enable');
    let [requests, bytes] = [0, 0];
    session.on('Network.requestWillBeSent', ({ request }) => { requests += request.url.startsWith('http') ? 1 : 0; });
    session.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
    return () => {
        const since = { requests, bytes };
        [requests, bytes] = [0, 0];
        return since;
    };
}

test('a thousand webhooks, and one with many dispatches, make no page large', async (t) => {
    const there = await receiver(t);
    const user = newId('crowd');
    const token = await tokenWith({ sub: user });
    const actors = Array.from({ length: ACTORS }, () => newId('actor'));
    const made = [];
    await all(WEBHOOKS - 1, async (place) => {
        const fields = { condition: { actorId: actors[place % ACTORS] }, requestUrl: there.url(`/of/${place}`), title: `No. ${place}`, eventTypes: ['ACTOR.RUN.ABORTED'] };
        made.push((await webhook(fields, token)).id);
    });
    const busy = newId('busy');
    const { id } = await webhook({ condition: { actorId: busy }, requestUrl: there.url('/busy'), title: 'Busy' }, token);
    made.push(id);
    await all(RUNS, () => startRun(busy, 'SUCCEEDED', 10, token));
    await dispatches(id, RUNS, (one) => one.status === 'SUCCEEDED', token);

    // Every list leads to everything, once, in pages of one size.
    const mine = await walked(token, '/console/', 'webhooks');
    assert.deepEqual(mine.ids.toSorted(), made.toSorted());
    const of = await walked(token, `/console/actors/${actors[0]}`, 'webhooks');
    assert.equal(of.ids.length, Math.ceil((WEBHOOKS - 1) / ACTORS));
    const sent = await walked(token, `/console/webhooks/${id}`, 'dispatches');
    assert.equal(new Set(sent.ids).size, RUNS);
    assert.equal(sent.ids.length, RUNS, 'each is there once');
    for (const [{ sizes }, most] of [[mine, 15_000], [of, 15_000], [sent, 45_000]]) {
        const largest = Math.max(...sizes);
        assert.ok(largest <= most, `a page of ${largest} bytes, of ${sizes}`);
        t.diagnostic(`${sizes.length} pages of at most ${largest} bytes`);
    }

    // A browser asks for a page once, and for nothing beside it.
    const opened = await consoleAt(t, '/', { token });
    await picture(opened, 'crowd-1280');
    await accessible(opened, 'a thousand webhooks');
    const cost = await counted(opened);
    const costs = async (what, most, act) => {
        cost();
        await act();
        await loaded(opened);
        const { requests, bytes } = cost();
        t.diagnostic(`${what}: ${requests} requests, ${bytes} bytes on the wire`);
        assert.equal(requests, 1, what);
        assert.ok(bytes <= most, `${what}: ${bytes} bytes`);
    };
    await costs('older webhooks', 15_000, async () => {
        await opened.getByRole('link', { name: 'Older' }).click();
        await opened.getByText(`21–40 of ${WEBHOOKS}`).waitFor();
    });
    await opened.goto(`${API}/console/actors/${busy}`);
    await opened.getByRole('link', { name: 'Busy' }).waitFor();
    await costs('a webhook with many dispatches', 45_000, async () => {
        await opened.getByRole('link', { name: 'Busy' }).click();
        await opened.locator('figcaption').getByText('100 delivered').waitFor();
    });
    await costs('older dispatches', 45_000, async () => {
        await opened.getByRole('link', { name: 'Older' }).click();
        await opened.waitForURL(/cursor=/);
    });
    await costs('none of many', 30_000, async () => {
        await opened.getByRole('group', { name: 'Status' }).getByRole('link', { name: 'Failed' }).click();
        await opened.getByRole('heading', { name: 'No match' }).waitFor();
    });
    // All at once it costs the API no more than a page, either.
    const { items } = await api('GET', '/v2/webhooks?limit=20&desc=1', undefined, token);
    assert.equal(items.length, 20);
});
