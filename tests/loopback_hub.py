"""A hub on this machine: the few endpoints that a pull needs, and ways for it to go wrong."""

import hashlib
import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Self

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class LoopbackHub(ThreadingHTTPServer):
    """Serves one repository until it is closed.

    Args:
        repo: its name.
        files: its files' contents, by name.
    """

    daemon_threads = True

    def __init__(self, repo: str, files: dict[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repo = repo
        self.files = files
        self.sent: list[tuple[str, int, int]] = []
        """What was sent: a file's name, the first byte and how many."""
        self.breaks_after: dict[str, int] = {}
        """Files whose connection breaks after so many bytes; from then on the hub is down."""
        self.stalls_after: dict[str, int] = {}
        """Files of which so many bytes are sent, and then nothing until the hub is closed."""
        self.damaged: set[str] = set()
        """Files whose last byte is flipped on its way."""
        self.is_down = False
        self.is_closing = Event()
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        """What HF_ENDPOINT has to be."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closing.set()
        self.shutdown()
        self.server_close()

    def checksum(self, name: str) -> str:
        """Give what the hub knows a file by: sha256 if it is large, else git's sha1."""
        data = self.files[name]
        if name.endswith((".bin", ".safetensors")):
            return hashlib.sha256(data).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LoopbackHub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if self.server.is_down:
            self._answer(503, b"down")
        elif match := re.fullmatch(r"/api/models/(.+?)(?:/revision/(.+))?", path):
            self._describe(match[1], match[2])
        elif match := re.fullmatch(r"/(.+)/resolve/(.+?)/(.+)", path):
            self._answer_file(match[3])
        else:
            self._answer(404, b"")

    def _describe(self, repo: str, revision: str | None) -> None:
        if repo != self.server.repo:
            self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif revision not in {None, "main", COMMIT}:
            self._answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        else:
            siblings = [{"rfilename": name} for name in self.server.files]
            fields = {"id": repo, "sha": COMMIT, "siblings": siblings}
            self._answer(200, json.dumps(fields).encode())

    def _answer_file(self, name: str) -> None:
        if name not in self.server.files:
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        data = self.server.files[name]
        headers = {"ETag": f'"{self.server.checksum(name)}"', "X-Repo-Commit": COMMIT}
        if name in self.server.damaged:
            data = data[:-1] + bytes([data[-1] ^ 1])
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else 0
        if asked:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self._send_head(206 if asked else 200, len(data) - start, headers)
        if self.command == "GET":
            self._send_file(name, start, data[start:])

    def _send_file(self, name: str, start: int, data: bytes) -> None:
        hub = self.server
        is_stalling = name in hub.stalls_after
        if name in hub.breaks_after:
            data = data[: hub.breaks_after.pop(name)]
            hub.is_down = self.close_connection = True
        elif is_stalling:
            data = data[: hub.stalls_after.pop(name)]
        hub.sent.append((name, start, len(data)))
        self.wfile.write(data)
        if is_stalling:
            hub.is_closing.wait()

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self._send_head(status, len(body), headers or {})
        if self.command == "GET":
            self.wfile.write(body)

    def _send_head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for header, value in (headers | {"Content-Length": str(length)}).items():
            self.send_header(header, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
