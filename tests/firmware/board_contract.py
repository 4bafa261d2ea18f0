"""What board/esp32.py needs of a board. Runs on the fakes, and on a board with TX and RX joined.

On a board: `mpremote mount firmware run tests/firmware/board_contract.py`, ESP32-DevKitC, pins 17
and 16 joined by a wire. The last line must be "all held".
"""

import asyncio
import gc

from board.esp32 import RX_BYTES, Breadcrumb, KeptMinutes, UartPort, Watchdog, identity
from board.esp32_board import Board
from board.esp32_wifi import Wifi

ADDRESS = "uart1:17,16"


def bytes_come_back_in_order_and_none_is_lost():
    async def check():
        port = UartPort(ADDRESS)
        await port.open(115200)
        sent = bytes([at & 0xFF for at in range(512)])
        got = b""
        view = memoryview(bytearray(64))
        port.write(sent[:256])
        port.write(sent[256:])
        while len(got) < len(sent):
            got += bytes(view[: await port.readinto(view)])
        port.close()
        assert got == sent, got

    asyncio.run(check())


def a_rate_can_be_changed_while_open():
    async def check():
        port = UartPort(ADDRESS)
        await port.open(9600)
        port.set_baud(921600)
        port.write(b"x")
        view = memoryview(bytearray(4))
        assert await port.readinto(view) == 1 and bytes(view[:1]) == b"x"
        port.close()

    asyncio.run(check())


def waiting_for_a_byte_lets_others_work():
    async def check():
        port = UartPort(ADDRESS)
        await port.open(115200)
        waiting = asyncio.create_task(port.readinto(memoryview(bytearray(4))))
        await asyncio.sleep(0.05)  # a read that blocks would not come back here
        assert not waiting.done()
        port.write(b"y")
        assert await waiting == 1
        port.close()

    asyncio.run(check())


def a_closed_port_is_an_os_error():
    port = UartPort(ADDRESS)
    try:
        port.write(b"x")
    except OSError:
        return
    raise AssertionError


def a_breadcrumb_is_told_once():
    crumb = Breadcrumb()
    crumb.leave("command")
    assert crumb.reason() == "command"
    assert crumb.reason() in ("power", "crash", "watchdog", "sleep", "soft", "unknown")


def minutes_are_kept():
    before = KeptMinutes().get()
    KeptMinutes().set(29398333)
    assert KeptMinutes().get() == 29398333
    KeptMinutes().set(before)


def the_identity_is_told():
    assert len(identity()) == 12 and RX_BYTES <= 0xFFFF


def what_is_kept_on_flash_is_whole_and_can_grow():
    board = Board("/contract")
    board.write_file("a", b"old")
    board.write_file("a", b"new")
    board.append_file("a", b"er")
    buf = bytearray(8)
    assert board.read_file("a") == b"newer" and board.read_into("a", buf) == 5
    assert "a" in board.list_files() and "a.new" not in board.list_files()
    board.remove_file("a")
    board.remove_file("a")
    assert board.read_file("a") is None


def time_is_kept_for_certificates():
    board = Board("/contract")
    board.remember_time(1763900000000)
    assert KeptMinutes().get() == 1763900000 // 60


def a_network_of_another_name_is_not_joined():
    board = Board("/contract")
    board.write_file("wifi.json", b'{"ssid": "none of this name", "password": "12345678"}')
    wifi = Wifi(board, "rollcall-contract")
    board.remove_file("wifi.json")
    wifi.connect()
    wifi.restart()
    assert not wifi.is_connected() and wifi.rssi() is None and wifi.trouble()
    wifi.reconnect()


def the_watchdog_can_be_fed():
    Watchdog().feed()  # last: from here on a board resets in 30 s unless it is fed


HELD = (
    bytes_come_back_in_order_and_none_is_lost,
    a_rate_can_be_changed_while_open,
    waiting_for_a_byte_lets_others_work,
    a_closed_port_is_an_os_error,
    a_breadcrumb_is_told_once,
    minutes_are_kept,
    the_identity_is_told,
    what_is_kept_on_flash_is_whole_and_can_grow,
    time_is_kept_for_certificates,
    a_network_of_another_name_is_not_joined,
    the_watchdog_can_be_fed,
)

if __name__ == "__main__":
    for behaviour in HELD:
        behaviour()
        gc.collect()
        print("held:", behaviour.__name__)
    print("all held")
