"""A doorway's trial from the module's radio to the page's buttons, with nothing faked between.

Two emulated M100 hear a tag that is carried from one to the other; the firmware under MicroPython,
a real mosquitto, the agent as a process; a person who presses what the page shows. Too long for
every day (the gateway is waited for at each power): `make soak` runs it.
"""

import random
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulator.modules.field import TagAnswer, make_tags
from simulator.modules.module import EmulatedModule
from simulator.modules.port import PtyPort, serve_pty
from simulator.modules.tag import Tag
from tests.chain.agent import AgentProcess
from tests.chain.test_real_input import PREFIX, SCHOOL
from tests.commands.test_gateway_run import RUN, started
from tests.support.broker import Broker
from tests.support.loop_thread import LoopThread

MOST_DBM = 12
BOUND_DBM = 8  # from here on both antennas hear a tag that passes them
POWERED = f"{SCHOOL}[gateways.gw-d1]\npower_dbm = {{ 1 = {MOST_DBM}, 2 = {MOST_DBM} }}\n"
WALK_S = 4.0


class Passage:
    """A tag's place, from -1 (beyond the first antenna) over the door at 0 to 1."""

    def __init__(self, tag: Tag) -> None:
        self.tag = tag
        self.side = -1
        self._began = -WALK_S

    def walk(self) -> None:
        """Through the door, in `WALK_S`."""
        self.side, self._began = -self.side, time.monotonic()
        time.sleep(WALK_S + 0.5)

    def place(self) -> float:
        part = min(1.0, (time.monotonic() - self._began) / WALK_S)
        return self.side * (2 * part - 1)


class Antenna:
    """A field in which a tag near the antenna answers, where the power reaches it."""

    def __init__(self, passage: Passage, at: float) -> None:
        self._passage = passage
        self._at = at

    def answer(
        self, antenna: int, at_s: float, power_dbm: float, frequency_mhz: float
    ) -> Sequence[TagAnswer]:
        away = abs(self._passage.place() - self._at)
        if away > 0.5 or power_dbm < BOUND_DBM:
            return []
        return [TagAnswer(self._passage.tag, -45.0 - 30 * away)]


@contextmanager
def modules(passage: Passage) -> Iterator[list[str]]:
    """The ptys of two modules, one on each side of the door."""
    with LoopThread("modules") as loop:

        async def serve() -> list[PtyPort]:
            rng = random.Random(1)
            fields = [Antenna(passage, at) for at in (-0.3, 0.3)]
            return [serve_pty(EmulatedModule("m100", field, rng=rng)) for field in fields]

        async def close() -> None:
            for port in ports:
                port.close()

        ports = loop.call(serve())
        yield [port.address for port in ports]
        loop.call(close())


class Person:
    """Does what the page says."""

    def __init__(self, url: str, passage: Passage) -> None:
        self._http = httpx.Client(base_url=url, follow_redirects=True, timeout=30)
        self._passage = passage

    def press(self, do: str, page: str, **fields: Any) -> None:
        """Press a button of a page, which may have changed meanwhile."""
        form = re.search(rf'<form[^>]*id="do-{do}">(.*?)</form>', page, re.DOTALL)
        assert form, page
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[1]))
        answer = self._http.post("/gateways/gw-d1/doorway", data={**hidden, **fields})
        assert answer.status_code == 200, answer.text

    def look(self) -> str:
        return self._http.get("/gateways/gw-d1/doorway").text

    def go_on(self, deadline: float) -> str:
        """Walk and press until the trial is over; what the page says then."""
        while time.monotonic() < deadline:
            page = self.look()
            if 'id="do-walked"' in page:
                self._passage.walk()
                self.press("walked", page)
            elif 'id="do-search"' in page:
                self.press("search", page)
            elif 'id="do-stop"' not in page:
                return page
            time.sleep(0.5)
        raise AssertionError(f"not over in time: {self.look()}")


@pytest.mark.soak  # three minutes
def test_a_walked_tag_tells_the_sides_and_the_lowest_power(
    broker: Broker, micropython_binary: list[str], tmp_path: Path
) -> None:
    (tag,) = make_tags(1, random.Random(1), prefix=PREFIX)
    passage = Passage(tag)
    with modules(passage) as paths, AgentProcess(tmp_path / "agent", POWERED, broker.url) as agent:
        where = ["--mqtt", broker.url, "--site", "chain", "--id", "gw-d1", "--region", "US"]
        readers = [w for n, path in enumerate(paths, 1) for w in ("--reader", f"m100,{path},{n}")]
        with started([*RUN, *readers, *where], tmp_path / "log"):
            person = Person(agent.url, passage)
            person.press("begin", person.look(), epc=tag.epc.hex())
            page = person.go_on(time.monotonic() + 900)
    assert "Antenna 1 faces hall, as in the school file." in page
    assert "Antenna 2 faces r1, as in the school file." in page
    assert f"{BOUND_DBM} dBm is the lowest power" in page
