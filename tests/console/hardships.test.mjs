// What goes wrong, and what hostile people write: pages tell it, lose nothing, and show text.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { API, TOKEN, accessible, api, consoleAt, dispatches, loaded, newId, page as newPage, picture, receiver, startRun, webhook } from './browser.mjs';

test('without a token the console asks for one, and never puts it into an address', async (t) => {
    const page = await newPage(t);
    const urls = [];
    page.on('request', (request) => urls.push(request.url()));
    await page.goto(`${API}/console/#token=wrong`);
    await page.getByLabel('API token').fill(TOKEN);
    await accessible(page, 'signing in');
    await page.getByRole('button', { name: 'Continue' }).click();
    await loaded(page);
    assert.ok(!page.url().includes('token'));
    assert.deepEqual(urls.filter((url) => url.includes(TOKEN)), []);
    assert.deepEqual(await page.context().cookies(), []);
    await page.reload();
    await loaded(page);
});

test('a token that ends while somebody types costs nothing that was typed', async (t) => {
    const page = await consoleAt(t, `/webhooks/new?actorId=${newId('actor')}`);
    await page.getByLabel('URL').fill('http://127.0.0.1:9/late');
    let isRevoked = true;
    await page.route('**/console/**', (route) => {
        const headers = { ...route.request().headers(), ...(isRevoked && { authorization: 'Bearer revoked' }) };
        return route.continue({ headers });
    });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Your token has expired or was revoked').waitFor();
    assert.equal(await page.getByLabel('URL').inputValue(), 'http://127.0.0.1:9/late');
    await accessible(page, 'an expired token');
    isRevoked = false;
    await page.getByLabel('API token').fill(TOKEN);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Webhook saved' }).waitFor();
});

test('a lost connection is told, with a button that tries again', async (t) => {
    const page = await consoleAt(t, `/webhooks/new?actorId=${newId('actor')}`);
    await page.getByLabel('URL').fill('http://127.0.0.1:9/lost');
    await page.route('**/console/webhooks/new', (route) => route.abort());
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The connection was lost').waitFor();
    await accessible(page, 'no connection');
    await page.unroute('**/console/webhooks/new');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Webhook saved' }).waitFor();
});

test('what is not there, and what is another user\'s, is told as not found', async (t) => {
    for (const path of ['/webhooks/00000000000000000', '/dispatches/A50PsRbHTn0123456789ab', '/webhooks/x/jobs/y', '/actors/me~x']) {
        const page = await consoleAt(t, path);
        await page.getByRole('heading', { name: 'Not found' }).waitFor();
    }
});

const HOSTILE = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '</textarea><svg onload=alert(1)>',
    "'-alert(1)-'",
    '{{resource.id}}<iframe src=javascript:alert(1)>',
    '\u202egnp.exe & &lt;b&gt;',
];

test('whatever users and receivers write is shown as text', async (t) => {
    const [there, actor] = [await receiver(t), newId('actor')];
    const page = await consoleAt(t, '/');
    for (const [place, text] of HOSTILE.entries()) {
        const path = `/hostile${place}?q=${encodeURIComponent(text)}`;
        there.script(path, [{ status: 200, headers: { 'x-hostile': encodeURIComponent(text), server: '<b onclick=alert(1)>' }, text }]);
        const { id } = await webhook({
            condition: { actorId: actor }, requestUrl: there.url(path), title: text.slice(0, 63), description: text,
            payloadTemplate: JSON.stringify({ text }), headersTemplate: JSON.stringify({ 'X-Text': encodeURIComponent(text) }),
        });
        await startRun(actor);
        const [{ id: dispatch }] = await dispatches(id, 1, (one) => one.status === 'SUCCEEDED');
        for (const shown of [
            `/actors/${actor}`, `/webhooks/${id}`, `/webhooks/${id}?tab=settings&show=headers`, `/dispatches/${dispatch}`,
            `/dispatches/${dispatch}?part=request&show=headers`, `/runs?run=${encodeURIComponent(text)}`, `/webhooks/new?actorId=${encodeURIComponent(text)}`,
        ]) {
            await page.goto(`${API}/console${shown}`);
            await loaded(page);
            const foreign = await page.evaluate(() => document.querySelectorAll('main :is(script, img, iframe, object, [onclick], [onload], [onerror])').length);
            assert.equal(foreign, 0, `${shown}: ${text}`);
        }
        await page.goto(`${API}/console/webhooks/${id}`);
        await loaded(page);
        assert.equal(await page.locator('h1').textContent(), text.slice(0, 63));
    }
});

test('very long values fit into a small page', async (t) => {
    const [there, actor] = [await receiver(t), newId('actor')];
    const long = 'x'.repeat(1900);
    there.script(`/${long}`, [{ status: 500, text: long }]);
    const { id } = await webhook({ condition: { actorId: actor }, requestUrl: there.url(`/${long}`), title: 'y'.repeat(63), doNotRetry: true });
    await startRun(actor);
    const [{ id: dispatch }] = await dispatches(id, 1, (one) => one.status === 'FAILED');
    const page = await consoleAt(t, `/actors/${actor}`, { width: 320 });
    await picture(page, 'long-list-320');
    for (const path of [`/webhooks/${id}`, `/dispatches/${dispatch}`, `/dispatches/${dispatch}?part=request`]) {
        await page.goto(`${API}/console${path}`);
        await loaded(page);
        await picture(page, `long-${path.split('/')[1]}-320`);
    }
});

test('no other page may have the console in a frame, and no answer may be kept', async (t) => {
    const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<iframe src="${API}/console/"></iframe>`));
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    t.after(() => server.close());
    const host = await newPage(t);
    // Here it is wanted that the policy stops something.
    host.removeAllListeners('console');
    const refused = new Promise((resolve) => { host.on('console', (line) => /frame-ancestors/.test(line.text()) && resolve()); });
    await host.goto(`http://127.0.0.1:${server.address().port}/`);
    await refused;
    const frame = host.frames()[1];
    assert.equal(await frame.locator('#main').count().catch(() => 0), 0);
    const answer = await fetch(`${API}/console/`, { headers: { Authorization: `Bearer ${TOKEN}` } });
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.match(answer.headers.get('content-security-policy'), /default-src 'none'/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    await api('GET', '/v2/webhooks');
});
