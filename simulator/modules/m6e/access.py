"""The M6e's commands to one tag: read, write, lock, kill, and blocks of user memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.modules.m6e.frames import MAX_REPLY_DATA, Fields, Refused, Status
from simulator.modules.m6e.search import (
    LEGACY_OPTION,
    Embedded,
    Filter,
    Option,
    take_filter,
    take_metadata,
    take_option,
)
from simulator.modules.special_tags import MonzaQtTag
from simulator.modules.tag import EPC, TID, USER, Tag, TagFault, TagRefused, TagSilent, crc16

READ_ONE, WRITE_EPC, WRITE, LOCK, KILL, READ = 0x21, 0x23, 0x24, 0x25, 0x26, 0x28
WRITE_SPECIFIC, ERASE_SPECIFIC = 0x2D, 0x2E

WORD_S = 0.0035  # air time of a word written
ACCESS_S = 0.004  # request of a handle, Access with the password, the answer

# A captured module names a locked memory "write failed" like any other reason not to write.
_WRITE_FAULTS = {TagFault.OVERRUN: Status.GEN2 | TagFault.OVERRUN}
_ALL_BANKS = 0x3C  # flags over the bank number: reserved, EPC, TID, user too


@dataclass(frozen=True, slots=True)
class Access:
    """One command to one tag, already understood.

    `work` acts on the tag in its open or secured state and returns what the reply carries behind
    `head` and, where `metadata` is not None, its fields. `faults` name the tag's error codes.
    """

    opcode: int
    timeout_ms: int
    filter: Filter
    password: int
    work: Callable[[Tag, bool], bytes]
    takes_s: float = ACCESS_S
    head: bytes = b""
    metadata: int | None = None
    faults: Callable[[TagFault], int] = lambda fault: Status.GEN2 | fault
    silent: int = Status.TAG_ERROR

    @property
    def writes(self) -> bool:
        """Tell whether it changes the tag, for which modules have a power of its own."""
        return self.opcode not in (READ_ONE, READ)


def parse_access(opcode: int, data: bytes, *, metadata_needed: bool = False) -> Access:
    """Understand a command of `ACCESS_COMMANDS`; raises `Refused`."""
    access = ACCESS_COMMANDS[opcode](data)
    if opcode == READ and metadata_needed and access.metadata is None:
        raise Refused(Status.BAD_PARAMETER)
    return access


def parse_embedded(embedded: Embedded) -> Access:
    """Understand a command embedded in a search: its filter and password are the search's."""
    if embedded.opcode not in (WRITE_EPC, WRITE, LOCK, KILL, READ, WRITE_SPECIFIC, ERASE_SPECIFIC):
        raise Refused(Status.BAD_PARAMETER)
    return ACCESS_COMMANDS[embedded.opcode](embedded.data)


def run_access(access: Access, tag: Tag, password: int | None = None) -> bytes:
    """Carry out the access on the tag; return what `work` gives. Raises `Refused`."""
    try:
        secured = tag.secure(access.password if password is None else password)
        return access.work(tag, secured)
    except TagSilent:
        raise Refused(access.silent) from None
    except TagRefused as refusal:
        raise Refused(access.faults(refusal.fault)) from None


def _write_fault(fault: TagFault) -> int:
    return _WRITE_FAULTS.get(fault, Status.WRITE_FAILED)


def _read_one(data: bytes) -> Access:
    """21: which tag is there. The reply has the EPC and the tag's CRC, but not PC."""
    fields = Fields(data)
    timeout_ms = fields.number(2)
    option = take_option(fields) if fields.left else LEGACY_OPTION
    metadata = take_metadata(fields, option) if option.has_metadata else None
    _, found = _take_last_filter(fields, option)
    head = option.echo() if len(data) > 2 else b""
    if metadata is not None:
        head += metadata.to_bytes(2, "big")

    def work(tag: Tag, secured: bool) -> bytes:
        return tag.epc + crc16(tag.pc_epc()).to_bytes(2, "big")

    return Access(READ_ONE, timeout_ms, found, 0, work, 0.0, head, metadata)


def _take_last_filter(fields: Fields, option: Option) -> tuple[int, Filter]:
    """Take a filter that ends the command; some hosts leave out its password, where none is used.

    The length tells: first as the module's own hosts send it, else without password.
    """
    rest = fields.rest()
    for with_password in (True, False):
        attempt = Fields(rest)
        try:
            taken = take_filter(attempt, option, with_password=with_password)
            attempt.end()
        except Refused as refusal:
            if not with_password or refusal.status != Status.DATA_LENGTH:
                raise
        else:
            return taken
    raise Refused(Status.DATA_LENGTH)


def _read(data: bytes) -> Access:
    fields = Fields(data)
    timeout_ms = fields.number(2)
    if len(data) == 8:  # the older form has no option, and its reply the data alone
        bank, word, words = fields.number(1), fields.number(4), fields.number(1)
        return Access(READ, timeout_ms, Filter(), 0, _reading(bank, word, words, b""))
    option = take_option(fields)
    metadata = take_metadata(fields, option) if option.has_metadata else None
    bank, word, words = fields.number(1), fields.number(4), fields.number(1)
    password, found = _take_last_filter(fields, option)
    head = option.echo()
    if metadata is not None:
        head += metadata.to_bytes(2, "big")
    work = _reading(bank, word, words, head)
    return Access(READ, timeout_ms, found, password, work, ACCESS_S, head, metadata)


def _reading(bank: int, word: int, words: int, head: bytes) -> Callable[[Tag, bool], bytes]:
    if bank > 0x3F:
        raise Refused(Status.BAD_PARAMETER)

    def work(tag: Tag, secured: bool) -> bytes:
        data = read_banks(tag, bank, word, words, secured)
        if len(head) + len(data) > MAX_REPLY_DATA - 20:  # 20: the metadata fields at their longest
            raise Refused(0x040B)
        return data

    return work


def read_banks(tag: Tag, banks: int, word: int, words: int, secured: bool) -> bytes:
    """Read one bank, or those flagged too, each then with its number and length in words."""
    first = banks & 3
    if not banks & _ALL_BANKS:
        return tag.read(first, word, words, secured)
    flagged = [bank for bank in range(4) if banks & 0x04 << bank and bank != first]
    data = b""
    for bank in (first, *flagged):
        content = tag.read(bank, word, words, secured)
        data += bytes((bank << 4, len(content) // 2)) + content
    return data


def _write_epc(data: bytes) -> Access:
    fields = Fields(data)
    timeout_ms = fields.number(2)
    option = take_option(fields)
    password, found = take_filter(fields, option)
    if option.bits == 0 and not option.prefix:
        fields.number(1)  # reserved
    read_back = _take_read_back(fields, option)
    epc = fields.rest()
    if not 2 <= len(epc) <= 62 or len(epc) % 2:
        raise Refused(Status.DATA_LENGTH)

    def work(tag: Tag, secured: bool) -> bytes:
        word = len(epc) // 2 << 11 | tag.pc & 0x07FF & ~0x0400
        tag.write(EPC, 1, word.to_bytes(2, "big") + epc, secured)
        return read_back(tag, secured)

    return _write_access(WRITE_EPC, timeout_ms, found, password, work, len(epc) // 2 + 1, option)


def _write(data: bytes) -> Access:
    fields = Fields(data)
    timeout_ms = fields.number(2)
    option = take_option(fields)
    word, bank = fields.number(4), fields.number(1)
    password, found = take_filter(fields, option)
    read_back = _take_read_back(fields, option)
    content = fields.rest()
    if not content or len(content) % 2:
        raise Refused(Status.DATA_LENGTH)
    if bank > USER:
        raise Refused(Status.BAD_PARAMETER)

    def work(tag: Tag, secured: bool) -> bytes:
        if bank == TID:
            raise TagRefused(TagFault.LOCKED)
        tag.write(bank, word, content, secured)
        return read_back(tag, secured)

    return _write_access(WRITE, timeout_ms, found, password, work, len(content) // 2, option)


def _take_read_back(fields: Fields, option: Option) -> Callable[[Tag, bool], bytes]:
    """Take, from the end, what is to be read after the write."""
    if not option.reads_after_write:
        return lambda tag, secured: b""
    what = fields.take_last(6)
    bank, word, words = what[0], int.from_bytes(what[1:5], "big"), what[5]
    return lambda tag, secured: tag.read(bank & 3, word, words, secured)


def _write_access(
    opcode: int,
    timeout_ms: int,
    found: Filter,
    password: int,
    work: Callable[[Tag, bool], bytes],
    words: int,
    option: Option,
) -> Access:
    head = option.echo() if option.reads_after_write else b""
    takes_s = ACCESS_S + words * WORD_S
    return Access(opcode, timeout_ms, found, password, work, takes_s, head, faults=_write_fault)


def _lock(data: bytes) -> Access:
    fields = Fields(data)
    timeout_ms = fields.number(2)
    option = take_option(fields)
    password, mask, action = fields.number(4), fields.number(2), fields.number(2)
    _, found = take_filter(fields, option, with_password=False)
    fields.end()
    if mask > 0x3FF or action > 0x3FF or not mask:
        raise Refused(Status.BAD_PARAMETER)

    def work(tag: Tag, secured: bool) -> bytes:
        tag.lock(mask << 10 | action, secured)
        return b""

    return Access(LOCK, timeout_ms, found, password, work, ACCESS_S + WORD_S)


def _kill(data: bytes) -> Access:
    fields = Fields(data)
    timeout_ms = fields.number(2)
    option = take_option(fields)
    password = fields.number(4)
    fields.number(1)  # reserved
    _, found = take_filter(fields, option, with_password=False)
    fields.end()
    if password == 0:
        raise Refused(Status.KILL_PASSWORD)

    def work(tag: Tag, secured: bool) -> bytes:
        tag.kill(password)
        return b""

    return Access(
        KILL,
        timeout_ms,
        found,
        0,
        work,
        ACCESS_S + WORD_S,
        faults=lambda fault: Status.KILL_FAILED,
        silent=Status.KILL_FAILED,
    )


# Commands that Gen2 leaves to the chip, and blocks


def _take_specific(data: bytes, sub_size: int) -> tuple[Fields, int, int, Option, int]:
    """Take time-out, chip, option and subcommand."""
    fields = Fields(data)
    timeout_ms, chip = fields.number(2), fields.number(1)
    option = take_option(fields)
    return fields, timeout_ms, chip, option, fields.number(sub_size)


def _write_specific(data: bytes) -> Access:
    fields, timeout_ms, chip, option, sub = _take_specific(data, 2)
    head = bytes((chip,)) + option.echo() + sub.to_bytes(2, "big")
    password, found = take_filter(fields, option)
    if (chip, sub) != (0x00, 0xC7):
        return Access(WRITE_SPECIFIC, timeout_ms, found, password, _unknown_to_tag, ACCESS_S, head)
    fields.number(1)  # reserved
    bank, word, words = fields.number(1), fields.number(4), fields.number(1)
    content = fields.rest()
    if len(content) != 2 * words or not content:
        raise Refused(Status.DATA_LENGTH)

    def work(tag: Tag, secured: bool) -> bytes:
        tag.write(bank & 3, word, content, secured)
        return b""

    takes_s = ACCESS_S + WORD_S
    return Access(
        WRITE_SPECIFIC, timeout_ms, found, password, work, takes_s, head, faults=_write_fault
    )


def _erase_specific(data: bytes) -> Access:
    fields, timeout_ms, chip, option, sub = _take_specific(data, 1)
    password, found = take_filter(fields, option)
    head, work = b"", _unknown_to_tag
    if chip == 0 and sub == 0:
        word, bank, words = fields.number(4), fields.number(1), fields.number(1)
        fields.end()

        def work(tag: Tag, secured: bool) -> bytes:
            tag.write(bank & 3, word, bytes(2 * words), secured)
            return b""
    elif chip == 0 and sub == 1:
        fields.number(1)  # reserved
        locks, bank = fields.number(1), fields.number(1)
        first, words = fields.number(4), fields.number(1)
        mask = fields.take(2 * words if locks else 0)
        fields.end()
        if bank != USER or locks > 1:
            raise Refused(Status.BAD_PARAMETER)
        head = b"" if locks else option.echo() + bytes((sub,))

        def work(tag: Tag, secured: bool) -> bytes:
            if isinstance(tag, MonzaQtTag):
                if not locks:
                    return tag.block_locks(first, words)
                tag.lock_blocks(first, mask, secured)
                return b""
            if locks:
                raise TagSilent("the tag has no blocks to lock")
            return bytes(2 * words)

    takes_s = ACCESS_S + WORD_S
    return Access(
        ERASE_SPECIFIC, timeout_ms, found, password, work, takes_s, head, faults=_write_fault
    )


def _unknown_to_tag(tag: Tag, secured: bool) -> bytes:
    raise TagSilent("the tag does not know the command")


ACCESS_COMMANDS: dict[int, Callable[[bytes], Access]] = {
    READ_ONE: _read_one,
    WRITE_EPC: _write_epc,
    WRITE: _write,
    LOCK: _lock,
    KILL: _kill,
    READ: _read,
    WRITE_SPECIFIC: _write_specific,
    ERASE_SPECIFIC: _erase_specific,
}
