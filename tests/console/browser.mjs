// A browser on a platform of its own, and what every journey wants of a page: no error, nothing that its policy had to stop, nothing that keeps
// people out.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { readFileSync, mkdirSync } from 'node:fs';
import { after } from 'node:test';
import { chromium } from 'playwright-core';

export const API = process.env.RUNHOOKS_API;
export const TOKEN = process.env.RUNHOOKS_TOKEN;
const shots = process.env.SCREENSHOTS;
mkdirSync(shots, { recursive: true });
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
after(() => browser.close());

// A page, and what went wrong in it.
export async function page(t, { width = 1280, height = 800, theme = 'light' } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] });
    const opened = await context.newPage();
    const wrong = [];
    opened.on('pageerror', (error) => wrong.push(String(error)));
    opened.on('dialog', (dialog) => { wrong.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
    opened.on('console', (line) => {
        // What the server refuses is shown in the page; a browser also notes it.
        if (line.type() === 'error' && !/Failed to load resource/.test(line.text())) wrong.push(line.text());
    });
    t.after(async () => {
        await context.close();
        assert.deepEqual(wrong, []);
    });
    return opened;
}

// The console at a path, signed in.
export async function consoleAt(t, path, { token = TOKEN, ...options } = {}) {
    const opened = await page(t, options);
    await opened.goto(`${API}/console${path}#token=${token}`);
    await loaded(opened);
    return opened;
}

export async function loaded(opened) {
    await opened.locator('main article').first().waitFor();
    await opened.waitForFunction(() => document.getElementById('main').getAttribute('aria-busy') !== 'true');
}

// Whatever keeps people out: nothing may.
export async function accessible(opened, name) {
    await opened.evaluate(axe);
    const { violations } = await opened.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(' | ')}`);
    assert.deepEqual(found, [], name);
}

// A picture, and that nothing is wider than the page.
export async function picture(opened, name) {
    const wide = await opened.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(wide <= 0, `${name} is ${wide} px too wide`);
    await opened.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
}

// A token as the platform signs it for a user of its own, with these claims.
export async function tokenWith(claims) {
    const answer = await fetch(`${API}/platform/user-tokens`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(claims),
    });
    return (await answer.json()).token;
}

export async function api(method, path, body, token = TOKEN) {
    const answer = await fetch(`${API}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) },
        body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text).data : undefined;
}

export const webhook = (fields, token) => api('POST', '/v2/webhooks', { eventTypes: ['ACTOR.RUN.SUCCEEDED', 'ACTOR.RUN.FAILED'], ...fields }, token);

export const startRun = (actor, finishAs = 'SUCCEEDED', afterMs = 50, token = TOKEN) =>
    api('POST', `/v2/acts/${actor}/runs?waitForFinish=60`, { finishAs, afterMs }, token);

// The dispatches of a webhook, once they are as many as wanted and as they should be.
export async function dispatches(id, count, isRight = () => true, token = TOKEN) {
    for (const until = Date.now() + 60_000; ;) {
        const { items } = await api('GET', `/v2/webhooks/${id}/dispatches?desc=1`, undefined, token);
        if (items.length >= count && items.every(isRight)) return items;
        if (Date.now() > until) throw new Error(`expected ${count} dispatches and ${isRight}: ${JSON.stringify(items)}`);
        await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
}

// The notices of a webhook, the newest first, once there are so many: the sweeper has to bring them.
export async function notices(id, count) {
    for (const until = Date.now() + 60_000; ;) {
        const { items } = await api('GET', `/v2/webhooks/${id}/notices?desc=1`);
        if (items.length >= count) return items;
        if (Date.now() > until) throw new Error(`expected ${count} notices: ${JSON.stringify(items)}`);
        await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
}

let ids = 0;
export const newId = (kind) => `${kind}${process.pid}x${ids += 1}`;

// A receiver whose answers are scripted by path; the last one is repeated. `null` closes the connection without one.
export async function receiver(t) {
    const [scripts, received, waiting] = [new Map(), [], []];
    const server = createServer((request, response) => {
        let body = '';
        request.on('data', (part) => { body += part; });
        request.on('end', () => {
            received.push({ path: request.url, headers: request.headers, body });
            for (const resolve of waiting.splice(0)) resolve();
            const script = scripts.get(request.url) ?? [200];
            const answer = script.length > 1 ? script.shift() : script[0];
            if (answer === null) return request.socket.destroy();
            const { status = answer, headers = {}, text = '' } = answer;
            return response.writeHead(status, headers).end(text);
        });
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    t.after(() => { server.closeAllConnections(); server.close(); });
    const url = (path) => `http://127.0.0.1:${server.address().port}${path}`;
    const first = async (path) => {
        for (;;) {
            const found = received.find((one) => one.path === path);
            if (found) return found;
            await new Promise((resolve) => { waiting.push(resolve); });
        }
    };
    return { url, received, first, script: (path, answers) => scripts.set(path, answers) };
}
