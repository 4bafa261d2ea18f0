"""What a host asks the M6e to look for: the parameters of 22 and 21, and the filters of all."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.modules.m6e.frames import Fields, Refused, Status
from simulator.modules.m6e.stats import flags_of_word
from simulator.modules.select import Select
from simulator.modules.tag import EPC, SL, TID, USER

# Option byte
FILTER, INVERT, METADATA, LONG_MASK = 0x07, 0x08, 0x10, 0x20
_EPC_MASK, _TID_MASK, _USER_MASK, _ADDRESSED_EPC, _PASSWORD_ONLY, _EPC_LENGTH = 1, 2, 3, 4, 5, 6
# Bytes with the top bit before the option: battery-assisted tags, a read after each write, several
# filters with Gen2's own target and action.
READ_AFTER_WRITE, SEVERAL_FILTERS = 0x04, 0x08
# Search flags
EMBEDDED, STREAMING, WIDE_COUNT, STATUS, RETURN_ON_N = 0x0004, 0x0008, 0x0010, 0x0020, 0x0040
STATS, DUTY_CYCLE = 0x0100, 0x0400
KNOWN_METADATA = 0x0FFF
ALL_TAGS, SELECTED = 0, 3  # the Query's Sel field
_EPC_AT, _PC_AT, _LENGTH_BITS = 0x20, 0x10, 5


@dataclass(frozen=True, slots=True)
class Filter:
    """The Selects sent before a round, and which tags its Query then addresses (`sel`)."""

    selects: tuple[Select, ...] = ()
    sel: int = ALL_TAGS


EVERY_TAG = Filter()


@dataclass(frozen=True, slots=True)
class Option:
    """An option byte and the byte with the top bit before it (0: none)."""

    prefix: int
    bits: int

    @property
    def several(self) -> bool:
        """Tell whether several filters follow, each with target and action."""
        return bool(self.prefix & SEVERAL_FILTERS)

    @property
    def reads_after_write(self) -> bool:
        """Tell whether what was written is to be read back."""
        return bool(self.prefix & READ_AFTER_WRITE)

    @property
    def has_metadata(self) -> bool:
        """Tell whether a word of metadata flags follows."""
        return bool(self.bits & METADATA)

    def echo(self, *, without: int = 0) -> bytes:
        """Return the bytes that a reply repeats."""
        head = bytes((self.prefix,)) if self.prefix else b""
        return head + bytes((self.bits & ~without,))


@dataclass(frozen=True, slots=True)
class Embedded:
    """A command to carry out on each tag a search finds."""

    opcode: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Search:
    """One search, as 22 asks for it. `stats` are the statistics to stream, 0 none; `content` are
    those of the older status stream; `stop_after` that many tags it ends (0: only by time)."""

    option: Option
    flags: int
    timeout_ms: int
    off_ms: int = 0
    metadata: int = 0
    stop_after: int = 0
    stats: int = 0
    content: int = 0
    password: int = 0
    filter: Filter = EVERY_TAG
    embedded: Embedded | None = None
    timeout_only: bool = False


LEGACY_OPTION = Option(0, 0)


def parse_search(data: bytes) -> Search:
    """Understand the data of 22; the shortest form is a time-out alone."""
    fields = Fields(data)
    if len(data) == 2:
        return Search(LEGACY_OPTION, 0, fields.number(2), timeout_only=True)
    option = take_option(fields)
    flags = fields.number(2)
    timeout_ms = fields.number(2)
    off_ms = fields.number(2) if flags & DUTY_CYCLE else 0
    metadata = take_metadata(fields, option)
    stop_after = fields.number(4) if flags & RETURN_ON_N else 0
    word = fields.number(2) if flags & (STATS | STATUS) else 0
    password, found = take_filter(fields, option)
    embedded = take_embedded(fields) if flags & EMBEDDED else None
    fields.end()
    return Search(
        option,
        flags,
        timeout_ms,
        off_ms,
        metadata,
        stop_after,
        flags_of_word(word) if flags & STATS else 0,
        word if flags & STATUS and not flags & STATS else 0,
        password,
        found,
        embedded,
    )


def take_option(fields: Fields) -> Option:
    """Take the option byte with the one that may stand before it."""
    prefix = fields.number(1) if fields.peek() & 0x80 and fields.left else 0
    option = Option(prefix, fields.number(1))
    if option.bits & FILTER > _EPC_LENGTH or option.bits & 0x80:
        raise Refused(Status.BAD_PARAMETER)
    return option


def take_metadata(fields: Fields, option: Option) -> int:
    """Take the metadata flags, if the option says that they follow."""
    flags = fields.number(2) if option.has_metadata else 0
    if flags & ~KNOWN_METADATA:
        raise Refused(Status.BAD_PARAMETER)
    return flags


def take_filter(
    fields: Fields, option: Option, *, with_password: bool = True
) -> tuple[int, Filter]:
    """Take the access password, where the command has one here, and the filter."""
    kind = option.bits & FILTER
    if kind == 0:
        return 0, EVERY_TAG
    password = fields.number(4) if with_password and kind != _EPC_LENGTH else 0
    select = _take_select(fields, option.bits)
    if not option.several:
        return password, Filter((select,), SELECTED) if select else EVERY_TAG
    selects = []
    while True:
        target, action = fields.number(1), fields.number(1)
        if target > SL or action > 7:
            raise Refused(Status.BAD_PARAMETER)
        if select:
            selects.append(
                Select(
                    target, action, select.bank, select.pointer_bits, select.mask_bits, select.mask
                )
            )
        bits = fields.number(1)
        if bits == 0:
            break
        select = _take_select(fields, bits)
    on_flag = any(each.target == SL for each in selects)
    return password, Filter(tuple(selects), SELECTED if on_flag else ALL_TAGS)


def take_embedded(fields: Fields) -> Embedded:
    """Take the one embedded command a search may have."""
    count, size = fields.number(1), fields.number(1)
    if count != 1:
        raise Refused(Status.BAD_PARAMETER)
    return Embedded(fields.number(1), fields.take(size))


def _take_select(fields: Fields, bits: int) -> Select | None:
    kind = bits & FILTER
    # Matching tags get the SL flag and others lose it; inverted the other way round.
    action = 4 if bits & INVERT else 0
    if kind == _PASSWORD_ONLY:
        return None
    if kind == _EPC_LENGTH:
        words = fields.number(2) // 16
        return Select(SL, action, EPC, _PC_AT, _LENGTH_BITS, words & 0x1F)
    pointer = _EPC_AT if kind == _EPC_MASK else fields.number(4)
    length = fields.number(2 if bits & LONG_MASK else 1)
    size = (length + 7) // 8
    mask = int.from_bytes(fields.take(size), "big") >> (size * 8 - length)
    bank = {_TID_MASK: TID, _USER_MASK: USER}.get(kind, EPC)
    return Select(SL, action, bank, pointer, length, mask)
