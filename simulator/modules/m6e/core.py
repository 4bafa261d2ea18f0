"""The M6e family as a state machine: bytes in, frames out on its line, time passed in.

Nothing here sleeps. The owner calls `receive` with bytes, `advance` when `next_due_s` has come,
and takes the bytes from the line. Commands are answered in the order they came, each when the one
before it is done. While the module streams it hears only the commands that concern the stream;
others are lost, as on a real one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from simulator.modules.core import Family, Surroundings
from simulator.modules.m6e.access import ACCESS_COMMANDS, parse_access
from simulator.modules.m6e.air import Air
from simulator.modules.m6e.commands import SETTINGS_COMMANDS, answer_setting
from simulator.modules.m6e.frames import Command, CommandParser, Fields, Refused, Reply, Status
from simulator.modules.m6e.heat import Heat
from simulator.modules.m6e.inventory import TIMING
from simulator.modules.m6e.models import QUIRKS, choose_model
from simulator.modules.m6e.records import TagBuffer
from simulator.modules.m6e.search import (
    KNOWN_METADATA,
    METADATA,
    STREAMING,
    Option,
    Search,
    parse_search,
)
from simulator.modules.m6e.settings import APPLICATION, BOOT_LOADER, SLEEP, Settings
from simulator.modules.m6e.silion import ASYNC, ModuletechVoice, parse_async
from simulator.modules.m6e.stats import Live
from simulator.modules.m6e.stream import (
    MULTI,
    WRAPPED,
    MercuryVoice,
    Start,
    Stop,
    StreamTask,
    Together,
    parse_multi,
)
from simulator.modules.m6e.tasks import AccessTask, SearchTask, SeveralTask
from simulator.modules.transmitter import Transmitter

BAUD = 115200
BAUDS = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
PARTIAL_S = 0.1  # an incomplete frame is given up when no byte has followed for so long
BOOT_S = 0.14
SLOW_BOOT_S = 0.65  # what a public driver waits after 04
WAKE_S = 0.04  # from SLEEP: what comes meanwhile is lost, hence the hosts' runs of FF
DOZE_S = 1.0  # in SLEEP mode it sleeps again after so long without a byte
WAITING_LIMIT = 8
BROWN_OUT_S, BROWN_OUT_DBM = 0.3, 5.0
_VERSION, _BOOT, _BAUD, _TO_LOADER, _PROGRAM = 0x03, 0x04, 0x06, 0x09, 0x0C
_SEARCH, _GET_BUFFER, _CLEAR_BUFFER = 0x22, 0x29, 0x2A
_SEND_CRC = 0x1B

Task = SearchTask | SeveralTask | AccessTask | StreamTask


def family() -> Family:
    """Return the family; its models are quirks, as they share wire and command set."""
    return Family(QUIRKS, M6e, lambda quirks: BAUD)


class M6e:
    """One module."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._line = around.line
        self._quirks = around.quirks
        self._stats = around.stats
        self._parser = CommandParser()
        self._waiting: deque[Command] = deque()
        self._heard_s: float | None = None
        self._first_heard_s: float | None = None
        self._deaf_until_s = float("-inf")
        self._answers = 0
        self._reset_s = float("inf")
        self._model = choose_model(around.quirks)
        self._begin()

    def _begin(self) -> None:
        """Forget everything, as power-up does."""
        around = self._around
        limit_s = self._quirks.get("over-temperature")
        self._settings = Settings(self._model)
        self._air = Air(
            Transmitter(around, TIMING),
            around.line,
            self._settings,
            TagBuffer(),
            around.rng,
            around.quirks,
            Heat(None if limit_s is None else limit_s or 60.0),
            Live(),
        )
        self._task: Task | None = None
        self._with_crc = True
        self._asleep = False
        self._busy_until_s = float("-inf")
        self._later: list[tuple[float, Callable[[float], None]]] = []
        self._next_baud: int | None = None

    # What the owner calls

    @property
    def next_due_s(self) -> float | None:
        """When `advance` has something to do, or None while the module idles."""
        own_s = self._own_due_s
        if self._next_baud is None:
            return own_s
        return self._line.free_s if own_s is None else min(self._line.free_s, own_s)

    @property
    def _own_due_s(self) -> float | None:
        due = [at_s for at_s, _ in self._later]
        if self._task is not None:
            due.append(self._task.due_s)
        elif self._waiting:
            due.append(self._busy_until_s)
        if self._parser.waiting and self._heard_s is not None:
            due.append(self._heard_s + PARTIAL_S)
        if self._first_heard_s is not None and self._reset_s < float("inf"):
            due.append(self._reset_s)
        return min(due, default=None)

    def power_up(self, at_s: float) -> None:
        """Begin with power, and send what the module sends by itself then."""
        if "boot-message" in self._quirks:
            self._after(at_s + BOOT_S, self._send_boot_message)
        if "still-streaming" in self._quirks:
            self._go_on_streaming(at_s)

    def receive(self, data: bytes, at_s: float) -> None:
        """Take bytes from the host."""
        self.advance(at_s)
        if self._first_heard_s is None:
            self._first_heard_s = at_s
            if "slow-boot" in self._quirks:
                self._deaf_until_s = at_s + SLOW_BOOT_S
            if "resets" in self._quirks:
                self._reset_s = at_s + (self._quirks["resets"] or 30.0)
        self._wake(at_s)
        self._heard_s = at_s
        if at_s < self._deaf_until_s:
            return
        bad = self._parser.bad_checksums
        self._accept(self._parser.feed(data), at_s)
        self._stats.bad_checksums += self._parser.bad_checksums - bad

    def advance(self, at_s: float) -> None:
        """Do what is due by `at_s`."""
        if self._next_baud is not None and self._line.next_due_s is None:
            self._line.baud, self._next_baud = self._next_baud, None  # its reply was taken
        while (due_s := self._own_due_s) is not None and due_s <= at_s:
            if self._line.crowded(at_s):
                return
            if due_s >= self._reset_s:
                self._reset_s += self._quirks["resets"] or 30.0
                self._restart(due_s)
            elif (later := self._take_due(due_s)) is not None:
                later(due_s)
            elif self._task is not None and self._task.due_s <= due_s:
                self._work(self._task, at_s)
            elif self._task is None and self._waiting and self._busy_until_s <= due_s:
                self._serve(due_s)
            else:
                self._accept(self._parser.give_up(), due_s)

    # Commands

    def _accept(self, commands: list[Command], at_s: float) -> None:
        for command in commands:
            if isinstance(self._task, StreamTask):
                self._steer(self._task, command, at_s)
            elif len(self._waiting) >= WAITING_LIMIT:
                self._stats.lost_commands += 1
            else:
                self._waiting.append(command)
                self._serve(at_s)

    def _serve(self, at_s: float) -> None:
        """Answer waiting commands until one takes the radio."""
        while self._waiting and self._task is None and at_s >= self._busy_until_s:
            command = self._waiting.popleft()
            try:
                self._answer(command, at_s)
            except Refused as refusal:
                self._send(Reply(command.opcode, refusal.status, refusal.data), at_s)

    def _steer(self, stream: StreamTask, command: Command, at_s: float) -> None:
        """Take a command while streaming: what concerns the stream, nothing else."""
        try:
            if command.opcode == MULTI:
                asked = parse_multi(command.data)
            elif command.opcode == ASYNC and self._model.silion:
                asked = parse_async(command.data)
            else:
                self._stats.lost_commands += 1
                return
            if isinstance(asked, Stop):
                self._send_all(stream.stop(at_s), at_s)
                self._task = None if stream.over else stream
            elif isinstance(asked, Command):
                self._send(self._wrapped(asked, at_s), at_s)
            elif isinstance(asked, Together):
                raise Refused(Status.TRANSMITTER_ON)
            else:  # a host that has forgotten its stream begins another
                stream.cut(at_s)
                self._task = None
                self._answer(command, at_s)
        except Refused as refusal:
            self._send(Reply(command.opcode, refusal.status, refusal.data), at_s)

    def _answer(self, command: Command, at_s: float) -> None:
        opcode, data = command.opcode, command.data
        if opcode in _PLAIN:
            self._answer_plain(opcode, data, at_s)
        elif self._settings.program == BOOT_LOADER:
            raise Refused(Status.BAD_OPCODE)
        elif opcode in SETTINGS_COMMANDS:
            reply = self._set(opcode, data, at_s)
            sends_crc = bool(self._settings.option(_SEND_CRC))
            self._with_crc = self._with_crc or sends_crc
            self._send(reply, at_s)
            self._with_crc = sends_crc  # the reply that switches it off has one yet
            self._asleep = opcode == 0x98 and self._settings.power_mode == SLEEP
        elif opcode == _SEARCH:
            self._search(parse_search(data), at_s)
        elif opcode == _GET_BUFFER:
            self._send(Reply(opcode, Status.OK, self._from_buffer(data)), at_s)
        elif opcode == _CLEAR_BUFFER:
            Fields(data).end()
            self._air.buffer.clear()
            self._send(Reply(opcode), at_s)
        elif opcode in ACCESS_COMMANDS:
            access = parse_access(opcode, data, metadata_needed=self._model.metadata_needed)
            self._task = AccessTask(self._air, access, at_s)
        elif opcode == MULTI:
            self._multi(data, at_s)
        elif opcode == ASYNC and self._model.silion:
            self._async(data, at_s)
        else:
            raise Refused(Status.BAD_OPCODE)

    def _answer_plain(self, opcode: int, data: bytes, at_s: float) -> None:
        """Answer what boot loader and application both understand."""
        settings, fields = self._settings, Fields(data)
        if opcode == _BAUD:
            baud = fields.number(4)
            fields.end()
            if baud not in BAUDS:
                raise Refused(Status.BAD_BAUD)
            self._send(Reply(opcode), at_s)
            self._next_baud = baud
            return
        fields.end()
        if opcode == _VERSION:
            self._send(Reply(opcode, Status.OK, self._model.version), at_s)
        elif opcode == _PROGRAM:
            answer = bytes((self._model.program | settings.program,))
            self._send(Reply(opcode, Status.OK, answer), at_s)
        elif opcode == _BOOT:
            ready_s = at_s + (BOOT_S if settings.program == BOOT_LOADER else 0.0)
            settings.program = APPLICATION
            self._busy_until_s = ready_s
            self._after(ready_s, self._send_boot_message)
        elif settings.program == BOOT_LOADER:
            raise Refused(Status.BAD_OPCODE)
        else:
            self._send(Reply(opcode), at_s)
            settings.clear()
            settings.program = BOOT_LOADER
            self._with_crc = True

    def _set(self, opcode: int, data: bytes, at_s: float) -> Reply:
        self._air.live.celsius = round(self._air.heat.celsius(at_s))
        answer = answer_setting(self._settings, self._air.live, opcode, data)
        return Reply(opcode, Status.OK, answer)

    def _from_buffer(self, data: bytes) -> bytes:
        buffer = self._air.buffer
        if not data:
            return b"".join(index.to_bytes(2, "big") for index in buffer.indexes)
        fields = Fields(data)
        flags, option = fields.number(2), fields.number(1)
        fields.end()
        if flags & ~KNOWN_METADATA or option > 1:
            raise Refused(Status.BAD_PARAMETER)
        return buffer.fetch(flags, option)

    # What takes the radio

    def _search(self, search: Search, at_s: float) -> None:
        if search.flags & STREAMING:
            self._stream([search], at_s, by_multi=False)
        else:
            self._task = SearchTask(self._air, search, at_s)

    def _multi(self, data: bytes, at_s: float) -> None:
        asked = parse_multi(data)
        if isinstance(asked, Start):
            self._stream(asked.searches, at_s, by_multi=True, stop_after=asked.stop_after)
        elif isinstance(asked, Together):
            self._task = SeveralTask(self._air, asked.head, asked.searches, at_s)
        elif isinstance(asked, Stop):
            voice = MercuryVoice(self._air, by_multi=True)
            self._send_all(voice.stopped(), at_s)
        else:
            self._send(self._wrapped(asked, at_s), at_s)

    def _async(self, data: bytes, at_s: float) -> None:
        asked, voice = parse_async(data), ModuletechVoice(self._air)
        if isinstance(asked, Stop):
            self._send_all(voice.stopped(), at_s)
            return
        self._task = StreamTask(self._air, voice, asked.searches, at_s)
        self._send_all(voice.started(), at_s)

    def _stream(
        self,
        searches: list[Search],
        at_s: float,
        *,
        by_multi: bool,
        stop_after: int = 0,
        quietly: bool = False,
    ) -> None:
        voice = MercuryVoice(self._air, by_multi=by_multi)
        self._task = StreamTask(
            self._air, voice, searches, at_s, stop_after=stop_after, once=not by_multi
        )
        if not quietly:
            self._send_all(voice.started(), at_s)

    def _go_on_streaming(self, at_s: float) -> None:
        """Stream as a host has set it before it started anew."""
        self._settings.set_region(self._model.regions[0])
        self._settings.options[0x0C] = b"\0"
        search = Search(Option(0, METADATA), 0x001B, 1000, metadata=0x01FF)
        try:
            self._stream([search], at_s, by_multi=True, quietly=True)
        except Refused:
            return  # another quirk keeps it off the air, so it had stopped long ago

    def _wrapped(self, command: Command, at_s: float) -> Reply:
        """Answer a setting that was changed while streaming: the reply as it would be, inside."""
        try:
            if command.opcode not in SETTINGS_COMMANDS:
                raise Refused(Status.BAD_OPCODE)
            inside = self._set(command.opcode, command.data, at_s)
        except Refused as refusal:
            inside = Reply(command.opcode, refusal.status, refusal.data)
        head = bytes((WRAPPED, len(inside.data), inside.opcode))
        return Reply(MULTI, Status.OK, head + inside.status.to_bytes(2, "big") + inside.data)

    def _work(self, task: Task, at_s: float) -> None:
        now_s = task.due_s
        self._air.live.celsius = round(self._air.heat.celsius(now_s))
        replies = task.step(at_s)
        is_stream = isinstance(task, StreamTask)
        if not is_stream and replies:
            self._answers += 1
            every = self._quirks.get("lost-reply")
            if every is not None and self._answers % int(every or 100) == 0:
                replies, self._task = [], None
        self._send_all(replies, now_s, are_notices=is_stream)
        if task.over if isinstance(task, StreamTask) else task.reply is not None:
            self._task = None
            self._serve(now_s)
        weak = "brown-out" in self._quirks and self._settings.power_dbm(1) > BROWN_OUT_DBM
        if weak and self._air.on_air_s > BROWN_OUT_S:
            self._restart(now_s)

    # Sending, sleeping, starting again

    def _send_all(self, replies: list[Reply], at_s: float, *, are_notices: bool = False) -> None:
        for reply in replies:
            self._send(reply, at_s, is_notice=are_notices and len(reply.data) >= 0x10)

    def _send(self, reply: Reply, at_s: float, *, is_notice: bool = False) -> None:
        mute_after_s = self._quirks.get("mute", float("inf")) or 5.0
        if self._first_heard_s is not None and at_s - self._first_heard_s >= mute_after_s:
            return
        frame = reply.encode(with_crc=self._with_crc)
        self._line.push(frame, at_s, is_notice=is_notice)

    def _send_boot_message(self, at_s: float) -> None:
        self._send(Reply(_BOOT, Status.OK, self._model.version), at_s)

    def _wake(self, at_s: float) -> None:
        dozes = self._settings.power_mode == SLEEP and self._heard_s is not None
        if dozes and self._task is None and at_s - (self._heard_s or 0.0) > DOZE_S:
            self._asleep = True
        if self._asleep:
            self._asleep = False
            self._parser.clear()
            self._deaf_until_s = at_s + WAKE_S

    def _restart(self, at_s: float) -> None:
        """Begin anew after a dip of the supply; the module says so by itself."""
        self._begin()
        self._waiting.clear()
        self._parser.clear()
        self._line.baud = BAUD
        self._deaf_until_s = at_s + BOOT_S
        self._after(at_s + BOOT_S, self._send_boot_message)

    def _after(self, at_s: float, what: Callable[[float], None]) -> None:
        self._later.append((at_s, what))

    def _take_due(self, at_s: float) -> Callable[[float], None] | None:
        for entry in self._later:
            if entry[0] <= at_s:
                self._later.remove(entry)
                return entry[1]
        return None


_PLAIN = frozenset((_VERSION, _BOOT, _BAUD, _TO_LOADER, _PROGRAM))
