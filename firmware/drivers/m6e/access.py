"""What the M6e family is sent to select tags and to read, write and lock one.

Every function here makes the data of one command. A tag command waits for its tag at most
`_TAG_MS`. Source: Mercury API; layouts as captured from an M6e Nano.
"""

from drivers.reader import EPC_BANK, EPC_BIT, TID_BANK, by_prefix

_TAG_MS = 1000

_BY_EPC, _BY_TID, _BY_BITS = 0x01, 0x02, 0x04  # the kind of filter, in the option byte
_METADATA, _LONG = 0x10, 0x20
READ_HEAD = 3  # bytes before the data of a reply to `read_data`
_NO_PASSWORD = 0
_RESERVED_BANK = 0
_ACCESS_PASSWORD_WORD = 2

# The tag's lock command: two bits a memory, "password needed to write" and "for ever".
_LOCK_SHIFT = {"user": 0, "epc": 4, "access": 6, "kill": 8}
_LOCK_ACTION = {"open": 0b00, "locked": 0b10, "open-forever": 0b01, "locked-forever": 0b11}


def u16(number):
    return bytes([number >> 8 & 0xFF, number & 0xFF])


def u32(number):
    return number.to_bytes(4, "big")


def tag_filter(tag):
    """The option and the bytes that let only the tags of this `TagMask` answer."""
    if tag.bank != EPC_BANK or tag.pointer != EPC_BIT:
        return bits_filter(tag)
    option, length = _length(tag.bits)
    return option | _BY_EPC, length + tag.mask


def bits_filter(tag):
    """The same for a mask at any bit of a bank; the bit is sent, also where an EPC begins."""
    option, length = _length(tag.bits)
    kind = _BY_TID if tag.bank == TID_BANK else _BY_BITS
    return option | kind, u32(tag.pointer) + length + tag.mask


def search_filter(prefixes):
    """The same for an inventory: foreign tags keep silent where one prefix says which are ours.

    With several the gateway's own filter alone decides.
    """
    if len(prefixes) != 1:
        return 0, b""
    option, chosen = bits_filter(by_prefix(prefixes[0]))
    return option, u32(_NO_PASSWORD) + chosen


def read_data(tag, bank, word, words, password=0):
    """`words` words of a bank; the reply is option, metadata flags (none set), then the data."""
    option, chosen = tag_filter(tag)
    place = bytes([bank]) + u32(word) + bytes([words])
    # The M7E demands a metadata word, the M6e takes one too.
    return u16(_TAG_MS) + bytes([option | _METADATA]) + u16(0) + place + u32(password) + chosen


def write_epc(tag, epc, password):
    """A new EPC, which may be of another length; the module makes its PC word."""
    option, chosen = tag_filter(tag)
    return u16(_TAG_MS) + bytes([option]) + u32(password) + chosen + epc


def write_access_password(tag, new, password):
    """The tag's own access password, in its reserved bank."""
    option, chosen = tag_filter(tag)
    place = u32(_ACCESS_PASSWORD_WORD) + bytes([_RESERVED_BANK])
    return u16(_TAG_MS) + bytes([option]) + place + u32(password) + chosen + u32(new)


def lock(tag, memory, how, password):
    """Lock or open one memory of the tag; raises KeyError for a memory or lock not of `Reader`."""
    option, chosen = tag_filter(tag)
    shift, action = _LOCK_SHIFT[memory], _LOCK_ACTION[how]
    mask = 0b11 if how.endswith("forever") else 0b10
    bits = u16(mask << shift) + u16(action << shift)
    return u16(_TAG_MS) + bytes([option]) + u32(password) + bits + chosen


def _length(bits):
    return (_LONG, u16(bits)) if bits > 255 else (0, bytes([bits]))
