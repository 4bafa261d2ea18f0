"""The live board: the first change at once, later ones together, and silence told as silence."""

import asyncio
from contextlib import ExitStack, contextmanager

import pytest

from edge.api import board
from edge.api.board import BoardFull, LiveBoard
from tests.api.fake_agent import NOW, FakeAgent, a_cart, away

DEADLINE_S = 5


@contextmanager
def watched(agent, *, beat_s=60.0):
    live = LiveBoard(agent, lambda: NOW, beat_s)
    live.start()
    with live.open() as stream:
        yield live, stream.news()


async def next_of(news):
    return await asyncio.wait_for(anext(news), DEADLINE_S)


def in_loop(test):
    """Run an async test in a loop of its own."""

    def run():
        asyncio.run(test())

    run.__name__ = test.__name__
    return run


@in_loop
async def test_a_stream_begins_with_the_whole_board():
    with watched(FakeAgent(a_cart("c1"), a_cart("c2"))) as (live, news):
        first = await next_of(news)
        assert [cart.id for cart in first.changed] == ["c1", "c2"]
        await live.stop()


@in_loop
async def test_then_only_what_differs_is_told():
    agent = FakeAgent(a_cart("c1"), a_cart("c2"))
    with watched(agent) as (live, news):
        await next_of(news)
        agent.change(a_cart("c1"), a_cart("c2", missing=[away("7")]))
        told = await next_of(news)
        assert [(cart.id, cart.present) for cart in told.changed] == [("c2", 29)]
        await live.stop()


@in_loop
async def test_a_burst_is_told_at_once_and_then_together():
    agent = FakeAgent(a_cart("c1"))
    with watched(agent) as (live, news):
        await next_of(news)
        await asyncio.sleep(board.PAUSE_S * 1.2)
        loop = asyncio.get_running_loop()
        began = loop.time()
        told = []

        async def burst():
            for count in range(1, 21):
                agent.change(a_cart("c1", missing=[away(str(n)) for n in range(1, count + 1)]))
                await asyncio.sleep(0.05)

        busy = asyncio.create_task(burst())
        while not told or told[-1][1] != 10:
            news_of = await next_of(news)
            told.append((loop.time() - began, news_of.changed[0].present))
        await busy
        assert told[0][0] < 0.2, "the first change goes out at once"
        assert len(told) <= 4, "one second of changes is at most a few events"
        assert agent.queries.asked <= len(told) + 2, "and as many looks at the ledger"
        await live.stop()


@in_loop
async def test_a_quiet_board_beats():
    with watched(FakeAgent(a_cart()), beat_s=0.05) as (live, news):
        await next_of(news)
        assert (await next_of(news)).changed == []
        await live.stop()


@in_loop
async def test_a_beat_says_the_time_it_is_sent_at():
    now = [NOW]
    live = LiveBoard(FakeAgent(a_cart()), lambda: now[0], 0.05)  # nobody looks: not started
    with live.open() as stream:
        news = stream.news()
        await next_of(news)
        now[0] += 15
        assert (await next_of(news)).now == NOW + 15


@in_loop
async def test_a_cart_that_time_alone_made_unreadable_is_told_without_a_change():
    agent = FakeAgent(a_cart("c1"))
    with watched(agent, beat_s=0.05) as (live, news):
        await next_of(news)
        agent.queries.shown = [a_cart("c1", state="unreadable", present=None)]  # says nothing
        while not (told := (await next_of(news)).changed):
            pass
        assert told[0].state == "unreadable"
        await live.stop()


@in_loop
async def test_another_set_of_carts_ends_the_streams_so_that_they_begin_anew():
    agent = FakeAgent(a_cart("c1"), a_cart("c2"))
    with watched(agent) as (live, news):
        await next_of(news)
        agent.queries.shown = [a_cart("c1")]
        agent.change()
        agent.change(a_cart("c1"))
        with pytest.raises(StopAsyncIteration):
            await next_of(news)
        await live.stop()


@in_loop
async def test_a_ledger_that_fails_ends_the_streams_and_is_looked_at_again():
    agent = FakeAgent(a_cart("c1"))
    with watched(agent) as (live, news):
        await next_of(news)
        agent.queries.broken = True
        agent.change(a_cart("c1", missing=[away("1")]))
        with pytest.raises(StopAsyncIteration):
            await next_of(news)
        agent.queries.broken = False
        with live.open() as again:
            assert (await next_of(again.news())).changed[0].present == 29
        await live.stop()


@in_loop
async def test_an_agent_that_stops_ends_the_streams():
    agent = FakeAgent(a_cart("c1"))
    with watched(agent) as (live, news):
        await next_of(news)
        agent.live.close()
        with pytest.raises(StopAsyncIteration):
            await next_of(news)
        await live.stop()


@in_loop
async def test_no_more_streams_are_open_than_the_machine_should_bear():
    live = LiveBoard(FakeAgent(), lambda: NOW, 60.0)
    opened = [live.open() for _ in range(board.MAX_STREAMS)]
    for stream in opened:
        stream.__enter__()
    with pytest.raises(BoardFull), live.open():
        pass
    opened[0].__exit__(None, None, None)
    with live.open():
        assert live.streams == board.MAX_STREAMS


@in_loop
async def test_nobody_watching_costs_no_look_at_the_ledger():
    agent = FakeAgent(a_cart("c1"))
    live = LiveBoard(agent, lambda: NOW, 0.05)
    live.start()
    for _ in range(5):
        agent.change(a_cart("c1"))
        await asyncio.sleep(0.02)
    assert agent.queries.asked == 0
    await live.stop()


@in_loop
async def test_many_tabs_that_open_together_take_two_looks_and_none_is_behind():
    agent = FakeAgent(a_cart("c1"))
    live = LiveBoard(agent, lambda: NOW, 60.0)
    begun, go_on = asyncio.Event(), asyncio.Event()
    ask = agent.queries.carts

    async def slow(now):
        found = await ask(now)
        begun.set()
        await go_on.wait()
        return found

    agent.queries.carts = slow
    with ExitStack() as tabs:

        async def first_of_a_tab():
            return await next_of(tabs.enter_context(live.open()).news())

        early = asyncio.create_task(first_of_a_tab())
        await begun.wait()
        agent.change(a_cart("c1", missing=[away("7")]))  # the first look has the carts of before
        late = [asyncio.create_task(first_of_a_tab()) for _ in range(20)]
        await asyncio.sleep(0)
        go_on.set()
        await early
        shown = [(await tab).changed[0].present for tab in late]
    assert shown == [29] * 20
    assert agent.queries.asked == 2
