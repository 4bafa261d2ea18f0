"""`machine`, `esp32`, `network` of MicroPython 1.25's ESP32 port, as far as board/ uses them.

What each fake does, and where the port's source says so (tag v1.25.0, `ports/esp32/`):

- UART.init may be called again, with new settings (machine_uart.c, `mp_machine_uart_init_helper`)
- UART.any, readinto and write do not block at timeout=0; readinto gives None where nothing is
  there (machine_uart.c:612-643)
- rxbuf is stored in 16 bits and must exceed the FIFO's 128 bytes (machine_uart.c:253-265)
- WDT panics on expiry and has no way to stop (machine_wdt.c:42-69)
- RTC.memory keeps up to 2048 bytes through resets, not through a power cut (machine_rtc.c:59-76)
- NVS holds i32 and blobs; get_i32 of a missing key is an OSError; nothing stays without commit
- reset_cause gives HARD_RESET for a panic and for machine.reset alike (modmachine.c:186-213)
- idf_heap_info gives (total, free, largest, least ever) of each region (modesp32.c)
- machine.reset does not return (modmachine.c); here it raises `Reset`, with RTC memory as it was
- NeoPixel changes nothing before write, and then all at once (lib micropython/drivers/led/neopixel)
- RTC.datetime sets the system's time, which certificates are held to (machine_rtc.c; main.c adds
  1970 to 2000 for mbedtls); after a power cut it is 2000
- WLAN.connect on an interface that is off is an OSError; the station then connects by itself as
  often as `reconnects` allows, -1 for ever (network_wlan.c:138-158)
- WLAN.status() is 1000 idle, 1001 connecting, 1010 with an address, else the reason it was lost;
  status("rssi") without an access point is an OSError (network_wlan.c)
"""

import sys
import time


class Reset(Exception):
    """The board is reset: nothing after it is done."""


class Pin:
    OUT = 1

    def __init__(self, number, mode=None, value=None):
        self.states = [value]

    def value(self, state):
        self.states.append(state)


class NeoPixel:
    """WS2812s in a row; `sent` is what reached them."""

    def __init__(self, pin, count):
        self._colours = [(0, 0, 0)] * count
        self.sent = []

    def __setitem__(self, at, colour):
        self._colours[at] = colour

    def write(self):
        self.sent.append(tuple(self._colours))


class UART:
    """A wire from its TX to its RX, as the contract test on a board asks for."""

    def __init__(self, number):
        self._wire = None

    def init(self, baudrate, tx, rx, rxbuf, txbuf, timeout, timeout_char):
        if not 128 < rxbuf <= 0xFFFF:
            raise ValueError("rxbuf")
        self._most = rxbuf
        self._wire = bytearray()

    def any(self):
        return len(self._wire)

    def readinto(self, view):
        count = min(len(view), len(self._wire))
        if not count:
            return None
        view[:count] = self._wire[:count]
        self._wire = self._wire[count:]
        return count

    def write(self, data):
        self._wire += bytes(data[: self._most - len(self._wire)])
        return len(data)

    def deinit(self):
        self._wire = None


class WDT:
    fed = 0

    def __init__(self, timeout):
        if timeout <= 0:
            raise ValueError("timeout")

    def feed(self):
        WDT.fed += 1


class RTC:
    kept = b""
    set_to = None

    def datetime(self, parts):
        year, month, day, weekday, hour, minute, second, _ = parts
        if not (0 <= weekday <= 6 and 1 <= month <= 12 and year >= 2000):
            raise ValueError("datetime")
        RTC.set_to = (year, month, day, hour, minute, second)

    def memory(self, data=None):
        if data is None:
            return RTC.kept
        if len(data) > 2048:
            raise ValueError("buffer too long")
        RTC.kept = bytes(data)
        return None


class NVS:
    flash = {}

    def __init__(self, namespace):
        self._namespace = namespace
        self._written = {}

    def get_i32(self, key):
        for kept in (self._written, NVS.flash.get(self._namespace, {})):
            if key in kept:
                return kept[key]
        raise OSError(-0x1102, "ESP_ERR_NVS_NOT_FOUND")

    def set_i32(self, key, value):
        self._written[key] = value

    def commit(self):
        NVS.flash.setdefault(self._namespace, {}).update(self._written)


class WLAN:
    """`air` holds the networks there are, name to password; `lose` takes the access point away."""

    air = {}

    def __init__(self, interface):
        self._active = False
        self._asked = None
        self.calls = []

    def active(self, on):
        self.calls.append("on" if on else "off")
        self._active = on
        if not on:
            self._asked = None

    def config(self, **settings):
        assert settings == {"reconnects": -1}

    def connect(self, ssid, key):
        if not self._active:
            raise OSError("Wifi Not Started")
        if self._asked:
            raise OSError("Wifi Internal State Error")
        self.calls.append("connect")
        self._asked = (ssid, key)

    def disconnect(self):
        self.calls.append("disconnect")
        self._asked = None

    def isconnected(self):
        return self.status() == 1010

    def status(self, what=None):
        if what == "rssi":
            if not self.isconnected():
                raise OSError("Wifi Not Connected")
            return -61
        if not self._asked:
            return 1000
        ssid, key = self._asked
        if ssid not in WLAN.air:
            return 201
        return 1010 if WLAN.air[ssid] == key else 202


class _Network:
    WLAN, STA_IF = WLAN, 0
    named = None

    def hostname(self, name):
        if len(name) > 32:
            raise ValueError("hostname")
        _Network.named = name


class _Machine:
    Pin, UART, WDT, RTC = Pin, UART, WDT, RTC
    PWRON_RESET, HARD_RESET, WDT_RESET, DEEPSLEEP_RESET, SOFT_RESET = 1, 2, 3, 4, 5
    cause = 1

    def reset_cause(self):
        return self.cause

    def reset(self):
        raise Reset

    def unique_id(self):
        return b"\xa0\xb7\x65\xc1\xd2\xe3"


class _Esp32:
    NVS = NVS
    HEAP_DATA = 4

    def idf_heap_info(self, capabilities):
        return [(100_000, 50_000, 31_744, 20_000), (15_072, 9_000, 8_000, 7_000)]


class _Neopixel:
    NeoPixel = NeoPixel


_machine = _Machine()  # one: board/ keeps what it imported first


def install():
    """The fakes in the place of the real modules; returns `machine`."""
    sys.modules["machine"] = _machine
    sys.modules["esp32"] = _Esp32()
    sys.modules["network"] = _Network()
    sys.modules["neopixel"] = _Neopixel()
    if not hasattr(time, "ticks_ms"):  # CPython
        time.ticks_ms = lambda: int(time.monotonic() * 1000) % (1 << 30)
    return _machine


def uninstall():
    for name in ("machine", "esp32", "network", "neopixel"):
        del sys.modules[name]
