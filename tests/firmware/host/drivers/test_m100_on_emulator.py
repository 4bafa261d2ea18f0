"""The M100 driver on an emulated module: what the family alone has."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise

import pytest
from drivers.errors import LinkLost
from drivers.m100.driver import M100
from drivers.reader import Radio, by_epc

from simulator.modules.field import FixedField, TagAnswer
from simulator.modules.m100.frames import BB_7E, COMMAND, Frame
from simulator.modules.module import EmulatedModule
from simulator.modules.tag import Tag
from tests.firmware.fakes import Sink
from tests.firmware.host.module_port import LoopClock, ModulePort
from tests.support.virtual_time import run

OURS = [bytes.fromhex(f"3414257BF400000000000A{n:02X}") for n in range(30)]
FOREIGN = [bytes.fromhex(f"E28011606000000000000A{n:02X}") for n in range(10)]


class Watched(FixedField):
    """Keeps power and frequency of every round."""

    def __init__(self, epcs: Sequence[bytes]) -> None:
        rng = random.Random(4)
        super().__init__([Tag(epc, s1_persistence_s=2.0) for epc in epcs], rng)
        self.rounds: list[tuple[float, float]] = []

    def answer(
        self, antenna: int, at_s: float, power_dbm: float, frequency_mhz: float
    ) -> Sequence[TagAnswer]:
        self.rounds.append((power_dbm, frequency_mhz))
        return super().answer(antenna, at_s, power_dbm, frequency_mhz)


class Bench:
    def __init__(self, epcs: Sequence[bytes] = OURS[:3], **options: object) -> None:
        self.clock = LoopClock()
        self.field = Watched(epcs)
        self.module = EmulatedModule(
            "m100", self.field, clock=self.clock.seconds, rng=random.Random(9), **options
        )
        self.port = ModulePort(self.module)
        self.sink = Sink()
        self.driver = M100(self.port, [1], self.sink, self.clock)

    def reads_of(self, epc: bytes) -> int:
        return sum(record[0] == epc for record in self.sink.records)


def driven(work: Callable[[Bench], Awaitable[None]], radio: Radio, *epcs: bytes, **options) -> None:
    async def whole() -> None:
        bench = Bench(epcs or OURS[:3], **options)
        await bench.driver.open()
        await bench.driver.configure(radio)
        await work(bench)
        await bench.driver.close()

    run(whole(), limit_s=300)


@pytest.mark.parametrize(
    ("quirks", "wanted", "given"),
    [((), 20, 20.0), ((), 15.5, 15.5), (("26dbm",), 20, 20.0), (("26dbm",), 26, 26.0)],
)
def test_the_wanted_power_is_what_goes_into_the_antenna(quirks, wanted, given):
    async def work(bench: Bench) -> None:
        await bench.driver.stream(100)
        assert {power for power, _ in bench.field.rounds} == {given}

    driven(work, Radio("US", {1: wanted}), quirks=quirks)


@pytest.mark.parametrize(
    ("region", "low", "high"), [("US", 902, 928), ("EU", 865, 868), ("KR", 917, 924)]
)
def test_it_hops_in_the_region_alone(region, low, high):
    async def work(bench: Bench) -> None:
        for _ in range(50):
            await bench.driver.stream(400)
        used = {mhz for _, mhz in bench.field.rounds}
        assert len(used) > 5
        assert all(low < mhz < high for mhz in used)

    driven(work, Radio(region))


@pytest.mark.parametrize("prefixes", [(), ("3414257BF4",)])
def test_with_both_targets_a_full_cart_is_read_round_after_round_and_nothing_foreign(prefixes):
    async def work(bench: Bench) -> None:
        for _ in range(50):
            await bench.driver.stream(400)
        assert min(bench.reads_of(epc) for epc in OURS) >= 10
        if prefixes:
            assert not any(bench.reads_of(epc) for epc in FOREIGN)

    driven(work, Radio("US", {}, 2, prefixes), *OURS, *(FOREIGN if prefixes else ()))


def test_with_one_target_a_tag_is_read_once_until_its_flag_decays():
    async def work(bench: Bench) -> None:
        for _ in range(20):
            await bench.driver.stream(400)
        assert 4 <= bench.reads_of(OURS[0]) <= 5

    driven(work, Radio("US", {}, 1, (), "A"))


def test_a_tag_muted_by_its_session_is_found_all_the_same():
    async def work(bench: Bench) -> None:
        await bench.driver.stream(400)
        assert bench.sink.records
        for tag in bench.field.tags:
            tid = tag.read(2, 0, 6, secured=True)
            assert await bench.driver.read_tid(by_epc(tag.epc)) == tid

    driven(work, Radio("US", {}, 2, (), "A"), *OURS[:8])


def test_after_sleep_it_reads_on_with_its_mask():
    async def work(bench: Bench) -> None:
        await bench.driver.sleep()
        await asyncio.sleep(100)
        began_s = bench.clock.seconds()
        await bench.driver.stream(400)
        assert bench.clock.seconds() - began_s < 2
        assert bench.reads_of(OURS[0]) > 3
        assert not bench.reads_of(FOREIGN[0])

    driven(work, Radio("US", {}, 0, ("34",)), OURS[0], FOREIGN[0])


def test_a_slot_longer_than_all_rounds_of_a_poll_is_filled():
    async def work(bench: Bench) -> None:
        await bench.driver.stream(120_000)
        times = [record[3] for record in bench.sink.records]
        gaps = [later - sooner for sooner, later in pairwise(times)]
        assert times[-1] > 119_000 and max(gaps) < 1200

    driven(work, Radio("US"), OURS[0])


@pytest.mark.parametrize(("quirk", "tolerance_ms"), [((), 5), (("baud-9600",), 30)])
def test_a_read_is_dated_when_its_notice_began_to_arrive(quirk, tolerance_ms):
    async def work(bench: Bench) -> None:
        ends: list[float] = []
        take = bench.module.take

        def watched() -> list:
            sent = take()
            ends.extend(1000 * one.at_s for one in sent if one.is_notice)
            return sent

        bench.module.take = watched
        await bench.driver.stream(2000)
        size_ms = 24 * 10 * 1000 / bench.module.baud
        for record, end_ms in zip(bench.sink.records, ends, strict=True):
            assert abs(record[3] - (end_ms - size_ms)) <= tolerance_ms

    driven(work, Radio("US"), OURS[0], quirks=quirk)


def set_baud(module: EmulatedModule, baud: int) -> None:
    module.receive(BB_7E.encode(Frame(COMMAND, 0x11, (baud // 100).to_bytes(2, "big"))))
    assert module.baud == baud


def test_a_module_that_lost_its_rate_is_found_again():
    async def whole() -> None:
        bench = Bench()
        await bench.driver.open()
        await bench.driver.close()
        set_baud(bench.module, 9600)  # as another program does
        assert "M100" in await bench.driver.open()
        set_baud(bench.module, 57600)
        await bench.driver.close()
        with pytest.raises(LinkLost):
            await bench.driver.open()

    run(whole(), limit_s=60)
