"""The stream that tells a page it is no longer true."""

import json

import httpx
import pytest

from edge.agent.live import Change
from edge.api.app import create_app
from tests.api.asking import ELSEWHERE, ask
from tests.api.fake_agent import NOW, FakeAgent
from tests.api.serving import Served
from tests.api.test_stream import events
from tests.support.waiting import wait_for


@pytest.fixture
def agent():
    return FakeAgent()


@pytest.fixture
def served(agent):
    with Served(create_app(agent, clock=lambda: NOW, beat_s=0.3)) as running:
        yield running


def test_a_page_is_told_at_once_then_of_changes_of_its_topics_then_beats(agent, served):
    with httpx.stream("GET", f"{served.url}/live/changes?of=alert", timeout=10) as answer:
        told = events(answer)
        assert next(told)["event"] == "changed"
        served.do(lambda: agent.live.publish([Change("device", "E280")]))
        beat = next(told)
        assert beat["event"] == "beat"
        assert json.loads(beat["data"]) == {"now": NOW}
        served.do(lambda: agent.live.publish([Change("alert", "1.0")]))
        assert "changed" in (next(told)["event"], next(told)["event"])


def test_the_server_ends_open_streams_when_it_stops(agent):
    app = create_app(agent)
    with (
        Served(app) as served,
        httpx.stream("GET", f"{served.url}/live/changes?of=device") as answer,
    ):
        told = events(answer)
        next(told)
        served.do(app.state.changes.close)
        assert list(told) == []
        wait_for(lambda: app.state.changes.streams == 0, 5, "the end of the stream")


def test_the_public_board_hears_of_carts_alone(agent):
    assert ask(create_app(agent), "/live/changes?of=device", client=ELSEWHERE).status_code == 403
