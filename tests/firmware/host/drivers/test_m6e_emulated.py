"""The M6e driver on the emulator, beyond what `drivers/` asks of every family."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import pytest
from drivers.errors import LinkLost, ModuleFault, NotSupported
from drivers.m6e.driver import M6e
from drivers.reader import Radio, by_epc

from simulator.modules.module import EmulatedModule
from simulator.modules.tag import Tag
from tests.firmware.fakes import Sink
from tests.firmware.host.drivers.bench import PlacedField
from tests.firmware.host.module_port import LoopClock, ModulePort
from tests.support.virtual_time import run

EPCS = [bytes.fromhex("3414257BF4") + bytes([at] * 7) for at in range(12)]


class DatedSink(Sink):
    """Keeps with each record when it was handed over."""

    def __init__(self, clock: LoopClock) -> None:
        super().__init__()
        self.arrived_ms: list[int] = []
        self._clock = clock

    def take(self, *record: object) -> None:
        super().take(*record)
        self.arrived_ms.append(self._clock.up_ms())


class WatchedTag(Tag):
    """Keeps when each of its answers was over."""

    __slots__ = ("answered_ms",)

    def __init__(self, epc: bytes, tid: bytes) -> None:
        super().__init__(epc, tid=tid)
        self.answered_ms: list[int] = []

    def inventoried(self, session: int, at_s: float) -> None:
        self.answered_ms.append(round(at_s * 1000))
        super().inventoried(session, at_s)


class Rig:
    """A driver with as many antennas as `antennas` on an emulated module; made in a loop."""

    def __init__(
        self, antennas: Sequence[int] = (1,), *, epcs: Sequence[bytes] = EPCS, **options: object
    ) -> None:
        rng = random.Random(5)
        tags = {
            number: [WatchedTag(epc, rng.randbytes(12)) for epc in epcs[at :: len(antennas)]]
            for at, number in enumerate(antennas)
        }
        self.tags = {tag.epc: tag for here in tags.values() for tag in here}
        self.antenna_of = {tag.epc: number for number, here in tags.items() for tag in here}
        self.tid_of = {tag.epc: tag.read(2, 0, 6, True) for here in tags.values() for tag in here}
        self.field = PlacedField(tags, rng)
        self.clock = LoopClock()
        self.module = EmulatedModule(
            "m6e", self.field, antennas=antennas, clock=self.clock.seconds, rng=rng, **options
        )
        self.port = ModulePort(self.module)
        self.sink = DatedSink(self.clock)
        self.driver = M6e(self.port, list(antennas), self.sink, self.clock)

    async def ready(self, radio: Radio | None = None) -> M6e:
        await self.driver.open()
        await self.driver.configure(radio or Radio("US"))
        return self.driver


def on_emulator(work: Callable[[], Awaitable[None]], limit_s: float = 600) -> None:
    run(work(), limit_s=limit_s)


@pytest.mark.parametrize("baud", [9600, 19200, 38400, 57600, 230400, 460800, 921600])
def test_a_module_at_another_rate_is_found_and_read_in_five_seconds(baud):
    async def work() -> None:
        rig = Rig(baud=baud)
        driver = await rig.ready()
        assert rig.clock.seconds() < 5
        await driver.stream(400)
        assert rig.sink.records
        await driver.close()

    on_emulator(work)


@pytest.mark.parametrize(
    ("quirks", "region", "code"),
    [([], "US", 0x0D), (["m7e"], "US", 0x01), ([], "EU", 0x08), ([], "AU", 0x0B), ([], "KR", 0x09)],
)
def test_each_model_gets_the_code_it_has_for_a_region(quirks, region, code):
    async def work() -> None:
        rig = Rig(quirks=quirks)
        driver = await rig.ready(Radio(region, {1: 20}))
        assert await driver._talk.ask(0x67) == bytes([code])
        await driver.stream(400)
        assert {epc for epc, *_ in rig.sink.records} == set(EPCS)
        await driver.close()

    on_emulator(work)


def test_a_region_that_a_silion_lacks_is_named():
    async def work() -> None:
        rig = Rig(quirks=["silion"])
        await rig.driver.open()
        with pytest.raises(NotSupported, match="JP"):
            await rig.driver.configure(Radio("JP"))
        await rig.driver.close()

    on_emulator(work)


@pytest.mark.parametrize("ports", [2, 4, 16])
def test_a_multiplexer_gives_each_port_its_power_its_reads_and_its_looks(ports):
    async def work() -> None:
        antennas = [30 + port for port in range(ports)]
        rig = Rig(antennas, quirks=["multiplexer"])
        driver = await rig.ready(Radio("US", {31: 25, 30: 20.5}))
        for _ in range(20):
            await driver.stream(400)
        heard = {(epc, antenna) for epc, antenna, *_ in rig.sink.records}
        assert heard == set(rig.antenna_of.items())
        powers = await driver._talk.ask(0x61, b"\x04")
        assert powers[1:15] == bytes.fromhex("01080208020000" + "0209C409C40000")
        assert {antenna for antenna, rounds, _ in rig.sink.looks if rounds} == set(antennas)
        assert await driver.read_tid(by_epc(EPCS[1])) == rig.tid_of[EPCS[1]], "at antenna 31"
        await driver.close()

    on_emulator(work)


def test_a_pause_for_heat_is_told_by_the_looks_and_reading_goes_on_after_it():
    async def work() -> None:
        rig = Rig(quirks=["over-temperature=10"])
        driver = await rig.ready()
        on_air_ms, named = [], set()
        for _ in range(200):
            before = len(rig.sink.looks)
            try:
                await driver.stream(400)
            except ModuleFault as fault:
                named.add(fault.name)
            on_air_ms.append(sum(look[2] for look in rig.sink.looks[before:]))
        paused = [ms < 100 for ms in on_air_ms]
        assert named == {"over temperature"}
        assert not any(paused[:25]), "it is cool at first"
        assert 30 < sum(paused) < 190
        assert not all(paused[-60:]), "and reads again when it has cooled"
        await driver.close()

    on_emulator(work)


def test_a_long_slot_goes_on_by_itself_after_a_pause_for_heat():
    async def work() -> None:
        rig = Rig(quirks=["over-temperature=10"])
        driver = await rig.ready()
        with pytest.raises(ModuleFault, match="over temperature"):
            await driver.stream(100_000)
        ((_, _, on_air_ms),) = rig.sink.looks
        gaps = [b - a for a, b in zip(rig.sink.arrived_ms, rig.sink.arrived_ms[1:], strict=False)]
        pauses_ms = sum(gap for gap in gaps if gap > 5000)
        assert pauses_ms > 15_000
        assert on_air_ms == pytest.approx(100_000 - pauses_ms, abs=3000)
        await driver.close()

    on_emulator(work)


def test_reads_are_dated_within_a_few_milliseconds_however_long_the_line_holds_them():
    async def work() -> None:
        rig = Rig(baud=38400, epcs=[bytes([0x34, at] * 15) for at in range(60)])
        driver = await rig.ready()
        for _ in range(12):
            await driver.stream(400)
        await driver.close()
        late = [
            arrived - dated
            for (_, _, _, dated), arrived in zip(rig.sink.records, rig.sink.arrived_ms, strict=True)
        ]
        off = [
            min(abs(dated - at_ms) for at_ms in rig.tags[epc].answered_ms)
            for epc, _, _, dated in rig.sink.records
        ]
        assert len(off) > 200
        assert min(late) >= 0 and max(late) > 40, "the line is the slower one"
        assert sorted(off)[len(off) // 2] <= 20 and max(off) <= 40

    on_emulator(work)


def test_a_lone_slot_is_nearly_all_on_air_and_a_shared_one_for_the_most_part():
    async def share(slot_ms: int) -> float:
        rig = Rig()
        driver = await rig.ready()
        began_ms = rig.clock.up_ms()
        for _ in range(8000 // slot_ms):
            await driver.stream(slot_ms)
        await driver.close()
        return 8000 / (rig.clock.up_ms() - began_ms)

    assert run(share(400)) > 0.95
    assert run(share(80)) > 0.75


def test_rounds_are_never_told_too_many():
    async def work(tags: int) -> tuple[int, int]:
        rig = Rig(epcs=EPCS[:tags])
        driver = await rig.ready()
        rig.field.rounds = 0
        for _ in range(20):
            await driver.stream(400)
        await driver.close()
        return sum(look[1] for look in rig.sink.looks), rig.field.rounds

    for tags in (0, 1, 4, 12):
        told, made = run(work(tags))
        assert made / 8 <= told <= made, tags


def test_a_silion_that_falls_mute_in_a_long_slot_is_noticed_within_three_seconds():
    async def work() -> None:
        rig = Rig(quirks=["silion"])
        driver = await rig.ready()
        streaming = asyncio.create_task(driver.stream(60_000))
        await asyncio.sleep(5)
        assert rig.sink.records
        rig.port.hang_module()
        hung_s = rig.clock.seconds()
        with pytest.raises(LinkLost):
            await streaming
        assert rig.clock.seconds() - hung_s < 3
        await driver.close()

    on_emulator(work)


def test_a_hot_silion_waits_out_its_slots():
    async def work() -> None:
        rig = Rig(quirks=["silion", "over-temperature=10"])
        driver = await rig.ready()
        for _ in range(150):
            with suppress(ModuleFault):
                await driver.stream(400)
        assert rig.clock.seconds() > 50
        assert min(on_air_ms for _, _, on_air_ms in rig.sink.looks) < 50
        await driver.close()

    on_emulator(work)
