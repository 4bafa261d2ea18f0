"""The A0 family (Impinj R2000, E310, E710 boards) as a state machine: bytes in, frames out.

Nothing here sleeps. One job at a time is done, and further ones wait for it. All other commands are
answered at once, also between the records of an inventory: such readers have a processor for the
air and one for the host, and so their replies mix.
"""

from __future__ import annotations

from collections import deque

from simulator.modules.a0.access import ACCESS_COMMANDS, access
from simulator.modules.a0.air import E310, E710, R2000, Air, Job, Step
from simulator.modules.a0.buffer import COUNT_COMMANDS, LISTING_COMMANDS, Buffer
from simulator.modules.a0.frames import BROADCAST, Code, CommandError, Frame, FrameParser, demand
from simulator.modules.a0.inventory import (
    BUFFERED,
    FAST_SWITCH,
    REAL_TIME,
    SESSION_TARGET,
    inventory,
)
from simulator.modules.a0.service import SERVICE_COMMANDS, service
from simulator.modules.a0.settings import BAUDS, SETTINGS_COMMANDS, Settings, answer_setting
from simulator.modules.a0.spectrum import ETSI, ETSI_WHOLE
from simulator.modules.core import Family, Surroundings
from simulator.modules.inventory import AirTiming

QUIRKS = {
    "address": "has address NUMBER (2) instead of 1, as somebody before has set it",
    "baud-38400": "speaks 38400 baud, as somebody before has set it",
    "boot-message": "says 70 20 (MCU reset) when it gets power and after a reset",
    "boot-noise": "sends a burst of garbage when it gets power",
    "brown-out": "starts anew in the middle of a round at NUMBER (30) dBm or more: weak supply",
    "e310": "E310 board: half as fast, 26 dBm at most, firmware 1.9",
    "e710": "E710 board: up to 700 reads a second, firmware 10.1",
    "eight-ports": "8 ports: power, fast switch and records of those",
    "endless-ff": "8B with repeat FF never stops, but by a reset",
    "etsi-only": "knows no region but ETSI: code 49, and 56 for a spectrum of one's own beyond it",
    "low-power": "inventories answer 57 below NUMBER (10) dBm, return loss is never measured",
    "match-not-working": "answers 85 with success and heeds it not, as a YR905 was seen to",
    "min-power": "takes no power below NUMBER (20) dBm",
    "missing-antenna": "nothing hangs on port NUMBER (1); reported while the detector is on",
    "mute": "stops answering 5 (or NUMBER) seconds after its first command, until power goes",
    "old-firmware": "81 has no password, 8B and 8A only their short forms, no 98; firmware 6.0",
    "one-port": "1 port",
    "reset-reply": "answers a reset with success before it starts anew",
    "slow-boot": "hears nothing for 1 (or NUMBER) seconds after it got power",
    "temperature": "is NUMBER (85) degrees C warm",
    "weak-amplifier": "inventories answer 54 above NUMBER (27) dBm",
    "worn-flash": "answers settings that it saves with 23 after NUMBER (100) of them",
    "zero-epc": "reports noise now and then: an EPC of zeros, PC 3000, RSSI 1B",
}

RESET, BAUD = 0x70, 0x71
INVENTORY_COMMANDS = frozenset((BUFFERED, REAL_TIME, FAST_SWITCH, SESSION_TARGET))
# What takes its time: one at a time, and most of them have the radio meanwhile.
JOBS = INVENTORY_COMMANDS | ACCESS_COMMANDS | SERVICE_COMMANDS | LISTING_COMMANDS

# An incomplete frame is given up when no byte has followed for so long.
PARTIAL_S = 0.1
# From a reset until it hears again: about a second or more.
BOOT_S = 1.0
# Jobs that wait for the one before; more overrun the receiver and are lost, and counted.
WAITING_LIMIT = 8
# The host's processor keeps records until the UART has sent them: a look begins when no more than
# this still waits to leave.
UART_BUFFER_BYTES = 2048
# After the process was held up, the radio's time is made up for at most so long.
LAG_S = 0.1


def family() -> Family:
    """Return the family."""
    return Family(QUIRKS, _make, lambda quirks: 38400 if "baud-38400" in quirks else 115200)


def _make(around: Surroundings) -> A0:
    quirks = around.quirks
    settings = Settings(ports=1 if "one-port" in quirks else 8 if "eight-ports" in quirks else 4)
    settings.baud = around.line.baud
    timing = R2000
    if "e310" in quirks:
        timing, settings.firmware, settings.max_dbm = E310, b"\x01\x09", 26
        settings.powers = [26] * settings.ports
    if "e710" in quirks:
        timing, settings.firmware = E710, b"\x0a\x01"
    if "old-firmware" in quirks:
        settings.old_firmware, settings.firmware = True, b"\x06\x00"
    if "etsi-only" in quirks:
        settings.only_region, settings.spectrum = ETSI, ETSI_WHOLE
    if "address" in quirks:
        settings.address = int(quirks["address"] or 2)
    if "min-power" in quirks:
        settings.min_dbm = int(quirks["min-power"] or 20)
    if "temperature" in quirks:
        settings.celsius = int(quirks["temperature"] or 85)
    if "worn-flash" in quirks:
        settings.flash_writes_left = int(quirks["worn-flash"] or 100)
    return A0(settings, around, timing)


class A0:
    """One reader on its antennas."""

    def __init__(self, settings: Settings, around: Surroundings, timing: AirTiming) -> None:
        self.settings = settings
        self.parser = FrameParser()
        self._line = around.line
        self._rng = around.rng
        self._quirks = around.quirks
        self._stats = around.stats
        self._air = Air(around, settings, timing)
        self._buffer = Buffer()
        self._waiting: deque[Frame] = deque()
        self._job: Job | None = None
        self._job_command = 0
        self._step: Step | None = None
        self._heard_at_s: float | None = None
        self._first_heard_s: float | None = None
        self._deaf_until_s = float("-inf")
        self._boots_at_s: float | None = None
        self._boot_message = "boot-message" in around.quirks

    # What the owner calls

    @property
    def next_due_s(self) -> float | None:
        """When `advance` has something to do, or None while the reader idles."""
        due = []
        if self._boots_at_s is not None:
            due.append(self._boots_at_s)
        if self._step is not None:
            due.append(self._step_due_s(self._step))
        if self.parser.waiting and self._heard_at_s is not None:
            due.append(self._heard_at_s + PARTIAL_S)
        return min(due, default=None)

    def power_up(self, at_s: float) -> None:
        """Send what the reader sends by itself when it gets power."""
        if "boot-noise" in self._quirks:
            self._line.push(self._rng.randbytes(24), at_s)
        if "slow-boot" in self._quirks:
            self._deaf_until_s = at_s + (self._quirks["slow-boot"] or BOOT_S)
        self._say_booted(at_s)

    def receive(self, data: bytes, at_s: float) -> None:
        """Take bytes from the host."""
        self.advance(at_s)
        if at_s < self._deaf_until_s or not data:
            return
        if self._first_heard_s is None:
            self._first_heard_s = at_s
        self._heard_at_s = at_s
        bad = self.parser.bad_checksums
        self._accept(self.parser.feed(data), at_s)
        self._stats.bad_checksums += self.parser.bad_checksums - bad

    def advance(self, at_s: float) -> None:
        """Do what is due by `at_s`: steps of the job, the end of a reset, time-outs."""
        while (due_s := self.next_due_s) is not None and due_s <= at_s:
            if self._line.crowded(at_s):
                return
            if self._boots_at_s is not None and self._boots_at_s <= due_s:
                self._boots_at_s = None
                self._line.baud = self.settings.baud
                self._say_booted(due_s)
            elif self._step is not None and self._step_due_s(self._step) <= due_s:
                self._take_step(self._step, max(due_s, at_s - LAG_S))
            else:
                self._accept(self.parser.give_up(), due_s)

    # Commands

    def _accept(self, frames: list[Frame], at_s: float) -> None:
        for frame in frames:
            if frame.address not in (self.settings.address, BROADCAST):
                continue
            if at_s < self._deaf_until_s:
                return  # an earlier frame of the same bytes was a reset
            if frame.command not in JOBS:
                self._answer(frame, at_s)
            elif len(self._waiting) < WAITING_LIMIT:
                self._waiting.append(frame)
                self._begin_waiting(at_s)
            else:
                self._stats.lost_commands += 1

    def _answer(self, frame: Frame, at_s: float) -> None:
        """Answer a command that is no job, by the address it came to."""
        address, command, data = self.settings.address, frame.command, frame.data
        try:
            if command in SETTINGS_COMMANDS:
                answers = answer_setting(self.settings, command, data)
            elif command in COUNT_COMMANDS:
                answers = [self._buffer.command(command)]
            elif command == RESET:
                if "reset-reply" in self._quirks:
                    self._send(Frame(address, RESET, bytes((Code.SUCCESS,))), at_s)
                self._restart(at_s)
                return
            elif command == BAUD:
                self._set_baud(data, at_s)
                return
            else:
                raise CommandError(Code.FAIL)
        except CommandError as error:
            answers = [bytes((error.code,))]
        for answer in answers:
            self._send(Frame(address, command, answer), at_s)

    def _set_baud(self, data: bytes, at_s: float) -> None:
        """Answer at the old rate, and have the new one after the reset that follows."""
        demand(len(data) == 1)
        demand(data[0] in BAUDS, Code.BAUD)
        self.settings.write_flash()
        self.settings.baud = BAUDS[data[0]]
        self._respond(BAUD, bytes((Code.SUCCESS,)), at_s)
        self._restart(at_s)

    def _restart(self, at_s: float) -> None:
        """Lose all that is not in flash, and be deaf for a while."""
        self._end_job(at_s)
        self._waiting.clear()
        self.parser.clear()
        self._buffer.clear()
        self.settings.reset()
        self._deaf_until_s = self._boots_at_s = max(at_s, self._line.free_s) + BOOT_S

    def _say_booted(self, at_s: float) -> None:
        if self._boot_message:
            self._respond(RESET, bytes((Code.MCU_RESET,)), at_s)
        self._boot_message = "boot-message" in self._quirks

    def _respond(self, command: int, data: bytes, at_s: float, *, is_tag: bool = False) -> None:
        self._send(Frame(self.settings.address, command, data), at_s, is_tag=is_tag)

    def _send(self, frame: Frame, at_s: float, *, is_tag: bool = False) -> None:
        mute_after_s = self._quirks.get("mute", float("inf")) or 5.0
        if self._first_heard_s is not None and at_s - self._first_heard_s >= mute_after_s:
            return
        self._line.push(frame.encode(), at_s, is_notice=is_tag)

    # Jobs

    def _begin_waiting(self, at_s: float) -> None:
        """Begin the next job that waits, unless one is under way."""
        while self._waiting and self._job is None:
            frame = self._waiting.popleft()
            self._job_command = frame.command
            try:
                self._job = self._make_job(frame.command, frame.data, at_s)
                self._step = next(self._job)
            except CommandError as error:
                self._job = None
                self._respond(frame.command, bytes((error.code,)), at_s)

    def _make_job(self, command: int, data: bytes, at_s: float) -> Job:
        if command in INVENTORY_COMMANDS:
            return inventory(self._air, self._buffer, command, data, at_s)
        if command in ACCESS_COMMANDS:
            return access(self._air, command, data, at_s)
        if command in LISTING_COMMANDS:
            return self._buffer.listing(command, at_s)
        return service(self._air, command, data, at_s)

    def _step_due_s(self, step: Step) -> float:
        if not step.needs_room:
            return step.at_s
        return max(step.at_s, self._line.free_s - self._line.seconds(UART_BUFFER_BYTES))

    def _take_step(self, step: Step, at_s: float) -> None:
        """Do the step and ask the job for its next; when it is over, begin what waits."""
        if self._job is None:
            return
        if step.dies:
            self._boot_message = True
            self._restart(at_s)
            return
        if step.data is not None:
            self._respond(self._job_command, step.data, at_s, is_tag=step.is_tag)
        try:
            self._step = self._job.send(at_s)
            return
        except CommandError as error:
            self._respond(self._job_command, bytes((error.code,)), at_s)
        except StopIteration:
            pass
        self._end_job(at_s)
        self._begin_waiting(at_s)

    def _end_job(self, at_s: float) -> None:
        if self._job is not None:
            self._job.close()
        self._air.off(at_s)
        self._job = self._step = None
