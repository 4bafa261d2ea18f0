"""The whole ESP32 board on its fakes, and main.py's gateway put together on it."""

import asyncio
import gc
import json
import time

from tests.firmware import fake_esp32

machine = fake_esp32.install()

from board import esp32_board, esp32_led, esp32_wifi  # noqa: E402 - only now their modules are there

fake_esp32.uninstall()

from board.host import Board as HostBoard  # noqa: E402
from gateway.config import parse_settings  # noqa: E402
from gateway.normal import Gateway  # noqa: E402

from tests.firmware.fakes import MemoryFiles  # noqa: E402

if not hasattr(gc, "mem_free"):  # CPython
    esp32_board.parts.heap = lambda: (100_000, 31_744)

NETWORK = {"ssid": "School", "password": "chalk and dust"}
SETTINGS = {
    "id": "gw-d101",
    "site": "lincoln",
    "mqtt": {"host": "127.0.0.1", "port": 1},
    "readers": [{"family": "m100", "port": "uart1:17,16", "antennas": [1]}],
    "region": "US",
    "led": 2,
}


class Board(MemoryFiles, esp32_board.Board):
    """Its flash is in memory, and outlasts it where another is given the same `files`."""

    def __init__(self, files=None):
        self.files = {} if files is None else files
        esp32_board.Board.__init__(self, "/tmp")  # there, and not touched


def a_board(air=None):
    fake_esp32.WLAN.air = {"School": "chalk and dust"} if air is None else air
    return Board({esp32_wifi.FILE: json.dumps(NETWORK).encode()})


def test_it_has_all_that_a_pc_has():
    board = a_board()
    wanted = [name for name in dir(HostBoard) if not name.startswith("_")]
    assert [name for name in wanted if not hasattr(board, name)] == []


def test_wifi_is_looked_for_by_name_and_told_in_words():
    board = a_board({})
    board.began()
    board.wifi.connect()
    assert not board.wifi.is_connected() and board.wifi.trouble() == "no such network"
    assert board.wifi.rssi() is None
    fake_esp32.WLAN.air = {"School": "another"}
    assert board.wifi.trouble() == "wrong password"
    fake_esp32.WLAN.air = {"School": "chalk and dust"}
    assert board.wifi.is_connected() and board.wifi.rssi() == -61
    board.wifi.connect()  # what is connecting already says so, which is no error
    board.wifi.reconnect()
    board.wifi.restart()
    calls = board.wifi._station.calls
    assert calls[-6:] == ["disconnect", "on", "connect", "off", "on", "connect"]


def test_without_a_network_it_reads_on_and_waits_to_be_told_one():
    for payload in (None, b"[]", b"{}", b"{", b'{"ssid": 7}'):
        board = Board({} if payload is None else {esp32_wifi.FILE: payload})
        board.began()
        wifi = board.wifi
        for act in (wifi.connect, wifi.reconnect, wifi.restart):
            act()
        assert not wifi.is_connected() and "type wifi" in wifi.trouble() and wifi.rssi() is None
        wifi.keep(NETWORK)
        board = Board(board.files)
        board.began()
        board.wifi.connect()
        assert board.wifi.is_connected()


def test_a_coloured_led_is_told_only_what_changes():
    fake_esp32.install()
    try:
        pixel = esp32_led.led_of("ws2812:48")
    finally:
        fake_esp32.uninstall()
    for is_on in (True, True, False, True):
        pixel.show(is_on, (0, 20, 0))
    assert pixel._pixels.sent == [((0, 20, 0),), ((0, 0, 0),), ((0, 20, 0),)]
    esp32_led.led_of(None).show(True, (0, 20, 0))


def test_the_reason_of_a_reset_is_told_by_the_next_boot():
    board = a_board()
    try:
        board.reboot("wifi")
    except fake_esp32.Reset:
        board = a_board()
        board.began()
    assert board.reset == "wifi"


class Port2000:
    """`time` of a port whose time begins in 2000, as far as it was set."""

    def __init__(self):
        self.now = 0

    def time(self):
        return self.now

    def gmtime(self, seconds):
        return time.gmtime(seconds + 946684800)


def test_a_remembered_time_serves_certificates_after_a_power_cut():
    fake_esp32.NVS.flash.clear()
    esp32_board.time = port = Port2000()
    try:
        board = a_board()
        assert fake_esp32.RTC.set_to[0] == 2025  # nobody has told more
        board.remember_time(1763900000000)
        assert fake_esp32.RTC.set_to == (2025, 11, 23, 12, 13, 20)
        port.now = 1763900000 - 946684800
        fake_esp32.RTC.set_to = None
        board.remember_time(1763900001000)  # a second is what a network makes
        board.remember_time(1763900000000 + 3600_000)
        port.now = 0
        Board(board.files)
        assert fake_esp32.RTC.set_to == (2025, 11, 23, 12, 13, 0)  # not an hour's wear
    finally:
        esp32_board.time = time


def test_main_puts_the_gateway_together_on_it_and_a_restart_is_a_reset():
    board = a_board()
    board.began()
    gateway = Gateway(
        parse_settings(json.dumps(SETTINGS).encode()), board, None, "0", esp32_board.TICKS_PERIOD
    )
    fed = fake_esp32.WDT.fed

    async def live():
        asyncio.create_task(gateway.run())
        while not (gateway.upkeep._wifi.connected and len(board._led._pin.states) > 2):
            await asyncio.sleep(0.01)
        while fake_esp32.WDT.fed == fed:
            await asyncio.sleep(0.01)
        gateway.restart("heap: low")
        while gateway.tasks._running:
            await asyncio.sleep(0.01)

    asyncio.run(live())
    assert gateway.restarts == "heap: low" and board.wifi.is_connected()
    try:
        board.reboot(gateway.restarts)
    except fake_esp32.Reset:
        return
    raise AssertionError
