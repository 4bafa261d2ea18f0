"""Every family over a bad cable: reads arrive or the error is named, and no EPC is ever wrong."""

import asyncio
from contextlib import suppress

import pytest
from drivers.errors import ReaderError

from simulator.modules.faults import Faults
from tests.firmware.host.drivers.awkward import awkward_epcs
from tests.firmware.host.drivers.bench import Bench, Gateway
from tests.firmware.host.drivers.cases import FAMILIES, FAULTS, QUIRKS, READS_NOTHING
from tests.firmware.host.drivers.excuses import excused
from tests.support.counts import count, seeded
from tests.support.virtual_time import run

WITHIN_S = 3.0  # in which any trouble is noticed
ALL_AT_ONCE = Faults(lost_byte=0.004, flip_bit=0.004, stall_ms=300)


def assert_no_wrong_epc(bench: Bench) -> None:
    heard = bytes(bench.port.heard)
    family = bench.module.family
    wrong = [
        read for read in bench.wrong_reads if not excused(family, bytes.fromhex(read[0]), heard)
    ]
    assert not wrong


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_gateway_reads_all_tags_through_a_bad_cable(family, fault):
    async def work() -> None:
        rng = seeded("faults", family, fault)
        bench = Bench(family, awkward_epcs(rng), faults=FAULTS[fault], rng=rng)
        async with Gateway(bench) as gateway:
            await asyncio.sleep(20)
        assert not gateway.told.bugs
        assert not bench.not_heard, gateway.told.warnings
        assert_no_wrong_epc(bench)
        assert bench.module.stats.damaged_frames > 10 or fault == "stall"

    run(work(), limit_s=120)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_driver_ends_each_call_in_time_with_its_result_or_a_named_error(family, fault):
    """Without the station's patience: every call is made again and again over a very bad cable."""

    async def call(bench: Bench, name: str, *arguments: object) -> None:
        began_s = bench.clock.seconds()
        with suppress(ReaderError):  # and nothing else
            await getattr(bench.driver, name)(*arguments)
        assert bench.clock.seconds() - began_s <= MOST_S.get(name, WITHIN_S), name

    async def work() -> None:
        rng = seeded("calls", family, fault)
        worse = {"lost-byte": Faults(lost_byte=0.03), "flip-bit": Faults(flip_bit=0.03)}
        bench = Bench(family, awkward_epcs(rng), faults=worse.get(fault, FAULTS[fault]), rng=rng)
        for _ in range(count(5, 100)):
            await call(bench, "open")
            await call(bench, "configure", bench.radio())
            for _ in range(5):
                await call(bench, "stream", 80)
            await call(bench, "stop")
            await bench.driver.close()
        assert_no_wrong_epc(bench)

    run(work())


# Opening tries every rate and framing; configuring is a row of commands, each tried twice. While
# a slot's bytes come, however damaged, the module is not mute: its driver may ask it once more.
MOST_S = {"open": 30.0, "configure": 30.0, "stream": 0.08 + 2 * WITHIN_S}


@pytest.mark.parametrize("some", range(count(12, 3000)))
def test_any_quirk_over_any_cable(some):
    """With a module that falls mute every few seconds, too, some reads arrive, and it is said."""
    rng = seeded("quirk and fault", some)
    family, quirk = rng.choice(QUIRKS)
    faults = rng.choice([*FAULTS.values(), ALL_AT_ONCE])

    async def work() -> None:
        bench = Bench(family, awkward_epcs(rng), quirks=[quirk], faults=faults, rng=rng)
        async with Gateway(bench) as gateway:
            await bench.all_heard(90)
        assert not gateway.told.bugs
        assert_no_wrong_epc(bench)
        told = (family, quirk, faults, gateway.told.warnings)
        if (family, quirk) in READS_NOTHING:
            assert gateway.told.warnings, told
        elif quirk == "mute":
            assert bench.epcs_heard and gateway.told.warnings, told
        else:
            assert not bench.not_heard, told

    run(work(), limit_s=200)
