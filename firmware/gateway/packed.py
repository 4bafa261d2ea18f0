"""A closed batch as one bytes object: small enough to hold hours of them in RAM.

    header   up (u48), number of EPCs, reads, looks, lost ranges (u8 each)
    looks    antenna u8, rounds u16, on air ms u16
    lost     boot 8 bytes, first u32, last u32, reads u32
    EPCs     length u8, bytes: each EPC of the batch once
    reads    12 bytes: EPC's place u8, antenna u8, RSSI i16 in tenths, dt, n, span, peak u16
             14 bytes where one does not fit (antenna's high bit set): dt and span as u24

Beyond that, values saturate: a `peak` or a look's figure above 65,535, a `span` above 4.6 hours.
`n` is never cut: `split_n` makes several reads of it. All little endian.
"""

import struct

MAX_DT_MS = 0xFFFFFF
MAX_N = 0xFFFF

_HEADER = "<IHBBBB"
_LOOK = "<BHH"
_LOST = "<8sIII"
_SHORT = "<BBhHHHH"
_LONG = "<BBhHBHHBH"  # u24 as low u16, high u8
_SHORT_BYTES, _LONG_BYTES = struct.calcsize(_SHORT), struct.calcsize(_LONG)
_LONG_FLAG = 0x80
_NO_RSSI = -32768


def pack(up, looks, reads, lost):
    """Pack a batch.

    `looks` maps antenna to (rounds, on_air_ms); `reads` are tuples (epc bytes, antenna 0..127,
    rssi_tenths or None, dt 0..MAX_DT_MS, n 0..MAX_N, span, peak); `lost` are tuples (boot hex,
    first, last, reads). At most 255 of each.
    """
    places = {}
    epcs = []
    for read in reads:
        if read[0] not in places:
            places[read[0]] = len(epcs)
            epcs.append(read[0])
    parts = [
        struct.pack(
            _HEADER,
            up & 0xFFFFFFFF,
            up >> 32,
            len(epcs),
            len(reads),
            len(looks),
            len(lost),
        )
    ]
    for antenna in sorted(looks):
        rounds, on_air_ms = looks[antenna]
        parts.append(struct.pack(_LOOK, antenna, min(rounds, 0xFFFF), min(on_air_ms, 0xFFFF)))
    for boot, first, last, count in lost:
        parts.append(struct.pack(_LOST, bytes.fromhex(boot), first, last, count))
    for epc in epcs:
        parts.append(bytes([len(epc)]) + epc)
    for read in reads:
        parts.append(_pack_read(places[read[0]], read))
    return b"".join(parts)


def unpack(packed):
    """The other way: (up, looks, reads, lost), as `pack` took them."""
    low, high, epc_count, read_count, look_count, lost_count = struct.unpack_from(_HEADER, packed)
    at = struct.calcsize(_HEADER)
    looks = {}
    for _ in range(look_count):
        antenna, rounds, on_air_ms = struct.unpack_from(_LOOK, packed, at)
        looks[antenna] = (rounds, on_air_ms)
        at += struct.calcsize(_LOOK)
    lost = []
    for _ in range(lost_count):
        boot, first, last, count = struct.unpack_from(_LOST, packed, at)
        lost.append((_hex(boot), first, last, count))
        at += struct.calcsize(_LOST)
    epcs = []
    for _ in range(epc_count):
        length = packed[at]
        epcs.append(packed[at + 1 : at + 1 + length])
        at += 1 + length
    reads = []
    for _ in range(read_count):
        if packed[at + 1] & _LONG_FLAG:
            fields = struct.unpack_from(_LONG, packed, at)
            place, antenna, rssi, dt, dt_high, n, span, span_high, peak = fields
            dt |= dt_high << 16
            span |= span_high << 16
            at += struct.calcsize(_LONG)
        else:
            place, antenna, rssi, dt, n, span, peak = struct.unpack_from(_SHORT, packed, at)
            at += struct.calcsize(_SHORT)
        rssi = None if rssi == _NO_RSSI else rssi
        reads.append((epcs[place], antenna & ~_LONG_FLAG, rssi, dt, n, span, peak))
    return low | high << 32, looks, reads, lost


def up_of(packed):
    """The zero of a packed batch, in ms since boot."""
    low, high = struct.unpack_from("<IH", packed)
    return low | high << 32


def read_count(packed):
    """How many reads a packed batch holds."""
    return packed[7]


def lost_of(packed):
    """The lost ranges that a packed batch tells, as `pack` took them."""
    return unpack(packed)[3] if packed[9] else []


def epcs_of(packed):
    """(where the EPCs begin, the EPCs, where the reads begin) in a packed batch."""
    at = start = prefix_end(packed, 0)
    epcs = []
    for _ in range(packed[6]):
        length = packed[at]
        epcs.append(packed[at + 1 : at + 1 + length])
        at += 1 + length
    return start, epcs, at


def prefix_end(buf, start):
    """Where header, looks and lost ranges of the packed batch at `start` end: at its EPCs."""
    header = struct.calcsize(_HEADER)
    looks = buf[start + 8] * struct.calcsize(_LOOK)
    return start + header + looks + buf[start + 9] * struct.calcsize(_LOST)


def renumber(buf, start, end, places):
    """Put `places[old]` for each EPC's place in the packed reads of `buf[start:end]`."""
    while start < end:
        buf[start] = places[buf[start]]
        long = buf[start + 1] & _LONG_FLAG
        start += _LONG_BYTES if long else _SHORT_BYTES


def split_n(n):
    """`n` as a list of counts that each fit a packed read, with the same sum."""
    parts = []
    while n > MAX_N:
        parts.append(MAX_N)
        n -= MAX_N
    parts.append(n)
    return parts


def _pack_read(place, read):
    _, antenna, rssi, dt, n, span, peak = read
    if rssi is None:
        rssi = _NO_RSSI
    peak = min(peak, 0xFFFF)
    if dt <= 0xFFFF and span <= 0xFFFF:
        return struct.pack(_SHORT, place, antenna, rssi, dt, n, span, peak)
    span = min(span, 0xFFFFFF)
    return struct.pack(
        _LONG,
        place,
        antenna | _LONG_FLAG,
        rssi,
        dt & 0xFFFF,
        dt >> 16,
        n,
        span & 0xFFFF,
        span >> 16,
        peak,
    )


def _hex(data):
    return "".join("{:02x}".format(byte) for byte in data)
