"""The queue before the journal: when a commit is due, and what a full queue does."""

import asyncio
import time

import pytest

from edge.agent.intake.queue import (
    COMMIT_AFTER_S,
    COMMIT_AT,
    MAX_BATCHES,
    MAX_FACTS,
    Fact,
    Intake,
    Message,
)
from edge.contracts.readlog import TimeRow

pytestmark = pytest.mark.anyio


def message(gateway: str = "gw-d1") -> Message:
    return Message("topic", b"{}", gateway, rx=1.0)


async def test_a_lone_batch_waits_a_fifth_of_a_second_and_no_longer() -> None:
    intake = Intake(time.monotonic)
    intake.offer(message())
    began = time.monotonic()
    assert len(await intake.take()) == 1
    assert COMMIT_AFTER_S / 2 < time.monotonic() - began < 5 * COMMIT_AFTER_S


async def test_eight_batches_of_one_gateway_do_not_wait() -> None:
    intake = Intake(lambda: 0.0)  # the clock stands: only the count can make it due
    for _ in range(COMMIT_AT):
        intake.offer(message())
    async with asyncio.timeout(COMMIT_AFTER_S / 2):
        assert len(await intake.take()) == COMMIT_AT


async def test_eight_batches_of_eight_gateways_wait() -> None:
    intake = Intake(time.monotonic)
    for number in range(COMMIT_AT):
        intake.offer(message(f"gw-{number}"))
    began = time.monotonic()
    await intake.take()
    assert time.monotonic() - began > COMMIT_AFTER_S / 2


async def test_a_full_queue_drops_batches_counts_them_and_has_room_for_facts() -> None:
    intake = Intake(time.monotonic)
    assert all(intake.offer(message()) for _ in range(MAX_BATCHES))
    assert not intake.offer(message())
    assert intake.dropped == 1
    fact = Fact(TimeRow(rx=1.0))
    assert all(intake.offer_fact(fact) for _ in range(MAX_FACTS))
    assert not intake.offer_fact(fact)
    taken = 0
    while len(intake):
        taken += len(await intake.take())
    assert taken == MAX_BATCHES + MAX_FACTS
    assert intake.offer(message())


async def test_a_closed_intake_gives_what_it_holds_and_takes_nothing() -> None:
    intake = Intake(time.monotonic)
    intake.offer(message())
    intake.close()
    assert not intake.offer(message())
    assert not intake.finished
    assert len(await intake.take()) == 1
    assert intake.finished
