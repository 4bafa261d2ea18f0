"""Work on one tag through every family's driver, and what it leaves in the tag's memory."""

from collections.abc import Awaitable, Callable

import pytest
from drivers.errors import NotSupported, TagFault
from drivers.reader import Reader, by_epc, by_tid
from gateway.foreign import Filter
from gateway.intake import Intake
from gateway.lone_tag import open_to_all, read_lone_tag
from gateway.station import Station

from simulator.modules.tag import TagRefused
from tests.firmware.host.drivers.awkward import awkward_epcs
from tests.firmware.host.drivers.bench import Bench
from tests.firmware.host.drivers.cases import FAMILIES
from tests.support.counts import seeded
from tests.support.virtual_time import run

OLD, OTHER = bytes.fromhex("3414257BF40000000000000A"), bytes.fromhex("3414257BF40000000000000B")
NEW = bytes.fromhex("3414257BF4000000000DBBB1")
PASSWORD = 0xCAFED00D
# Bank, first word and words of what a lock is for.
PLACES = {"epc": (1, 2, 6), "user": (3, 0, 1), "kill": (0, 0, 2), "access": (0, 2, 2)}


def with_driver(family: str, work: Callable[[Bench, Reader], Awaitable[None]]) -> None:
    """Run `work` on a driver that is open and set up, before two tags."""

    async def whole() -> None:
        bench = Bench(family, [OLD, OTHER], at_first_antenna=True)
        await bench.driver.open()
        await bench.driver.configure(bench.radio())
        await bench.driver.stream(200)
        await work(bench, bench.driver)
        await bench.driver.close()

    run(whole(), limit_s=120)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_tid_of_the_tag_that_is_meant_is_read(family):
    async def work(bench: Bench, driver: Reader) -> None:
        for tag in bench.tags:
            tid = tag.read(2, 0, 6, secured=True)
            assert await driver.read_tid(by_epc(tag.epc)) == tid
            assert await driver.read_tid(by_tid(tid)) == tid
            assert await driver.read_tid(by_epc(tag.epc), words=2) == tid[:4]

    with_driver(family, work)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_written_epc_is_in_that_tag_and_answers_from_then_on(family):
    async def work(bench: Bench, driver: Reader) -> None:
        await driver.write_epc(by_epc(OLD), NEW)
        assert [tag.epc for tag in bench.tags] == [NEW, OTHER]
        tid = bench.tags[1].read(2, 0, 6, secured=True)
        await driver.write_epc(by_tid(tid), OLD)
        assert [tag.epc for tag in bench.tags] == [NEW, OLD]
        bench.sink.records.clear()
        await driver.stream(400)
        assert bench.epcs_heard == {NEW, OLD}

    with_driver(family, work)


@pytest.mark.parametrize("family", FAMILIES)
def test_at_a_desk_a_foreign_tag_is_read_and_written_and_then_the_schools_alone_answer(family):
    foreign = bytes.fromhex("E28011700000020000000001")

    async def whole() -> None:
        bench = Bench(family, [foreign], at_first_antenna=True)
        own = bench.radio(prefixes=["3414257BF4"])
        intake = Intake(Filter(own.prefixes), bench.sink, bench.sink)
        driver = bench.driver_class(bench.port, list(bench.antennas), intake, bench.clock)
        station = Station("desk", driver, own, bench.clock, print, print)
        await driver.open()

        async def write(reader: Reader) -> None:
            try:
                await reader.write_epc(by_tid(tid), NEW)
            except NotSupported:
                await reader.write_epc(by_epc(foreign), NEW)

        every, desk = open_to_all(own), bench.antennas[:1]
        await station.turn(400)
        epc, tid = await station.access(lambda r: read_lone_tag(r, intake, desk), every)
        assert (epc, tid) == (foreign, bench.tags[0].read(2, 0, 6, secured=True))
        await station.access(write, every)
        await station.turn(400)
        assert bench.epcs_heard == {NEW} and station.trouble is None
        await station.close()

    run(whole(), limit_s=120)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_epc_of_another_length_takes_its_pc_word_with_it(family):
    async def work(bench: Bench, driver: Reader) -> None:
        tid = bench.tags[0].read(2, 0, 6, secured=True)
        for words in (8, 2, 6, 1):
            epc = bytes(range(1, 2 * words + 1))
            await driver.write_epc(by_tid(tid), epc)
            assert bench.tags[0].epc == epc
            assert bench.tags[0].pc >> 11 == words

    with_driver(family, work)


@pytest.mark.parametrize("family", FAMILIES)
def test_epcs_of_frame_bytes_are_written_as_they_are(family):
    async def work(bench: Bench, driver: Reader) -> None:
        tid = bench.tags[0].read(2, 0, 6, secured=True)
        for epc in awkward_epcs(seeded("written", family)):
            if 2 <= len(epc) <= 16:
                await driver.write_epc(by_tid(tid), epc)
                assert bench.tags[0].epc == epc

    with_driver(family, work)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_locked_epc_is_written_with_the_password_only(family):
    async def work(bench: Bench, driver: Reader) -> None:
        tag = bench.tags[0]
        await driver.set_access_password(by_epc(OLD), PASSWORD)
        assert tag.access_password == PASSWORD
        await driver.lock(by_epc(OLD), "epc", "locked", PASSWORD)
        with pytest.raises(TagRefused):
            tag.write(1, 2, NEW, secured=False)
        with pytest.raises(TagFault):
            await driver.write_epc(by_epc(OLD), NEW)
        with pytest.raises(TagFault):
            await driver.write_epc(by_epc(OLD), NEW, password=PASSWORD ^ 1)
        assert tag.epc == OLD
        await driver.write_epc(by_epc(OLD), NEW, password=PASSWORD)
        assert tag.epc == NEW
        await driver.lock(by_epc(NEW), "epc", "open", PASSWORD)
        await driver.write_epc(by_epc(NEW), OLD)
        assert tag.epc == OLD

    with_driver(family, work)


@pytest.mark.parametrize("memory", Reader.MEMORIES)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_lock_is_the_one_that_gen2_means(family, memory):
    async def work(bench: Bench, driver: Reader) -> None:
        tag = bench.tags[0]
        await driver.set_access_password(by_epc(OLD), PASSWORD)
        for how, open_now, open_secured in (
            ("locked", False, True),
            ("open", True, True),
            ("locked-forever", False, False),
        ):
            await driver.lock(by_epc(OLD), memory, how, PASSWORD)
            assert writable(bench, memory, secured=False) == open_now, how
            assert writable(bench, memory, secured=True) == open_secured, how
        with pytest.raises(TagFault):
            await driver.lock(by_epc(OLD), memory, "open", PASSWORD)
        assert tag.epc == OLD
        assert all(
            writable(bench, other, secured=False) for other in Reader.MEMORIES if other != memory
        )

    with_driver(family, work)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_tag_that_is_not_there_is_a_tag_fault(family):
    async def work(bench: Bench, driver: Reader) -> None:
        with pytest.raises(TagFault):
            await driver.read_tid(by_epc(NEW))
        with pytest.raises(TagFault):
            await driver.write_epc(by_epc(NEW), OLD)
        assert [tag.epc for tag in bench.tags] == [OLD, OTHER]
        bench.sink.records.clear()
        await driver.stream(400)
        assert bench.epcs_heard == {OLD, OTHER}, "the mask of the access does not stay"

    with_driver(family, work)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_module_that_slept_reads_again(family):
    async def work(bench: Bench, driver: Reader) -> None:
        await driver.sleep()
        await driver.close()
        bench.sink.records.clear()
        await driver.open()
        await driver.configure(bench.radio())
        await driver.stream(400)
        assert bench.epcs_heard == {OLD, OTHER}

    with_driver(family, work)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_temperature_is_one_of_a_room_or_unknown(family):
    async def work(bench: Bench, driver: Reader) -> None:
        degrees = await driver.temperature()
        assert degrees is None or 10 <= degrees <= 80

    with_driver(family, work)


def writable(bench: Bench, memory: str, *, secured: bool) -> bool:
    """Tell whether the tag would take what it has once more."""
    tag = bench.tags[0]
    bank, word, words = PLACES[memory]
    try:
        tag.write(bank, word, same(bench, bank, word, words), secured)
    except TagRefused:
        return False
    return True


def same(bench: Bench, bank: int, word: int, words: int) -> bytes:
    """What is in the bank, whatever its lock says of reading."""
    tag = bench.tags[0]
    if bank == 0:
        both = tag.kill_password.to_bytes(4, "big") + tag.access_password.to_bytes(4, "big")
        return both[2 * word : 2 * (word + words)]
    return tag.read(bank, word, words, secured=True)
