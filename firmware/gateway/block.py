"""Blocks of batches as they stand on flash: records with a check each, one EPC table a block.

    header   "RCB1", boot 8 bytes, first seq u32, reads before it u32, zero of Unix time u48, CRC
    record   length u16, CRC of the body, body:
             seq above the header's u16, reads before it above the header's u16,
             t - up above the header's zero i32 (the least: t is null), sync u24 (the most: null),
             place of its first new EPC u8,
             the packed batch up to its EPCs (packed.py), the number of new EPCs for that of all,
             the new EPCs: bytes shared with the one before, length of the rest, rest,
             the packed reads, their places those of the block's table

A record names the place of its first new EPC, so that one that is damaged costs itself and what
refers to its EPCs, no more. `reads before` counts a boot's reads in all earlier batches: two
records tell how many reads stood between them. CRC-32 and all numbers little endian.
"""

import binascii
import struct

from gateway.packed import epcs_of, lost_of, prefix_end, renumber, up_of

BLOCK_BYTES = 4096  # what flash erases at once: a file of a byte more would take two
_MOST_BATCHES = 48  # bounds what a block of empty batches costs in RAM once it is fetched
_MOST_EPCS = 96  # of the table that is held while a block is filled: 6 KB

_MAGIC = b"RCB1"
_HEADER = "<4s8sIIIHI"
_FRAME = "<HI"
_FIXED = "<HHiHBB"
_HEADER_BYTES = struct.calcsize(_HEADER)
_FRAME_BYTES = struct.calcsize(_FRAME)
_FIXED_BYTES = struct.calcsize(_FIXED)
_LEAST_BODY = _FIXED_BYTES + 10
_EPC_COUNT = 6  # where a packed batch says how many EPCs it has
_NO_T = -0x80000000
_NO_SYNC = 0xFFFFFF


class Stored:
    """A batch in a block. `packed` is None where the caller did not ask for it."""

    def __init__(self, seq, before, reads, t, sync, packed, lost):
        self.seq = seq
        self.before = before  # reads of its boot in earlier batches
        self.reads = reads
        self.t = t
        self.sync = sync
        self.packed = packed
        self.lost = lost  # ranges it tells


class BlockWriter:
    """Makes a block's bytes record by record; keeps only its table."""

    def __init__(self, boot):
        self.boot = boot
        self.size = 0
        self.count = 0
        self._first = self._before = self._zero = 0
        self._places = {}

    def add(self, buf, at, seq, before, t, sync, packed):
        """Write a batch into `buf` at `at`, with the block's header if it is the first.

        Returns where it ends, or 0 where the block cannot take it: it needs a new one.
        """
        start = at
        zero = 0 if t is None else t - up_of(packed)
        if not self.count:
            self._first, self._before, self._zero = seq, before, zero
            at = self._header(buf, at)
        shift = _NO_T if t is None else zero - self._zero
        far = max(seq - self._first, before - self._before) > 0xFFFF
        if self.count >= _MOST_BATCHES or far or (t is not None and abs(shift) > 0x7FFFFFFF):
            return 0
        prefix, epcs, reads = epcs_of(packed)
        new = [epc for epc in epcs if epc not in self._places]
        table_at = len(self._places)
        body = at + _FRAME_BYTES
        table = _table(new)
        end = body + _FIXED_BYTES + prefix + len(table) + len(packed) - reads
        if self.size + end - start > BLOCK_BYTES or end > len(buf):
            return 0
        if self.count and table_at + len(new) > _MOST_EPCS:
            return 0
        for epc in new:
            self._places[epc] = len(self._places)
        sync = _NO_SYNC if sync is None else min(sync, _NO_SYNC - 1)
        struct.pack_into(
            _FIXED,
            buf,
            body,
            seq - self._first,
            before - self._before,
            shift,
            sync & 0xFFFF,
            sync >> 16,
            table_at,
        )
        at = body + _FIXED_BYTES
        buf[at : at + prefix] = packed[:prefix]
        buf[at + _EPC_COUNT] = len(new)
        at += prefix
        buf[at : at + len(table)] = table
        at += len(table)
        buf[at:end] = packed[reads:]
        renumber(buf, at, end, [self._places[epc] for epc in epcs])
        check = binascii.crc32(memoryview(buf)[body:end]) & 0xFFFFFFFF
        struct.pack_into(_FRAME, buf, body - _FRAME_BYTES, end - body, check)
        self.size += end - start
        self.count += 1
        return end

    def _header(self, buf, at):
        struct.pack_into(
            _HEADER,
            buf,
            at,
            _MAGIC,
            bytes.fromhex(self.boot),
            self._first,
            self._before,
            self._zero & 0xFFFFFFFF,
            self._zero >> 32,
            0,
        )
        end = at + _HEADER_BYTES
        check = binascii.crc32(memoryview(buf)[at : end - 4]) & 0xFFFFFFFF
        struct.pack_into("<I", buf, end - 4, check)
        return end


def batches_of(buf, size, after=-1):
    """Each batch of the block in `buf[:size]`, in order, as `Stored`; None where one is damaged.

    Above seq `after` with its packed bytes, the others without.
    """
    head = _read_header(buf, size)
    if head is None:
        yield None
        return
    first, before, zero = head
    table = {}
    at = _HEADER_BYTES
    while at < size:
        end = _record_end(buf, at, size)
        if not end:
            yield None
            while at < size and not end:
                at += 1
                end = _record_end(buf, at, size)
            if not end:
                return
        yield _read_record(buf, at + _FRAME_BYTES, end, first, before, zero, table, after)
        at = end


def _read_header(buf, size):
    """(first seq, reads before, zero), or None where it is damaged."""
    if size < _HEADER_BYTES:
        return None
    magic, _, first, before, zero, zero_high, check = struct.unpack_from(_HEADER, buf)
    view = memoryview(buf)
    if magic != _MAGIC or binascii.crc32(view[: _HEADER_BYTES - 4]) & 0xFFFFFFFF != check:
        return None
    return first, before, zero | zero_high << 32


def _record_end(buf, at, size):
    """Where the record at `at` ends, or 0 where none stands there."""
    body = at + _FRAME_BYTES
    if body + _LEAST_BODY > size:
        return 0
    length, check = struct.unpack_from(_FRAME, buf, at)
    end = body + length
    if length < _LEAST_BODY or end > size:
        return 0
    found = binascii.crc32(memoryview(buf)[body:end]) & 0xFFFFFFFF
    return end if found == check else 0


def _read_record(buf, at, end, first, before, zero, table, after):
    """A record whose check holds; None where it refers to an EPC of one that was damaged."""
    fields = struct.unpack_from(_FIXED, buf, at)
    seq, reads_before, shift, sync, sync_high, place = fields
    start = at + _FIXED_BYTES
    prefix = prefix_end(buf, start)
    at = prefix
    epc = b""
    for _ in range(buf[start + _EPC_COUNT]):
        shared, rest = buf[at], buf[at + 1]
        epc = epc[:shared] + bytes(buf[at + 2 : at + 2 + rest])
        at += 2 + rest
        table[place] = epc
        place += 1
    seq += first
    sync |= sync_high << 16
    packed = None
    tells = buf[start + 9]
    if seq > after or tells:
        packed = _packed(buf, start, prefix, at, end, table)
        if packed is None:
            return None
    count = buf[start + 7]
    t = None if shift == _NO_T else shift + zero + up_of(memoryview(buf)[start : start + 6])
    sync = None if sync == _NO_SYNC else sync
    lost = lost_of(packed) if tells else []
    return Stored(seq, before + reads_before, count, t, sync, packed if seq > after else None, lost)


def _packed(buf, start, prefix, reads, end, table):
    """The batch as `pack` made it, with its own EPCs; None where the table lacks one."""
    part = bytearray(buf[reads:end])
    local = _Local(table)
    try:
        renumber(part, 0, len(part), local)
    except KeyError:
        return None
    head = bytearray(buf[start:prefix])
    head[_EPC_COUNT] = len(local.epcs)
    parts = [bytes(head)]
    for epc in local.epcs:
        parts.append(bytes([len(epc)]))
        parts.append(epc)
    parts.append(bytes(part))
    return b"".join(parts)


class _Local:
    """Places of the block's table to places of one batch, numbered as they first appear."""

    def __init__(self, table):
        self.epcs = []
        self._table = table
        self._places = {}

    def __getitem__(self, place):
        if place not in self._places:
            self.epcs.append(self._table[place])
            self._places[place] = len(self._places)
        return self._places[place]


def _table(epcs):
    """New EPCs for the table: what each shares with the one before stands once."""
    parts = []
    before = b""
    for epc in epcs:
        shared = 0
        while shared < len(epc) and shared < len(before) and epc[shared] == before[shared]:
            shared += 1
        parts.append(bytes([shared, len(epc) - shared]) + epc[shared:])
        before = epc
    return b"".join(parts)
