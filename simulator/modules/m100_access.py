"""The M100's commands to one tag: read, write, lock, kill, and those for special tags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.modules.m100_frames import Code
from simulator.modules.m100_settings import CommandError
from simulator.modules.tag import Tag, TagRefused, TagSilent

WORD_S = 0.0025  # air time of a word written; a read is as short as the answer it carries
ACCESS_S = 0.005  # request of a handle, Access with the password


@dataclass(frozen=True, slots=True)
class Access:
    """One command to one tag, its parameters already understood.

    `work` acts on the tag in its open or secured state and returns what follows UL, PC and EPC in
    a good answer. `failed` answers for a tag that did not: none there, or silent in the middle.
    `fault_base` is ORed with the code of a tag that refuses.
    """

    failed: Code
    fault_base: int
    password: int
    work: Callable[[Tag, bool], bytes]
    takes_s: float


def parse_access(command: int, params: bytes) -> Access:
    """Understand a command of `ACCESS_COMMANDS`; raises `CommandError` 17."""
    return ACCESS_COMMANDS[command](params)


def run_access(access: Access, tag: Tag) -> bytes:
    """Carry out the access on the tag; return the parameters of the good answer.

    Raises `TagError` with those of the error response.
    """
    identity = bytes((2 + len(tag.epc),)) + tag.pc_epc()
    try:
        secured = tag.secure(access.password)
    except TagSilent:
        raise TagError(bytes((Code.ACCESS_PASSWORD,)) + identity) from None
    try:
        return identity + access.work(tag, secured)
    except TagSilent:
        raise TagError(bytes((access.failed,)) + identity) from None
    except TagRefused as refusal:
        raise TagError(bytes((access.fault_base | refusal.fault,)) + identity) from None


class TagError(Exception):
    """The access failed at the tag; `params` are those of the error response."""

    def __init__(self, params: bytes) -> None:
        super().__init__(f"error {params.hex()}")
        self.params = params


_DONE = b"\x00"
MAX_WRITE_WORDS = 32


def _demand(good: bool) -> None:
    if not good:
        raise CommandError(Code.BAD_COMMAND)


def _word(params: bytes, place: int, size: int = 2) -> int:
    return int.from_bytes(params[place : place + size], "big")


def _read(params: bytes) -> Access:
    _demand(len(params) == 9 and params[4] <= 3)
    bank, first, words = params[4], _word(params, 5), _word(params, 7)
    return Access(
        Code.READ_FAILED,
        0xA0,
        _word(params, 0, 4),
        lambda tag, secured: tag.read(bank, first, words, secured),
        ACCESS_S,
    )


def _write(params: bytes) -> Access:
    _demand(len(params) >= 9 and params[4] <= 3)
    bank, first, words, data = params[4], _word(params, 5), _word(params, 7), params[9:]
    _demand(1 <= words <= MAX_WRITE_WORDS and len(data) == 2 * words)

    def work(tag: Tag, secured: bool) -> bytes:
        tag.write(bank, first, data, secured)
        return _DONE

    takes_s = ACCESS_S + words * WORD_S
    return Access(Code.WRITE_FAILED, 0xB0, _word(params, 0, 4), work, takes_s)


def _lock(params: bytes) -> Access:
    _demand(len(params) == 7 and params[4] < 0x10)
    payload = _word(params, 4, 3)
    _demand(payload >> 10 != 0)  # a mask of nothing: the host has LD before the password

    def work(tag: Tag, secured: bool) -> bytes:
        tag.lock(payload, secured)
        return _DONE

    return Access(Code.LOCK_FAILED, 0xC0, _word(params, 0, 4), work, ACCESS_S + WORD_S)


def _kill(params: bytes) -> Access:
    _demand(len(params) == 4)
    password = _word(params, 0, 4)

    def work(tag: Tag, secured: bool) -> bytes:
        tag.kill(password)
        return _DONE

    return Access(Code.KILL_FAILED, 0xD0, 0, work, ACCESS_S + WORD_S)


def _special(failed: Code) -> Callable[[bytes], Access]:
    """Return the parser of a command for chips with features that these tags do not have."""

    def parse(params: bytes) -> Access:
        def work(tag: Tag, secured: bool) -> bytes:
            raise TagSilent("the tag does not know the command")

        password = _word(params, 0, 4) if len(params) >= 4 else 0
        return Access(failed, 0xE0, password, work, ACCESS_S)

    return parse


ACCESS_COMMANDS: dict[int, Callable[[bytes], Access]] = {
    0x39: _read,
    0x49: _write,
    0x65: _kill,
    0x82: _lock,
    0xD3: _special(Code.PERMALOCK_FAILED),
    0xE0: _special(Code.NXP_CONFIG_FAILED),
    0xE1: _special(Code.NXP_PROTECT_FAILED),
    0xE2: _special(Code.NXP_UNPROTECT_FAILED),
    0xE3: _special(Code.NXP_EAS_FAILED),
    0xE4: _special(Code.NXP_ALARM_FAILED),
    0xE5: _special(Code.QT_FAILED),
    0xE6: _special(Code.QT_FAILED),
}
