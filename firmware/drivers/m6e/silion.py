"""What Silion modules (SIM7x00, SLR) do differently from ThingMagic's, whose frames they speak.

They set antennas behind an option byte (`m6e_settings`), and read continuously by a command of
their own, whose reports are not published. So they are read by single inventories: one for each
slot, whose tags are then fetched from the module's buffer.
"""

from drivers.m6e.access import u16
from drivers.m6e.frames import build
from drivers.m6e.records import ANTENNA, COUNT, RSSI, TIMESTAMP

_ASYNC = 0xAA
_ASYNC_STOP = b"\xaa\x49"
_HARDWARE = (0xA3, 0xA8)  # first byte of the hardware number

# The configured ports, 32-bit count of tags.
_SEARCH_FLAGS = 0x0013
METADATA = COUNT | RSSI | ANTENNA | TIMESTAMP
FETCH = u16(METADATA) + b"\x00"


def is_silion(version):
    """Whether the 20 bytes of a version reply are of such a module."""
    return version[4] in _HARDWARE


def async_stop():
    """The command that ends their continuous reading, should another host have started it."""
    total = sum(_ASYNC_STOP) & 0xFF
    return build(_ASYNC, b"Moduletech" + _ASYNC_STOP + bytes([total, 0xBB]))


def inventory(slot_ms, option, chosen):
    """The data of one inventory of `slot_ms` over the tags of a filter (option 0: all)."""
    return bytes([option]) + u16(_SEARCH_FLAGS) + u16(slot_ms) + chosen
