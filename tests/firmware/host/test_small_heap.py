"""A board's heap bears a module at full speed while agent and broker come and go."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.chain.modules import Modules
from tests.firmware.host.agent import OWN, FakeAgent
from tests.firmware.host.compiled import small_board
from tests.firmware.host.process import firmware, stop
from tests.support.broker import Broker
from tests.support.counts import count
from tests.support.waiting import wait_for

FAMILY, TAGS, RATE_HZ, BAUD = "m6e", 30, 400, 921600
ROUNDS = count(2, 240)  # of 15 s: an hour
LEAST_BLOCK = 8 * 1024  # a message of 6 KiB, and what it is made of
LOOKS = 3  # one may fall on a message being sent; what is gone for good is gone in all
LEAST_FREE = 8 * 1024  # bytes of data heap that must never have been used


class Heap:
    """What a running gateway says of its heap when it is asked."""

    def __init__(self, agent: FakeAgent) -> None:
        self._agent = agent
        self.free: list[int] = []
        self.block: list[int] = []

    def ask(self) -> dict[str, Any]:
        own = f"look {len(self.free)}"
        self._agent.publish(OWN + "cmd", {"id": own, "exp": 1 << 52, "do": "selftest"})
        found = wait_for(
            lambda: [reply for reply in self._agent.said("reply") if reply["id"] == own], 30, own
        )[0]
        assert found["ok"], found
        self.free.append(int(str(found["heap_free"])))
        self.block.append(int(str(found["heap_block"])))
        return found


def trouble(agent: FakeAgent, broker: Broker, modules: Modules) -> None:
    """An agent that stops, then a broker that dies and forgets, while reads go on."""

    def reads_go_on(seconds: float) -> None:
        wanted = modules.notices_sent() + int(seconds * RATE_HZ * 0.5)
        wait_for(lambda: modules.notices_sent() >= wanted, 60, "reads")

    agent.confirming = False
    reads_go_on(4)
    agent.confirming = True
    agent.says_it_is(f"agent at {time.monotonic()}")
    reads_go_on(2)
    broker.kill9()
    reads_go_on(4)
    broker.start()
    reads_go_on(5)


@pytest.mark.parametrize("heap", ["100k", "100wk"])
def test_400_reads_a_second_lose_nothing_and_the_heap_does_not_shrink(
    heap: str, broker: Broker, tmp_path: Path, micropython_binary: list[str]
) -> None:
    words = small_board(micropython_binary, heap, FAMILY)
    with (
        Modules(1, TAGS, 5, "3414257BF4", family=FAMILY, baud=BAUD, rate_hz=RATE_HZ) as modules,
        FakeAgent(broker.port) as agent,
        firmware(
            words,
            tmp_path,
            [],
            broker.port,
            readers=[{"family": FAMILY, "port": modules.paths[0], "antennas": [1]}],
        ) as process,
    ):
        wait_for(lambda: agent.sum_n() > RATE_HZ, 30, "reads")
        began, before = time.monotonic(), modules.notices_sent()
        found = Heap(agent)
        found.ask()
        for _ in range(ROUNDS):
            trouble(agent, broker, modules)
            found.ask()
        rate = (modules.notices_sent() - before) / (time.monotonic() - began)
        for _ in range(count(LOOKS, 20)):
            last = found.ask()
        modules.take_tags_away()
        assert stop(process) == 0
        wait_for(lambda: agent.sum_n() >= modules.notices_sent(), 20, "the last reads")
        assert agent.sum_n() == modules.notices_sent()
    assert last["flash_errors"] == 0
    assert "MemoryError" not in (tmp_path / "gateway.log").read_text(encoding="utf-8")
    print(
        f"{heap}: {rate:.0f} reads/s, least free {min(found.free)}, "
        f"largest block {found.block[0]} first, {min(found.block)} least, {found.block[-1]} last"
    )
    assert min(found.free) >= LEAST_FREE
    # The first trouble lets the gateway make what it keeps, such as its queue: from then on.
    assert max(found.block[-LOOKS:]) >= 0.75 * found.block[1]
    assert min(found.block) >= LEAST_BLOCK
