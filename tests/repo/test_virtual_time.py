"""The virtual loop passes time as a real one does, and says when nothing more can happen."""

import asyncio
import time

import pytest

from tests.support.virtual_time import Deadlock, Overdue, Spinning, run


def test_a_day_of_sleep_passes_at_once_and_in_order():
    async def day() -> list[tuple[str, float]]:
        loop, log = asyncio.get_running_loop(), []

        async def worker(name: str, seconds: float) -> None:
            for _ in range(3):
                await asyncio.sleep(seconds)
                log.append((name, loop.time()))

        await asyncio.gather(worker("slow", 28_800), worker("fast", 10))
        return log

    began = time.monotonic()
    log = run(day(), limit_s=100_000)
    assert time.monotonic() - began < 5
    assert log == [
        ("fast", 10), ("fast", 20), ("fast", 30),
        ("slow", 28_800), ("slow", 57_600), ("slow", 86_400),
    ]  # fmt: skip


def test_a_timeout_comes_when_it_is_due_and_not_before():
    async def wait() -> float:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 2.5)
        return asyncio.get_running_loop().time()

    assert run(wait()) == pytest.approx(2.5)


def test_a_wait_that_nothing_can_end_is_a_deadlock_that_names_the_place():
    async def wait_for_nobody() -> None:
        await asyncio.sleep(7)
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match=r"at 7\.000 s(.|\n)*wait_for_nobody"):
        run(wait_for_nobody())


def test_what_goes_on_for_ever_is_overdue():
    async def tick_for_ever() -> None:
        while True:  # noqa: ASYNC110 - that is the case in hand
            await asyncio.sleep(1)

    with pytest.raises(Overdue, match="tick_for_ever"):
        run(tick_for_ever(), limit_s=50)


def test_what_never_lets_time_pass_is_spinning():
    async def spin() -> None:
        while True:  # noqa: ASYNC110 - that is the case in hand
            await asyncio.sleep(0)

    with pytest.raises(Spinning):
        run(spin())


def test_leftover_tasks_are_cancelled_and_may_clean_up():
    cleaned = []

    async def other() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(1)
            cleaned.append(True)

    async def main() -> None:
        task = asyncio.create_task(other())
        await asyncio.sleep(1)
        assert not task.done()

    run(main())
    assert cleaned == [True]
