"""Which of two agents is active: on paper, and with two agents on one broker."""

import json
from pathlib import Path

import pytest

from edge.agent.link.standby import ALIVE_S, INSIST_S, LOOK_S, RENEW_S, Standby
from edge.agent.service import Agent
from edge.contracts.wire import AgentStatus
from tests.agent.running import running
from tests.agent.schools import BOOT, SITE, payload, settings
from tests.support.broker import Broker
from tests.support.sender import Sender
from tests.support.waiting import eventually


def status(agent: str, online: bool = True, take_over: int | None = None) -> AgentStatus:
    return AgentStatus(v=1, online=online, id=agent, boot="b", take_over=take_over)


def active(agent: str, since: float = 0.0, take_over: int | None = None) -> Standby:
    standby = Standby(agent, take_over, since - LOOK_S)
    assert standby.decide(since) == "active"
    return standby


def test_alone_it_starts_at_once() -> None:
    standby = Standby("bb", None, 0.0)
    assert standby.decide(0.1) == "looking"
    assert standby.decide(LOOK_S) == "active"


def test_what_it_left_behind_itself_does_not_hold_it_up() -> None:
    standby = Standby("bb", None, 0.0)
    standby.heard(status("bb"), retained=True, now=0.1)
    assert standby.decide(LOOK_S) == "active"


def test_another_that_renews_keeps_it_passive_and_its_end_lets_it_start() -> None:
    standby = Standby("bb", None, 0.0)
    standby.heard(status("aa"), retained=True, now=0.1)
    assert standby.decide(LOOK_S) == "looking"
    standby.heard(status("aa"), retained=False, now=RENEW_S)
    assert standby.decide(RENEW_S) == "passive"
    standby.heard(status("aa", online=False), retained=False, now=11.0)
    assert standby.decide(11.0) == "active"


def test_a_retained_word_of_one_long_gone_holds_it_up_no_longer_than_a_life() -> None:
    standby = Standby("bb", None, 0.0)
    standby.heard(status("aa"), retained=True, now=0.0)
    assert standby.decide(ALIVE_S - 0.1) == "looking"
    assert standby.decide(ALIVE_S) == "active"


def test_a_take_over_starts_at_once_and_the_other_yields() -> None:
    new = Standby("bb", 5000, 0.0)
    new.heard(status("aa"), retained=True, now=0.0)
    assert new.decide(0.0) == "active"
    old = active("aa")
    old.heard(status("bb", take_over=5000), retained=False, now=900.0)
    assert old.decide(900.0) == "passive"


def test_the_active_one_yields_to_nothing_else() -> None:
    old = active("bb", take_over=5000)
    old.heard(status("aa"), retained=False, now=900.0)
    old.heard(status("aa", take_over=4000), retained=False, now=900.0)
    assert old.decide(900.0) == "active"


def test_of_two_that_start_together_the_lower_id_stays() -> None:
    low, high = active("aa"), active("bb")
    low.heard(status("bb"), retained=False, now=0.1)
    high.heard(status("aa"), retained=False, now=0.1)
    assert (low.decide(0.2), high.decide(0.2)) == ("active", "passive")


def test_a_young_one_yields_to_one_that_does_not() -> None:
    young = active("aa", since=100.0)
    young.heard(status("bb"), retained=False, now=101.0)
    assert young.decide(101.0) == "active"
    young.heard(status("bb"), retained=False, now=100.0 + INSIST_S)
    assert young.decide(100.0 + INSIST_S) == "passive"


def test_after_a_lost_connection_it_looks_again() -> None:
    standby = active("aa", take_over=5000)
    standby.connected(50.0)
    assert standby.decide(50.1) == "looking"


@pytest.mark.anyio
async def test_a_second_agent_stays_passive_until_it_is_told_to_take_over(
    broker: Broker, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with running(Agent(settings(first, broker.url))) as old:
        passive = Agent(settings(second, broker.url))
        async with running(passive, connected=False):
            await eventually(lambda: passive.not_ready_because, 12.0, "it to be passive")
            assert "take-over" in str(passive.not_ready_because)
            with Sender(broker.port, SITE, "gw-d1", BOOT, [payload()] * 3) as sender:
                await eventually(lambda: sender.empty, 10.0, "the outbox to be empty")
            assert (await passive.queries.totals()).batches == 0
        async with running(Agent(settings(second, broker.url), take_over=True)) as new:
            await eventually(lambda: not old.broker_connected, 10.0, "the old one to yield")
            with Sender(broker.port, SITE, "gw-c1", BOOT, [payload()] * 3) as sender:
                await eventually(lambda: sender.empty, 10.0, "the outbox to be empty")
            assert (await new.queries.totals()).batches == 3
            assert (await old.queries.totals()).batches == 3
            assert len({json.dumps(ack["agent"]) for ack in sender.acks}) == 1
