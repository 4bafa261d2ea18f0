"""A UHFReader's inventory commands as they are understood, and the lists that answer them.

01 inventory, 0F a single tag, 18 into the reader's memory, 19 with a read of each tag, 1A by EPC,
1B of QT tags. Q, session, mask, TID part and antenna may be left out in many ways; only their
lengths tell which are there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from simulator.modules.inventory import Query
from simulator.modules.select import Select
from simulator.modules.tag import EPC, SL, TID, Tag, TagRefused, TagSilent
from simulator.modules.uhfreader18.frames import Reply, Status, demand
from simulator.modules.uhfreader18.settings import Settings

INVENTORY, SINGLE, BUFFER, MIXED, BY_EPC, QT = 0x01, 0x0F, 0x18, 0x19, 0x1A, 0x1B
INVENTORIES = frozenset((INVENTORY, SINGLE, BUFFER, MIXED, BY_EPC, QT))
INVENTORIES_18 = frozenset((INVENTORY, SINGLE))

DEFAULT_Q = 4
SMART = 0xFF  # session: the reader chooses; it begins in S0
EPC_STARTS_AT = 0x20  # bit of the EPC bank, behind CRC and PC
LONGEST_READ = 120  # words
FAST_ID_WORDS = 6
# LEN of a frame of a list: the manuals ask for less than 256; programs take up to 250.
LONGEST_LIST = 240


@dataclass(frozen=True, slots=True)
class ReadPart:
    """A read of each tag found: bank, first word, words, access password."""

    bank: int
    word: int
    words: int
    password: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """What an inventory command asks for.

    `newer` is the form of its answer: antenna, and RSSI behind each EPC. `tid` are first word and
    number of words of the TID to list instead of EPCs. `scan_s` None knows no limit.
    """

    command: int
    query: Query
    selects: tuple[Select, ...]
    ports: tuple[int, ...]
    scan_s: float | None
    newer: bool
    tid: tuple[int, int] | None = None
    fast_id: bool = False
    statistics: bool = False
    read: ReadPart | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One tag found, as its list says it: `data` its EPC (or TID), `more` a TID by FastID or the
    words read from it."""

    port: int
    data: bytes
    rssi: int
    more: bytes = b""


def parse_inventory(settings: Settings, command: int, data: bytes) -> Inventory:
    """Understand a command of `INVENTORIES`; raises `CommandError`."""
    model = settings.model
    if model.strict_18:
        demand(command in INVENTORIES_18, Status.ILLEGAL)
        demand(len(data) == 0 or (command == INVENTORY and len(data) == 2), Status.LENGTH)
        return _plain(settings, command, _tid(data) if data else None)
    if command == SINGLE:
        demand(not data, Status.LENGTH)
        return _plain(settings, command, None)
    if command == BY_EPC:
        return _by_epc(settings, data)
    if not data and command in (INVENTORY, BUFFER):
        demand(not model.needs_query)
        return _plain(settings, command, None)
    demand(len(data) >= 2, Status.LENGTH)
    return _with_query(settings, command, data)


def realtime_inventory(settings: Settings, port: int) -> Inventory:
    """Return one turn of real-time mode on a port, as command 75 set it."""
    params = settings.realtime
    session = 0 if params[4] == SMART else params[4]
    mask = _mask(params[5], params[6:8], params[8], params[9:41])
    tid = _tid(params[41:43]) if params[42] else None
    return Inventory(
        0xEE,
        Query(session, False, 3 if mask else 0, params[3] & 0x0F),
        mask,
        (port,),
        settings.scan_time / 10 or None,
        newer=True,
        tid=tid,
    )


def listed(plan: Inventory, tag: Tag, port: int, rssi: int) -> Seen:
    """Return the tag as the plan's list shows it."""
    if plan.tid is not None:
        return Seen(port, _words(tag, *plan.tid), rssi)
    more = b""
    if plan.read is not None:
        more = _read(tag, plan.read)
    elif plan.fast_id:
        more = _words(tag, 0, FAST_ID_WORDS)
    return Seen(port, tag.epc, rssi, more)


def list_frames(
    address: int, plan: Inventory, seen: Sequence[Seen], status: Status
) -> Iterator[Reply]:
    """Give the list in frames of one antenna each; all but the last say that more follow."""
    if not plan.newer and not seen:
        failed = status == Status.ANTENNA
        yield Reply(address, plan.command, status if failed else Status.NO_TAG)
        return
    batches = list(_batches(plan, seen)) or [(plan.ports[-1], [])]
    for place, (port, entries) in enumerate(batches):
        state = status if place == len(batches) - 1 else Status.MORE
        yield Reply(address, plan.command, state, _list_data(plan, port, entries))


def tag_frame(address: int, plan: Inventory, seen: Seen, serial: int = 0) -> Reply:
    """Return the frame that lists one tag (of a mixed inventory: its packets) and no more."""
    entries = list(_entries(plan, seen, serial))
    return Reply(address, plan.command, Status.MORE, _list_data(plan, seen.port, entries))


def statistics_frame(address: int, plan: Inventory, port: int, reads: int, seconds: float) -> Reply:
    """Return reads a second and the number of reads of the inventory that has ended."""
    rate = min(0xFFFF, round(reads / seconds)) if seconds > 0 else 0
    data = bytes((1 << port - 1,)) + rate.to_bytes(2, "big") + reads.to_bytes(4, "big")
    return Reply(address, plan.command, Status.STATISTICS, data)


def select_epc(epc: bytes, first_byte: int = 0) -> Select:
    """Return the select of the tags whose EPC has these bytes there."""
    return _select(EPC, EPC_STARTS_AT + 8 * first_byte, len(epc) * 8, epc)


def select_mask(bank: int, pointer: bytes, bits: int, data: bytes) -> Select | None:
    """Return the select of a command's mask, None for one of no bits; raises `CommandError`."""
    if bits == 0:
        return None
    demand(1 <= bank <= 3)
    demand(len(data) == (bits + 7) // 8, Status.LENGTH)
    return _select(bank, int.from_bytes(pointer, "big"), bits, data)


# Private


def _plain(settings: Settings, command: int, tid: tuple[int, int] | None) -> Inventory:
    return Inventory(
        command,
        Query(0, False, 0, DEFAULT_Q),
        (),
        settings.ports,
        settings.scan_time / 10 or None,
        newer=settings.model.newer,
        tid=tid,
    )


def _with_query(settings: Settings, command: int, data: bytes) -> Inventory:
    """Understand Q, session, and what follows them: mask, TID or read part, antenna."""
    q, session, rest = data[0], data[1], data[2:]
    demand(q & 0x1F <= 15 and (session <= 3 or session == SMART))
    middle = 8 if command == MIXED else 2
    allowed = (8, 11) if command == MIXED else (0, 2, 3, 5)
    mask: tuple[Select, ...] = ()
    mask_size = 4 + (rest[3] + 7) // 8 if len(rest) >= 4 else 0
    if mask_size and len(rest) - mask_size in allowed:
        mask = _mask(rest[0], rest[1:3], rest[3], rest[4:mask_size])
        rest = rest[mask_size:]
    demand(len(rest) in allowed, Status.LENGTH)
    read, tid = None, None
    if command == MIXED:
        read = _read_part(rest)
    elif len(rest) in (2, 5):
        tid = _tid(rest)
    target_b, ports, scan_s = False, settings.ports, settings.scan_time / 10 or None
    if len(rest) >= 3 and len(rest) != middle:
        target, antenna, scan = rest[-3:]
        demand(target <= 1 and 0x80 <= antenna < 0x80 + settings.model.ports)
        target_b, ports, scan_s = target == 1, (antenna - 0x7F,), scan / 10 or None
    return Inventory(
        command,
        Query(0 if session == SMART else session, target_b, 3 if mask else 0, q & 0x0F),
        mask,
        ports,
        scan_s,
        newer=True,
        tid=tid,
        fast_id=bool(q & 0x20),
        statistics=bool(q & 0x80),
        read=read,
    )


def _by_epc(settings: Settings, data: bytes) -> Inventory:
    demand(len(data) >= 5, Status.LENGTH)
    kind, bits = data[0], int.from_bytes(data[1:3], "big")
    offset, epc = int.from_bytes(data[3:5], "big"), data[5:]
    demand(kind <= 1 and bits >= 1 and bits + offset <= 496)
    demand(len(epc) == (bits + 7) // 8, Status.LENGTH)
    # Kind 1 wants all other tags: matching ones are deselected, the others selected.
    select = _select(EPC, EPC_STARTS_AT + offset, bits, epc, action=4 if kind else 0)
    scan_s = settings.scan_time / 10 or None
    query = Query(0, False, 3, DEFAULT_Q)
    return Inventory(BY_EPC, query, (select,), settings.ports, scan_s, newer=True)


def _mask(bank: int, pointer: bytes, bits: int, data: bytes) -> tuple[Select, ...]:
    select = select_mask(bank, pointer, bits, data[: (bits + 7) // 8])
    return () if select is None else (select,)


def _select(bank: int, pointer: int, bits: int, data: bytes, action: int = 0) -> Select:
    """Return a select of the SL flag, so that the inventoried flags stay as they are."""
    value = int.from_bytes(data, "big") >> len(data) * 8 - bits
    return Select(SL, action, bank, pointer, bits, value)


def _tid(data: bytes) -> tuple[int, int]:
    demand(0 < data[1] < 16)
    return data[0], data[1]


def _read_part(rest: bytes) -> ReadPart:
    demand(rest[0] <= 3 and 1 <= rest[3] <= LONGEST_READ)
    word = int.from_bytes(rest[1:3], "big")
    return ReadPart(rest[0], word, rest[3], int.from_bytes(rest[4:8], "big"))


def _read(tag: Tag, part: ReadPart) -> bytes:
    """Return what the tag gives of its memory, nothing where it refuses."""
    try:
        return tag.read(part.bank, part.word, part.words, tag.secure(part.password))
    except (TagRefused, TagSilent):
        return b""


def _words(tag: Tag, word: int, words: int) -> bytes:
    """Return words of the TID, fewer where the tag has fewer.

    Every emulated tag gives its TID by FastID, whoever made it, so that programs can be tried.
    """
    try:
        return tag.read(TID, word, 0, secured=False)[: words * 2]
    except TagRefused:
        return b""


def _batches(plan: Inventory, seen: Iterable[Seen]) -> Iterator[tuple[int, list[bytes]]]:
    """Give antenna and entries of each frame, no frame longer than `LONGEST_LIST`."""
    port, entries, size, serial = 0, list[bytes](), 0, 0
    for one in seen:
        for entry in _entries(plan, one, serial):
            serial += 1
            if entries and (one.port != port or size + len(entry) > LONGEST_LIST - 7):
                yield port, entries
                entries, size = [], 0
            port = one.port
            entries.append(entry)
            size += len(entry)
    if entries:
        yield port, entries


def _entries(plan: Inventory, seen: Seen, serial: int) -> Iterator[bytes]:
    """Give the tag's entry of the list: one, or two packets where its memory was read as well."""
    if plan.read is not None:
        rssi = bytes((seen.rssi,))
        yield bytes((serial & 0x7F, len(seen.data))) + seen.data + rssi
        if seen.more:
            yield bytes((0x80 | serial + 1 & 0x7F, len(seen.more))) + seen.more + rssi
        return
    content = seen.data + seen.more
    length = len(content) | (0x80 if seen.more else 0)
    tail = bytes((seen.rssi,)) if plan.newer else b""
    yield bytes((length,)) + content + tail


def _list_data(plan: Inventory, port: int, entries: Sequence[bytes]) -> bytes:
    head = bytes((1 << port - 1 & 0xFF,)) if plan.newer else b""
    return head + bytes((len(entries),)) + b"".join(entries)
