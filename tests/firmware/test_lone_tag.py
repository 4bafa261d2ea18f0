"""The one tag at a desk is read, whosever it is; nothing else is told, and nothing is kept."""

import asyncio

from drivers.reader import Radio
from gateway.actions import Actions
from gateway.commands import Later
from gateway.foreign import Filter
from gateway.intake import Intake

from tests.firmware.test_actions import TID, Tag
from tests.firmware.test_actions import Station as OneStation

OURS, BLANK = "3414257BF4000000000DBBB1", "E28011700000020000000001"


class Reader(Tag):
    """A reader with antennas that hears some tags in each slot."""

    def __init__(self, antennas, intake, *heard):
        Tag.__init__(self, heard[0][0] if heard else OURS)
        self.antennas = antennas
        self.intake = intake
        self.heard = heard
        self.slots = 0

    async def stream(self, slot_ms):
        self.slots += 1
        for epc, antenna in self.heard:
            tag = bytes.fromhex(epc)
            self.intake.take(tag, 0, len(tag), antenna, -500, 0)


class Kept:
    """A coalescer that notes what reaches it."""

    def __init__(self):
        self.epcs = []

    def add(self, buf, start, length, antenna, rssi_tenths, at_ms):
        self.epcs.append(bytes(buf[start : start + length]).hex().upper())


class Gateway:
    """A gateway whose antenna 1 is a desk's."""

    def __init__(self, *heard, desk=(1,)):
        self.kept = Kept()
        self.intake = Intake(Filter(["3414257BF4"]), self.kept, None)
        self.radio = Radio("US", {1: 12}, 0, ["3414257BF4"], desk=desk)
        self.reader = Reader([1, 2], self.intake, *heard)
        other = OneStation(Reader([3], self.intake, (BLANK, 3)))
        self.stations = [other, OneStation(self.reader)]
        self.turns = self

    async def alone(self, work):
        return await work()


def read(gateway):
    try:
        return asyncio.run(Actions(gateway).get("read_tid")({}).work())
    except ValueError as error:
        return str(error)


def test_a_blank_tag_at_the_desk_is_read_and_leaves_no_trace_in_the_batches():
    gateway = Gateway((BLANK, 1))
    assert read(gateway) == {"tags": 1, "epc": BLANK, "tid": TID.hex().upper()}
    assert gateway.kept.epcs == []
    assert gateway.intake.tap is None and gateway.intake.foreign_tap is None


def test_every_tag_may_answer_for_that_long_and_no_longer():
    gateway = Gateway((BLANK, 1))
    read(gateway)
    used = gateway.stations[1].radio
    assert used.prefixes == () and (used.region, used.power_dbm) == ("US", {1: 12})
    assert gateway.radio.prefixes == ("3414257BF4",)


def test_a_tag_of_the_schools_is_read_too_and_counts_as_ever():
    gateway = Gateway((OURS, 1))
    assert read(gateway)["epc"] == OURS
    assert set(gateway.kept.epcs) == {OURS}


def test_of_several_tags_only_their_number_is_told():
    assert read(Gateway((OURS, 1), (BLANK, 1))) == {"tags": 2}
    assert read(Gateway()) == {"tags": 0}


def test_what_another_antenna_hears_does_not_lie_on_the_desk():
    assert read(Gateway((BLANK, 1), (OURS, 2)))["epc"] == BLANK
    assert read(Gateway((BLANK, 2))) == {"tags": 0}


def test_a_gateway_without_a_desk_reads_no_tag_of_others():
    gateway = Gateway((BLANK, 1), desk=())
    assert "no desk here" in read(gateway)
    assert gateway.reader.slots == 0


def test_a_sweep_under_way_is_not_cut_into():
    gateway = Gateway((BLANK, 1))
    gateway.intake.tap = object()
    assert "another sweep" in read(gateway)


def test_a_module_that_knows_no_tid_writes_by_the_epc():
    from drivers.errors import NotSupported
    from drivers.reader import TID_BANK

    class ByEpc(Tag):
        async def write_epc(self, mask, epc, password=0):
            if mask.bank == TID_BANK:
                raise NotSupported("by its EPC only")
            await Tag.write_epc(self, mask, epc, password)

    gateway = Gateway()
    gateway.stations = [OneStation(ByEpc(BLANK))]
    args = {"tid": TID.hex(), "old_epc": BLANK, "new_epc": OURS}
    result = Actions(gateway).get("write_epc")(args)
    assert isinstance(result, Later)
    assert asyncio.run(result.work()) == {"epc": OURS, "tid": TID.hex().upper()}
