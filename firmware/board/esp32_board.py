"""An ESP32 as the board: the interface of board/host.py, put together of esp32.py's parts.

Not yet run on hardware: docs/gateway.md says what was not, and how to try it.
"""

import asyncio
import time

import machine

from board import esp32 as parts
from board.common import CommonBoard
from board.esp32_led import led_of
from board.esp32_wifi import Wifi

TICKS_PERIOD = 1 << 30

_KEEP_TIME_S = 12 * 3600  # two writes a day; certificates are good for years
_EARLIEST_S = 1735689600  # 2025: before this firmware was written
_2000_S = 946684800  # where this port's time begins, as Unix time


class Board(CommonBoard):
    """`data_dir` is a folder of the board's flash; `wifi.json` in it names the network."""

    outbox_blocks = 100  # of 4 KiB; the other half of 960 KiB is littlefs's to spread wear over

    def __init__(self, data_dir):
        super().__init__(data_dir)
        self.hw = parts.identity()
        self.fit_heap(self.heap()[0])
        self.reset = "unknown"
        self._crumb = parts.Breadcrumb()
        self._watchdog = None
        self._led = led_of(None)
        self._kept = parts.KeptMinutes()
        self._kept_s = self._kept.get() * 60
        if _rtc_s() < _EARLIEST_S:  # after a power cut the chip believes in 2000
            _set_rtc(max(self._kept_s, _EARLIEST_S))

    def began(self):
        """The watchdog runs from here on, before Wi-Fi; `reset` says why this boot began."""
        self.reset = self._crumb.reason()
        self._watchdog = parts.Watchdog()
        self.wifi = Wifi(self, "rollcall-" + self.hw)

    def ended(self):
        """What it held is on flash; why it ends is told by the breadcrumb."""

    def ticks_ms(self):
        """Monotonic milliseconds that wrap at `TICKS_PERIOD`."""
        return time.ticks_ms()

    def port(self, address):
        """The port that a reader stands at: `uart1:TX,RX` or `uart1:TX,RX,ENABLE`."""
        return parts.UartPort(address)

    def heap(self):
        """(bytes free to Python, largest free block of the system's heap)."""
        return parts.heap()

    def use_led(self, setting):
        """`setting` names the LED: a pin's number, `ws2812:PIN`, or None where there is none."""
        self._led = led_of(setting)

    def light(self, is_on, colour):
        self._led.show(is_on, colour)

    def feed_watchdog(self):
        if self._watchdog:
            self._watchdog.feed()

    def leave_breadcrumb(self, reason):
        self._crumb.leave(reason)

    def reboot(self, reason):
        """Reset; the next boot says why. Does not come back."""
        self._crumb.leave(reason)
        machine.reset()

    def crashed(self):
        """Nothing goes on by itself here."""
        self.reboot("crash")

    def remember_time(self, unix_ms):
        """Keep a time that was told, for the dates of certificates alone: it never dates a read."""
        now = unix_ms // 1000
        if abs(now - _rtc_s()) > 2:
            _set_rtc(now)
        if abs(now - self._kept_s) >= _KEEP_TIME_S:
            self._kept.set(now // 60)
            self._kept_s = now

    def on_signals(self, stop):
        """A board has none."""

    async def input_closed(self):
        """A serial line has no end."""
        await asyncio.Event().wait()


def _epoch_s():
    """Unix time at the port's zero: 2000 on an ESP32, 1970 elsewhere."""
    return _2000_S if time.gmtime(0)[0] == 2000 else 0


def _rtc_s():
    return int(time.time()) + _epoch_s()


def _set_rtc(unix_s):
    year, month, day, hour, minute, second = time.gmtime(unix_s - _epoch_s())[:6]
    machine.RTC().datetime((year, month, day, 0, hour, minute, second, 0))
