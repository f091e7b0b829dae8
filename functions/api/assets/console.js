// What a browser alone cannot do: keeps the token, fetches pages with it, and puts them into the middle of this one. The server draws everything.
const KEY = 'runhooks-token';
const main = document.getElementById('main');
const notice = document.getElementById('notice');
const root = document.documentElement;
const isFramed = window.parent !== window;
let token = null;
let current = 0;
let slow = null;

// --- The token: from the fragment or from the page around this one; in memory and in this tab, never in a cookie or a query. -------------------
function keep(value) {
    token = value;
    try { sessionStorage.setItem(KEY, value); } catch { /* It stays in memory. */ }
}

function forget() {
    token = null;
    try { sessionStorage.removeItem(KEY); } catch { /* It was only in memory. */ }
}

function remembered() {
    const given = new URLSearchParams(location.hash.slice(1)).get('token');
    if (given) {
        history.replaceState(history.state, '', location.pathname + location.search);
        keep(given);
    }
    try { token ??= sessionStorage.getItem(KEY); } catch { /* There is none. */ }
    return token;
}

// Whoever is around this page may be anybody: only wishes go out. Who may be around it at all, the policy of this page says.
const tell = (message) => isFramed && window.parent.postMessage(message, '*');
let waiting = [];

function askForToken(reason) {
    return new Promise((resolve) => {
        waiting.push(resolve);
        clearTimeout(slow);
        if (root.hasAttribute('data-embedded') && isFramed) {
            tell({ type: 'runhooks:token-wanted', reason });
            setTimeout(() => waiting.includes(resolve) && say('The page around this one has given no token yet.'), 10_000);
            return;
        }
        say(reason === 'expired' ? 'Your token has expired or was revoked. What you typed is kept.' : '');
        if (document.querySelector('[data-sign-in]')) return;
        const form = document.getElementById('sign-in').content.cloneNode(true);
        if (reason === 'expired') notice.append(form); else main.replaceChildren(form);
        document.getElementById('token').focus();
        main.removeAttribute('aria-busy');
    });
}

function signedIn(value) {
    keep(value);
    say('');
    for (const resolve of waiting.splice(0)) resolve();
}

window.addEventListener('message', (event) => {
    const message = event.data;
    if (!isFramed || event.source !== window.parent || message?.type !== 'runhooks:token') return;
    if (typeof message.token === 'string' && message.token) signedIn(message.token);
});

// --- Asking the server ---------------------------------------------------------------------------------------------------------------------------
class Aborted extends Error {}

async function ask(url, body) {
    for (let attempt = 0; ; attempt += 1) {
        if (!token) await askForToken('missing');
        const used = token;
        const response = await fetch(url, {
            method: body ? 'POST' : 'GET',
            body,
            headers: { Authorization: `Bearer ${used}`, Accept: 'text/html' },
            cache: 'no-store',
            credentials: 'omit',
        });
        if (response.status !== 401 || attempt > 4) return response;
        if (token === used) forget();
        if (!token) await askForToken('expired');
    }
}

function say(text, retry) {
    notice.replaceChildren();
    if (!text) return;
    const line = document.createElement('p');
    line.textContent = text;
    notice.append(line);
    if (!retry) return;
    const button = document.createElement('button');
    button.textContent = 'Try again';
    button.addEventListener('click', () => { say(''); retry(); });
    notice.append(button);
}

// --- Pages ---------------------------------------------------------------------------------------------------------------------------------------
// `how`: push (a new address), replace, or stay (whatever is shown).
async function go(url, how = 'push', body = undefined) {
    const mine = current += 1;
    clearTimeout(slow);
    slow = setTimeout(() => main.setAttribute('aria-busy', 'true'), 150);
    try {
        const response = await ask(url, body);
        if (mine !== current) throw new Aborted();
        const next = response.headers.get('console-location');
        if (next) return await go(next, 'push');
        const html = await response.text();
        if (mine !== current) throw new Aborted();
        remember();
        const address = show(html);
        if (body && !address && !response.ok) how = 'stay';
        const shown = address ?? url;
        if (how === 'push') history.pushState({ scroll: 0 }, '', shown);
        if (how === 'replace' || (how === 'stay' && address)) history.replaceState(history.state, '', shown);
        settle(how);
        say('');
    } catch (error) {
        if (error instanceof Aborted) return undefined;
        say('The connection was lost. Nothing on this page is gone.', () => go(url, how, body));
    } finally {
        clearTimeout(slow);
        if (mine === current) main.removeAttribute('aria-busy');
    }
    return undefined;
}

function show(html) {
    const page = document.createElement('template');
    page.innerHTML = html;
    main.replaceChildren(page.content);
    const article = main.querySelector('article');
    document.title = `${article?.dataset.title ?? 'Webhooks'} · Runhooks`;
    for (const link of document.querySelectorAll('header.site [data-nav]')) {
        if (link.dataset.nav === article?.dataset.nav) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
    }
    poll();
    return article?.dataset.address;
}

function settle(how) {
    const target = main.querySelector('[role=alert]') ?? main.querySelector('[data-focus]') ?? main.querySelector('h1');
    if (how === 'keep') return;
    if (target?.getAttribute('role') === 'alert') target.setAttribute('tabindex', '-1');
    target?.focus({ preventScroll: true });
    window.scrollTo(0, how === 'pop' ? history.state?.scroll ?? 0 : 0);
    if (target?.getAttribute('role') === 'alert') target.scrollIntoView({ block: 'center' });
}

const remember = () => history.replaceState({ ...history.state, scroll: window.scrollY }, '');
const isOurs = (url) => url.origin === location.origin && url.pathname.startsWith('/console');

document.addEventListener('click', (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const button = event.target.closest('button[type=button]');
    if (button) act(button);
    const link = event.target.closest('a[href]');
    if (!link || link.classList.contains('skip')) return;
    const url = new URL(link.href);
    if (!isOurs(url)) return;
    event.preventDefault();
    const top = window.scrollY;
    const keeps = 'keep' in link.dataset;
    go(url.pathname + url.search).then(() => keeps && window.scrollTo(0, top));
});

document.addEventListener('submit', (event) => {
    const form = event.target;
    event.preventDefault();
    if ('signIn' in form.dataset) {
        signedIn(new FormData(form).get('token').trim());
        return;
    }
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    const url = new URL(form.getAttribute('action'), location.href);
    if (form.method === 'post') {
        go(url.pathname + url.search, 'stay', fields);
        return;
    }
    for (const [name, value] of [...fields]) if (!value) fields.delete(name);
    go(`${url.pathname}?${fields}`);
});

window.addEventListener('popstate', () => go(location.pathname + location.search, 'pop'));

// --- Small things on pages -------------------------------------------------------------------------------------------------------------------------
async function act(button) {
    const { copy, goto, insert, post, into } = button.dataset;
    if ('reload' in button.dataset) go(location.pathname + location.search, 'replace');
    if (copy) {
        const words = button.textContent;
        try {
            await navigator.clipboard.writeText(document.getElementById(copy).textContent);
            button.textContent = 'Copied';
        } catch {
            getSelection().selectAllChildren(document.getElementById(copy));
            button.textContent = 'Selected';
        }
        setTimeout(() => { button.textContent = words; }, 1500);
    }
    if (goto) {
        const area = document.getElementById(goto);
        const lines = area.value.split('\n').slice(0, button.dataset.line - 1);
        const at = lines.join('\n').length + (lines.length ? 1 : 0) + Number(button.dataset.column) - 1;
        area.focus();
        area.setSelectionRange(at, at + 1);
    }
    if (insert) {
        const area = lastArea?.isConnected ? lastArea : document.getElementById('payloadTemplate');
        area.setRangeText(insert, area.selectionStart, area.selectionEnd, 'end');
        area.focus();
        area.dispatchEvent(new Event('input', { bubbles: true }));
    }
    if (post) {
        const place = document.getElementById(into);
        place.setAttribute('aria-busy', 'true');
        try {
            const response = await ask(post, new URLSearchParams(new FormData(button.form)));
            place.innerHTML = await response.text();
            say('');
        } catch {
            say('The connection was lost. What you typed is kept.', () => act(button));
        }
        place.removeAttribute('aria-busy');
    }
}

let lastArea = null;
document.addEventListener('focusin', (event) => { if (event.target.matches('textarea')) lastArea = event.target; });

// What is typed is looked at by the server when nobody has typed for a moment.
let typed = null;
document.addEventListener('input', (event) => {
    const form = event.target.closest('form[data-check]');
    if (!form) return;
    clearTimeout(typed);
    typed = setTimeout(async () => {
        try {
            const response = await ask(form.dataset.check, new URLSearchParams(new FormData(form)));
            if (!response.ok) return;
            const found = document.createElement('template');
            found.innerHTML = await response.text();
            for (const problem of found.content.querySelectorAll('[data-problem]')) {
                const place = form.querySelector(`[data-problem="${problem.dataset.problem}"]`);
                if (place && place.innerHTML !== problem.innerHTML) place.innerHTML = problem.innerHTML;
                document.getElementById(problem.dataset.problem)?.toggleAttribute('aria-invalid', problem.childElementCount > 0);
            }
        } catch { /* Saving will tell. */ }
    }, 300);
});

// What goes on is looked at again, for as long as it is shown and goes on.
let watched = null;
function poll() {
    clearTimeout(watched);
    const part = main.querySelector('[data-poll]');
    if (!part) return;
    watched = setTimeout(async () => {
        try {
            const response = document.hidden ? null : await ask(part.dataset.poll);
            if (response?.ok && part.isConnected) {
                const page = document.createElement('template');
                page.innerHTML = await response.text();
                const fresh = page.content.getElementById(part.id);
                const isOver = fresh && !fresh.dataset.poll;
                if (fresh) part.replaceWith(fresh);
                if (isOver && part.dataset.poll === location.pathname) go(location.pathname + location.search, 'keep');
            }
        } catch { /* The next look may do. */ }
        poll();
    }, Number(part.dataset.every));
}

// --- In somebody else's page -------------------------------------------------------------------------------------------------------------------------
if (isFramed) {
    new ResizeObserver(() => tell({ type: 'runhooks:height', height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
}
if (!isFramed) root.removeAttribute('data-embedded');
history.scrollRestoration = 'manual';
remembered();
go(location.pathname + location.search, 'replace');
