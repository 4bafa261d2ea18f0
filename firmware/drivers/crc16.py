"""CRC-16 of EPC Gen2 tags (polynomial 1021, start FFFF, complement), without allocating."""

from array import array


def _table():
    table = array("H", (0 for _ in range(256)))
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
        table[byte] = crc & 0xFFFF
    return table


TABLE = _table()  # 512 bytes: 14 lookups a tag instead of 112 shifts


def crc16(buf, start, length):
    """CRC of `buf[start:start + length]` as the tag sends it after PC and EPC."""
    crc = 0xFFFF
    table = TABLE
    for at in range(start, start + length):
        crc = ((crc << 8) & 0xFF00) ^ table[(crc >> 8) ^ buf[at]]
    return crc ^ 0xFFFF
