"""A UHFReader's commands to one tag: read, write, write EPC, kill, lock, erase, NXP's own.

A tag is named by its EPC (ENUM words of it, with a byte mask behind the command in the
UHFReader18's form), by a bit mask of any bank (ENUM FF, newer readers), or, with ENUM 0, by being
there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.modules.select import Select
from simulator.modules.special_tags import G2xTag
from simulator.modules.tag import EPC, Tag, TagRefused, TagSilent
from simulator.modules.uhfreader18.frames import CommandError, Status, demand
from simulator.modules.uhfreader18.inventory import LONGEST_READ, select_epc, select_mask

ACCESS_S = 0.005  # request of a handle, Access with the password
WORD_S = 0.0025  # air time of a word written; a read is as short as the answer it carries
LONGEST_EPC = 31  # words; the manuals say 15, newer readers take what a tag can have
MASKED = 0xFF  # ENUM: a mask of bits follows behind


@dataclass(frozen=True, slots=True)
class Access:
    """One command to one tag, understood. `work` acts on the tag in its open or secured state and
    returns what the answer holds. `silent` answers for a tag that stays silent at it."""

    select: Select | None
    password: int
    work: Callable[[Tag, bool], bytes]
    takes_s: float = ACCESS_S + WORD_S
    silent: Status = Status.POOR_LINK


def parse_access(command: int, data: bytes) -> Access:
    """Understand a command of `ACCESS_COMMANDS`; raises `CommandError`."""
    return ACCESS_COMMANDS[command](_Fields(data))


def run_access(access: Access, tag: Tag) -> bytes:
    """Carry out the access; return what the answer holds. Raises `CommandError`."""
    try:
        secured = tag.secure(access.password)
    except TagSilent:
        raise CommandError(Status.PASSWORD) from None
    try:
        return access.work(tag, secured)
    except TagSilent:
        raise CommandError(access.silent) from None
    except TagRefused as refusal:
        raise CommandError(Status.TAG_ERROR, bytes((refusal.fault,))) from None


class _Fields:
    """Takes a command's data apart, from the front; what is missing is a wrong length."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def take(self, size: int) -> bytes:
        demand(len(self._data) >= size, Status.LENGTH)
        taken, self._data = self._data[:size], self._data[size:]
        return taken

    def number(self, size: int = 1) -> int:
        return int.from_bytes(self.take(size), "big")

    def bank(self) -> int:
        bank = self.number()
        demand(bank <= 3)
        return bank

    def words(self, longest: int) -> int:
        words = self.number()
        demand(1 <= words <= longest)
        return words

    def epc(self) -> bytes | None:
        """Return the EPC that names the tag, None where a mask behind does."""
        words = self.number()
        if words == MASKED:
            return None
        demand(words <= LONGEST_EPC)
        return self.take(words * 2)

    def select(self, epc: bytes | None) -> Select | None:
        """Return the select of the named tag, from the EPC and from what is left of the data."""
        rest, self._data = self._data, b""
        if epc is None:
            demand(len(rest) >= 4, Status.LENGTH)
            return select_mask(rest[0], rest[1:3], rest[3], rest[4:])
        demand(len(rest) in (0, 2), Status.LENGTH)
        first, size = (rest[0], rest[1]) if rest else (0, len(epc))
        demand(first + size <= len(epc))
        return select_epc(epc[first : first + size], first) if size else None

    def end(self) -> None:
        demand(not self._data, Status.LENGTH)


def _read(fields: _Fields, pointer_size: int = 1) -> Access:
    epc = fields.epc()
    bank, word, words = fields.bank(), fields.number(pointer_size), fields.words(LONGEST_READ)
    password = fields.number(4)
    return Access(
        fields.select(epc),
        password,
        lambda tag, secured: tag.read(bank, word, words, secured),
        ACCESS_S,
    )


def _write(fields: _Fields, pointer_size: int = 1) -> Access:
    words = fields.words(LONGEST_READ)
    epc = fields.epc()
    bank, word, data = fields.bank(), fields.number(pointer_size), fields.take(words * 2)
    password = fields.number(4)
    return _writing(fields.select(epc), password, bank, word, data)


def _write_epc(fields: _Fields) -> Access:
    """Write the EPC of whatever tag is there, and its length into the PC word."""
    words = fields.words(LONGEST_EPC)
    password, epc = fields.number(4), fields.take(words * 2)
    fields.end()

    def work(tag: Tag, secured: bool) -> bytes:
        pc = int.from_bytes(tag.read(EPC, 1, 1, secured), "big") & 0x03FF | words << 11
        tag.write(EPC, 1, pc.to_bytes(2, "big") + epc, secured)
        return b""

    return Access(None, password, work, ACCESS_S + (words + 1) * WORD_S)


def _kill(fields: _Fields) -> Access:
    epc, password = fields.epc(), fields.number(4)
    select = fields.select(epc)
    demand(password != 0, Status.KILL_PASSWORD_ZERO)

    def work(tag: Tag, secured: bool) -> bytes:
        tag.kill(password)
        return b""

    return Access(select, 0, work, silent=Status.KILL_FAILED)


def _lock(fields: _Fields) -> Access:
    """Lock kill password, access password, EPC, TID or user bank: 0 open, 1 open for ever, 2 with
    the password, 3 never again."""
    epc = fields.epc()
    place, how, password = fields.number(), fields.number(), fields.number(4)
    select = fields.select(epc)
    demand(place <= 4 and how <= 3)
    shift = 8 - 2 * place
    payload = 3 << shift + 10 | how << shift

    def work(tag: Tag, secured: bool) -> bytes:
        tag.lock(payload, secured)
        return b""

    return Access(select, password, work)


def _erase(fields: _Fields) -> Access:
    epc = fields.epc()
    bank, word, words = fields.bank(), fields.number(), fields.words(LONGEST_READ)
    password = fields.number(4)
    demand(word > 0 or bank != EPC)
    return _writing(fields.select(epc), password, bank, word, bytes(words * 2))


def _writing(select: Select | None, password: int, bank: int, word: int, data: bytes) -> Access:
    def work(tag: Tag, secured: bool) -> bytes:
        tag.write(bank, word, data, secured)
        return b""

    return Access(select, password, work, ACCESS_S + len(data) // 2 * WORD_S)


def _nxp(
    work: Callable[[G2xTag], bytes], unknown: Status | bytes, *, secured: bool = True
) -> Callable[[Tag, bool], bytes]:
    """Return what does `work` on an NXP G2X tag; `unknown` is what comes of any other."""

    def act(tag: Tag, is_secured: bool) -> bytes:
        if isinstance(tag, G2xTag):
            demand(is_secured or not secured, Status.PASSWORD)
            return work(tag)
        if isinstance(unknown, bytes):
            return unknown
        raise CommandError(unknown)

    return act


def _protect(fields: _Fields, *, named: bool = True) -> Access:
    """Have an NXP tag keep its EPC to itself."""
    epc = fields.epc() if named else b""
    password = fields.number(4)
    select = fields.select(epc)
    demand(password != 0, Status.ACCESS_PASSWORD_ZERO)

    def work(tag: G2xTag) -> bytes:
        demand(not tag.read_protected, Status.TAG_IS_PROTECTED)
        tag.read_protected = True
        return b""

    return Access(select, password, _nxp(work, Status.NOT_SUPPORTED_BY_TAG))


def _unprotect(fields: _Fields) -> Access:
    password = fields.number(4)
    fields.end()

    def work(tag: G2xTag) -> bytes:
        demand(tag.read_protected, Status.TAG_IS_UNPROTECTED)
        tag.read_protected = False
        return b""

    return Access(None, password, _nxp(work, Status.TAG_IS_UNPROTECTED))


def _is_protected(fields: _Fields) -> Access:
    """Tell 0 for a tag that is read-protected, 1 for any other."""
    fields.end()
    work = _nxp(lambda tag: bytes((not tag.read_protected,)), b"\x01", secured=False)
    return Access(None, 0, work, ACCESS_S)


def _set_alarm(fields: _Fields) -> Access:
    epc, password, alarm = fields.epc(), fields.number(4), fields.number()
    select = fields.select(epc)
    demand(password != 0, Status.NO_EAS_OR_PASSWORD_ZERO)

    def work(tag: G2xTag) -> bytes:
        tag.eas = bool(alarm & 1)
        return b""

    return Access(select, password, _nxp(work, Status.NO_EAS_OR_PASSWORD_ZERO))


def _is_alarmed(fields: _Fields) -> Access:
    fields.end()

    def work(tag: G2xTag) -> bytes:
        demand(tag.eas, Status.NO_TAG)
        return b""

    return Access(None, 0, _nxp(work, Status.NO_TAG, secured=False), ACCESS_S)


def _lock_block(fields: _Fields) -> Access:
    epc, password, word = fields.epc(), fields.number(4), fields.number()
    select = fields.select(epc)
    demand(word <= 13)
    return Access(select, password, _unsupported)


def _unsupported(tag: Tag, secured: bool) -> bytes:
    raise CommandError(Status.NOT_SUPPORTED_BY_TAG)


ACCESS_COMMANDS: dict[int, Callable[[_Fields], Access]] = {
    0x02: _read,
    0x03: _write,
    0x04: _write_epc,
    0x05: _kill,
    0x06: _lock,
    0x07: _erase,
    0x08: _protect,
    0x09: lambda fields: _protect(fields, named=False),
    0x0A: _unprotect,
    0x0B: _is_protected,
    0x0C: _set_alarm,
    0x0D: _is_alarmed,
    0x0E: _lock_block,
    0x10: _write,
    0x15: lambda fields: _read(fields, 2),
    0x16: lambda fields: _write(fields, 2),
}
WRITING_COMMANDS = frozenset((0x03, 0x04, 0x06, 0x07, 0x10, 0x16))  # at the write power
EXTENDED_COMMANDS = frozenset((0x15, 0x16))  # that a UHFReader18 does not know
