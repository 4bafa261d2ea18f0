"""The broker hangs, or a hundred gateways come back to an empty one at the same moment."""

import random
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.agent.running import names
from tests.agent.schools import SITE, TEXT, payloads
from tests.chain.agent import AgentProcess
from tests.faults.scene import SECONDS, at_work
from tests.support.broker import Broker
from tests.support.counts import count, seeded
from tests.support.sender import Sender
from tests.support.waiting import wait_for

GATEWAYS = count(25, 100)
EACH = 12


@pytest.mark.parametrize("run", range(count(1, 20)))
def test_a_broker_that_hangs_for_a_while_costs_nothing(
    run: int, broker: Broker, tmp_path: Path
) -> None:
    rng = seeded("frozen", run)
    with at_work(tmp_path, broker) as scene:
        scene.reach(rng.randrange(SECONDS // 2))
        sent = [sender.sent for sender in scene.senders]
        with broker.frozen():
            wait_for(  # each second once more: the window is full of what nobody takes
                lambda: all(s.sent > n + 32 for s, n in zip(scene.senders, sent, strict=True)),
                30.0,
                "what is on the wire to be sent again",
            )
        scene.settle()


def test_a_hundred_gateways_may_come_back_at_once(broker: Broker, tmp_path: Path) -> None:
    boots = {f"gw-{number}": f"{number:08x}00000000" for number in range(1, GATEWAYS + 1)}
    with AgentProcess(tmp_path, TEXT, broker.url) as agent, ExitStack() as stack:
        senders = [
            stack.enter_context(
                Sender(broker.port, SITE, gateway, boot, payloads(random.Random(boot), EACH))
            )
            for gateway, boot in boots.items()
        ]
        wait_for(lambda: sum(s.confirmed for s in senders) >= GATEWAYS, 60.0, "the first batches")
        broker.restart(kill=True)
        wait_for(lambda: all(s.empty for s in senders), 90.0, "the outboxes to be empty")
        assert agent.get("/totals")["batches"] == GATEWAYS * EACH
        agent.stop()
    want = [(gateway, boot, seq) for gateway, boot in boots.items() for seq in range(EACH)]
    assert names(tmp_path) == sorted(want)
