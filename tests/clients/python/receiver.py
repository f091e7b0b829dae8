"""A receiver of webhooks on loopback, on any free port unless it is told which. Keeps every POST it gets, and answers as it is told: 200, if nothing else."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Long enough for the slowest machine: a wait that ends so has failed.
PATIENCE = 60


@dataclass
class Post:
    path: str
    headers: Message
    body: bytes

    def json(self):
        return json.loads(self.body)


class Receiver:
    def __init__(self, port: int = 0) -> None:
        self._arrival = threading.Condition()
        self._posts: list[Post] = []
        self._answers: dict[str, int] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def answer(self, path: str, status: int) -> None:
        """Answers every POST to a path with this status."""
        self._answers[path] = status

    def posts(self, path: str) -> list[Post]:
        with self._arrival:
            return [post for post in self._posts if post.path == path]

    def wait_for(self, path: str, count: int = 1) -> list[Post]:
        """The POSTs to a path, once there are so many."""
        self.wait_until(lambda posts: sum(post.path == path for post in posts) >= count, f"{count} POSTs to {path}")
        return self.posts(path)

    def wait_until(self, is_enough: Callable[[list[Post]], bool], what: str) -> None:
        with self._arrival:
            arrived = self._arrival.wait_for(lambda: is_enough(self._posts), PATIENCE)
            assert arrived, f"waited in vain for {what}; there were {[post.path for post in self._posts]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(receiver) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with receiver._arrival:
                    receiver._posts.append(Post(self.path, self.headers, body))
                    receiver._arrival.notify_all()
                self.send_response(receiver._answers.get(self.path, 200))
                self.end_headers()

            def log_message(self, *_) -> None:
                pass

        return Handler
