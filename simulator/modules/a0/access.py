"""An A0 reader's commands to tags: 81 read, 82 and 94 write, 83 lock, 84 kill.

They work on the tag that 85 has named, else on every tag on the port: a frame for each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.modules.a0.air import ALL_TAGS, Air, Ask, Job, Step
from simulator.modules.a0.frames import Code, CommandError, demand
from simulator.modules.a0.records import Sighting, access_record, read_record
from simulator.modules.a0.settings import Settings
from simulator.modules.select import Select
from simulator.modules.tag import EPC, RESERVED, SL, TID, USER, Tag, TagRefused, TagSilent

READ, WRITE, LOCK, KILL, BLOCK_WRITE = 0x81, 0x82, 0x83, 0x84, 0x94
ACCESS_COMMANDS = frozenset((READ, WRITE, LOCK, KILL, BLOCK_WRITE))
MAX_READ_WORDS = 90  # what a frame holds beside the longest EPC
MAX_WRITE_WORDS = 32
ACCESS_S = 0.005  # request of a handle, Access with the password
WORD_S = 0.0025  # air time of a word written; a read is as short as the answer it carries
TRIES = 3  # looks for its tag before it says there is none
EPC_AT_BIT = 0x20  # behind CRC and PC
# Place of a memory's two bits in the mask half of Gen2's Lock payload, by the number 83 has for it.
LOCK_PLACES = {1: 0, 2: 1, 3: 2, 4: 3, 5: 4}
LOCK_ACTIONS = (0b00, 0b10, 0b01, 0b11)  # open, lock, open for ever, locked for ever


@dataclass(frozen=True, slots=True)
class Access:
    """A command to tags understood: `work` acts on a tag in its open or secured state.

    It returns what was read, or None for a command that reads nothing. `failed` is the code for a
    tag that refuses, `silent` for one that stops answering.
    """

    password: int
    work: Callable[[Tag, bool], bytes | None]
    failed: Code
    silent: Code = Code.ACCESS_FAILED
    takes_s: float = ACCESS_S


def access(air: Air, command: int, data: bytes, at_s: float) -> Job:
    """Return the job of a command to tags; raises `CommandError` for wrong arguments."""
    return _access(air, parse_access(command, data, air.settings), at_s)


def parse_access(command: int, data: bytes, settings: Settings) -> Access:
    """Understand a command of `ACCESS_COMMANDS`; raises `CommandError`."""
    if command == READ:
        return _parse_read(data, settings)
    return {WRITE: _parse_write, BLOCK_WRITE: _parse_write, LOCK: _parse_lock, KILL: _parse_kill}[
        command
    ](data)


def _access(air: Air, wanted: Access, at_s: float) -> Job:
    """Look for the tags, work on each, answer when all is done.

    Raises `CommandError` with the last tag's code where no tag did it, 36 where there was none.
    """
    match = None if "match-not-working" in air.quirks else air.settings.match
    ask = ALL_TAGS if match is None else Ask(sel=3, selects=(_select_epc(match),))
    found: list[tuple[Sighting, Tag]] = []

    def heard(sighting: Sighting, tag: Tag) -> None:
        if match in (None, tag.epc):
            found.append((sighting, tag))

    for _ in range(TRIES):
        if air.misses(air.settings.port):
            raise CommandError(Code.ANTENNA_MISSING)
        at_s = yield from air.look(air.settings.port, ask, at_s, heard)
        if found:
            break
    else:
        raise CommandError(Code.NO_TAG)
    at_s = yield Step(at_s + len(found) * wanted.takes_s)
    done = [(sighting, *_work(wanted, tag)) for sighting, tag in found]
    good = [entry for entry in done if entry[1] == Code.SUCCESS]
    if not good:
        raise CommandError(done[-1][1])
    for sighting, code, read in done:
        if read is not None:
            at_s = yield Step(at_s, read_record(sighting, len(good), read), needs_room=True)
        elif wanted.failed != Code.READ_FAILED:
            at_s = yield Step(at_s, access_record(sighting, len(done), code), needs_room=True)


def _work(wanted: Access, tag: Tag) -> tuple[Code, bytes | None]:
    try:
        secured = tag.secure(wanted.password)
    except TagSilent:
        return Code.PASSWORD, None
    try:
        return Code.SUCCESS, wanted.work(tag, secured)
    except TagRefused:
        return wanted.failed, None
    except TagSilent:
        return wanted.silent, None


def _select_epc(epc: bytes) -> Select:
    return Select(SL, 0, EPC, EPC_AT_BIT, len(epc) * 8, int.from_bytes(epc, "big"))


def _parse_read(data: bytes, settings: Settings) -> Access:
    """Bank, first word, words (0: to the bank's end), password; older firmware has no password.

    Newer programs also send the form that reads reserved, TID and user memory at once: first word
    and words for each, password, session, target, mode, time-out.
    """
    if len(data) == 14 and not settings.old_firmware:
        places = [(RESERVED, *data[0:2]), (TID, *data[2:4]), (USER, *data[4:6])]
        ranges = [place for place in places if place[2]]
        password = int.from_bytes(data[6:10], "big")
        demand(bool(ranges))
    else:
        demand(len(data) == 3 or (len(data) == 7 and not settings.old_firmware))
        ranges, password = [(data[0], data[1], data[2])], int.from_bytes(data[3:], "big")
        demand(data[0] <= USER, Code.BANK)
    demand(sum(words for _, _, words in ranges) <= MAX_READ_WORDS, Code.WORD_COUNT)

    def work(tag: Tag, secured: bool) -> bytes:
        parts = [tag.read(bank, first, words, secured) for bank, first, words in ranges]
        return b"".join(parts)[: MAX_READ_WORDS * 2]

    return Access(password, work, Code.READ_FAILED)


def _parse_write(data: bytes) -> Access:
    """Password, bank, first word, words, data."""
    demand(len(data) >= 7)
    password, bank, first, words = int.from_bytes(data[:4], "big"), *data[4:7]
    demand(bank <= USER, Code.BANK)
    demand(1 <= words <= MAX_WRITE_WORDS, Code.WORD_COUNT)
    written = data[7:]
    demand(len(written) == 2 * words)

    def work(tag: Tag, secured: bool) -> None:
        tag.write(bank, first, written, secured)

    return Access(password, work, Code.WRITE_FAILED, takes_s=ACCESS_S + words * WORD_S)


def _parse_lock(data: bytes) -> Access:
    """Password, memory (1 user, 2 TID, 3 EPC, 4 access, 5 kill), what becomes of it."""
    demand(len(data) == 6)
    memory, how = data[4:]
    demand(memory in LOCK_PLACES, Code.LOCK_REGION)
    demand(how < len(LOCK_ACTIONS), Code.LOCK_TYPE)
    place = 2 * LOCK_PLACES[memory]
    payload = 0b11 << 10 + place | LOCK_ACTIONS[how] << place

    def work(tag: Tag, secured: bool) -> None:
        tag.lock(payload, secured)

    return Access(int.from_bytes(data[:4], "big"), work, Code.LOCK_FAILED)


def _parse_kill(data: bytes) -> Access:
    demand(len(data) == 4)
    password = int.from_bytes(data, "big")

    def work(tag: Tag, _: bool) -> None:
        tag.kill(password)

    return Access(0, work, Code.KILL_FAILED, silent=Code.KILL_FAILED)
