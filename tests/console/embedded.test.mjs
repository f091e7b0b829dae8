// The console in somebody else's page: a sample host on another port, and the stand-in's page of an actor.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { API, TOKEN, accessible, consoleAt, dispatches, loaded, newId, page as newPage, picture, receiver, startRun, tokenWith, webhook } from './browser.mjs';

// A page of a platform's own, on a port whose pages may have the console in a frame.
async function host(t, actor, script) {
    const text = `<!doctype html><html lang="en"><title>Host</title><main><h1>Actor</h1>
        <script type="module" src="${API}/console/embed.js"></script>
        <runhooks-webhooks actor-id="${actor}" theme="light"></runhooks-webhooks></main><script type="module">${script}</script>`;
    const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(text));
    await new Promise((resolve) => { server.listen(Number(process.env.HOST_PORT), '127.0.0.1', resolve); });
    t.after(() => { server.closeAllConnections(); server.close(); });
    return `http://127.0.0.1:${process.env.HOST_PORT}/`;
}

test('a page on another port shows an actor\'s webhooks, gives tokens and renews them', async (t) => {
    const [there, actor] = [await receiver(t), newId('actor')];
    const { id } = await webhook({ condition: { actorId: actor }, requestUrl: there.url('/host'), title: 'Embedded' });
    const address = await host(t, actor, `
        window.asked = [];
        document.querySelector('runhooks-webhooks').addEventListener('runhooks-token', ({ detail }) => {
            window.asked.push(detail.reason);
            detail.respond(window.asked.length === 1 ? 'an-old-token' : '${TOKEN}');
        });`);
    const page = await newPage(t);
    await page.goto(address);
    const frame = page.frameLocator('iframe');
    await frame.getByRole('link', { name: 'Embedded' }).waitFor();
    assert.deepEqual(await page.evaluate(() => window.asked), ['missing', 'expired']);
    await page.waitForFunction(() => {
        const element = document.querySelector('iframe');
        return element.style.blockSize !== '20rem' && element.clientHeight > 100 && element.clientHeight < 2000;
    });
    await picture(page, 'embedded-1280');
    const small = await page.locator('iframe').evaluate((element) => element.clientHeight);
    await frame.getByRole('link', { name: 'Add webhook' }).click();
    await frame.getByLabel('URL').fill(there.url('/from-a-frame'));
    // A token that ends meanwhile is renewed by the page around, and what was typed is saved.
    await page.route('**/console/webhooks/new', (route) => route.continue({ headers: { ...route.request().headers(), authorization: 'Bearer revoked' } }), { times: 1 });
    await page.waitForFunction((before) => document.querySelector('iframe').clientHeight > before + 200, small);
    await frame.getByRole('button', { name: 'Save and test' }).click();
    await frame.getByText('Delivered').waitFor();
    await there.first('/from-a-frame');
    assert.deepEqual(await page.evaluate(() => window.asked), ['missing', 'expired', 'expired']);
    assert.ok(!(await frame.locator('header.site').isVisible()));
    assert.ok(id);
});

test('a page whose token is for one actor gets the whole job there, and nothing leads elsewhere', async (t) => {
    const [there, actor, other] = [await receiver(t), newId('actor'), newId('actor')];
    await webhook({ condition: { actorId: other }, requestUrl: there.url('/other'), title: 'Of another' });
    const token = await tokenWith({ actorId: actor });
    const address = await host(t, actor, `document.querySelector('runhooks-webhooks').token = async () => '${token}';`);
    const page = await newPage(t);
    await page.goto(address);
    const frame = page.frameLocator('iframe');
    await frame.getByText('0 webhooks').waitFor();
    await frame.getByRole('link', { name: 'Add the first one' }).click();
    await frame.getByText(`Every run of actor ${actor}`).waitFor();
    assert.equal(await frame.getByLabel('Its id').count(), 0);
    await frame.getByLabel('URL').fill(there.url('/limited'));
    await frame.getByRole('button', { name: 'Preview' }).click();
    await frame.getByText('What would be sent').waitFor();
    await accessible(page, 'a form for one page');
    await frame.getByRole('button', { name: 'Save and test' }).click();
    await frame.getByText('Delivered').waitFor();
    await startRun(actor);
    await there.first('/limited');
    await frame.getByRole('link', { name: 'Open it' }).click();
    await frame.getByText('Run succeeded').last().waitFor();
    assert.equal(await frame.locator('a[href^="/console/runs/"]').count(), 0);
    await picture(page, 'embedded-limited-1280');

    // In a window of its own, too; whoever may only read gets no button at all.
    const reader = await consoleAt(t, '/', { token: await tokenWith({ actorId: actor, scope: 'webhooks:read' }) });
    await reader.getByText(`Of actor ${actor} · 1 webhook`).waitFor();
    assert.ok(!(await reader.locator('header.site').getByText('Runs').isVisible()));
    await reader.locator('a.title').click();
    await reader.locator('ul.rows > li').first().waitFor();
    for (const tab of ['Dispatches', 'Settings']) {
        await reader.locator('nav.tabs').getByRole('link', { name: tab }).click();
        await loaded(reader);
        assert.equal(await reader.locator('main :is(form[method=post], form[method=post] *)').count(), 0, tab);
    }
    await reader.getByText('Your token allows to read this').waitFor();
    assert.equal(await reader.locator('main :is(button, input, select, textarea):enabled').count(), 0);
    await accessible(reader, 'settings that can only be read');
    await picture(reader, 'settings-read-1280');
    await reader.goto(`${API}/console/actors/${other}`);
    await reader.getByText(`limited to the webhooks of the actor ${actor}`).waitFor();
    assert.ok(!(await reader.content()).includes('Of another'));
});

test('the stand-in\'s page of an actor tells the whole story', async (t) => {
    const began = Date.now();
    const [there, actor] = [await receiver(t), newId('actor')];
    const page = await newPage(t);
    await page.goto(`${API}/actors/${actor}#token=${TOKEN}`);
    const frame = page.frameLocator('iframe');
    await frame.getByRole('link', { name: 'Add the first one' }).click();
    await frame.getByLabel('URL').fill(there.url('/story'));
    for (const words of ['Run aborted', 'Run timed out']) await frame.getByLabel(words).check();
    await frame.getByRole('button', { name: 'Save', exact: true }).click();
    await frame.getByRole('link', { name: 'Open it' }).click();
    await frame.getByRole('heading', { name: 'No dispatches yet' }).waitFor();
    const id = (await frame.locator('nav.tabs a').first().getAttribute('href')).match(/webhooks\/(\w+)/)[1];
    for (const [button, status] of [['succeeds', 'SUCCEEDED'], ['fails', 'FAILED'], ['is aborted', 'ABORTED'], ['times out', 'TIMED-OUT']]) {
        await page.getByRole('button', { name: `Run that ${button}` }).click();
        await page.locator('#runs').getByText(status).waitFor();
    }
    await dispatches(id, 4, (one) => one.status === 'SUCCEEDED');
    t.diagnostic(`from an empty page of an actor to four deliveries in ${Date.now() - began} ms`);
    await frame.getByRole('link', { name: 'Dispatches', exact: true }).click();
    await frame.locator('figcaption').getByText('4 delivered').waitFor();
    await page.reload();
    await frame.getByText('Last 4').first().waitFor({ state: 'attached' });
    await accessible(page, 'the page of an actor');
    await picture(page, 'actor-page-1280');
});
