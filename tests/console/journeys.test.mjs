// What people come to the console for, each from its beginning to its end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { accessible, api, consoleAt, dispatches, loaded, newId, notices, picture, receiver, startRun, webhook } from './browser.mjs';

test('from nothing to a delivered webhook whose signature is verified', async (t) => {
    const began = Date.now();
    const [there, actor] = [await receiver(t), newId('actor')];
    const page = await consoleAt(t, `/actors/${actor}`);
    await page.getByRole('heading', { name: 'No webhooks yet' }).waitFor();
    await page.getByRole('link', { name: 'Add the first one' }).click();
    await page.getByLabel('URL').fill(there.url('/finished'));
    await page.getByRole('button', { name: 'Save and test' }).click();
    await page.getByText('Delivered').waitFor();
    const secret = await page.locator('#secret').textContent();
    await page.getByRole('button', { name: 'Copy' }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
    const { headers, body } = await there.first('/finished');
    assert.equal(new Webhook(secret).verify(body, headers).eventType, 'TEST');
    await accessible(page, 'saved');
    t.diagnostic(`from nothing to verified in ${Date.now() - began} ms`);
});

test('the whole job by keyboard alone', async (t) => {
    const [there, actor] = [await receiver(t), newId('actor')];
    const page = await consoleAt(t, `/actors/${actor}`);
    const at = (selector) => page.evaluate((selected) => document.activeElement?.matches(selected) ?? false, selector);
    const tabTo = async (selector) => {
        for (let steps = 0; steps < 80; steps += 1) {
            if (await at(selector)) return;
            await page.keyboard.press('Tab');
        }
        assert.fail(`${selector} cannot be reached by Tab`);
    };
    await tabTo('a.primary');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Add webhook' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'requestUrl');
    await page.keyboard.type(there.url('/keys'));
    await tabTo('input[name=doNotRetry]');
    await page.keyboard.press('Space');
    await tabTo('button[name=then]');
    await page.keyboard.press('Enter');
    await page.getByText('Delivered').waitFor();
    assert.equal(await at('h1'), true, 'the new page has the focus');
    await tabTo('a.primary');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: there.url('') }).waitFor();
    await tabTo('a[href$="tab=settings"]');
    await page.keyboard.press('Enter');
    await page.getByLabel('Do not retry').waitFor();
    assert.equal(await page.getByLabel('Do not retry').isChecked(), true);
    await tabTo('.danger summary');
    await page.keyboard.press('Enter');
    await tabTo('button.bad');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Webhooks' }).waitFor();
});

test('what is typed is checked as it is typed, at its line, and shown with a past run', async (t) => {
    const [there, actor] = [await receiver(t), newId('actor')];
    const run = await startRun(actor, 'FAILED');
    const page = await consoleAt(t, `/webhooks/new?actorId=${actor}`);
    assert.equal(await page.getByLabel('Its id').inputValue(), actor);
    await page.getByLabel('URL').fill('http://10.0.0.1/');
    await page.locator('[data-problem=requestUrl] p').waitFor();
    assert.equal(await page.locator('#requestUrl').getAttribute('aria-invalid'), '');
    await page.getByLabel('URL').fill(there.url('/typed'));
    await page.waitForFunction(() => !document.querySelector('[data-problem=requestUrl] p'));

    const template = page.getByLabel('Payload template');
    await template.fill('{\n  "run": {{resource.id}},\n  "oops": nope\n}');
    const problem = page.locator('[data-problem=payloadTemplate]');
    await problem.getByText('line 3, column 11').waitFor();
    assert.match(await problem.locator('pre').textContent(), /"oops": nope\n {10}\^/);
    await problem.getByRole('button', { name: 'Go there' }).click();
    const selected = await template.evaluate((area) => area.value.slice(area.selectionStart, area.selectionStart + 4));
    assert.equal(selected, 'nope');
    await accessible(page, 'a form with a problem');

    await template.fill('{"run": }');
    await template.evaluate((area) => area.setSelectionRange(8, 8));
    await page.getByText('Variables', { exact: true }).click();
    await page.getByRole('button', { name: '{{resource.id}}' }).click();
    assert.equal(await template.inputValue(), '{"run": {{resource.id}}}');
    await page.getByLabel('Preview with a past run').fill(run.id);
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.locator('#preview pre.body').waitFor();
    assert.match(await page.locator('#preview pre.body').textContent(), new RegExp(`"run": "${run.id}"`));
    await page.getByLabel('Preview with a past run').fill('unknown');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.locator('#preview').getByText('was not found').waitFor();
    assert.equal(there.received.length, 0);

    await template.fill('{"a": nope}');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Not saved').waitFor();
    assert.equal(await page.getByLabel('URL').inputValue(), there.url('/typed'), 'what was typed stays');
});

test('a webhook that was switched off says why, and goes on with what has failed', async (t) => {
    const [there, actor] = [await receiver(t), newId('actor')];
    there.script('/gone', [410]);
    const { id } = await webhook({ condition: { actorId: actor }, requestUrl: there.url('/gone'), title: 'Reports' });
    await startRun(actor);
    await dispatches(id, 1, (one) => one.status === 'FAILED');
    const page = await consoleAt(t, `/actors/${actor}`);
    await page.getByText('so the webhook was disabled').waitFor();
    await page.getByRole('link', { name: 'Reports' }).click();
    await page.getByRole('button', { name: 'Switch on and redeliver what failed since' }).waitFor();
    await accessible(page, 'a webhook that is off');
    await notices(id, 1);
    await page.getByRole('link', { name: 'Notices' }).click();
    await page.getByText('The webhook was switched off').waitFor();
    await accessible(page, 'notices');
    there.script('/gone', [200]);
    await page.getByRole('button', { name: 'Switch on and redeliver what failed since' }).click();
    await page.getByRole('heading', { name: 'Redelivering what failed' }).waitFor();
    await accessible(page, 'a job');
    await dispatches(id, 1, (one) => one.status === 'SUCCEEDED');
    await page.getByText('Finished at').waitFor();
    await page.getByRole('link', { name: 'To the webhook' }).click();
    await page.locator('figcaption').getByText('1 delivered').waitFor();
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('Switched off by its owner').waitFor();
    await notices(id, 3);
    await page.getByRole('link', { name: 'Notices' }).click();
    await page.getByText('The webhook was switched on').waitFor();
    await page.getByRole('link', { name: 'The redelivery' }).click();
    await page.getByRole('heading', { name: 'Redelivering what failed' }).waitFor();
});

test('a dispatch tells its life, and each call what was sent and answered', async (t) => {
    const [there, actor] = [await receiver(t), newId('actor')];
    there.script('/life', [{ status: 503, headers: { 'x-reason': 'full' }, text: 'try later' }, null]);
    const { id } = await webhook({
        condition: { actorId: actor }, requestUrl: there.url('/life'), headersTemplate: '{"Authorization": "Bearer top-secret"}',
    });
    await startRun(actor);
    await dispatches(id, 1, (one) => one.calls.length === 2);
    const page = await consoleAt(t, `/webhooks/${id}`);
    await page.getByRole('link', { name: 'Run succeeded' }).click();
    await page.getByText('has an unknown outcome').waitFor();
    await page.getByText('Next call').waitFor();
    await accessible(page, 'a dispatch');
    await page.getByRole('link', { name: 'Call 1' }).click();
    await page.getByText('try later').waitFor();
    await page.getByText('full', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Request', exact: true }).click();
    await page.locator('pre.body').getByText('"ACTOR.RUN.SUCCEEDED"').waitFor();
    assert.ok(!(await page.content()).includes('top-secret'), 'secrets are masked');
    await accessible(page, 'a request');
    await page.getByText('As a command').click();
    await page.locator('.copy').getByRole('button', { name: 'Copy' }).click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^curl --request POST 'http/);
    await page.getByRole('link', { name: 'Show masked headers' }).click();
    await page.getByText('Bearer top-secret').first().waitFor();
    there.script('/life', [201]);
    await page.getByRole('button', { name: 'Redeliver' }).click();
    await page.getByText('Delivered').first().waitFor();
});

test('an endpoint that is left alone for a while says until when, and so do those who wait for it', async (t) => {
    const actor = newId('actor');
    // Nobody listens there.
    const { id } = await webhook({ condition: { actorId: actor }, requestUrl: 'http://127.0.0.1:9/dead', title: 'Unplugged' });
    for (let n = 0; n < 12; n += 1) await startRun(actor, 'SUCCEEDED', 10);
    // Those that come once it is paused are not called.
    await dispatches(id, 12);
    const page = await consoleAt(t, `/actors/${actor}`);
    while (await page.getByText('Paused', { exact: true }).count() === 0) {
        await page.reload();
        await loaded(page);
    }
    await page.getByText('Nothing is sent until it is tried again').waitFor();
    await accessible(page, 'a paused webhook');
    await page.getByRole('link', { name: 'Unplugged' }).click();
    // The list says the same below the same link.
    await page.getByRole('heading', { level: 1, name: 'Unplugged' }).waitFor();
    await page.getByText('Its endpoint has accepted nothing for').waitFor();
    await page.locator('ul.rows a.title').first().click();
    await page.locator('.timeline').getByText('with its endpoint, which is tried again').waitFor();
    await accessible(page, 'a dispatch that waits for its endpoint');
    await picture(page, 'dispatch-paused-1280');
});

test('dispatches are found by how they ended, and page by page', async (t) => {
    const [there, actor] = [await receiver(t), newId('actor')];
    const { id } = await webhook({ condition: { actorId: actor }, requestUrl: there.url('/list'), doNotRetry: true });
    there.script('/list', [200, 500, 200]);
    for (const end of ['SUCCEEDED', 'FAILED', 'SUCCEEDED']) {
        await startRun(actor, end);
    }
    await dispatches(id, 3, (one) => one.status !== 'ACTIVE');
    const page = await consoleAt(t, `/webhooks/${id}`);
    const rows = page.locator('ul.rows > li');
    assert.equal(await rows.count(), 3);
    await page.getByRole('group', { name: 'Status' }).getByRole('link', { name: 'Failed' }).click();
    await page.waitForFunction(() => document.querySelectorAll('ul.rows > li').length === 1);
    await page.getByRole('group', { name: 'Status' }).getByRole('link', { name: 'Waiting' }).click();
    await page.getByRole('heading', { name: 'No match' }).waitFor();
    await accessible(page, 'no match');
    await page.goBack();
    await page.waitForFunction(() => document.querySelectorAll('ul.rows > li').length === 1);
    await page.getByText('Filter', { exact: true }).click();
    await page.getByLabel('Since (UTC)').fill('yesterday');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('is not an ISO 8601 date-time').waitFor();
});

test('some dispatches are picked and redelivered, or all that failed', async (t) => {
    const [there, actor] = [await receiver(t), newId('actor')];
    const { id } = await webhook({ condition: { actorId: actor }, requestUrl: there.url('/pick'), doNotRetry: true });
    there.script('/pick', [500, 500, 500, 200]);
    for (let n = 0; n < 3; n += 1) await startRun(actor);
    await dispatches(id, 3, (one) => one.status === 'FAILED');
    const page = await consoleAt(t, `/webhooks/${id}?status=FAILED`);
    await page.getByRole('checkbox').first().check();
    await page.getByRole('button', { name: 'Redeliver selected' }).click();
    await page.waitForFunction(() => document.querySelectorAll('ul.rows > li').length < 3);
    await page.goto(page.url());
    await page.getByRole('button', { name: 'Redeliver all' }).click();
    await page.getByText('Finished at').waitFor();
    await dispatches(id, 3, (one) => one.status === 'SUCCEEDED');
});

test('a run explains why each webhook was triggered or not', async (t) => {
    const [there, actor] = [await receiver(t), newId('actor')];
    const { id } = await webhook({ condition: { actorId: actor }, requestUrl: there.url('/why'), title: 'Both ends' });
    const run = await startRun(actor, 'ABORTED');
    await startRun(actor, 'SUCCEEDED');
    await dispatches(id, 1);
    const page = await consoleAt(t, '/runs');
    await page.getByLabel('Run id').fill(run.id);
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('does not include this event type').first().waitFor();
    await accessible(page, 'a run');
    await page.getByRole('link', { name: 'Runs' }).first().click();
    await page.getByLabel('Run id').fill('no/run');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByText('letters and digits').waitFor();
    await page.getByLabel('Run id').fill('unknown1');
    await page.getByRole('button', { name: 'Explain' }).click();
    await page.getByRole('heading', { name: 'Nothing is known of this run' }).waitFor();
});

test('a secret is masked, shown on request, and rotated while the old one stays valid', async (t) => {
    const { id } = await webhook({ condition: { actorId: newId('actor') }, requestUrl: 'http://127.0.0.1:9/secret' });
    const page = await consoleAt(t, `/webhooks/${id}?tab=secret`);
    const before = (await api('GET', `/v2/webhooks/${id}/secret`)).key;
    assert.ok(!(await page.content()).includes(before));
    await page.getByRole('link', { name: 'Show' }).click();
    await page.getByText(before).waitFor();
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.getByText('The previous secret stays valid until').waitFor();
    const now = (await api('GET', `/v2/webhooks/${id}/secret`)).key;
    assert.notEqual(now, before);
    assert.equal(await page.locator('#secret').textContent(), now);
    await accessible(page, 'a secret');
});

test('whoever saves second is told what the first has changed, and loses nothing', async (t) => {
    const { id } = await webhook({ condition: { actorId: newId('actor') }, requestUrl: 'http://127.0.0.1:9/both' });
    const page = await consoleAt(t, `/webhooks/${id}?tab=settings`);
    await api('PUT', `/v2/webhooks/${id}`, { title: 'Theirs' });
    await page.getByLabel('Name').fill('Yours');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const row = page.getByRole('row', { name: /title/ });
    await row.waitFor();
    assert.match(await row.textContent(), /Theirs.*Yours/);
    await accessible(page, 'two people');
    assert.equal((await api('GET', `/v2/webhooks/${id}`)).title, 'Theirs');
    assert.equal(await page.getByLabel('Name').inputValue(), 'Yours');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Yours' }).waitFor();
    await loaded(page);
    assert.equal((await api('GET', `/v2/webhooks/${id}`)).title, 'Yours');
});
