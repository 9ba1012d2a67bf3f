"""A server on this machine that misbehaves in every way there is; nobody waits forever."""

import asyncio
import time

import httpx2
import pytest
from monkey_summarize import endpoint as endpoint_module
from monkey_summarize.endpoint import Endpoint, Patience

from monkeycli.errors import ItemError, ModelError
from tests.loopback_endpoint import (
    LoopbackEndpoint,
    body,
    close,
    completion,
    drip,
    flood,
    hang,
    status,
    truncate,
)

HASTY = Patience(timeout=0.5, tries=3, pause=0.01)
MESSAGES = [{"role": "user", "content": "notes"}]


def ask(server, patience=HASTY, key=None):
    url = server if isinstance(server, str) else server.url
    endpoint = Endpoint(url, "some-model", key, patience)

    async def once():
        async with httpx2.AsyncClient(timeout=None) as client:
            return await endpoint.ask(client, MESSAGES)

    return asyncio.run(once())


def test_it_is_asked_as_the_api_says():
    with LoopbackEndpoint("A dog.") as server:
        assert ask(server, key="secret") == "A dog."

    (asked,) = server.asked
    assert asked["path"] == "/v1/chat/completions"
    assert asked["model"] == "some-model"
    assert asked["messages"] == MESSAGES
    assert server.headers[0]["authorization"] == "Bearer secret"


def test_without_a_key_none_is_sent():
    with LoopbackEndpoint("A dog.") as server:
        ask(server)

    assert "authorization" not in server.headers[0]


def test_a_model_that_takes_no_temperature_is_asked_without():
    refusal = status(400, "Unsupported value: 'temperature' does not support 0 with this model.")
    with LoopbackEndpoint(refusal, "A dog.") as server:
        assert ask(server) == "A dog."

    assert [asked.get("temperature") for asked in server.asked] == [0, None]


FAULTS = {
    "429": status(429),
    "500": status(500),
    "503": status(503),
    "hangs": hang,
    "hangs up": close,
    "hangs up in the middle": truncate,
    "JSON that ends early": body(completion("A dog.")[:-9]),
    "no JSON": body(b"<html>"),
    "another kind of JSON": body(b'{"choices": []}'),
    "no text": body(b'{"choices": [{"message": {"content": {"a": 1}}}]}'),
    "floods": flood,
    "drips": drip,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_passes_is_waited_for(fault):
    with LoopbackEndpoint(FAULTS[fault], FAULTS[fault], "A dog.") as server:
        assert ask(server) == "A dog."
    assert len(server.asked) == 3


@pytest.mark.parametrize("fault", FAULTS)
def test_what_does_not_pass_is_given_up_in_time(fault):
    started = time.monotonic()
    with (
        LoopbackEndpoint(FAULTS[fault]) as server,
        pytest.raises(ItemError, match="gave no answer in 3 tries") as caught,
    ):
        ask(server)

    assert caught.value.retryable
    assert len(server.asked) == 3
    assert time.monotonic() - started < 20, "three tries of half a second, on a busy machine"


def test_an_answer_may_be_empty():
    with LoopbackEndpoint(body(completion(None))) as server:
        assert ask(server) == ""


@pytest.mark.parametrize("number", [401, 403, 404])
def test_what_every_image_would_meet_with_ends_the_run_at_once(number):
    with (
        LoopbackEndpoint(status(number, "who\nare you?\x1b[31m")) as server,
        pytest.raises(
            ModelError, match=f"answered {number}: who are you.*OPENAI_API_KEY"
        ) as caught,
    ):
        ask(server, key="secret")

    assert len(server.asked) == 1
    assert "secret" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("number", [400, 413, 422])
def test_what_one_image_is_refused_for_costs_that_image(number):
    with (
        LoopbackEndpoint(status(number, "too long")) as server,
        pytest.raises(ItemError, match=f"answered {number}: too long"),
    ):
        ask(server)
    assert len(server.asked) == 1


def test_a_redirect_does_not_get_the_key():
    with LoopbackEndpoint("stolen") as thief:
        moved = status(307, Location=f"{thief.url}/chat/completions")
        with LoopbackEndpoint(moved) as server, pytest.raises(ModelError, match="answered 307"):
            ask(server, key="secret")

    assert not thief.asked


def test_a_server_that_is_not_there_ends_the_run():
    with LoopbackEndpoint("A dog.") as server:
        url = server.url

    with pytest.raises(ModelError, match=r"gave no answer.*OPENAI_BASE_URL"):
        ask(url)


def test_pauses_grow_and_follow_the_servers_wish_within_reason(monkeypatch):
    pauses = []

    async def note(seconds):
        pauses.append(seconds)

    monkeypatch.setattr(endpoint_module.asyncio, "sleep", note)
    replies = [status(500)] * 3 + [status(429, Retry_After="9"), status(429, Retry_After="999")]
    with LoopbackEndpoint(*replies, status(429, Retry_After="Fri, 1 Jan"), "A dog.") as server:
        assert ask(server, Patience(timeout=5, tries=7, pause=1)) == "A dog."

    assert 0.8 <= pauses[0] <= 1.2
    assert 1.6 <= pauses[1] <= 2.4
    assert 3.2 <= pauses[2] <= 4.8
    assert 9 <= pauses[3] <= 9.6
    assert pauses[4] == 30
    assert pauses[5] >= 20
