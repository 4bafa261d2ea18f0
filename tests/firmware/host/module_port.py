"""The firmware's port straight onto an emulated module, in the time of the running loop.

With `tests/support/virtual_time.py` a driver and an emulator talk for hours in an instant, byte
by byte as over a UART: frames take their time, another baud rate gives noise, a cable comes off.
"""

import asyncio
import random
from collections import deque

from simulator.modules.module import EmulatedModule

# What the kernel or a UART driver keeps for a host that does not read; older bytes go first.
_BUFFER_BYTES = 16 * 1024
_POWER_OFF_S = 0.5


class LoopClock:
    """The firmware's clock, and with `seconds` an emulator's, on the running loop's time."""

    def up_ms(self) -> int:
        return int(self.seconds() * 1000)

    def seconds(self) -> float:
        return asyncio.get_running_loop().time()


class ModulePort:
    """One module on a UART of a board, with an enable pin where `has_power`.

    Made while a loop runs, for a module whose `clock` is that loop's time.
    """

    def __init__(
        self,
        module: EmulatedModule,
        *,
        has_baud: bool = True,
        has_power: bool = True,
        rng: random.Random | None = None,
    ) -> None:
        self.name = "emulated"
        self.has_baud = has_baud
        self.has_power = has_power
        self.module = module
        self.power_cycles = 0
        self.is_open = False
        self._baud = 0
        self._plugged = True
        self._alive = True  # it has power and has not hung
        self._noise = rng or random.Random(0)
        self._inbox: deque[bytes] = deque()
        self._came = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._pump()

    # What the firmware calls

    async def open(self, baud: int) -> None:
        self._check_plugged()
        self.is_open = True
        self._inbox.clear()
        self.set_baud(baud)

    def set_baud(self, baud: int) -> None:
        self._check_open()
        self._baud = baud

    async def readinto(self, view: memoryview) -> int:
        self._check_open()
        while not self._inbox:
            self._came.clear()
            await self._came.wait()
            self._check_open()
        data = self._inbox.popleft()
        count = min(len(data), len(view))
        view[:count] = data[:count]
        if count < len(data):
            self._inbox.appendleft(data[count:])
        return count

    def write(self, data: bytes) -> None:
        self._check_open()
        if self._alive:
            self.module.receive(bytes(data) if self._understood() else self._garbled(data))
            self._pump()

    def close(self) -> None:
        self.is_open = False

    async def power_cycle(self) -> None:
        """Take the module's power for a moment; only where `has_power`."""
        if not self.has_power:
            raise OSError("no enable pin")
        self._alive = False
        await asyncio.sleep(_POWER_OFF_S)
        self.power_cycles += 1
        self.reset_module()

    # What a test calls

    def reset_module(self) -> None:
        """Let the module start anew, as after a dip of its supply."""
        self._alive = True
        self.module.power_cycle()
        self._pump()

    def hang_module(self) -> None:
        """Let the module hear and say nothing more, until it starts anew."""
        self._alive = False

    def unplug(self) -> None:
        """Take the cable off: every call of the host fails from now on."""
        self._plugged = False
        self._came.set()

    def plug(self) -> None:
        """Put the cable on again; the module had power all the time."""
        self._plugged = True

    # Between the two

    def _check_plugged(self) -> None:
        if not self._plugged:
            raise OSError("unplugged")

    def _check_open(self) -> None:
        self._check_plugged()
        if not self.is_open:
            raise OSError("not open")

    def _understood(self) -> bool:
        return not self.has_baud or self._baud == self.module.baud

    def _garbled(self, data: bytes) -> bytes:
        """What one end makes of bytes sent at another rate: others, and another number of them."""
        return self._noise.randbytes(max(1, len(data) * self._noise.randint(1, 8) // 4))

    def _pump(self) -> None:
        """Take what has left the module, and come back when more is due."""
        for sent in self.module.take():
            if self.is_open and self._plugged and self._alive:
                self._inbox.append(sent.data if self._understood() else self._garbled(sent.data))
                self.module.delivered(sent)
        while sum(map(len, self._inbox)) > _BUFFER_BYTES:
            self._inbox.popleft()
        if self._inbox:
            self._came.set()
        if self._timer is not None:
            self._timer.cancel()
        loop, due_s = asyncio.get_running_loop(), self.module.next_due_s
        self._timer = None if due_s is None else loop.call_at(due_s, self._pump)
