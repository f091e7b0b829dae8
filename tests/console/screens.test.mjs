// Every screen, in both themes, on a telephone and on a desk: as pictures, and for whatever keeps people out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { API, TOKEN, accessible, api, dispatches, loaded, newId, notices, page as newPage, picture, receiver, startRun, webhook } from './browser.mjs';

// An actor with webhooks in every state, and what they have sent.
async function scenery(t) {
    const [there, actor] = [await receiver(t), newId('actor')];
    const on = (path, title, more) => webhook({ condition: { actorId: actor }, requestUrl: there.url(path), title, ...more });
    there.script('/warehouse', [200, 200, { status: 503, text: '{"error": "try later"}', headers: { 'retry-after': '1' } }, 200]);
    there.script('/alerts', [410]);
    there.script('/old', [500]);
    const good = await on('/warehouse', 'Load into the warehouse', {
        eventTypes: ['ACTOR.RUN.SUCCEEDED'], payloadTemplate: '{\n  "run": {{resource.id}},\n  "dataset": {{resource.defaultDatasetId}}\n}',
        headersTemplate: '{"Authorization": "Bearer top-secret"}',
    });
    const gone = await on('/alerts', 'Alert the team', { eventTypes: ['ACTOR.RUN.FAILED', 'ACTOR.RUN.TIMED_OUT'] });
    const failing = await on('/old', 'Old reporting server', { eventTypes: ['ACTOR.RUN.CREATED'] });
    await on('/notes', 'Notes', { eventTypes: ['ACTOR.RUN.ABORTED'], isEnabled: false });
    await webhook({ condition: { actorRunId: newId('run') }, requestUrl: there.url('/once'), title: 'Tell me once', isAdHoc: true });
    for (let n = 0; n < 12; n += 1) await startRun(actor, n === 7 ? 'FAILED' : 'SUCCEEDED');
    const sent = await dispatches(good.id, 11, (one) => one.status === 'SUCCEEDED');
    await dispatches(gone.id, 1, (one) => one.status === 'FAILED');
    await notices(gone.id, 1);
    const [waiting] = await dispatches(failing.id, 12, (one) => one.calls.length >= 2);
    const retried = sent.find((one) => one.calls.length > 1);
    const run = retried.eventData.actorRunId;
    return { actor, good: good.id, gone: gone.id, waiting: waiting.id, retried: retried.id, run };
}

test('every screen in every size and theme', async (t) => {
    const { actor, good, gone, waiting, retried, run } = await scenery(t);
    const screens = {
        'webhooks': `/actors/${actor}`,
        'empty': `/actors/${newId('actor')}`,
        'add': `/webhooks/new?actorId=${actor}`,
        'webhook': `/webhooks/${good}`,
        'webhook-off': `/webhooks/${gone}`,
        'notices': `/webhooks/${gone}?tab=notices`,
        'notices-none': `/webhooks/${good}?tab=notices`,
        'settings': `/webhooks/${good}?tab=settings`,
        'secret': `/webhooks/${good}?tab=secret`,
        'dispatches': '/dispatches',
        'dispatch-waiting': `/dispatches/${waiting}`,
        'dispatch-retried': `/dispatches/${retried}?call=1`,
        'dispatch-request': `/dispatches/${retried}?call=1&part=request`,
        'run': `/runs/${run}`,
        'not-found': '/webhooks/00000000000000000',
    };
    for (const theme of ['light', 'dark']) {
        for (const width of [360, 1280]) {
            const page = await newPage(t, { theme, width, height: width === 360 ? 740 : 800 });
            for (const [name, path] of Object.entries(screens)) {
                await page.goto(`${API}/console${path}#token=${TOKEN}`);
                await loaded(page);
                await accessible(page, `${name} ${theme} ${width}`);
                await picture(page, `${name}-${theme}-${width}`);
            }
        }
    }
});

test('the first list costs little', async (t) => {
    const page = await newPage(t);
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    let [requests, bytes] = [0, 0];
    session.on('Network.requestWillBeSent', ({ request }) => { requests += request.url.startsWith('http') ? 1 : 0; });
    session.on('Network.loadingFinished', ({ encodedDataLength }) => { bytes += encodedDataLength; });
    await page.goto(`${API}/console/#token=${TOKEN}`);
    await loaded(page);
    t.diagnostic(`the first list: ${requests} requests, ${bytes} bytes on the wire`);
    assert.ok(requests <= 4, `${requests} requests`);
    assert.ok(bytes <= 60_000, `${bytes} bytes`);
    await api('GET', '/v2/webhooks');
});
