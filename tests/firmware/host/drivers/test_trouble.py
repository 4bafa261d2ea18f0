"""What happens to modules and hosts in a school year: resets, restarts, cables, silence."""

import asyncio

import pytest
from drivers.errors import LinkLost, NotSupported
from drivers.reader import Radio

from tests.firmware.host.drivers.awkward import awkward_epcs
from tests.firmware.host.drivers.bench import Bench, Gateway
from tests.firmware.host.drivers.cases import FAMILIES
from tests.support.counts import count, seeded
from tests.support.virtual_time import run

WITHIN_S = 3.0  # in which silence is noticed
BACK_WITHIN_S = 15.0  # noticed, switched off and on, booted, set up, read


def make_bench(family: str, *what: object, **options: object) -> Bench:
    rng = seeded(family, *what)
    return Bench(family, awkward_epcs(rng)[:12], rng=rng, **options)


def reads_since(bench: Bench, at_s: float) -> list[int]:
    return [record[3] for record in bench.sink.records if record[3] >= at_s * 1000]


@pytest.mark.parametrize("some", range(count(3, 100)))
@pytest.mark.parametrize("family", FAMILIES)
def test_a_module_that_resets_in_mid_stream_reads_again(family, some):
    async def work() -> None:
        bench = make_bench(family, "reset", some)
        async with Gateway(bench) as gateway:
            await asyncio.sleep(5 + 0.4 * some / 7)
            bench.port.reset_module()
            reset_s = bench.clock.seconds()
            await asyncio.sleep(BACK_WITHIN_S)
            assert reads_since(bench, reset_s + BACK_WITHIN_S - 1), gateway.told.warnings
        assert not gateway.told.bugs
        assert not bench.wrong_reads

    run(work(), limit_s=120)


@pytest.mark.parametrize("some", range(count(3, 100)))
@pytest.mark.parametrize("family", FAMILIES)
def test_a_host_that_restarts_while_the_module_streams_reads_again(family, some):
    async def work() -> None:
        bench = make_bench(family, "restart", some)
        await bench.driver.open()
        await bench.driver.configure(bench.radio())
        streaming = asyncio.create_task(bench.driver.stream(10_000))
        await asyncio.sleep(1 + 0.1 * some / 7)
        streaming.cancel()  # nobody tells the module to stop
        await asyncio.gather(streaming, return_exceptions=True)
        await bench.driver.close()
        bench.sink.records.clear()

        bench.driver = bench.new_driver()
        assert await bench.driver.open()
        await bench.driver.configure(bench.radio())
        while bench.not_heard:  # by chance a tag may stay unheard for many rounds
            await bench.driver.stream(80)
        await bench.driver.close()
        assert not bench.wrong_reads

    run(work(), limit_s=BACK_WITHIN_S)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_mute_module_is_noticed_within_3_s_and_switched_off_and_on(family):
    async def work() -> None:
        bench = make_bench(family, "mute")
        async with Gateway(bench) as gateway:
            await asyncio.sleep(5)
            assert not gateway.told.warnings
            bench.port.hang_module()
            mute_s = bench.clock.seconds()
            await asyncio.sleep(WITHIN_S)
            assert gateway.told.warnings, "noticed"
            await asyncio.sleep(BACK_WITHIN_S - WITHIN_S)
            assert reads_since(bench, mute_s + BACK_WITHIN_S - 1), gateway.told.warnings
            assert bench.port.power_cycles == 1
        assert not gateway.told.bugs
        assert not bench.wrong_reads

    run(work(), limit_s=120)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_mute_module_is_noticed_in_the_middle_of_a_long_slot(family):
    async def work() -> None:
        bench = make_bench(family, "mute in a slot")
        await bench.driver.open()
        await bench.driver.configure(bench.radio())
        streaming = asyncio.create_task(bench.driver.stream(60_000))
        await asyncio.sleep(5)
        bench.port.hang_module()
        mute_s = bench.clock.seconds()
        with pytest.raises(LinkLost):
            await streaming
        assert bench.clock.seconds() - mute_s <= WITHIN_S
        await bench.driver.close()

    run(work(), limit_s=120)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_cable_that_comes_off_is_said_soon_and_read_over_again_when_it_is_back(family):
    async def work() -> None:
        bench = make_bench(family, "cable")
        async with Gateway(bench) as gateway:
            await asyncio.sleep(5)
            bench.port.unplug()
            await asyncio.sleep(WITHIN_S)
            assert any("unplugged" in text for text in gateway.told.texts), gateway.told.warnings
            await asyncio.sleep(20)
            bench.port.plug()
            plugged_s = bench.clock.seconds()
            await asyncio.sleep(BACK_WITHIN_S)
            assert reads_since(bench, plugged_s + BACK_WITHIN_S - 1)
        assert not gateway.told.bugs

    run(work(), limit_s=120)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_gateway_stops_in_order_whenever_it_is_told(family):
    """Also in the middle of opening, of closing, and of the pause before the next try."""

    async def work(seconds: float) -> None:
        bench = make_bench(family, "stopping")
        async with Gateway(bench) as gateway:
            await asyncio.sleep(seconds / 3)
            bench.port.hang_module()
            await asyncio.sleep(seconds * 2 / 3)
        assert not bench.port.is_open
        assert not gateway.told.bugs

    rng = seeded("stopping", family)
    for _ in range(count(8, 200)):
        run(work(rng.uniform(0, 30)), limit_s=120)


@pytest.mark.parametrize("family", FAMILIES)
def test_without_a_region_nothing_goes_on_the_air_and_one_it_lacks_is_named(family):
    async def work() -> None:
        bench = make_bench(family, "region")
        async with Gateway(bench, Radio(None)):
            await asyncio.sleep(10)
        assert not bench.field.rounds
        await bench.driver.open()
        with pytest.raises(NotSupported, match="Atlantis") as error:
            await bench.driver.configure(Radio("Atlantis"))
        assert bench.driver.family in str(error.value)
        assert not bench.field.rounds
        await bench.driver.close()

    run(work(), limit_s=120)
