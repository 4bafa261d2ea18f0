"""What an M100 is sent to read, write and lock one tag, and what it answers.

Which tag is decided before, by a select. Every answer begins with the tag that gave it.
"""

from drivers.errors import NotSupported, WrongAnswer
from drivers.reader import EPC_BANK, EPC_BIT

_RESERVED = 0
_PC_WORD, _ACCESS_WORD = 1, 2
_MAX_EPC = 62  # 31 words: the PC word has five bits for their number
# Bits 19-10 say what to change and 9-0 to what: two bits a memory, "password to write" and
# "for ever". What is not for ever leaves that bit alone.
_LOCK_SHIFT = {"kill": 8, "access": 6, "epc": 4, "user": 0}
_LOCK = {
    "open": (0b10, 0b00),
    "locked": (0b10, 0b10),
    "open-forever": (0b11, 0b01),
    "locked-forever": (0b11, 0b11),
}


def read_params(password, bank, word, words):
    """Parameters of a read of `words` words."""
    return _place(password, bank, word, words)


def read_pc_params(password):
    """Parameters of a read of the PC word."""
    return _place(password, EPC_BANK, _PC_WORD, 1)


def write_epc_params(password, old_pc, epc):
    """Parameters of a write of PC word and EPC; the PC keeps what does not tell the length."""
    if len(epc) % 2 or len(epc) > _MAX_EPC:
        raise NotSupported("an EPC has 0 to 31 words, not {} bytes".format(len(epc)))
    pc = len(epc) // 2 << 11 | old_pc & 0x01FF
    data = pc.to_bytes(2, "big") + epc
    return _place(password, EPC_BANK, _PC_WORD, len(data) // 2) + data


def write_password_params(password, new):
    """Parameters of a write of the access password."""
    return _place(password, _RESERVED, _ACCESS_WORD, 2) + new.to_bytes(4, "big")


def lock_params(password, memory, how):
    """Parameters of a lock; names as in `Reader.lock`."""
    shift = _LOCK_SHIFT[memory]
    changed, bits = _LOCK[how]
    payload = changed << shift + 10 | bits << shift
    return password.to_bytes(4, "big") + payload.to_bytes(3, "big")


def answer_of(tag, params):
    """What follows UL, PC and EPC in an answer; raises `WrongAnswer`, also if another tag gave it.

    Told apart only where the mask is for the EPC: the answer names no TID.
    """
    size = params[0] if params else 0
    if size < 2 or len(params) <= size:
        raise WrongAnswer("no tag in the answer {}".format(params))
    if tag.bank == EPC_BANK and tag.pointer == EPC_BIT:
        whole = tag.bits // 8
        if params[3 : 3 + whole] != tag.mask[:whole]:
            raise WrongAnswer("another tag answered: {}".format(params[3 : 1 + size]))
    return params[1 + size :]


def _place(password, bank, word, words):
    return password.to_bytes(4, "big") + bytes([bank, word >> 8, word & 0xFF, 0, words])
