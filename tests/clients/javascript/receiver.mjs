// A receiver of webhooks on any free port of loopback. Keeps every POST it gets, and answers as it is told: 200, if nothing else.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

// Long enough for the slowest machine: a wait that ends so has failed.
export const PATIENCE = 60_000;

export class Receiver {
    #answers = new Map();
    #posts = [];
    #server = createServer(async (request, response) => {
        const body = (await buffer(request)).toString();
        this.#posts.push({ path: request.url, headers: request.headers, body, json: () => JSON.parse(body) });
        response.writeHead(this.#answers.get(request.url) ?? 200).end();
        this.#server.emit('arrival');
    });

    static async start() {
        const receiver = new Receiver();
        receiver.#server.listen(0, '127.0.0.1');
        await once(receiver.#server, 'listening');
        return receiver;
    }

    url(path) {
        return `http://127.0.0.1:${this.#server.address().port}${path}`;
    }

    /** Answers every POST to a path with this status. */
    answer(path, status) {
        this.#answers.set(path, status);
    }

    posts(path) {
        return this.#posts.filter((post) => post.path === path);
    }

    /** The POSTs to a path, once there are so many. */
    async waitFor(path, count = 1) {
        const signal = AbortSignal.timeout(PATIENCE);
        while (this.posts(path).length < count) await once(this.#server, 'arrival', { signal });
        return this.posts(path);
    }

    stop() {
        this.#server.close();
        this.#server.closeAllConnections();
    }
}
