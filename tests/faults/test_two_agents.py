"""Two agents on one broker: one takes, the other waits; a take-over loses and doubles nothing."""

from pathlib import Path

from tests.agent.running import names
from tests.agent.schools import TEXT
from tests.chain.agent import AgentProcess
from tests.faults.scene import BOOTS, SECONDS, at_work
from tests.support.broker import Broker
from tests.support.waiting import wait_for

BOTH = [(gateway, BOOTS[gateway], seq) for gateway in sorted(BOOTS) for seq in range(SECONDS)]


def passive(agent: AgentProcess) -> bool:
    status, text = agent.page("/health/ready")
    return status == 503 and "Another agent" in text


def test_the_second_waits_until_it_is_told_to_take_over(broker: Broker, tmp_path: Path) -> None:
    folder = tmp_path / "second"
    with at_work(tmp_path / "first", broker) as scene:
        scene.reach(10)
        with AgentProcess(folder, TEXT, broker.url) as waiting:
            wait_for(lambda: passive(waiting), 30.0, "the second to wait")
            assert not passive(scene.agent)
        assert names(folder) == []
        with AgentProcess(folder, TEXT, broker.url, "--take-over") as taking:
            wait_for(lambda: passive(scene.agent), 30.0, "the first to yield")
            wait_for(lambda: all(s.empty for s in scene.senders), 60.0, "the outboxes to be empty")
            scene.agent.stop()
            taking.stop()
    first, second = names(tmp_path / "first"), names(folder)
    assert len(set(first)) == len(first) and len(set(second)) == len(second)
    assert sorted({*first, *second}) == BOTH
