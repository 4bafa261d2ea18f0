"""An M6e behind a port as its reference has it, scripted; runs on CPython and MicroPython."""

from drivers.crc16 import crc16
from drivers.m6e_frames import frame_crc

METADATA = 0x0016  # RSSI, antenna, timestamp
KEEP_ALIVE = bytes.fromhex("FF0022040084E0")
TEMPERATURE = bytes.fromhex("FF0A22000000031B0282008200011DB771")


def reply(op, data=b"", status=0):
    """A frame from the module."""
    frame = bytearray(len(data) + 7)
    frame[0] = 0xFF
    frame[1] = len(data)
    frame[2] = op
    frame[3] = status >> 8
    frame[4] = status & 0xFF
    frame[5 : 5 + len(data)] = data
    crc = frame_crc(frame, 1, len(data) + 4)
    frame[-2] = crc >> 8
    frame[-1] = crc & 0xFF
    return bytes(frame)


def tag_bits(epc, crc=None, xpc=b"", pc=None):
    """The number of bits, PC, XPC words, EPC and CRC, as at the end of every record."""
    pc = len(epc + xpc) // 2 << 11 | (0x0200 if xpc else 0) if pc is None else pc
    body = bytes([pc >> 8, pc & 0xFF]) + xpc + epc
    crc = crc16(body, 0, len(body)) if crc is None else crc
    bits = 8 * len(body) + 16
    return bytes([bits >> 8, bits & 0xFF]) + body + bytes([crc >> 8, crc & 0xFF])


def record(epc, rssi_dbm=-55, port=1, time_ms=0, crc=None, xpc=b"", pc=None):
    """RSSI, antenna, timestamp and the tag."""
    head = bytes([rssi_dbm & 0xFF, (port & 15) * 0x11]) + time_ms.to_bytes(4, "big")
    return head + tag_bits(epc, crc, xpc, pc)


def streamed(epc, rssi_dbm=-55, port=1, time_ms=0, crc=None, xpc=b"", pc=None):
    """A tag report of continuous reading."""
    head = bytes([0x10, 0, 0x1B, METADATA >> 8, METADATA & 0xFF, 1])
    return reply(0x22, head + record(epc, rssi_dbm, port, time_ms, crc, xpc, pc))
