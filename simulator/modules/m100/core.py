"""The M100 family as a state machine: bytes in, frames out on its line, time passed in.

Nothing here sleeps. The owner calls `receive` with bytes, `advance` when `next_due_s` has come,
and takes the bytes from the line. Commands are answered in the order they came; a command that
needs the radio waits for the round that is on the air, and ends a multi-poll; all others are
answered at once, also between the notices of a round.
"""

from __future__ import annotations

from collections import deque

from simulator.modules.core import Family, Surroundings
from simulator.modules.inventory import AirTiming, Query, Round
from simulator.modules.m100.access import ACCESS_COMMANDS, Access, TagError, run_access
from simulator.modules.m100.frames import (
    ERROR,
    NOTICE,
    POLL,
    RESPONSE,
    Code,
    Frame,
    FrameParser,
    Framing,
)
from simulator.modules.m100.settings import (
    BAUDS,
    SELECT_ALWAYS,
    SELECT_NEVER,
    SETTINGS_COMMANDS,
    CommandError,
    Settings,
    answer_setting,
)
from simulator.modules.m100.special import SPECIAL_COMMANDS
from simulator.modules.select import Select
from simulator.modules.special_tags import EAS_ALARM, G2xTag
from simulator.modules.tag import SL, Tag, crc16
from simulator.modules.transmitter import Transmitter

QUIRKS = {
    "26dbm": "26 dBm board: the same power words give 6 dB more, and the hardware says so",
    "auto-sleep": "sleeps by itself after a minute (or NUMBER minutes) until 1D 00 forbids it",
    "baud-9600": "speaks 9600 baud, as the old M100 manual has it",
    "boot-noise": "sends a burst of garbage when it gets power",
    "busy-channel": "every tenth round fails with error 20, all channels busy",
    "late-notices": "answers a stop at once and sends the rest of the round after it",
    "mode-reply-12": "answers the select mode with CMD 12 instead of the documented 0C",
    "mute": "stops answering 5 (or NUMBER) seconds after its first command, until power goes",
    "slow-boot": "hears nothing for 500 ms after the first byte",
    "two-pcs": "shows the same tag now with PC 3000, now with 3400 (UMI bit)",
}

# Slots that give the chip's 50-60 tags a second (80 kHz DSB-ASK down, 80 kHz FM0 up) where Q fits
# the tags, about 33 rounds a second for a single tag at Q 4.
TIMING = AirTiming(overhead_s=0.008, empty_s=0.0005, collision_s=0.0015, read_s=0.015)

# An incomplete frame is given up when no byte has followed for so long.
PARTIAL_S = 0.1
# The byte that wakes it is lost, and what follows while the chip reloads: the first command after
# sleep has no answer, unless the host spent a byte on waking it before.
WAKE_S = 0.05
# Weaker than this the module does not report.
RSSI_FLOOR_DBM = -70
# Its only antenna port.
PORT = 1
# Commands that wait for the radio; more overrun the receiver and are lost, and counted.
WAITING_LIMIT = 8
# The chip's own UART buffer: a round begins when no more than this still waits to leave.
UART_BUFFER_BYTES = 256
# Rounds in which an access looks for its tag before it says there is none.
ACCESS_TRIES = 3
# After the process was held up, rounds are made up for at most so long.
LAG_S = 0.1
STOP, MULTI_POLL, BAUD, SLEEP, ALARM = 0x28, 0x27, 0x11, 0x17, 0xE4
TAG_COMMANDS = {**ACCESS_COMMANDS, **SPECIAL_COMMANDS}
RADIO_COMMANDS = frozenset((POLL, MULTI_POLL, ALARM, *TAG_COMMANDS))


def family(framing: Framing, *, demodulator: str) -> Family:
    """Return the family that speaks this framing; `demodulator` is its F1 answer, hex."""

    def make(around: Surroundings) -> M100:
        quirks = around.quirks
        settings = Settings(demodulator=bytes.fromhex(demodulator))
        if "26dbm" in quirks:
            settings.hardware = "M100 26dBm V1.0"
            settings.max_dbm, settings.extra_dbm = 26.0, 6.0
        if "auto-sleep" in quirks:
            settings.auto_sleep_minutes = int(quirks["auto-sleep"] or 1)
        if "mode-reply-12" in quirks:
            settings.select_reply_command = 0x12
        return M100(framing, settings, around)

    return Family(QUIRKS, make, lambda quirks: 9600 if "baud-9600" in quirks else 115200)


class M100:
    """One module on one antenna."""

    def __init__(self, framing: Framing, settings: Settings, around: Surroundings) -> None:
        self.settings = settings
        self.parser = FrameParser(framing)
        self._framing = framing
        self._line = around.line
        self._transmitter = Transmitter(around, TIMING)
        self._rng = around.rng
        self._quirks = around.quirks
        self._stats = around.stats
        self._waiting: deque[Frame] = deque()
        self._round: Round | None = None
        self._round_place = 0
        self._rounds_left = 0
        self._busy_until_s = float("-inf")
        self._heard_at_s: float | None = None
        self._first_heard_s: float | None = None
        self._deaf_until_s = float("-inf")
        self._asleep = False
        self._rounds_made = 0

    # What the owner calls

    @property
    def next_due_s(self) -> float | None:
        """When `advance` has something to do, or None while the module idles."""
        due = []
        if self._round is not None:
            reads = self._round.reads
            place = self._round_place
            due.append(reads[place][0] if place < len(reads) else self._round.end_s)
        elif self._waiting or self._rounds_left:
            due.append(self._next_round_s())
        if self._heard_at_s is not None:
            if self.parser.waiting:
                due.append(self._heard_at_s + PARTIAL_S)
            if self.settings.auto_sleep_minutes and not self._asleep and not due:
                idle_since_s = max(self._heard_at_s, self._busy_until_s)
                due.append(idle_since_s + self.settings.auto_sleep_minutes * 60)
        return min(due, default=None)

    def power_up(self, at_s: float) -> None:
        """Send what the module sends by itself when it gets power."""
        if "boot-noise" in self._quirks:
            self._line.push(self._rng.randbytes(24), at_s)

    def receive(self, data: bytes, at_s: float) -> None:
        """Take bytes from the host."""
        self.advance(at_s)
        if self._first_heard_s is None:
            self._first_heard_s = at_s
            if "slow-boot" in self._quirks:
                self._deaf_until_s = at_s + 0.5
        self._heard_at_s = at_s
        if self._asleep:
            self._asleep = False
            self._deaf_until_s = at_s + WAKE_S
            self.settings.reload_select()
        if at_s < self._deaf_until_s:
            return
        bad = self.parser.bad_checksums
        self._accept(self.parser.feed(data), at_s)
        self._stats.bad_checksums += self.parser.bad_checksums - bad

    def advance(self, at_s: float) -> None:
        """Do what is due by `at_s`: notices of the round on the air, the next round, time-outs."""
        while (due_s := self.next_due_s) is not None and due_s <= at_s:
            if self._line.crowded(at_s):
                return
            if self._round is not None:
                self._advance_round(self._round)
            elif (self._waiting or self._rounds_left) and self._next_round_s() <= due_s:
                self._serve(max(due_s, at_s - LAG_S))
            elif self.parser.waiting:
                self._accept(self.parser.give_up(), due_s)
            else:
                self._fall_asleep()

    # Commands

    def _accept(self, frames: list[Frame], at_s: float) -> None:
        for frame in frames:
            if frame.command == STOP and not frame.params:
                self._rounds_left = 0
                if "late-notices" not in self._quirks:
                    self._cut_round(at_s)
            if len(self._waiting) >= WAITING_LIMIT:
                self._stats.lost_commands += 1
                continue
            self._waiting.append(frame)
            self._serve(at_s)

    def _serve(self, at_s: float) -> None:
        """Answer waiting commands until one must wait for the radio; then start a due round."""
        while self._waiting:
            busy = self._round is not None or at_s < self._busy_until_s
            if busy and self._waiting[0].command in RADIO_COMMANDS:
                return
            frame = self._waiting.popleft()
            try:
                self._answer(frame, at_s)
            except CommandError as error:
                self._respond(ERROR, bytes((error.code,)), at_s)
        if self._rounds_left and self._round is None and at_s >= self._next_round_s():
            self._rounds_left -= 1
            self._begin_round(at_s)

    def _answer(self, frame: Frame, at_s: float) -> None:
        command, params = frame.command, frame.params
        if command in SETTINGS_COMMANDS:
            reply = answer_setting(self.settings, command, params)
            if reply is not None:
                named = self.settings.select_reply_command if command == 0x12 else command
                self._respond(named, reply, at_s)
        elif command in TAG_COMMANDS:
            self._rounds_left = 0
            self._access(TAG_COMMANDS[command](params), at_s)
        elif command == ALARM and not params:
            self._rounds_left = 0
            self._ask_for_alarms(at_s)
        elif command == POLL and not params:
            self._rounds_left = 0
            self._begin_round(at_s)
        elif command == MULTI_POLL and len(params) == 3:
            self._rounds_left = int.from_bytes(params[1:], "big")
        elif command == STOP and not params:
            self._respond(STOP, b"\x00", at_s)
        elif command == BAUD and len(params) == 2:
            baud = int.from_bytes(params, "big") * 100
            if baud not in BAUDS:
                raise CommandError(Code.BAD_COMMAND)
            self._line.baud = baud
        elif command == SLEEP and not params:
            self._respond(SLEEP, b"\x00", at_s)
            self._fall_asleep()
        else:
            raise CommandError(Code.BAD_COMMAND)

    def _fall_asleep(self) -> None:
        self._asleep = True
        self._round, self._rounds_left = None, 0
        self._waiting.clear()
        self.parser.clear()

    def _respond(self, command: int, params: bytes, at_s: float) -> None:
        self._send(Frame(RESPONSE, command, params), at_s)

    def _send(self, frame: Frame, at_s: float) -> None:
        mute_after_s = self._quirks.get("mute", float("inf")) or 5.0
        if self._first_heard_s is not None and at_s - self._first_heard_s >= mute_after_s:
            return
        self._line.push(self._framing.encode(frame), at_s, is_notice=frame.type == NOTICE)

    # Rounds

    def _next_round_s(self) -> float:
        """The radio waits for its own last round, and for room in the UART's buffer."""
        return max(self._busy_until_s, self._line.free_s - self._line.seconds(UART_BUFFER_BYTES))

    def _begin_round(self, at_s: float) -> None:
        selects = (
            (self.settings.select_command,) if self.settings.select_mode == SELECT_ALWAYS else ()
        )
        self._rounds_made += 1
        if "busy-channel" in self._quirks and self._rounds_made % 10 == 0:
            self._busy_until_s = at_s + TIMING.overhead_s
            self._respond(ERROR, bytes((Code.CHANNELS_BUSY,)), at_s)
            return
        self._round = self._on_air(self.settings.query, selects, at_s)
        self._round_place = 0
        self._busy_until_s = self._round.end_s

    def _cut_round(self, at_s: float) -> None:
        """Switch the carrier off in the middle of a round; its unreported reads are lost."""
        if self._round is not None:
            self._round.cut(at_s)
            self._round = None
            self._busy_until_s = at_s + TIMING.carrier_off_s

    def _on_air(self, query: Query, selects: tuple[Select, ...], at_s: float) -> Round:
        settings = self.settings
        return self._transmitter.round(
            PORT, query, selects, settings.power_dbm, settings.frequencies(), at_s
        )

    def _advance_round(self, current: Round) -> None:
        if self._round_place < len(current.reads):
            at_s, answer = current.reads[self._round_place]
            self._round_place += 1
            answer.tag.inventoried(self.settings.query.session, at_s)
            self._send(self._notice(answer.tag, answer.rssi_dbm), at_s)
            return
        self._round = None
        if not current.reads:
            self._respond(ERROR, bytes((Code.NO_TAG,)), current.end_s)

    def _notice(self, tag: Tag, rssi_dbm: float) -> Frame:
        pc = tag.pc
        if "two-pcs" in self._quirks and self._rng.getrandbits(1):
            pc ^= 0x0400
        answer = pc.to_bytes(2, "big") + tag.epc
        rssi = max(RSSI_FLOOR_DBM, min(127, round(rssi_dbm))) & 0xFF
        return Frame(NOTICE, POLL, bytes((rssi,)) + answer + crc16(answer).to_bytes(2, "big"))

    def _access_query(self) -> tuple[Query, tuple[Select, ...]]:
        """Return the round in which an access looks for its tag.

        It looks in the session that its Select prepares, else in S0, so that a tag just
        inventoried in S1 can still be written; where that is the query's own session, at the end
        (A or B) that the query asks for.
        """
        query = self.settings.query
        if self.settings.select_mode == SELECT_NEVER:
            return Query(0, False, 0, query.q), ()
        select = self.settings.select_command
        if select.target >= SL:
            return Query(0, False, query.sel, query.q), (select,)
        target_b = query.target_b and select.target == query.session
        return Query(select.target, target_b, 0, query.q), (select,)

    def _ask_for_alarms(self, at_s: float) -> None:
        """Ask all tags at once, without inventory: one code comes back however many answer it."""
        asked = self._on_air(self.settings.query, (), at_s)
        self._busy_until_s = asked.end_s
        for answer in asked.powered:
            if answer.heard and isinstance(answer.tag, G2xTag) and answer.tag.eas:
                self._respond(ALARM, EAS_ALARM, asked.end_s)
                return
        self._respond(ERROR, bytes((Code.NXP_ALARM_FAILED,)), asked.end_s)

    def _access(self, access: Access, at_s: float) -> None:
        """Look for a tag and work on it; the answer goes out when the air time is over."""
        query, selects = self._access_query()
        for _ in range(ACCESS_TRIES):
            found = self._on_air(query, selects, at_s)
            at_s = found.end_s
            if found.reads:
                break
        else:
            self._busy_until_s = at_s
            self._respond(ERROR, bytes((access.failed,)), at_s)
            return
        read_s, answer = found.reads[0]
        done_s = read_s + access.takes_s
        found.cut(done_s)
        self._busy_until_s = done_s + TIMING.carrier_off_s
        answer.tag.inventoried(query.session, read_s)
        try:
            reply = run_access(access, answer.tag)
        except TagError as error:
            self._respond(ERROR, error.params, done_s)
        else:
            self._respond(access.reply, reply, done_s)
