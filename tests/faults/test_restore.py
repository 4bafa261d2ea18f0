"""Yesterday's backup is put back under load: the rest comes by itself, what is gone is counted."""

from pathlib import Path

import pytest

from edge.agent.upkeep.backup import back_up, restore
from tests.agent.running import names
from tests.faults.scene import BOOTS, SECONDS, assert_live_equals_replay, at_work
from tests.support.broker import Broker
from tests.support.counts import count, seeded
from tests.support.waiting import wait_for

ALL = [(gateway, BOOTS[gateway], seq) for gateway in sorted(BOOTS) for seq in range(SECONDS)]


@pytest.mark.parametrize("run", range(count(1, 30)))
def test_after_a_backup_is_put_back_gateways_and_agent_agree_again(
    run: int, broker: Broker, tmp_path: Path
) -> None:
    rng = seeded("restore", run)
    with at_work(tmp_path, broker) as scene:
        scene.reach(rng.randrange(1, SECONDS // 3))
        made = back_up(scene.database, tmp_path / "yesterday.db", lambda _: None)
        scene.reach(scene.confirmed + rng.randrange(1, SECONDS // 3))
        scene.agent.kill9()
        _, aside = restore(tmp_path / "yesterday.db", scene.database.parent, lambda _: None)
        assert aside is not None
        scene.agent.start()
        wait_for(lambda: all(s.empty for s in scene.senders), 90.0, "the outboxes to be empty")
        totals = scene.agent.get("/totals")
        scene.agent.stop()
        (tmp_path / "old" / "data").mkdir(parents=True)
        aside.rename(tmp_path / "old" / "data" / scene.database.name)
        before, after = names(tmp_path / "old"), names(tmp_path)
        assert len(set(after)) == len(after)
        assert {*before, *after} == set(ALL)  # what is gone had been delivered before
        assert made.batches <= totals["batches"] == len(after)
        assert totals["batches"] + totals["lost"] == len(ALL)
        assert_live_equals_replay(scene.database)
