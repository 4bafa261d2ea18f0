"""Every family with every quirk: all tags are read, each at its antenna, and looks are told."""

import asyncio
import random

import pytest

from tests.firmware.host.drivers.awkward import awkward_epcs
from tests.firmware.host.drivers.bench import Bench, Gateway
from tests.firmware.host.drivers.cases import FAMILIES, LASTING, PASSING, QUIRKS, READS_NOTHING
from tests.support.counts import seeded
from tests.support.virtual_time import run

SCHOOL = "3414257BF4"
SLOT_MS = 80


async def read_all(bench: Bench, slots: int, session: int = 0, prefixes=()) -> None:
    await bench.driver.open()
    await bench.driver.configure(bench.radio(session, prefixes))
    for _ in range(slots):
        await bench.driver.stream(SLOT_MS)
    await bench.driver.close()


def school_epcs(count: int, prefix: str = SCHOOL) -> list[bytes]:
    rng = random.Random(count)
    return [bytes.fromhex(prefix) + rng.randbytes(12 - len(prefix) // 2) for _ in range(count)]


@pytest.mark.parametrize("family", FAMILIES)
def test_epcs_of_all_lengths_and_of_frame_bytes_are_read_as_they_are(family):
    async def work() -> None:
        rng = seeded("awkward EPCs", family)
        bench = Bench(family, awkward_epcs(rng), rng=rng)
        await read_all(bench, 100)
        assert not bench.wrong_reads
        assert not bench.not_heard
        assert bench.driver.crc_errors == 0

    run(work(), limit_s=60)


@pytest.mark.parametrize("session", [0, 1, 2, 3])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_tag_is_read_again_and_again_in_every_session(family, session):
    async def work() -> None:
        bench = Bench(family, school_epcs(4))
        await read_all(bench, 100, session)
        assert not bench.wrong_reads
        halves = bench.sink.records[len(bench.sink.records) // 2 :]
        assert {epc for epc, *_ in halves} == set(bench.antenna_of)
        assert len(bench.sink.records) > 100

    run(work(), limit_s=60)


@pytest.mark.parametrize("family", FAMILIES)
def test_foreign_tags_keep_silent_where_one_prefix_says_which_are_ours(family):
    async def work() -> None:
        bench = Bench(family, school_epcs(4) + school_epcs(4, "E28011606000"))
        await read_all(bench, 50, prefixes=[SCHOOL])
        ours = {epc for epc in bench.antenna_of if epc.hex().upper().startswith(SCHOOL)}
        assert bench.epcs_heard == ours

    run(work(), limit_s=60)


@pytest.mark.parametrize("family", FAMILIES)
def test_looks_tell_the_rounds_and_the_time_on_air_of_every_antenna(family):
    async def work() -> None:
        bench = Bench(family, school_epcs(4))
        await bench.driver.open()
        await bench.driver.configure(bench.radio())
        before_s = bench.clock.seconds()
        for _ in range(50):
            await bench.driver.stream(SLOT_MS)
        passed_ms = (bench.clock.seconds() - before_s) * 1000
        for antenna in bench.antennas:
            rounds = sum(look[1] for look in bench.sink.looks if look[0] == antenna)
            assert rounds >= 20, antenna
        on_air_ms = sum(look[2] for look in bench.sink.looks)
        assert 50 * SLOT_MS * 0.7 <= on_air_ms <= passed_ms + 1
        await bench.driver.close()

    run(work(), limit_s=60)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_empty_field_gives_looks_and_no_reads(family):
    async def work() -> None:
        bench = Bench(family, [])
        await read_all(bench, 20)
        assert not bench.sink.records
        assert {look[0] for look in bench.sink.looks} == set(bench.antennas)

    run(work(), limit_s=60)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_gateway_has_nothing_to_say_of_a_sound_module(family):
    async def work() -> None:
        bench = Bench(family, school_epcs(20))
        async with Gateway(bench) as gateway:
            await asyncio.sleep(30)
        assert not gateway.told.warnings
        assert not gateway.told.bugs
        assert not bench.not_heard

    run(work(), limit_s=60)


@pytest.mark.parametrize(("family", "quirk"), QUIRKS)
def test_reads_arrive_whatever_the_module_s_quirk(family, quirk):
    async def work() -> None:
        rng = seeded("quirks", family, quirk)
        bench = Bench(family, awkward_epcs(rng), quirks=[quirk], rng=rng)
        async with Gateway(bench) as gateway:
            await bench.all_heard(20)
        assert not gateway.told.bugs
        assert not bench.wrong_reads
        if (family, quirk) in READS_NOTHING:
            assert "antenna" in gateway.told.texts[0]
            assert not bench.sink.records
        else:
            assert not bench.not_heard, gateway.told.warnings

    run(work(), limit_s=120)


@pytest.mark.parametrize(("family", "quirk"), PASSING)
def test_reads_go_on_after_a_quirk_has_shown(family, quirk):
    async def work() -> None:
        quirks = [f"{quirk}={PASSING[family, quirk]}"]
        bench = Bench(family, school_epcs(12), quirks=quirks)
        async with Gateway(bench) as gateway:
            await asyncio.sleep(60)
        assert not gateway.told.bugs
        assert not bench.wrong_reads
        assert bench.sink.records[-1][3] > 40_000
        if quirk == "over-temperature":
            assert "temperature" in gateway.told.texts[0]
            assert sum(look[2] for look in bench.sink.looks) < 20_000, "looks tell of the pauses"

    run(work(), limit_s=120)


@pytest.mark.parametrize(("family", "quirk"), LASTING)
def test_what_keeps_a_module_from_reading_is_called_by_its_name(family, quirk):
    async def work() -> None:
        number, called = LASTING[family, quirk]
        bench = Bench(family, school_epcs(12), quirks=[f"{quirk}={number}"])
        async with Gateway(bench) as gateway:
            await asyncio.sleep(30)
        assert not gateway.told.bugs
        assert any(called in text for text in gateway.told.texts)

    run(work(), limit_s=120)
