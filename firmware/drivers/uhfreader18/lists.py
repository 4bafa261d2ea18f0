"""The tag lists in inventory replies of the UHFReader18 family; nothing here allocates.

UHFReader18: count, then of each tag length and EPC. The later models: antenna bit, count, then
length, EPC, RSSI; bit 7 of a length (FastID) says that a TID stands behind the EPC and counts in
it. RSSI is dBm + 130, as public clients of the 288M take it; the manuals give no scale.
"""

_FAST_ID, _TID_BYTES = 0x80, 12
_RSSI_ZERO = 130


def is_whole(buf, start, length, is_18):
    """Whether the list fills its frame's data exactly, so that each record is where it seems."""
    if not length:
        return True
    end = start + length
    behind = 0 if is_18 else 1  # bytes of a record that its length does not count
    at = start + behind
    if at >= end:
        return False
    count = buf[at]
    at += 1
    for _ in range(count):
        if at >= end:
            return False
        size = buf[at] & ~_FAST_ID
        if buf[at] & _FAST_ID and size < _TID_BYTES:
            return False
        at += 1 + size + behind
    return at == end


def hand_over(buf, start, is_18, antenna, sink, at_ms):
    """Give each record of a whole list to the sink."""
    at = start if is_18 else start + 1
    count = buf[at]
    at += 1
    for _ in range(count):
        size = buf[at] & ~_FAST_ID
        epc = size - _TID_BYTES if buf[at] & _FAST_ID else size
        at += 1
        if is_18:
            sink.take(buf, at, epc, antenna, None, at_ms)
            at += size
        else:
            sink.take(buf, at, epc, antenna, (buf[at + size] - _RSSI_ZERO) * 10, at_ms)
            at += size + 1
