"""The event stream over a real server, and a server that stops although streams are open."""

import asyncio
import json
import signal
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from edge.api.app import create_app
from edge.api.server import CannotListen, PageServer
from tests.api.fake_agent import NOW, FakeAgent, a_cart, away
from tests.api.serving import Served
from tests.support.waiting import wait_for

STOP_S = 3  # the whole agent's; the server must need less


@pytest.fixture
def agent():
    return FakeAgent(a_cart("c1"), a_cart("c2"))


@pytest.fixture
def served(agent):
    with Served(create_app(agent, clock=lambda: NOW, beat_s=0.3)) as running:
        yield running


def events(answer: httpx.Response) -> Iterator[dict[str, str]]:
    """The events of a stream, each as its fields."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif fields:
            yield fields
            fields = {}


def test_a_stream_tells_all_carts_then_changes_then_beats(agent, served):
    with httpx.stream("GET", f"{served.url}/api/v1/stream", timeout=5) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = events(answer)
        first = next(told)
        assert first["event"] == "carts" and first["id"]
        assert [cart["id"] for cart in json.loads(first["data"])] == ["c1", "c2"]

        served.do(lambda: agent.change(a_cart("c2", missing=[away("7", "r204")])))
        change = next(event for event in told if event["event"] == "carts")
        (cart,) = json.loads(change["data"])
        assert (cart["id"], cart["present"]) == ("c2", 29)
        assert cart["missing"][0]["last_room"] == "r204"
        assert change["id"] != first["id"]

        beat = next(event for event in told if event["event"] == "beat")
        assert json.loads(beat["data"]) == {"now": NOW}


def test_whoever_connects_again_gets_all_carts_as_they_are_now(agent, served):
    for expected in (30, 29):
        headers = {"last-event-id": "1"}
        with httpx.stream("GET", f"{served.url}/api/v1/stream", headers=headers) as answer:
            carts = json.loads(next(events(answer))["data"])
            assert [cart["present"] for cart in carts] == [expected, 30]
        served.do(lambda: agent.change(a_cart("c1", missing=[away("7")])))


def test_a_stream_that_is_left_is_forgotten(agent):
    app = create_app(agent, beat_s=0.1)
    with Served(app) as served:
        with httpx.stream("GET", f"{served.url}/api/v1/stream") as answer:
            told = events(answer)
            next(told)
            assert app.state.live.streams == 1
        wait_for(lambda: app.state.live.streams == 0, 5, "the end of the stream")


def test_open_streams_do_not_hold_up_the_stop(agent):
    async def stop_with_open_streams() -> float:
        server = PageServer(create_app(agent), "127.0.0.1", 0)
        await server.start()
        async with httpx.AsyncClient() as http:
            for path in ("/api/v1/stream", "/live/carts"):
                request = http.build_request("GET", f"http://127.0.0.1:{server.port}{path}")
                answer = await http.send(request, stream=True)
                await anext(answer.aiter_lines())
            began = time.monotonic()
            await server.stop()
            return time.monotonic() - began

    assert asyncio.run(stop_with_open_streams()) < STOP_S / 2


def test_a_taken_port_is_one_sentence_that_names_the_setting(agent):
    async def serve_twice() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(CannotListen) as refused:
                await PageServer(create_app(agent), "127.0.0.1", port).start()
        assert str(refused.value) == (
            f"port {port} on 127.0.0.1 is taken; choose another with [http] port in rollcall.toml"
        )

    asyncio.run(serve_twice())


def test_an_address_of_another_machine_is_one_sentence_too(agent):
    async def serve() -> None:
        with pytest.raises(CannotListen, match=r"192\.0\.2\.1"):
            await PageServer(create_app(agent), "192.0.2.1", 0).start()

    asyncio.run(serve())


def test_a_server_leaves_the_signals_alone(agent):
    async def serve() -> None:
        before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}
        server = PageServer(create_app(agent), "127.0.0.1", 0)
        await server.start()
        assert {s: signal.getsignal(s) for s in before} == before
        await server.stop()

    asyncio.run(serve())
