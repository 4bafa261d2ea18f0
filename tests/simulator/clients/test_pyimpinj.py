"""pyImpinj 1.2, a public program for A0 readers, works with the emulated one.

It is driven over a pseudo-terminal and over TCP, each of its methods, as its own samples do it.
"""

import queue
import random
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from simulator.modules.field import FixedField
from simulator.modules.module import EmulatedModule
from simulator.modules.port import PtyPort, TcpPort, serve_pty, serve_tcp
from simulator.modules.tag import Tag, TagRefused, crc16
from tests.support.loop_thread import LoopThread

DEADLINE_S = 10.0
EPCS = [f"3414257BF40000000000{n:04X}" for n in range(4)]


def bring_checksums() -> None:
    """Give pyImpinj its two checksums where libscrc has no wheel (see requirements/clients.txt)."""
    try:
        import libscrc  # noqa: F401
    except ImportError:
        stand_in = types.ModuleType("libscrc")
        stand_in.lrc = lambda data: -sum(data) & 0xFF
        stand_in.xmodem = lambda data, _: crc16(data) ^ 0xFFFF
        sys.modules["libscrc"] = stand_in


bring_checksums()
from pyImpinj import ImpinjR2KReader  # noqa: E402
from pyImpinj.constant import FREQUENCY_TABLES, READER_ANTENNA  # noqa: E402
from pyImpinj.enums import ImpinjR2KFastSwitchInventory, ImpinjR2KRegion  # noqa: E402


class Host:
    """The program's reader object on an address, and the queue into which it puts tags."""

    def __init__(self, address: str, *, baud: int = 115200, number: int = 1) -> None:
        self.tags: queue.Queue[dict[str, object]] = queue.Queue(4096)
        self.reader = ImpinjR2KReader(self.tags, address=number)
        self.reader.connect(address, baudrate=baud)
        self.reader.worker_start()

    def until_done(self) -> list[dict[str, object]]:
        """Return what came up to the end of the inventory, that included."""
        found = []
        while not found or found[-1]["type"] not in ("DONE", "ERROR"):
            found.append(self.tags.get(timeout=DEADLINE_S))
        return found

    def command(self, name: str, *arguments: object, **named: object) -> bytes:
        """Send a command that only the program's protocol layer has; return the answer's data."""
        getattr(self.reader.protocol, name)(*arguments, **named)
        return self.reader.command_queue.get(timeout=DEADLINE_S)["data"]


@pytest.fixture
def tags() -> list[Tag]:
    return [Tag(bytes.fromhex(epc), s1_persistence_s=0.5) for epc in EPCS]


@pytest.fixture(params=["pty", "tcp"])
def transport(request: pytest.FixtureRequest) -> str:
    return request.param


@contextmanager
def emulated(tags: list[Tag], transport: str = "pty", **options: object) -> Iterator[Host]:
    rng = random.Random(3)
    options.setdefault("antennas", (1, 2, 3, 4))
    module = EmulatedModule("a0", FixedField(tags, rng), rng=rng, **options)

    async def serve() -> PtyPort | TcpPort:
        return serve_pty(module) if transport == "pty" else await serve_tcp(module)

    async def close(port: PtyPort | TcpPort) -> None:
        port.close()

    with LoopThread("emulated reader") as loop:
        port = loop.call(serve())
        host = Host(port.address, baud=module.baud)
        try:
            yield host
        finally:
            host.reader.worker_close()
            loop.call(close(port))


def epcs_of(found: list[dict[str, object]]) -> list[object]:
    return [one["epc"] for one in found if one["type"] == "TAG"]


# Inventories


def test_a_real_time_inventory_gives_each_tag_and_its_totals(tags, transport):
    with emulated(tags, transport) as host:
        assert host.reader.set_work_antenna(READER_ANTENNA["ANTENNA4"]) == (True, "SUCCESS")
        host.reader.rt_inventory(repeat=3)
        found = host.until_done()
        assert sorted(epcs_of(found)) == sorted(EPCS * 3)
        assert found[-1]["total_read"] == 12
        assert {one["antenna"] for one in found[:-1]} == {4}
        assert {one["frequency"] for one in found[:-1]} <= set(FREQUENCY_TABLES[7:])
        assert all(-80 < one["rssi"] < -20 for one in found[:-1])


def test_a_session_inventory_in_s1_finds_each_tag_once_until_its_flag_decays(tags, transport):
    with emulated(tags, transport) as host:
        host.reader.session_inventory(session="S1", target="A", repeat=1)
        assert sorted(epcs_of(host.until_done())) == EPCS
        host.reader.session_inventory(session="S1", target="A", repeat=1)
        assert host.until_done()[-1] == {"type": "DONE", "total_read": 0, "duration": 0}


def test_a_fast_switch_visits_each_antenna(tags, transport):
    order = {f"{name}": place for place, name in enumerate("ABCD")}
    order |= {f"{name}loop": 1 for name in "ABCD"} | {"Interval": 0, "Repeat": 1}
    with emulated(tags, transport) as host:
        host.reader.fast_switch_ant_inventory(param=order)
        found = host.until_done()
        assert [one["antenna"] for one in found[:-1]] == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4
        assert found[-1]["total_read"] == 16
        assert 40 < found[-1]["duration"] < 2000  # milliseconds
        host.reader.fast_switch_ant_inventory()  # the program's default: antenna 1 alone
        assert {one["antenna"] for one in host.until_done()[:-1]} == {1}


def test_a_missing_antenna_is_told_of_while_the_detector_is_on(tags):
    order = {"A": 0, "B": 1, "C": ImpinjR2KFastSwitchInventory.DISABLED, "D": 0xFF, "Interval": 0}
    with emulated(tags, antennas=(1,)) as host:
        assert host.reader.set_ant_connection_detector(3) == (True, "SUCCESS")
        assert host.reader.get_ant_connection_detector() == b"\x03"
        host.reader.fast_switch_ant_inventory(param=order)
        found = host.until_done()
        while found[-1]["type"] != "DONE":
            found += host.until_done()
        assert {"type": "ERROR", "logs": "Antenna-2 disconnect."} in found
        assert sorted(epcs_of(found)) == EPCS
        host.reader.set_work_antenna(READER_ANTENNA["ANTENNA2"])
        host.reader.rt_inventory()
        assert host.until_done() == [{"type": "ERROR", "logs": "Antenna miss error."}]


def test_the_buffer_is_filled_counted_read_and_cleared(tags, transport):
    with emulated(tags, transport) as host:
        assert host.reader.inventory(repeat=0xFF) == 4
        assert host.reader.get_inventory_buffer_tag_count() == 4
        assert sorted(host.reader.get_inventory_buffer(loop=4)) == EPCS
        assert sorted(host.reader.get_and_reset_inventory_buffer(loop=4)) == EPCS
        assert host.reader.get_inventory_buffer_tag_count() == 0
        host.reader.inventory(repeat=2)
        assert host.reader.reset_inventory_buffer() == (True, "SUCCESS")
        assert host.reader.get_inventory_buffer_tag_count() == 0


def test_its_inventory_sample_goes_round_the_antennas(tags):
    """As the program's inventory-rt sample: switch the antenna at each end, and look again."""
    seen = set()
    with emulated(tags) as host:
        assert host.reader.fast_power(22) == (True, "SUCCESS")
        for antenna in (0, 1, 2, 3):
            assert host.reader.set_work_antenna(antenna)[0]
            host.reader.rt_inventory(repeat=10)
            found = host.until_done()
            assert sorted(epcs_of(found)) == sorted(EPCS * 10)
            seen |= {one["antenna"] for one in found[:-1]}
    assert seen == {1, 2, 3, 4}


# Tags


def test_a_tag_is_read_and_written(tags, transport):
    with emulated(tags, transport) as host:
        tid = host.reader.read(EPCS[1], bank="TID", size=6)
        assert tid == tags[1].read(2, 0, 6, True).hex().upper()
        crc_pc_epc = host.reader.read(EPCS[1], bank="EPC", size=8)
        assert crc_pc_epc[4:] == "3000" + EPCS[1]
        assert host.reader.write(EPCS[1], data="CAFE1234", bank="USER") == EPCS[1]
        assert host.reader.read(EPCS[1], bank="USER", size=2) == "CAFE1234"
        assert host.reader.read(EPCS[2], bank="USER", size=2) == "00000000"
        new = "646C8DBBD180000040000006"
        assert host.reader.write(EPCS[1], data=new, bank="EPC") == EPCS[1]
        assert tags[1].epc.hex().upper() == new
        assert host.reader.read(EPCS[1], bank="TID", size=6) == ""  # nobody is called so now
        assert host.reader.read(new, bank="TID", size=6) == tid


def test_passwords_and_locks_hold(tags):
    with emulated(tags) as host:
        secret = [1, 2, 3, 4]
        host.reader.write(EPCS[0], data="0000000001020304", bank="RESERVED")
        assert tags[0].access_password == 0x01020304
        wrong = host.command("lock", bank="USER", lock_type="LOCK", password=[9, 9, 9, 9])
        assert wrong == b"\x40"
        locked = host.command("lock", bank="USER", lock_type="LOCK", password=secret)
        assert locked[-3] == 0x10
        assert host.reader.write(EPCS[0], data="BEEF", bank="USER") == ""
        assert host.reader.write(EPCS[0], data="BEEF", bank="USER", password=secret) == EPCS[0]
        with pytest.raises(TagRefused):
            tags[0].write(3, 0, b"\0\0", secured=False)
        assert host.command("write", [0xAB, 0xCD], bank="USER", addr=1, password=secret)[-3] == 0x10
        assert tags[0].read(3, 0, 2, True).hex() == "beefabcd"


def test_a_tag_is_killed_by_its_password(tags):
    tags[3].kill_password = 0x00000007
    with emulated(tags) as host:
        assert host.reader.set_access_epc_match(mode=0, epc=EPCS[3]) == (True, "SUCCESS")
        assert host.command("kill", password=[0, 0, 0, 1]) == b"\x35"
        assert host.command("kill", password=[0, 0, 0, 7])[-3] == 0x10
        assert tags[3].killed
        host.reader.rt_inventory(repeat=1)
        assert sorted(epcs_of(host.until_done())) == EPCS[:3]


def test_an_epc_match_is_set_asked_for_and_cleared(tags):
    with emulated(tags) as host:
        assert host.command("get_access_epc_match") == b"\x01"
        host.reader.set_access_epc_match(mode=0, epc=EPCS[2])
        assert host.command("get_access_epc_match").hex().upper() == "000C" + EPCS[2]
        host.reader.set_access_epc_match(mode=1, epc=EPCS[2])
        assert host.command("get_access_epc_match") == b"\x01"


# Settings


def test_each_setting_is_set_and_read_back(tags, transport):
    done = (True, "SUCCESS")
    with emulated(tags, transport) as host:
        reader = host.reader
        assert reader.set_rf_power(20, 21, 22, 23) == done
        assert reader.get_rf_power() == bytes((20, 21, 22, 23))
        assert reader.set_rf_power(25, 25, 25, 25) == done
        assert reader.get_rf_power() == bytes((25,))
        assert reader.fast_power(30) == done
        assert reader.set_work_antenna(2) == done
        assert reader.get_work_antenna() == b"\x02"
        assert reader.beeper(mode=1) == done
        assert reader.temperature() == 35
        assert (reader.di(1), reader.di(2)) == (0, 0)
        assert reader.do(3, True) == done
        assert len(reader.identifier()) == 12
        assert host.command("set_reader_identifier", "ROLLCALL0001") == b"\x10"
        assert reader.identifier() == b"ROLLCALL0001"
        assert host.command("version") == b"\x08\x02"
        assert host.command("set_rf_link_profile", 0xD2) == b"\x10"
        assert host.command("get_rf_link_profile") == b"\xd2"


def test_regions_and_a_spectrum_of_ones_own(tags):
    with emulated(tags) as host:
        reader = host.reader
        assert reader.set_frequency_region(902, 928, ImpinjR2KRegion.FCC) == (True, "SUCCESS")
        assert reader.get_frequency_region() == {
            "Region": "FCC",
            "StartFreq": 902,
            "EndFreq": 928,
        }
        assert reader.set_frequency_region(865, 868, ImpinjR2KRegion.ETSI)[0]
        reader.rt_inventory()
        assert {one["frequency"] for one in host.until_done()[:-1]} <= set(FREQUENCY_TABLES[:7])
        assert reader.set_frequency_region(865, 868, ImpinjR2KRegion.CHN)[0] is False
        assert reader.set_frequency_region_user(915000, 5, 10) == (True, "SUCCESS")
        assert reader.get_frequency_region() == {
            "Region": "USER",
            "FreqSpace": 5,
            "Quantity": 10,
            "StartFreq": 915000,
        }


def test_return_loss_at_each_frequency_of_the_table(tags):
    """As the program's auto_config sample."""
    with emulated(tags, antennas=(1, 2, 3)) as host:
        host.reader.set_work_antenna(0)
        losses = [host.reader.get_rf_port_return_loss(freq=f) for f in FREQUENCY_TABLES[6::9]]
        assert all(8 <= loss <= 30 for loss in losses)
        host.reader.set_work_antenna(3)
        assert host.reader.get_rf_port_return_loss(freq=915) <= 3  # an open port sends all back


def test_after_a_reset_it_hears_again_and_has_kept_what_it_saves(tags):
    with emulated(tags) as host:
        host.reader.set_rf_power(18, 18, 18, 18)
        host.reader.fast_power(30)
        host.reader.protocol.reset()
        end_s = time.monotonic() + DEADLINE_S
        while (power := host.reader.get_rf_power()) != b"\x12":
            assert time.monotonic() < end_s, power
        host.reader.rt_inventory()
        assert sorted(epcs_of(host.until_done())) == EPCS


def test_the_command_serves_it_as_a_process():
    arguments = ["-m", "edge.cli", "simulate", "module", "a0", "--pty", "--tags", "5"]
    process = subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    try:
        host = Host(process.stdout.readline().strip())
        assert host.reader.set_work_antenna(READER_ANTENNA["ANTENNA4"])[0]
        assert host.reader.inventory(repeat=3) == 5
        assert len(set(host.reader.get_and_reset_inventory_buffer(5))) == 5
        host.reader.worker_close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()
