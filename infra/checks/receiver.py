#!/usr/bin/env python3
"""A receiver of webhooks on any free port of loopback: says 200 to every POST. Writes its URL and the bodies it got to two files."""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

DIRECTORY = Path(sys.argv[1])


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with (DIRECTORY / "received").open("ab") as received:
            received.write(body + b"\n")
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
(DIRECTORY / "receiver.url").write_text(f"http://127.0.0.1:{server.server_port}/hook\n")
server.serve_forever()
