"""The M100's commands for tags with their maker's own: block permalock, NXP G2X, Monza QT.

The same command does two things and its answer bears another code for each: D3 reads the locks and
D4 says that blocks were locked, E1 protects and E2 unprotects, E5 reads the QT word and E6 wrote
it. A tag that does not know the command keeps silent. Source: R200 user protocol V2.3.3.
"""

from __future__ import annotations

from collections.abc import Callable

from simulator.modules.m100.access import (
    ACCESS_S,
    DONE,
    WRITE_WORD_S,
    Access,
    demand,
    number,
)
from simulator.modules.m100.frames import Code
from simulator.modules.special_tags import G2xTag, MonzaQtTag
from simulator.modules.tag import USER, Tag, TagFault, TagRefused, TagSilent

PERMALOCK, PERMALOCK_DONE = 0xD3, 0xD4
CONFIG = 0xE0
PROTECT, UNPROTECT = 0xE1, 0xE2
EAS = 0xE3
QT, QT_WRITTEN = 0xE5, 0xE6

_FAULT_BASE = 0xE0
_TAKES_S = ACCESS_S + WRITE_WORD_S


def _special(reply: int, failed: Code, params: bytes, work: Callable[[Tag, bool], bytes]) -> Access:
    return Access(reply, failed, _FAULT_BASE, number(params, 0, 4), work, _TAKES_S)


def _permalock(params: bytes) -> Access:
    """Password, 00 read or 01 lock, bank, first block / 16, mask words, and the mask to lock."""
    demand(len(params) >= 9 and params[4] <= 1 and params[5] <= 3 and params[8] >= 1)
    locking, bank, first, words, mask = (
        params[4] == 1,
        params[5],
        number(params, 6),
        params[8],
        params[9:],
    )
    demand(len(mask) == (2 * words if locking else 0))

    def work(tag: Tag, secured: bool) -> bytes:
        if not isinstance(tag, MonzaQtTag):
            raise TagSilent("no such command")
        if bank != USER:
            raise TagRefused(TagFault.OTHER)
        if locking:
            tag.lock_blocks(first, mask, secured)
            return DONE
        return bytes((words,)) + tag.block_locks(first, words)

    reply = PERMALOCK_DONE if locking else PERMALOCK
    return _special(reply, Code.PERMALOCK_FAILED, params, work)


def _config(params: bytes) -> Access:
    """Password, and the bits of the configuration word to turn over; answers the word."""
    demand(len(params) == 6)
    toggled = number(params, 4)

    def work(tag: Tag, secured: bool) -> bytes:
        nxp = _g2x(tag, secured or toggled == 0)
        nxp.config ^= toggled
        return nxp.config.to_bytes(2, "big")

    return _special(CONFIG, Code.NXP_CONFIG_FAILED, params, work)


def _protect(params: bytes) -> Access:
    """Password, 00 to protect the tag against reading or 01 to undo that."""
    demand(len(params) == 5 and params[4] <= 1)
    undo = params[4] == 1

    def work(tag: Tag, secured: bool) -> bytes:
        _g2x(tag, secured).read_protected = not undo
        return DONE

    reply, failed = PROTECT, Code.NXP_PROTECT_FAILED
    if undo:
        reply, failed = UNPROTECT, Code.NXP_UNPROTECT_FAILED
    return _special(reply, failed, params, work)


def _eas(params: bytes) -> Access:
    """Password, 01 to set the alarm bit or 00 to clear it."""
    demand(len(params) == 5 and params[4] <= 1)

    def work(tag: Tag, secured: bool) -> bytes:
        _g2x(tag, secured).eas = params[4] == 1
        return DONE

    return _special(EAS, Code.NXP_EAS_FAILED, params, work)


def _qt(params: bytes) -> Access:
    """Password, 00 read or 01 write, 01 to keep it without power, control word."""
    demand(len(params) == 8 and params[4] <= 1 and params[5] <= 1)
    writing, lasting, word = params[4] == 1, params[5] == 1, number(params, 6)

    def work(tag: Tag, secured: bool) -> bytes:
        if not isinstance(tag, MonzaQtTag):
            raise TagSilent("no such command")
        if not writing:
            return tag.qt.to_bytes(2, "big")
        if not secured:
            raise TagRefused(TagFault.LOCKED)
        if lasting:  # else it is gone with the carrier, which goes off after the command
            tag.qt = word
        return DONE

    return _special(QT_WRITTEN if writing else QT, Code.QT_FAILED, params, work)


def _g2x(tag: Tag, secured: bool) -> G2xTag:
    if not isinstance(tag, G2xTag):
        raise TagSilent("no such command")
    if not secured:
        raise TagRefused(TagFault.LOCKED)
    return tag


SPECIAL_COMMANDS: dict[int, Callable[[bytes], Access]] = {
    # Hosts that send the answer's code are served as if it were the command's.
    PERMALOCK: _permalock,
    PERMALOCK_DONE: _permalock,
    CONFIG: _config,
    PROTECT: _protect,
    UNPROTECT: _protect,
    EAS: _eas,
    QT: _qt,
    QT_WRITTEN: _qt,
}
