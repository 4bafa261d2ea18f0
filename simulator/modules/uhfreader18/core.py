"""The UHFReader family (Chafon and its many sellers) as a state machine: bytes in, frames out.

Nothing here sleeps. The owner calls `receive` with bytes, `advance` when `next_due_s` has come,
and takes the bytes from the line. A reader does one thing at a time: what comes while it carries
out a command is lost, as the manuals say. While it streams by itself it listens between turns.
"""

from __future__ import annotations

from simulator.modules.core import Family, Surroundings
from simulator.modules.tag import Tag
from simulator.modules.transmitter import Transmitter
from simulator.modules.uhfreader18.access import (
    ACCESS_COMMANDS,
    EXTENDED_COMMANDS,
    WRITING_COMMANDS,
    Access,
    parse_access,
    run_access,
)
from simulator.modules.uhfreader18.buffer import (
    BUFFER_COMMANDS,
    CLEAR,
    COUNT,
    READ,
    SET_LENGTH,
    TagBuffer,
)
from simulator.modules.uhfreader18.find import find_tag, return_loss
from simulator.modules.uhfreader18.frames import (
    BROADCAST,
    Command,
    CommandError,
    CommandParser,
    Reply,
    Status,
    demand,
)
from simulator.modules.uhfreader18.inventory import (
    BUFFER,
    INVENTORIES,
    INVENTORY,
    SINGLE,
    Inventory,
    Seen,
    list_frames,
    parse_inventory,
    statistics_frame,
    tag_frame,
)
from simulator.modules.uhfreader18.models import choose_model, start_baud
from simulator.modules.uhfreader18.scan import Scan
from simulator.modules.uhfreader18.settings import (
    BAUDS,
    REALTIME,
    SETTINGS_COMMANDS,
    Settings,
    answer_setting,
)
from simulator.modules.uhfreader18.stream import Stream, streams

QUIRKS = {
    "18": "a UHFReader18 and nothing newer: no Q, session, antenna or RSSI",
    "288m": "a UHFReader288M (CF-RU6402): 115200 baud, 4 ports, each tag in its own frame",
    "288mp": "a UHFReader288MP (CF-MU804): as 288m, up to 33 dBm",
    "86": "a UHFReader86 (CF-MU903/904): one port, up to 26 dBm",
    "address": "has the address NUMBER (1 without one) from an earlier life",
    "antenna-check": "answers F8 for a port without antenna from the start",
    "frd950": "an FRD950: answers FF to an inventory without Q and session",
    "mute": "stops answering 5 (or NUMBER) seconds after its first command, until power goes",
    "no-rssi": "gives RSSI 0 with every tag",
    "realtime-on": "streams by itself from power-up, as it was left",
    "silent-crc": "says nothing to a frame with a wrong CRC instead of FE",
    "slow-answers": "inventories for its whole scan time, however few tags there are",
    "slow-boot": "hears nothing for 1 (or NUMBER) seconds after it gets power",
}

# A command's bytes may lie 15 ms apart; a desktop that stalls is given more.
PAUSE_S = 0.1
# A new baud rate holds this long after the old one's last byte.
BAUD_S = 0.005
# The chip's own UART buffer: a turn of streaming begins when no more than this waits to leave.
UART_BUFFER_BYTES = 256
RATED_PAUSE_S = 1e-5  # where a rate is set the carrier is off just long enough for S0 flags
LAG_S = 0.1  # after the process was held up, turns are made up for at most so long
RETURN_LOSS, STOP, BAUD = 0x91, 0x93, 0x28
FAST_START, FAST_STOP = 0x50, 0x51  # newer readers; 6B commands where their lengths are those
COMMANDS_6B = {0x50: (0,), 0x51: (11,), 0x52: (10,), 0x53: range(10, 42), 0x54: (9,), 0x55: (9,)}


def _make(around: Surroundings) -> UhfReader18:
    return UhfReader18(around)


FAMILY = Family(QUIRKS, _make, start_baud)


class UhfReader18:
    """One reader and its antennas."""

    def __init__(self, around: Surroundings) -> None:
        quirks = around.quirks
        model = choose_model(quirks, len(around.antennas))
        self.settings = Settings(model)
        if "address" in quirks:
            self.settings.address = int(quirks["address"] or 1) & 0xFF
        if "realtime-on" in quirks:
            self.settings.mode = REALTIME
        self.settings.antenna_check = int("antenna-check" in quirks)
        self.buffer = TagBuffer()
        self._line = around.line
        self._quirks = quirks
        self._stats = around.stats
        self._radio = Transmitter(around, model.air)
        self._parser = CommandParser()
        self._scan: Scan | None = None
        self._stream: Stream | None = None
        self._resume_s = 0.0  # when the stream's next turn begins
        self._busy_until_s = float("-inf")
        self._heard_at_s = float("-inf")
        self._first_heard_s: float | None = None
        self._deaf_until_s = float("-inf")
        self._new_baud: tuple[float, int] | None = None

    # What the owner calls

    @property
    def next_due_s(self) -> float | None:
        """When `advance` has something to do, or None while the reader idles."""
        due = []
        if self._new_baud is not None:
            due.append(self._new_baud[0])
        if self._scan is not None:
            due.append(self._scan.due_s)
        elif self._stream is not None:
            free_s = self._line.free_s - self._line.seconds(UART_BUFFER_BYTES)
            due.append(max(self._resume_s, free_s))
            if (beat_s := self._stream.heartbeat_due_s) is not None:
                due.append(beat_s)
        return min(due, default=None)

    def power_up(self, at_s: float) -> None:
        """Begin with power: silently, unless it was left streaming."""
        if "slow-boot" in self._quirks:
            self._deaf_until_s = at_s + (self._quirks["slow-boot"] or 1.0)
        self._set_streaming(max(at_s, self._deaf_until_s))

    def receive(self, data: bytes, at_s: float) -> None:
        """Take bytes from the host."""
        self.advance(at_s)
        if at_s - self._heard_at_s > PAUSE_S:
            self._parser.clear()
        self._heard_at_s = at_s
        if at_s < self._deaf_until_s:
            return
        for command in self._parser.feed(data):
            if command.address in (self.settings.address, BROADCAST):
                self._accept(command, at_s)

    def advance(self, at_s: float) -> None:
        """Do what is due by `at_s`: the inventory on the air, the stream's next turn."""
        while (due_s := self.next_due_s) is not None and due_s <= at_s:
            if self._line.crowded(at_s):
                return
            if self._new_baud is not None and self._new_baud[0] <= due_s:
                self._line.baud = self._new_baud[1]
                self._new_baud = None
            elif self._scan is not None:
                self._advance_scan(self._scan)
            elif self._stream is not None:
                self._advance_stream(self._stream, max(due_s, at_s - LAG_S))

    # Commands

    def _accept(self, command: Command, at_s: float) -> None:
        if self._first_heard_s is None:
            self._first_heard_s = at_s
        if not command.intact:
            self._stats.bad_checksums += 1
            if "silent-crc" not in self._quirks:
                self._respond(0, Status.ILLEGAL, b"", at_s)
            return
        commanded = self._scan is not None and self._stream is None
        if at_s < self._busy_until_s or (commanded and command.command != STOP):
            self._stats.lost_commands += 1
            return
        try:
            self._answer(command.command, command.data, at_s)
        except CommandError as error:
            named = 0 if error.status == Status.ILLEGAL else command.command
            self._respond(named, error.status, error.data, at_s)

    def _answer(self, command: int, data: bytes, at_s: float) -> None:
        if command in SETTINGS_COMMANDS:
            self._answer_setting(command, data, at_s)
        elif command in INVENTORIES:
            demand(self._stream is None, Status.NOT_EXECUTED)
            self._begin_inventory(command, data, at_s)
        elif command in ACCESS_COMMANDS:
            strict = self.settings.model.strict_18
            demand(not (strict and command in EXTENDED_COMMANDS), Status.ILLEGAL)
            demand(self._stream is None, Status.NOT_EXECUTED)
            self._access(command, parse_access(command, data), at_s)
        elif self.settings.model.strict_18:
            self._answer_6b(command, data)
        else:
            self._answer_newer(command, data, at_s)

    def _answer_setting(self, command: int, data: bytes, at_s: float) -> None:
        address = self.settings.address  # a change of address is answered from the old one
        content = answer_setting(self.settings, command, data)
        self._send(Reply(address, command, Status.OK, content), at_s)
        if command == BAUD:
            self._new_baud = self._line.free_s + BAUD_S, BAUDS[data[0]]
        if streams(self.settings) != (self._stream is not None):
            self._set_streaming(at_s)

    def _answer_newer(self, command: int, data: bytes, at_s: float) -> None:
        """Answer what only a UHFReader18's successors know."""
        if command in BUFFER_COMMANDS:
            self._answer_buffer(command, data, at_s)
        elif command in (FAST_START, FAST_STOP) and len(data) == FAST_STOP - command:
            self.settings.fast = command == FAST_START
            self._respond(command, Status.OK, b"", at_s)
            self._set_streaming(at_s)
        elif command == STOP:
            demand(not data, Status.LENGTH)
            if self._scan is not None and self._stream is None:
                self._scan.cut(at_s)
                self._finish(self._scan, Status.DONE)
            self._respond(command, Status.OK, b"", at_s)
        elif command == RETURN_LOSS:
            ports = self.settings.model.ports
            self._respond(command, Status.OK, return_loss(self._radio, ports, data), at_s)
        else:
            self._answer_6b(command, data)

    def _answer_6b(self, command: int, data: bytes) -> None:
        """There are no ISO 18000-6B tags in any field."""
        demand(command in COMMANDS_6B, Status.ILLEGAL)
        demand(len(data) in COMMANDS_6B[command], Status.LENGTH)
        raise CommandError(Status.NO_TAG)

    def _answer_buffer(self, command: int, data: bytes, at_s: float) -> None:
        demand(len(data) == (1 if command == SET_LENGTH else 0), Status.LENGTH)
        if command == READ:
            for reply in self.buffer.frames(self.settings.address):
                self._send(reply, at_s, is_notice=len(self.buffer) > 0)
            return
        content = b""
        if command == SET_LENGTH:
            demand(data[0] <= 1)
            self.settings.buffer_length = data[0]
            self.buffer.resize(data[0])
        elif command == CLEAR:
            self.buffer.clear()
        elif command == COUNT:
            content = len(self.buffer).to_bytes(2, "big")
        self._respond(command, Status.OK, content, at_s)

    def _respond(self, command: int, status: int, data: bytes, at_s: float) -> None:
        self._send(Reply(self.settings.address, command, status, data), at_s)

    def _send(self, reply: Reply, at_s: float, *, is_notice: bool = False) -> None:
        mute_after_s = self._quirks.get("mute", float("inf")) or 5.0
        if self._first_heard_s is not None and at_s - self._first_heard_s >= mute_after_s:
            return
        self._line.push(reply.encode(), at_s, is_notice=is_notice)

    # Inventory

    def _begin_inventory(self, command: int, data: bytes, at_s: float) -> None:
        plan = parse_inventory(self.settings, command, data)
        if command == INVENTORY:
            self.buffer.clear()
        whole_time = "slow-answers" in self._quirks and command != SINGLE
        self._scan = self._new_scan(plan, at_s, whole_time=whole_time)

    def _new_scan(self, plan: Inventory, at_s: float, *, whole_time: bool = False) -> Scan:
        return Scan(
            plan,
            self._radio,
            self.settings,
            at_s,
            whole_time=whole_time,
            with_rssi="no-rssi" not in self._quirks,
        )

    def _advance_scan(self, scan: Scan) -> None:
        if scan.status is None and (found := scan.step()) is not None:
            self._report(scan, found)
        if scan.status is not None and self._scan is scan:
            self._finish(scan, scan.status)

    def _report(self, scan: Scan, found: tuple[Seen, Tag]) -> None:
        """Say of a tag what is said at once."""
        seen, tag = found
        at_s, plan = scan.read_s, scan.plan
        if self._stream is not None:
            reply = self._stream.frame(seen, tag, at_s)
            if reply is not None:
                self._send(reply, at_s, is_notice=True)
            return
        if plan.command == SINGLE:
            scan.cut(at_s)
        elif plan.command == BUFFER and not self.buffer.add(seen):
            scan.cut(at_s)
            scan.status = Status.MEMORY_FULL
        elif self.settings.model.tag_by_tag and plan.command != BUFFER:
            serial = (len(scan.seen) - 1) * (1 if plan.read is None else 2)
            reply = tag_frame(self.settings.address, plan, seen, serial)
            self._send(reply, at_s, is_notice=True)

    def _finish(self, scan: Scan, status: Status) -> None:
        """Send what answers the command, or give the stream its pause."""
        self._scan = None
        plan, at_s, address = scan.plan, scan.due_s, self.settings.address
        if self._stream is not None:
            rated = self._radio.timing.rate_hz is not None
            self._resume_s = at_s + (RATED_PAUSE_S if rated else self._stream.pause_s)
            return
        self._busy_until_s = at_s
        if plan.command == BUFFER:
            counts = len(self.buffer).to_bytes(2, "big") + scan.reads.to_bytes(2, "big")
            self._respond(BUFFER, Status.OK, counts, at_s)
            return
        if plan.command == SINGLE and not scan.seen:
            self._respond(SINGLE, Status.NO_TAG, b"", at_s)
            return
        told = self.settings.model.tag_by_tag and plan.command != SINGLE
        listed = [] if told else scan.seen
        for reply in list_frames(address, plan, listed, status):
            self._send(reply, at_s, is_notice=bool(listed))
        if plan.statistics:
            seconds = at_s - scan.began_s
            self._send(statistics_frame(address, plan, scan.port, scan.reads, seconds), at_s)

    # Streaming

    def _set_streaming(self, at_s: float) -> None:
        """Begin or end streaming, as the settings now say."""
        if self._scan is not None:
            self._scan.cut(at_s)
            self._scan = None
        self._stream = Stream(self.settings, at_s) if streams(self.settings) else None
        self._resume_s = at_s

    def _advance_stream(self, stream: Stream, at_s: float) -> None:
        beat_s = stream.heartbeat_due_s
        if beat_s is not None and beat_s <= at_s:
            self._send(stream.heartbeat(at_s), at_s)
        if at_s >= self._resume_s:
            self._scan = self._new_scan(stream.next_plan(), at_s)

    # One tag

    def _access(self, command: int, access: Access, at_s: float) -> None:
        """Look for the tag and work on it; the answer goes out when the air time is over."""
        writing = command in WRITING_COMMANDS
        found, at_s = find_tag(self._radio, self.settings, access.select, at_s, writing=writing)
        status, content = Status.OK, b""
        if isinstance(found, Status):
            status = found
        else:
            at_s += access.takes_s
            try:
                content = run_access(access, found.tag)
            except CommandError as error:
                status, content = error.status, error.data
            found.tag.unpower(at_s)
        self._busy_until_s = at_s
        self._respond(command, status, content, at_s)
