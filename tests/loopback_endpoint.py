"""An OpenAI-compatible endpoint on this machine that answers, or misbehaves, as it is told."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Self

Reply = str | Callable[["_Handler"], None]
"""What is written as an answer, or what is done instead."""


class LoopbackEndpoint(ThreadingHTTPServer):
    """Answers with what stands in `replies`, one after the other, then with the last again.

    Args:
        replies: texts, or functions such as `status(500)`.
    """

    daemon_threads = True

    def __init__(self, *replies: Reply) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Reply] = list(replies)
        self.asked: list[dict[str, object]] = []
        """The bodies of all requests."""
        self.headers: list[dict[str, str]] = []
        """The headers of all requests, names in lower case."""
        self.is_closing = Event()
        self.lock = Lock()
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        """What OPENAI_BASE_URL has to be."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closing.set()
        self.shutdown()
        self.server_close()

    def next_reply(self) -> Reply:
        """Take the next reply; the last one stays."""
        with self.lock:
            return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LoopbackEndpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append({"path": self.path, **json.loads(body)})
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        reply = self.server.next_reply()
        if callable(reply):
            reply(self)
        else:
            self.send(200, completion(reply))

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def completion(text: str | None) -> bytes:
    """Give the body of an answer."""
    message = {"role": "assistant", "content": text}
    return json.dumps({"choices": [{"index": 0, "message": message}]}).encode()


def status(number: int, message: str = "no", **headers: str) -> Reply:
    """Answer with a status and a reason."""
    body = json.dumps({"error": {"message": message}}).encode()
    return lambda handler: handler.send(number, body, **headers)


def body(data: bytes) -> Reply:
    """Answer with 200 and these bytes."""
    return lambda handler: handler.send(200, data)


def hang(handler: _Handler) -> None:
    """Say nothing until the end."""
    handler.server.is_closing.wait()
    handler.close_connection = True


def close(handler: _Handler) -> None:
    """Hang up without an answer."""
    handler.close_connection = True


def truncate(handler: _Handler) -> None:
    """Promise an answer, send half of it and hang up."""
    data = completion("A dog.")
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data[: len(data) // 2])
    handler.close_connection = True


def flood(handler: _Handler) -> None:
    """Answer without an end, as fast as it goes."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.is_closing.is_set():
        handler.wfile.write(b'{"choices": [' + b" " * 65536)


def drip(handler: _Handler) -> None:
    """Answer without an end, byte by byte: no pause is long, but all of it is."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.is_closing.wait(0.02):
        handler.wfile.write(b" ")
        handler.wfile.flush()
