"""Arguments of the UHFReader18 family's tag commands: read 02, write 03, protect 06.

A tag is named by its whole EPC (ENum words of it), or, by the readers after the UHFReader18, by a
mask (ENum FF, and bank, bit address and bits of the mask behind the password).
"""

from drivers.errors import NotSupported
from drivers.reader import EPC_BANK, EPC_BIT, TID_BANK

READ, WRITE, PROTECT = 0x02, 0x03, 0x06

_BY_MASK = 0xFF
_MOST_WORDS = 15  # of an EPC that names a tag
_MOST_BITS = 248  # of a mask: whole bytes whose count of bits fits a byte
_RESERVED = 0
_ACCESS_WORD = 2  # behind the kill password
_PC_WORD = 1

_MEMORIES = {"kill": 0, "access": 1, "epc": 2, "user": 4}
_LOCKS = {"open": 0, "open-forever": 1, "locked": 2, "locked-forever": 3}


def read_tid_data(tag, masks, words):
    """Read the first words of the TID; `masks` says whether the reader knows masks."""
    whom, mask = _naming(tag, masks)
    return whom + bytes([TID_BANK, 0, words]) + _bytes(0) + mask


def write_epc_data(tag, masks, epc, password):
    """Write a new EPC and the PC word that tells its length, in one command.

    04 would also write an EPC, but to whichever tag answers.
    """
    pc = len(epc) // 2 << 11
    return _write(tag, masks, EPC_BANK, _PC_WORD, bytes([pc >> 8, pc & 0xFF]) + epc, password)


def write_password_data(tag, masks, new, password):
    """Write the access password."""
    return _write(tag, masks, _RESERVED, _ACCESS_WORD, _bytes(new), password)


def protect_data(tag, masks, memory, how, password):
    """Lock or open a memory; names as in `Reader.lock`."""
    whom, mask = _naming(tag, masks)
    return whom + bytes([_MEMORIES[memory], _LOCKS[how]]) + _bytes(password) + mask


def _write(tag, masks, bank, word, data, password):
    whom, mask = _naming(tag, masks)
    head = bytes([len(data) // 2]) + whom + bytes([bank, word])
    return head + data + _bytes(password) + mask


def _naming(tag, masks):
    """What stands in front of the arguments and what behind them to say which tag is meant."""
    words, rest = divmod(tag.bits, 16)
    if (tag.bank, tag.pointer) == (EPC_BANK, EPC_BIT) and not rest and words <= _MOST_WORDS:
        return bytes([words]) + tag.mask, b""
    if not masks:
        raise NotSupported("a UHFReader18 finds a tag by its whole EPC only")
    bits = min(tag.bits, _MOST_BITS)
    place = bytes([tag.bank, tag.pointer >> 8, tag.pointer & 0xFF, bits])
    return bytes([_BY_MASK]), place + tag.mask[: (bits + 7) // 8]


def _bytes(password):
    return bytes((password >> shift) & 0xFF for shift in (24, 16, 8, 0))
