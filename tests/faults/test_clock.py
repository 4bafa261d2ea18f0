"""The agent's clock is set anew under load: the books stand, live equals replay."""

import asyncio
from pathlib import Path

import pytest

from edge.agent.process.clock import Clock
from edge.agent.service import Agent
from edge.agent.storage.database import FILE_NAME
from tests.agent.running import names, running
from tests.agent.schools import NEXT_BOOT, SITE, settings
from tests.agent.walks import doorway
from tests.faults.scene import assert_live_equals_replay
from tests.support.broker import Broker
from tests.support.sender import Sender
from tests.support.waiting import eventually

pytestmark = pytest.mark.anyio

SECONDS = 90
HOUR_S = 3600


class Stepped(Clock):
    """A clock that somebody sets."""

    ahead_s = 0.0

    def now(self) -> float:
        return super().now() + self.ahead_s


@pytest.mark.parametrize("step_s", [2 * HOUR_S, -14 * 24 * HOUR_S])
async def test_a_step_of_the_clock_costs_nothing(
    step_s: int, broker: Broker, tmp_path: Path
) -> None:
    clock = Stepped()
    script = doorway(round((clock.now() - 2 * SECONDS) * 1000), SECONDS)
    async with running(Agent(settings(tmp_path, broker.url), clock=clock)) as agent:
        with Sender(broker.port, SITE, "gw-d1", NEXT_BOOT, script[:45]) as sender:
            await eventually(lambda: sender.empty, 30.0, "the first half to be confirmed")
            clock.ahead_s = step_s
            sender.add(script[45:])
            await eventually(lambda: sender.empty, 30.0, "all to be confirmed")
        assert (sender.acks[-1]["now"] is None) == (step_s < 0)  # it distrusts its own clock
        assert (await agent.queries.totals()).lost == 0
    assert names(tmp_path) == [("gw-d1", NEXT_BOOT, seq) for seq in range(SECONDS)]
    await asyncio.to_thread(assert_live_equals_replay, tmp_path / "data" / FILE_NAME)
