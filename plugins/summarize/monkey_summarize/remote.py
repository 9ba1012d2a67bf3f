"""`--fuse openai:MODEL`: descriptions by a model behind an OpenAI-compatible endpoint."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import httpx2

from monkey_summarize.cache import Cache
from monkey_summarize.endpoint import Endpoint, Messages, Patience
from monkey_summarize.messages import Prompt, clean_answer, make_prompt
from monkeycli.describing.providers import Draft, ProviderOptions
from monkeycli.errors import ModelError, UsageError

AT_ONCE = 4
"""Descriptions that are asked for at the same time."""


class OpenAiFuser:
    """Has a server write; a `Fuser`. It is asked nothing until there is something to write.

    Args:
        options: `where` is the model's name; `$OPENAI_MODEL` unless given.
        environ: has `OPENAI_BASE_URL`, which is never guessed, and `OPENAI_API_KEY` if one is
            needed.
        cache: of answers.
        patience: with the server.

    Raises:
        ModelError: no endpoint or no model is named.
        UsageError: the endpoint is named in a way that cannot be right.
    """

    def __init__(
        self,
        options: ProviderOptions,
        environ: Mapping[str, str] = os.environ,
        *,
        cache: Cache | None = None,
        patience: Patience | None = None,
    ) -> None:
        url, model = read_url(environ), options.where or environ.get("OPENAI_MODEL")
        if not model:
            raise ModelError("--fuse openai needs a model's name", "write --fuse openai:MODEL")
        key = environ.get("OPENAI_API_KEY", "").strip() or None
        if key and not (key.isascii() and key.isprintable()):
            raise UsageError("OPENAI_API_KEY holds characters that no key has")
        self._endpoint = Endpoint(url, model, key, patience or Patience())
        self._cache = cache or Cache()
        self.by = f"openai:{model}@{urlsplit(url).netloc}"

    def fuse(self, drafts: Sequence[Draft]) -> list[str]:
        """Write a description of each draft.

        Raises:
            ModelError: the endpoint cannot be reached, or refuses us altogether.
            ItemError: it refuses one draft, or gave nothing usable however often it was asked.
        """
        return asyncio.run(self._fuse(drafts))

    async def _fuse(self, drafts: Sequence[Draft]) -> list[str]:
        # The deadline is the endpoint's; the client's own would count each byte's anew.
        async with httpx2.AsyncClient(timeout=None, follow_redirects=False) as client:
            gate = asyncio.Semaphore(AT_ONCE)
            asked = [self._write(client, gate, draft) for draft in drafts]
            # All are waited for: what was answered is in the cache when one of them failed.
            answers = await asyncio.gather(*asked, return_exceptions=True)
        texts = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            texts.append(answer)
        return texts

    async def _write(
        self, client: httpx2.AsyncClient, gate: asyncio.Semaphore, draft: Draft
    ) -> str:
        messages = to_messages(make_prompt(draft))
        question = [self._endpoint.url, self._endpoint.model, list(messages)]
        text = self._cache.find(question)
        if text is None:
            async with gate:
                text = await self._endpoint.ask(client, messages)
            self._cache.keep(question, text)
        return clean_answer(text)


def to_messages(prompt: Prompt) -> Messages:
    """Give a prompt as chat messages: the rules are the system's, the notes the user's."""
    return (
        {"role": "system", "content": prompt.rules},
        {"role": "user", "content": prompt.user},
    )


def read_url(environ: Mapping[str, str]) -> str:
    """Read where the endpoint is.

    Raises:
        ModelError: that is not said.
        UsageError: it is no address, or one with a password in it.

    >>> read_url({"OPENAI_BASE_URL": "http://localhost:8000/v1/"})
    'http://localhost:8000/v1'
    """
    url = environ.get("OPENAI_BASE_URL", "").strip().rstrip("/")
    if not url:
        hint = "set OPENAI_BASE_URL, as http://localhost:8000/v1; nothing is sent anywhere else"
        raise ModelError("--fuse openai needs an endpoint", hint)
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_address = is_address and (parts.port is None or parts.port > 0)
    except ValueError:
        is_address = False
    if not is_address or parts.query or parts.fragment:
        raise UsageError("OPENAI_BASE_URL is no address", "write it as http://localhost:8000/v1")
    if parts.username is not None:
        raise UsageError("OPENAI_BASE_URL holds a user's name", "put the key in OPENAI_API_KEY")
    return url
