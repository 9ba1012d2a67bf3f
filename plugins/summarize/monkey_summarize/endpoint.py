"""An OpenAI-compatible endpoint, and patience with it.

A try has a deadline for all of it, however the server dawdles, and an answer may have so many bytes
and no more. What may pass is tried again, each time after a longer pause; what will not pass is an
error at once. Redirects are not followed: the key is for the host that was named.
"""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from monkeycli.errors import ItemError, ModelError

Messages = Sequence[Mapping[str, str]]

MAX_ANSWER = 1 << 20
"""Bytes of the longest answer."""

MAX_PAUSE = 30.0
"""Longest pause between two tries, in seconds, even if the server asks for a longer one."""

_AGAIN = {408, 409, 425, 429, 500, 502, 503, 504, 529}
"""Statuses that may pass."""

_HOPELESS = {401, 402, 403, 404, 405}
"""Statuses that every image would meet with."""


@dataclass(frozen=True)
class Patience:
    """How long an endpoint is waited for."""

    timeout: float = 120.0
    """Seconds that one try may take in all."""
    tries: int = 4
    """How often one question is asked."""
    pause: float = 1.0
    """Seconds before the second try; twice as many before each further one."""


@dataclass(frozen=True)
class Endpoint:
    """Who is asked."""

    url: str
    """Of the API, as `http://localhost:8000/v1`."""
    model: str
    key: str | None = None
    """Sent as a bearer token; None to send none."""
    patience: Patience = Patience()

    async def ask(self, client: httpx2.AsyncClient, messages: Messages) -> str:
        """Have one message written.

        Raises:
            ModelError: the endpoint cannot be reached, or refuses us altogether.
            ItemError: it refuses these messages, or gave nothing usable however often it was asked.
        """
        failure: _Passing | None = None
        for attempt in range(self.patience.tries):
            if failure is not None:
                await asyncio.sleep(self._pause(attempt, failure))
            try:
                async with asyncio.timeout(self.patience.timeout):
                    return await self._ask_once(client, messages)
            except TimeoutError:
                failure = _Passing(f"it took longer than {self.patience.timeout:g} s")
            except _Passing as passing:
                failure = passing
        assert failure is not None
        what = f"{self.url} gave no answer in {self.patience.tries} tries: {failure}"
        if failure.is_connection:
            raise ModelError(what, "see whether OPENAI_BASE_URL is right and the server runs")
        hint = "try again later with --retry-failed"
        raise ItemError("internal", what, hint, stage="fuse", retryable=True)

    async def _ask_once(self, client: httpx2.AsyncClient, messages: Messages) -> str:
        body = {"model": self.model, "messages": list(messages)}
        status, headers, data = await self._post(client, {**body, "temperature": 0})
        if status == 400 and "temperature" in _find_message(data):  # models that think take none
            status, headers, data = await self._post(client, body)
        if status != 200:
            raise self._refusal(status, headers, data)
        return _find_text(data)

    async def _post(
        self, client: httpx2.AsyncClient, body: Mapping[str, Any]
    ) -> tuple[int, httpx2.Headers, bytes]:
        """Send a request; give the answer's status, headers and body."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        url = f"{self.url}/chat/completions"
        try:
            async with client.stream("POST", url, json=body, headers=headers) as response:
                return response.status_code, response.headers, await _read(response)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise _Passing(_reason(error), is_connection=True) from error
        except httpx2.InvalidURL as error:
            raise ModelError(f"OPENAI_BASE_URL is no address: {error}") from error
        except httpx2.HTTPError as error:
            raise _Passing(_reason(error)) from error

    def _refusal(self, status: int, headers: httpx2.Headers, data: bytes) -> Exception:
        """Say what a status other than 200 means."""
        said = _find_message(data)
        what = f"{self.url} answered {status}" + (f": {said}" if said else "")
        if status in _AGAIN:
            return _Passing(f"it answered {status}", _seconds(headers.get("Retry-After")))
        if status in _HOPELESS or 300 <= status < 400:
            hint = "see whether OPENAI_BASE_URL, OPENAI_API_KEY and the model's name are right"
            return ModelError(what, hint)
        return ItemError("internal", what, stage="fuse")

    def _pause(self, attempt: int, failure: "_Passing") -> float:
        """Give the seconds to wait before a try; not all who wait return at once."""
        pause = self.patience.pause * 2 ** (attempt - 1) * random.uniform(0.8, 1.2)  # noqa: S311
        return min(max(pause, failure.wait), MAX_PAUSE)


class _Passing(Exception):  # noqa: N818 - it is no error yet
    """A failure that may pass."""

    def __init__(self, what: str, wait: float = 0.0, *, is_connection: bool = False) -> None:
        super().__init__(what)
        self.wait = wait
        self.is_connection = is_connection


async def _read(response: httpx2.Response) -> bytes:
    """Read an answer; one without an end is given up."""
    data = bytearray()
    async for chunk in response.aiter_bytes():
        data += chunk
        if len(data) > MAX_ANSWER:
            raise _Passing(f"its answer is longer than {MAX_ANSWER} bytes")
    return bytes(data)


def _find_text(data: bytes) -> str:
    """Find what was written in an answer."""
    try:
        text = json.loads(data)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _Passing("its answer is no chat completion") from error
    if text is None:
        return ""
    if not isinstance(text, str):
        raise _Passing("its answer is no chat completion")
    return text


def _find_message(data: bytes) -> str:
    """Find what a server says of its refusal: one short line, or nothing."""
    try:
        fields: Any = json.loads(data)
        error = fields.get("error", fields)
        said = error.get("message", "") if isinstance(error, dict) else error
    except (ValueError, AttributeError, RecursionError):
        return ""
    line = "".join(char if char.isprintable() else " " for char in str(said))
    return " ".join(line.split())[:200]


def _seconds(header: str | None) -> float:
    """Read how long a server wants to be left alone; a date is not understood."""
    try:
        return max(float(header or 0), 0.0)
    except ValueError:
        return 0.0


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
