"""The A0 driver on an emulated module, in virtual time: what only this family has."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from drivers.a0.driver import A0
from drivers.a0.frames import FAST_SWITCH, REAL_TIME, SESSION, build
from drivers.errors import LinkLost, ModuleFault, NotSupported, TagFault, WrongAnswer
from drivers.reader import Radio, by_epc, by_tid

from simulator.modules.module import EmulatedModule
from simulator.modules.tag import Tag
from tests.firmware.fakes import Sink
from tests.firmware.host.drivers.bench import PlacedField
from tests.firmware.host.module_port import LoopClock, ModulePort
from tests.support.virtual_time import run

EPCS = [bytes.fromhex("3414257BF4") + bytes([0xA0, 4, 1, 0x8B, 0x22, 0xA0, at]) for at in range(4)]
TIDS = [bytes.fromhex("E28011052000") + bytes([1, 2, 3, 4, 5, at]) for at in range(4)]
DOOR = (7, 3)


class Spied(ModulePort):
    """Keeps the commands that the driver sent."""

    def __init__(self, module: EmulatedModule) -> None:
        super().__init__(module)
        self.sent: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.sent.append(bytes(data))
        super().write(data)

    def commands(self, *codes: int) -> list[bytes]:
        return [frame[4:-1] for frame in self.sent if frame[3] in codes]


class Bench:
    """A module with tag i before antenna i of `antennas`, and the driver on it."""

    def __init__(self, antennas=DOOR, quirks=(), **options) -> None:  # type: ignore[no-untyped-def]
        self.clock = LoopClock()
        self.tags = [Tag(epc, tid=tid) for epc, tid in zip(EPCS, TIDS, strict=True)]
        step = len(antennas)
        self.field = PlacedField(
            {name: self.tags[i::step] for i, name in enumerate(antennas)}, random.Random(2)
        )
        self.module = EmulatedModule(
            "a0",
            self.field,
            antennas=antennas,
            clock=self.clock.seconds,
            rng=random.Random(3),
            quirks=quirks,
            **options,
        )
        self.port = Spied(self.module)
        self.sink = Sink()
        self.driver = A0(self.port, list(antennas), self.sink, self.clock)

    def looks(self, antenna: int) -> tuple[int, int]:
        """Rounds and milliseconds told of the antenna."""
        told = [look[1:] for look in self.sink.looks if look[0] == antenna]
        return sum(rounds for rounds, _ in told), sum(ms for _, ms in told)


def driven(work: Callable[[Bench], Awaitable[None]], **options) -> Bench:  # type: ignore[no-untyped-def]
    benches = []

    async def whole() -> None:
        bench = Bench(**options)
        benches.append(bench)
        await bench.driver.open()
        await work(bench)
        await bench.driver.close()

    run(whole(), limit_s=300)
    return benches[0]


def us(antennas=DOOR, dbm=25, **rest) -> Radio:  # type: ignore[no-untyped-def]
    return Radio("US", dict.fromkeys(antennas, dbm), **rest)


def test_a_missing_antenna_is_told_once_and_the_other_keeps_its_looks():
    told = []

    async def work(bench: Bench) -> None:
        await bench.driver.configure(us())
        for _ in range(50):
            try:
                await bench.driver.stream(100)
            except ModuleFault as error:
                told.append(str(error))

    bench = driven(work, quirks=["missing-antenna=2"])
    assert told == ["antenna 3: module error 22, antenna missing"]
    assert {record[1] for record in bench.sink.records} == {7}
    assert bench.looks(3) == (0, 0)
    rounds, on_air_ms = bench.looks(7)
    assert rounds > 80 and on_air_ms > 3000


def test_all_antennas_missing_are_told_one_after_the_other_and_the_line_is_not_flooded():
    told = []

    async def work(bench: Bench) -> None:
        await bench.driver.configure(us((1,), session=1))
        for _ in range(20):
            try:
                await bench.driver.stream(100)
            except ModuleFault as error:
                told.append(str(error))

    bench = driven(work, antennas=(1,), quirks=["missing-antenna=1"])
    assert told == ["antenna 1: module error 22, antenna missing"]
    assert len(bench.port.commands(SESSION)) <= 20 * 4


@pytest.mark.parametrize(
    ("left_behind", "quirks"),
    [
        (build(1, FAST_SWITCH, bytes((0, 1, 1, 1, 255, 1, 255, 1, 0, 40))), []),
        (build(1, REAL_TIME, bytes((100,))), []),
        (build(1, SESSION, bytes((0, 0, 0xFF))), ["endless-ff"]),
    ],
)
def test_an_inventory_of_a_host_that_restarted_is_waited_for_or_ended(left_behind, quirks):
    async def work() -> None:
        bench = Bench(quirks=quirks)
        await bench.port.open(115200)
        bench.port.write(left_behind)
        await asyncio.sleep(0.5)
        assert await bench.driver.open() == "8.2"
        assert not bench.sink.records
        await bench.driver.configure(us())
        for _ in range(5):
            await bench.driver.stream(100)
        assert {record[:2] for record in bench.sink.records} == {
            (epc, DOOR[at % 2]) for at, epc in enumerate(EPCS)
        }
        assert not bench.driver._inventory.resent
        await bench.driver.close()

    run(work(), limit_s=60)


def test_an_endless_inventory_that_hears_nothing_is_found_out_by_the_first_round_and_ended():
    async def work() -> None:
        bench = Bench(quirks=["endless-ff"])
        await bench.port.open(115200)
        bench.port.write(build(1, SESSION, bytes((2, 1, 0xFF))))  # no tag is in B
        await bench.driver.open()
        await bench.driver.configure(us())
        with pytest.raises(LinkLost):
            await bench.driver.stream(100)
        await bench.driver.close()
        await asyncio.sleep(0.5)
        await bench.driver.open()
        await bench.driver.configure(us())
        await bench.driver.stream(200)
        assert bench.sink.records
        await bench.driver.close()

    run(work(), limit_s=60)


def test_eight_antennas_are_looked_at_in_one_command():
    names = (11, 12, 13, 14, 15, 16, 17, 18)

    async def work(bench: Bench) -> None:
        await bench.driver.configure(us(names))
        await bench.driver.stream(2000)

    bench = driven(work, antennas=names, quirks=["eight-ports"])
    assert not bench.port.commands(SESSION)
    assert {record[1] for record in bench.sink.records} == {11, 12, 13, 14}
    assert all(bench.looks(name)[0] >= 5 for name in names)


def test_a_module_with_fewer_ports_is_named():
    async def work(bench: Bench) -> None:
        with pytest.raises(NotSupported, match="port 2"):
            await bench.driver.configure(us())

    driven(work, quirks=["one-port"])


def test_unequal_powers_are_written_to_flash_once_and_hold():
    async def work(bench: Bench) -> None:
        for _ in range(5):
            await bench.driver.configure(Radio("US", {7: 27, 3: 21}))
            await bench.driver.stream(100)
        assert bench.port.commands(0x76) == [bytes((27, 21, 30, 30))]
        assert len(bench.port.commands(0x78)) == 1

    driven(work)


@pytest.mark.parametrize("quirk", ["min-power", "e310"])
def test_a_power_that_the_board_does_not_do_is_named(quirk):
    async def work(bench: Bench) -> None:
        with pytest.raises(ModuleFault, match="power out of range"):
            await bench.driver.configure(us(dbm=5 if quirk == "min-power" else 33))

    driven(work, quirks=[quirk])


@pytest.mark.parametrize("region", sorted(A0.regions))
def test_every_region_is_taken_and_its_channels_used(region):
    async def work(bench: Bench) -> None:
        await bench.driver.configure(Radio(region))
        await bench.driver.stream(2000)
        assert bench.sink.records

    driven(work)


def test_a_board_for_europe_refuses_other_regions_by_name():
    async def work(bench: Bench) -> None:
        for region in sorted(A0.regions):
            if region in ("EU", "IN"):
                await bench.driver.configure(Radio(region))
            else:
                with pytest.raises(NotSupported, match=region):
                    await bench.driver.configure(Radio(region))
                with pytest.raises(NotSupported):
                    await bench.driver.stream(100)
        assert not bench.field.rounds

    driven(work, quirks=["etsi-only"])


def test_a_restart_in_mid_stream_is_noticed_because_the_power_is_gone():
    async def work(bench: Bench) -> None:
        await bench.driver.configure(us(dbm=15))
        await bench.driver.stream(100)
        bench.port.reset_module()
        with pytest.raises(WrongAnswer, match="restarted"):
            await bench.driver.stream(10_000)

    driven(work, quirks=["slow-boot"])


def test_a_weak_supply_is_a_named_trouble_and_no_hang():
    async def work(bench: Bench) -> None:
        await bench.driver.configure(us(dbm=30))
        for _ in range(3):
            began_s = bench.clock.seconds()
            with pytest.raises(LinkLost, match="mute"):
                await bench.driver.stream(100)
            assert bench.clock.seconds() - began_s < 3.1

    driven(work, quirks=["brown-out"])


def test_amplifier_trouble_is_named_with_its_antenna():
    async def work(bench: Bench) -> None:
        await bench.driver.configure(us(dbm=30))
        with pytest.raises(ModuleFault, match=r"antenna 7: .* power not reached"):
            await bench.driver.stream(100)

    driven(work, quirks=["weak-amplifier"])


@pytest.mark.parametrize("session", [1, 2, 3])
def test_tags_are_read_on_in_both_targets_and_muted_in_one(session):
    counts = {}

    async def work(bench: Bench, target: str, prefixes: tuple[str, ...]) -> None:
        await bench.driver.configure(us(session=session, target=target, prefixes=prefixes))
        for _ in range(10):
            await bench.driver.stream(100)
        counts[target, bool(prefixes)] = len(bench.sink.records)

    for target in ("A", "AB"):
        for prefixes in ((), ("3414257BF4",)):
            driven(partial(work, target=target, prefixes=prefixes))
    assert counts["AB", False] > 2 * counts["A", False]
    assert counts["AB", True] > 2 * counts["A", True]


@pytest.mark.parametrize("quirk", ["", "old-firmware"])
def test_one_prefix_keeps_other_tags_off_the_air_where_the_firmware_can(quirk):
    async def work(bench: Bench) -> None:
        prefix = EPCS[0].hex().upper()
        await bench.driver.configure(us(prefixes=(prefix,)))
        await bench.driver.stream(300)
        assert ({record[0] for record in bench.sink.records} == {EPCS[0]}) == (not quirk)
        bench.sink.records.clear()
        await bench.driver.configure(us(prefixes=(prefix, "34")))
        await bench.driver.stream(300)
        assert {record[0] for record in bench.sink.records} == set(EPCS)

    driven(work, quirks=[quirk] if quirk else [])


def test_a_tag_is_written_at_the_antenna_that_hears_it_and_no_match_stays():
    async def work(bench: Bench) -> None:
        await bench.driver.configure(us())
        await bench.driver.write_epc(by_tid(TIDS[1]), b"\x30" * 16)
        assert bench.tags[1].epc == b"\x30" * 16
        with pytest.raises(TagFault):
            await bench.driver.read_tid(by_epc(EPCS[1]))
        assert await bench.driver._talk.ask(0x86) == b"\x01"
        await bench.driver.stream(200)
        assert (b"\x30" * 16, 3) in {record[:2] for record in bench.sink.records}

    driven(work)


def test_a_module_that_ignores_its_match_writes_to_no_wrong_tag():
    async def work(bench: Bench) -> None:
        await bench.driver.configure(us())
        with pytest.raises(NotSupported, match="match"):
            await bench.driver.write_epc(by_epc(EPCS[0]), EPCS[3])
        assert [tag.epc for tag in bench.tags] == EPCS

    driven(work, quirks=["match-not-working"])


def test_old_firmware_reads_tids_without_a_password():
    async def work(bench: Bench) -> None:
        await bench.driver.configure(us())
        assert await bench.driver.read_tid(by_epc(EPCS[2])) == TIDS[2]

    driven(work, quirks=["old-firmware"])


def test_zeros_made_of_noise_are_dropped_and_counted():
    async def work(bench: Bench) -> None:
        await bench.driver.configure(us())
        await bench.driver.stream(10_000)
        assert bench.driver.zero_epcs
        assert {record[0] for record in bench.sink.records} == set(EPCS)

    driven(work, quirks=["zero-epc"])


def test_the_temperature_is_told():
    async def work(bench: Bench) -> None:
        assert await bench.driver.temperature() == 85
        await bench.driver.sleep()

    driven(work, quirks=["temperature"])
