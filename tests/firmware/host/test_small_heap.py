"""A board's heap bears a module at full speed while agent, broker and link come and go."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chain.modules import Modules
from tests.firmware.host.agent import OWN, FakeAgent
from tests.firmware.host.compiled import code_bytes, heap_bytes, small_board
from tests.firmware.host.process import firmware, stop
from tests.support.broker import Broker
from tests.support.counts import SOAK, count
from tests.support.hostile_proxy import HostileProxy
from tests.support.waiting import wait_for

FAMILY, TAGS, RATE_HZ, BAUD = "m6e", 30, 400, 921600
SECONDS = count(1, 3600)  # an hour; at least two rounds of all troubles
STEP_S = count(1, 4)
HEAPS = ["100k", "100wk"] if SOAK else ["100k"]  # of the two the one that holds less
LEAST_BLOCK = 8 * 1024  # a message of 6 KiB, and what it is made of
LOOKS = 3  # one may fall on a message being sent; what is gone for good is gone in all
LEAST_FREE = 8 * 1024  # bytes of data heap that must never have been used


class Heap:
    """What a running gateway says of its heap when it is asked."""

    def __init__(self, agent: FakeAgent) -> None:
        self._agent = agent
        self._asked = 0
        self.least_free = 1 << 30  # at any collection the gateway looked at
        self.block: list[int] = []

    def look(self) -> dict[str, Any]:
        """Asked again where the link was not there yet: commands are not kept by a broker."""
        for _ in range(10):
            try:
                found = self._ask()
                break
            except AssertionError:
                continue
        else:
            raise AssertionError("no answer to any of ten questions")
        assert found["ok"], found
        self.block.append(found["heap_block"])
        self.least_free = min(self.least_free, found["heap_free"], found["heap_free_least"])
        return found

    def _ask(self) -> dict[str, Any]:
        self._asked += 1
        own = f"look {self._asked}"
        self._agent.publish(OWN + "cmd", {"id": own, "exp": 1 << 52, "do": "selftest"})
        return wait_for(
            lambda: [reply for reply in self._agent.said("reply") if reply["id"] == own], 5, own
        )[0]


class Trouble:
    """Everything that can befall the way to the agent, each while reads go on."""

    def __init__(
        self, agent: FakeAgent, broker: Broker, proxy: HostileProxy, modules: Modules
    ) -> None:
        self.agent, self.broker, self.proxy, self.modules = agent, broker, proxy, modules

    def each(self) -> None:
        kinds: list[Callable[[], None]] = [
            self.agent_stops,
            self.link_is_slow,
            self.broker_dies_and_forgets,
            self.link_is_cut,
        ]
        for befalls in kinds:
            befalls()
            arrived = len(self.agent.arrivals)
            self.reads_go_on(STEP_S / 2)
            wait_for(lambda before=arrived: len(self.agent.arrivals) > before, 60, "a batch")

    def reads_go_on(self, seconds: float) -> None:
        wanted = self.modules.notices_sent() + int(seconds * RATE_HZ)
        wait_for(lambda: self.modules.notices_sent() >= wanted, 60, "reads")

    def agent_stops(self) -> None:
        self.agent.confirming = False
        self.reads_go_on(STEP_S)
        self.agent.confirming = True
        self.agent.says_it_is(f"agent at {time.monotonic()}")

    def link_is_slow(self) -> None:
        self.proxy.bytes_s = 2000
        self.reads_go_on(STEP_S)
        self.proxy.calm()

    def broker_dies_and_forgets(self) -> None:
        self.broker.kill9()
        self.reads_go_on(STEP_S)
        self.broker.start()

    def link_is_cut(self) -> None:
        self.proxy.reset()


@pytest.mark.parametrize("heap", HEAPS)
def test_400_reads_a_second_lose_nothing_and_the_heap_does_not_shrink(
    heap: str,
    broker: Broker,
    tmp_path: Path,
    micropython_binary: list[str],
    record_property: Callable[[str, object], None],
) -> None:
    words = small_board(micropython_binary, heap, FAMILY)
    with (
        Modules(1, TAGS, 5, "3414257BF4", family=FAMILY, baud=BAUD, rate_hz=RATE_HZ) as modules,
        FakeAgent(broker.port) as agent,
        HostileProxy(broker.port) as proxy,
        firmware(
            words,
            tmp_path,
            [],
            proxy.port,
            readers=[{"family": FAMILY, "port": modules.paths[0], "antennas": [1]}],
        ) as process,
    ):
        wait_for(lambda: agent.sum_n() > RATE_HZ / 4, 30, "reads")
        began, before = time.monotonic(), modules.notices_sent()
        found = Heap(agent)
        trouble = Trouble(agent, broker, proxy, modules)
        while len(found.block) < 2 or time.monotonic() - began < SECONDS:
            trouble.each()
            found.look()
        reads = modules.notices_sent() - before
        rate = reads / (time.monotonic() - began)
        for _ in range(LOOKS):
            last = found.look()
        modules.take_tags_away()
        assert stop(process) == 0
        left = [path.name for path in (tmp_path / "flash").glob("outbox-*")]
        told = (agent.said("health") or [{}])[-1]
        wait_for(
            lambda: agent.sum_n() == modules.notices_sent(),
            20,
            f"{modules.notices_sent()} reads, {agent.sum_n()} came, on flash {left}, {told}",
        )
    assert last["flash_errors"] == 0
    assert "MemoryError" not in (tmp_path / "gateway.log").read_text(encoding="utf-8")
    size = heap_bytes(micropython_binary, heap, FAMILY) - code_bytes(*micropython_binary, FAMILY)
    record_property(f"{heap}: reads", f"{reads:,} at {rate:.0f} a second, none lost")
    record_property(f"{heap}: most bytes alive", f"{size - found.least_free:,} of {size:,}")
    blocks = f"{found.block[0]:,} first, {min(found.block):,} least, {found.block[-1]:,} last"
    record_property(f"{heap}: largest free block", blocks)
    assert found.least_free >= LEAST_FREE
    # The first trouble lets the gateway make what it keeps, such as its queue: from then on.
    assert max(found.block[-LOOKS:]) >= 0.75 * found.block[0]
    assert min(found.block) >= LEAST_BLOCK
