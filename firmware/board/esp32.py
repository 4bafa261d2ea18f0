"""An ESP32 as the board: UART, watchdog, NVS, RTC memory, identity, of MicroPython 1.25's port.

Not yet run on hardware: `tests/firmware/board_contract.py` runs on its fakes here, and on a board
by the command in docs/gateway.md.
"""

import asyncio
import gc

import esp32
import machine

WATCHDOG_MS = 30_000  # the longest stall that is none: DNS and TLS together take up to 15 s
RX_BYTES = 16 * 1024  # 1.4 s at 115200 baud: a DNS look-up or a TLS handshake blocks that long
_TX_BYTES = 1024
_TIMEOUT_CHAR_MS = 2  # 0 would mean an interrupt for each byte
_OFF_S = 1.0  # a module's capacitors are empty by then
_POLL_S = 0.005
_CRUMB = b"RC"
_MOST_CRUMB = 64
_NAMESPACE, _KEY = "rollcall", "minutes"


class UartPort:
    """A module on a UART, `uart1:TX,RX` or `uart1:TX,RX,ENABLE` with the pins' numbers."""

    has_baud = True

    def __init__(self, address):
        self.name, _, pins = address.partition(":")
        numbers = [int(pin) for pin in pins.split(",")]
        if self.name not in ("uart1", "uart2") or len(numbers) not in (2, 3):
            raise ValueError("{} is not uart1:TX,RX or uart1:TX,RX,ENABLE".format(address))
        self._tx, self._rx = numbers[:2]
        self._enable = machine.Pin(numbers[2], machine.Pin.OUT, value=1) if numbers[2:] else None
        self.has_power = self._enable is not None
        self._uart = None

    async def open(self, baud):
        self._uart = machine.UART(int(self.name[-1]))
        self.set_baud(baud)

    def set_baud(self, baud):
        self._opened().init(
            baudrate=baud,
            tx=self._tx,
            rx=self._rx,
            rxbuf=RX_BYTES,
            txbuf=_TX_BYTES,
            timeout=0,
            timeout_char=_TIMEOUT_CHAR_MS,
        )

    async def readinto(self, view):
        """Wait for a byte at least. Polled: an irq beside rxbuf stops for good in 1.25."""
        while True:
            uart = self._opened()
            if uart.any():
                count = uart.readinto(view)
                if count:
                    return count
            await asyncio.sleep(_POLL_S)

    def write(self, data):
        if self._opened().write(data) != len(data):
            raise OSError("the UART takes no more")

    async def power_cycle(self):
        self._enable.value(0)
        await asyncio.sleep(_OFF_S)
        self._enable.value(1)

    def close(self):
        if self._uart:
            self._uart.deinit()
            self._uart = None

    def _opened(self):
        if self._uart is None:
            raise OSError("not open")
        return self._uart


class Watchdog:
    """Resets the board unless it is fed. It cannot be stopped."""

    def __init__(self):
        self._wdt = machine.WDT(timeout=WATCHDOG_MS)

    def feed(self):
        self._wdt.feed()


class Breadcrumb:
    """Why the board was reset on purpose: RTC memory outlasts every reset but a power cut."""

    def __init__(self):
        self._rtc = machine.RTC()

    def leave(self, reason):
        """Say it, just before the reset."""
        self._rtc.memory(_CRUMB + reason.encode()[:_MOST_CRUMB])

    def reason(self):
        """Why this boot began: what was left, else what the chip knows. Told once."""
        kept = bytes(self._rtc.memory())
        self._rtc.memory(b"")
        if kept[: len(_CRUMB)] == _CRUMB:
            return kept[len(_CRUMB) :].decode()
        # A panic and a reset without a breadcrumb look the same, and so do power and brownout.
        names = {
            machine.PWRON_RESET: "power",
            machine.HARD_RESET: "crash",
            machine.WDT_RESET: "watchdog",
            machine.DEEPSLEEP_RESET: "sleep",
            machine.SOFT_RESET: "soft",
        }
        return names.get(machine.reset_cause(), "unknown")


class KeptMinutes:
    """One time in NVS, which outlasts power cuts and costs the files no wear.

    The port erases NVS whole where it finds it full or of another layout (ports/esp32/main.c), so
    nothing stands there that a gateway cannot do without.
    """

    def __init__(self):
        self._nvs = esp32.NVS(_NAMESPACE)

    def get(self):
        """Minutes since 1970, or 0 where nothing is kept."""
        try:
            return self._nvs.get_i32(_KEY)
        except OSError:  # never written, or NVS was erased
            return 0

    def set(self, minutes):
        self._nvs.set_i32(_KEY, minutes)
        self._nvs.commit()


def identity():
    """12 hex digits: the chip's MAC address."""
    return "".join(["{:02x}".format(byte) for byte in machine.unique_id()])


def heap():
    """(bytes free to Python, largest free block of the system's heap, which Wi-Fi and TLS need)."""
    blocks = [region[2] for region in esp32.idf_heap_info(esp32.HEAP_DATA)]
    return gc.mem_free(), max(blocks)
