"""Each command's arguments are checked, and what it asks is done."""

import asyncio

from drivers.errors import TagFault
from drivers.reader import EPC_BANK, TID_BANK, Radio
from gateway.actions import Actions
from gateway.commands import Later
from gateway.config import ReaderSettings

EPC = "3414257BF4000000000DBBB1"
TID = bytes.fromhex("E2801160600002000000ABCD")


class Tag:
    """A reader with one tag in front of it."""

    def __init__(self, epc=EPC):
        self.epc = bytes.fromhex(epc)

    async def read_tid(self, mask, words=6):
        self._find(mask)
        return TID

    async def write_epc(self, mask, epc, password=0):
        self._find(mask)
        self.epc, self.password = epc, password

    def _find(self, mask):
        if mask.mask != (self.epc if mask.bank == EPC_BANK else TID):
            raise TagFault("read", 9, "no tag")


class Station:
    may_transmit = True

    def __init__(self, reader):
        self.reader = reader

    async def access(self, work, radio=None):
        self.radio = radio
        return await work(self.reader)


class Gateway:
    """What actions may ask of a gateway, noted."""

    def __init__(self, *readers):
        self.radio = Radio("US", {1: 20}, 0, ["34"])
        self.readers = [ReaderSettings("m100", "uart1", [1]), ReaderSettings("m100", "uart2", [2])]
        self.stations = [Station(reader) for reader in readers]
        self.turns = self
        self.asked = []

    def use(self, radio):
        self.radio = radio

    def identify(self, seconds):
        self.asked.append(("identify", seconds))

    def reboot(self):
        self.asked.append("reboot")

    def self_test(self):
        return {"clock": True}

    async def alone(self, work):
        return await work()

    async def watch(self, tap, seconds):
        for rssi in (-600, -450, -500):
            tap.take(b"..\x34\x14", 2, 2, 1, rssi, 0)


def do(gateway, name, args):
    """The reply's fields, or the reason as text."""
    try:
        result = Actions(gateway).get(name)(args)
        return asyncio.run(result.work()) if isinstance(result, Later) else result
    except (ValueError, TagFault) as error:
        return str(error)


def test_every_argument_out_of_range_is_refused_by_name():
    for name, args, said in (
        ("set_power", {}, "antenna"),
        ("set_power", {"antenna": 3, "dbm": 20}, "no antenna 3"),
        ("set_power", {"antenna": 1, "dbm": 31}, "31"),
        ("set_power", {"antenna": 1, "dbm": "20"}, "power_dbm.1"),
        ("set_power", {"antenna": True, "dbm": 20}, "antenna"),
        ("set_power", {"antenna": 1, "dbm": 20, "seconds": 0}, "seconds"),
        ("set_power", {"antenna": 2, "dbm": 20, "seconds": 9}, "no power to go back to"),
        ("set_region", {}, "region"),
        ("set_region", {"region": "MOON"}, "region"),
        ("set_region", {"region": "JP"}, "m100 has no JP"),
        ("sweep", {"seconds": 0}, "seconds"),
        ("sweep", {"seconds": 61}, "seconds"),
        ("sweep", {"seconds": 1.5}, "seconds"),
        ("identify", {"seconds": 301}, "seconds"),
        ("read_tid", {"epc": "341"}, "whole words"),
        ("read_tid", {"epc": "34XY"}, "hexadecimal"),
        ("write_epc", {"old_epc": EPC}, "new_epc"),
        ("write_epc", {"new_epc": EPC}, "one of them"),
        ("read_tid", {}, "no desk here"),
        ("write_epc", {"new_epc": EPC, "tid": "E2"}, "tid"),
        ("write_epc", {"new_epc": EPC, "old_epc": EPC, "password": 1 << 32}, "password"),
        ("write_epc", {"new_epc": EPC, "old_epc": EPC, "password": "x"}, "password"),
    ):
        gateway = Gateway(Tag())
        before = gateway.radio
        assert said in do(gateway, name, args), (name, args)
        assert gateway.radio is before and gateway.asked == []


def test_power_of_one_antenna_leaves_the_others():
    gateway = Gateway()
    assert do(gateway, "set_power", {"antenna": 2, "dbm": 22.5}) == {"antenna": 2, "dbm": 22.5}
    assert gateway.radio.power_dbm == {1: 20, 2: 22.5}
    assert (gateway.radio.region, gateway.radio.prefixes) == ("US", ("34",))


async def _tried(gateway, asked, meanwhile=None):
    """The powers while these are on trial, and once it is over."""
    powers = Actions(gateway).get("set_power")
    for args in asked:
        powers(args)
    during = gateway.radio.power_dbm
    if meanwhile is not None:
        gateway.radio = meanwhile
    await asyncio.sleep(1.2)
    return during, gateway.radio.power_dbm


def test_a_power_on_trial_goes_back_by_itself():
    gateway = Gateway()
    gateway.radio = Radio("US", {1: 20, 2: 18}, 0, ["34"])
    asked = [{"antenna": n, "dbm": dbm, "seconds": 1} for n, dbm in ((1, 9), (2, 9), (1, 5))]
    assert asyncio.run(_tried(gateway, asked)) == ({1: 5, 2: 9}, {1: 20, 2: 18})


def test_what_is_set_during_a_trial_stays_and_the_rest_goes_back():
    gateway = Gateway()
    gateway.radio = Radio("US", {1: 20, 2: 18}, 0, ["34"])
    trial = {"antenna": 1, "dbm": 9, "seconds": 1}
    for_good = {"antenna": 2, "dbm": 15}
    powers = asyncio.run(_tried(gateway, [trial, for_good]))
    assert powers == ({1: 20, 2: 15}, {1: 20, 2: 15})
    config = Radio("US", {1: 9, 2: 9}, 0, ["34"])
    assert asyncio.run(_tried(gateway, [trial], config))[1] == {1: 9, 2: 9}


def test_a_region_may_be_set_and_taken_away():
    gateway = Gateway()
    do(gateway, "set_region", {"region": "EU"})
    assert gateway.radio.region == "EU"
    do(gateway, "set_region", {"region": None})
    assert gateway.radio.region is None
    assert "no region" in do(gateway, "sweep", {"seconds": 1})


def test_a_sweep_counts_reads_and_keeps_the_strongest():
    assert do(Gateway(), "sweep", {"seconds": 3}) == {"tags": [["3414", 1, 3, -45.0]], "more": 0}


def test_a_tid_comes_from_the_reader_that_hears_the_tag():
    gateway = Gateway(Tag("AAAA"), Tag())
    assert do(gateway, "read_tid", {"epc": EPC}) == {"tid": "E2801160600002000000ABCD"}
    assert "no tag" in do(Gateway(Tag("AAAA")), "read_tid", {"epc": EPC})
    assert "no reader" in str(do_ready_none())


def do_ready_none():
    try:
        return asyncio.run(Actions(Gateway()).get("read_tid")({"epc": EPC}).work())
    except Exception as error:  # noqa: BLE001 - its text is what is asked
        return error


def test_an_epc_is_written_by_tid_or_epc_and_read_back():
    for by in ({"tid": "E2801160600002000000ABCD"}, {"old_epc": EPC}):
        tag = Tag()
        args = {"new_epc": "3414257BF40000000000ABCD", "password": 7}
        args.update(by)
        reply = do(Gateway(tag), "write_epc", args)
        assert reply["epc"] == "3414257BF40000000000ABCD" and reply["tid"].startswith("E280")
        assert tag.epc == bytes.fromhex("3414257BF40000000000ABCD") and tag.password == 7
    assert TID_BANK != EPC_BANK


def test_identify_selftest_and_reboot_ask_the_gateway():
    gateway = Gateway()
    assert do(gateway, "identify", {"seconds": 9}) == {"seconds": 9}
    assert do(gateway, "selftest", {}) == {"clock": True}
    assert do(gateway, "reboot", {}) == {}
    assert gateway.asked == [("identify", 9), "reboot"]


def test_what_is_not_in_the_table_is_not_done():
    assert Actions(Gateway()).get("format") is None
