"""The M100's commands to one tag: read, write, lock, kill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simulator.modules.m100.frames import Code
from simulator.modules.m100.settings import CommandError
from simulator.modules.tag import Tag, TagRefused, TagSilent

READ, WRITE, KILL, LOCK = 0x39, 0x49, 0x65, 0x82

# Air time, as M5Stack measured on an M100 with an Alien Higgs 9 and an Impinj Monza 4QT: some
# 37 ms and 10 ms a word for a write, 1.2 ms a word for a read; the round before is part of that.
ACCESS_S = 0.007  # request of a handle, Access with the password
WRITE_WORD_S = 0.010
READ_WORD_S = 0.0012


@dataclass(frozen=True, slots=True)
class Access:
    """One command to one tag, its parameters already understood.

    `work` acts on the tag in its open or secured state and returns what follows UL, PC and EPC in
    a good answer, which bears `reply`. `failed` answers for a tag that did not: none there, or
    silent in the middle. `fault_base` is ORed with the code of a tag that refuses.
    """

    reply: int

    failed: Code
    fault_base: int
    password: int
    work: Callable[[Tag, bool], bytes]
    takes_s: float


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


DONE = b"\x00"
MAX_WRITE_WORDS = 32
MAX_READ_WORDS = 64  # no bank holds more: a tag refuses at once what lies beyond its end


def demand(good: bool) -> None:
    """Raise `CommandError` 17 unless the parameters are `good`."""
    if not good:
        raise CommandError(Code.BAD_COMMAND)


def number(params: bytes, place: int, size: int = 2) -> int:
    """Return the unsigned number of `size` bytes at `place`."""
    return int.from_bytes(params[place : place + size], "big")


def _read(params: bytes) -> Access:
    demand(len(params) == 9 and params[4] <= 3)
    bank, first, words = params[4], number(params, 5), number(params, 7)
    return Access(
        READ,
        Code.READ_FAILED,
        0xA0,
        number(params, 0, 4),
        lambda tag, secured: tag.read(bank, first, words, secured),
        ACCESS_S + min(words, MAX_READ_WORDS) * READ_WORD_S,
    )


def _write(params: bytes) -> Access:
    demand(len(params) >= 9 and params[4] <= 3)
    bank, first, words, data = params[4], number(params, 5), number(params, 7), params[9:]
    demand(1 <= words <= MAX_WRITE_WORDS and len(data) == 2 * words)

    def work(tag: Tag, secured: bool) -> bytes:
        tag.write(bank, first, data, secured)
        return DONE

    takes_s = ACCESS_S + words * WRITE_WORD_S
    return Access(WRITE, Code.WRITE_FAILED, 0xB0, number(params, 0, 4), work, takes_s)


def _lock(params: bytes) -> Access:
    demand(len(params) == 7 and params[4] < 0x10)
    payload = number(params, 4, 3)
    demand(payload >> 10 != 0)  # a mask of nothing: the host has LD before the password

    def work(tag: Tag, secured: bool) -> bytes:
        tag.lock(payload, secured)
        return DONE

    takes_s = ACCESS_S + WRITE_WORD_S
    return Access(LOCK, Code.LOCK_FAILED, 0xC0, number(params, 0, 4), work, takes_s)


def _kill(params: bytes) -> Access:
    demand(len(params) == 4)
    password = number(params, 0, 4)

    def work(tag: Tag, secured: bool) -> bytes:
        tag.kill(password)
        return DONE

    return Access(KILL, Code.KILL_FAILED, 0xD0, 0, work, ACCESS_S + WRITE_WORD_S)


# command: its parser, which raises `CommandError` 17
ACCESS_COMMANDS: dict[int, Callable[[bytes], Access]] = {
    READ: _read,
    WRITE: _write,
    KILL: _kill,
    LOCK: _lock,
}
