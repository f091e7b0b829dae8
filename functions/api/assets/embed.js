// <runhooks-webhooks actor-id="…"> or task-id="…": the webhooks of an actor or a task, in a frame of the console.
// The token comes from the page: set `element.token = async (reason) => '…'`, or answer the event `runhooks-token` with `event.detail.respond('…')`.
const console_ = new URL('.', import.meta.url);

class RunhooksWebhooks extends HTMLElement {
    static observedAttributes = ['actor-id', 'task-id', 'theme'];

    #token = null;
    #wanted = null;
    #frame = null;

    constructor() {
        super();
        // It may have been set before this was loaded.
        if (!Object.hasOwn(this, 'token')) return;
        const { token } = this;
        delete this.token;
        this.token = token;
    }

    set token(token) {
        this.#token = token;
        if (this.#wanted) this.#answer(this.#wanted);
    }

    get token() {
        return this.#token;
    }

    connectedCallback() {
        this.#frame = document.createElement('iframe');
        this.#frame.title = 'Webhooks';
        this.#frame.style.cssText = 'border:0;display:block;inline-size:100%;block-size:20rem';
        this.#frame.referrerPolicy = 'no-referrer';
        this.#frame.allow = 'clipboard-write';
        window.addEventListener('message', this);
        this.#load();
        this.append(this.#frame);
    }

    disconnectedCallback() {
        window.removeEventListener('message', this);
        this.#frame?.remove();
        this.#frame = null;
    }

    attributeChangedCallback(_, before, after) {
        if (this.#frame && before !== after) this.#load();
    }

    handleEvent({ source, origin, data }) {
        if (!this.#frame || source !== this.#frame.contentWindow || origin !== console_.origin) return;
        if (data?.type === 'runhooks:height') this.#frame.style.blockSize = `${data.height}px`;
        if (data?.type === 'runhooks:token-wanted') this.#answer(data.reason);
    }

    async #answer(reason) {
        this.#wanted = reason;
        const respond = (token) => {
            this.#wanted = null;
            // Nobody but the console gets it, whatever is in the frame by now.
            this.#frame?.contentWindow.postMessage({ type: 'runhooks:token', token }, console_.origin);
        };
        if (typeof this.#token === 'function') {
            respond(await this.#token(reason));
            return;
        }
        this.dispatchEvent(new CustomEvent('runhooks-token', { bubbles: true, composed: true, detail: { reason, respond } }));
    }

    #load() {
        const [kind, id] = this.hasAttribute('task-id') ? ['actor-tasks', this.getAttribute('task-id')] : ['actors', this.getAttribute('actor-id')];
        const url = new URL(`${kind}/${encodeURIComponent(id ?? '')}`, console_);
        if (this.hasAttribute('theme')) url.searchParams.set('theme', this.getAttribute('theme'));
        this.#frame.src = url.href;
    }
}

customElements.define('runhooks-webhooks', RunhooksWebhooks);
