"""Changes go to every watcher, coalesced, and no watcher can hold the agent up."""

import pytest

from edge.agent.live import Change, Live
from edge.contracts.events import Located

pytestmark = pytest.mark.anyio


def located(number: int) -> Change:
    event = Located(f"{number}.0", 1.0, 2.0, "E1", "r1", 0.9)
    return Change("event", event.id, event)


async def test_changes_of_one_thing_are_told_once_and_events_each() -> None:
    live = Live()
    with live.subscribe() as watcher:
        live.publish([Change("cart", "c1"), located(1), Change("cart", "c1"), located(2)])
        told = await watcher.get()
    assert [(change.topic, change.id) for change in told] == [
        ("event", "1.0"),
        ("cart", "c1"),
        ("event", "2.0"),
    ]


async def test_a_slow_watcher_loses_the_oldest_and_is_told_how_many() -> None:
    live = Live()
    with live.subscribe(size=3) as slow, live.subscribe() as quick:
        live.publish(located(number) for number in range(5))
        assert [change.id for change in await slow.get()] == ["2.0", "3.0", "4.0"]
        assert slow.missed == 2
        assert len(await quick.get()) == 5


async def test_every_watcher_wakes_when_the_agent_stops() -> None:
    live = Live()
    with live.subscribe() as early:
        live.close()
        assert await early.get() == []
        with live.subscribe() as late:
            assert await late.get() == []
    assert live.watching == 0
