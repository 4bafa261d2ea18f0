"""Tags are read, written, locked and killed through a module as the manual says."""

import random

import pytest

from simulator.modules.field import make_tags
from simulator.modules.m100.frames import NOTICE, POLL, RESPONSE, Frame
from simulator.modules.tag import Tag
from tests.simulator.modules.bench import Bench, error

EPCS = [bytes.fromhex(f"3414257bf4000000000000{n:02x}") for n in range(40)]


def school_tags(count: int) -> list[Tag]:
    return make_tags(count, random.Random(1), epcs=EPCS[:count])


def epcs_of(frames: list[Frame]) -> list[bytes]:
    return [frame.params[3:-2] for frame in frames if frame.type == NOTICE]


def identity(tag: Tag) -> bytes:
    return bytes((2 + len(tag.epc),)) + tag.pc_epc()


def test_a_tid_is_read_with_the_tags_pc_and_epc_before_it():
    tag = Tag(EPCS[0], tid=bytes.fromhex("e28069950000400112345678"))
    reply = Bench(tag).answer(0x39, "00000000 02 0000 0006")
    assert reply == Frame(RESPONSE, 0x39, identity(tag) + bytes.fromhex("e28069950000400112345678"))


def test_a_written_epc_is_remembered_and_answered_with_the_old_one():
    tag = Tag(EPCS[0])
    bench = Bench(tag)
    old = identity(tag)
    assert bench.answer(0x49, "00000000 01 0002 0006" + EPCS[9].hex()) == Frame(
        RESPONSE, 0x49, old + b"\x00"
    )
    assert epcs_of(bench.ask(POLL)) == [EPCS[9]]


def test_a_written_pc_changes_the_length_of_the_epc_in_notices():
    bench = Bench(Tag(EPCS[0]))
    bench.answer(0x49, "00000000 01 0001 0001 2000")
    (notice,) = bench.ask(POLL)
    assert notice.params[1:-2] == bytes.fromhex("2000") + EPCS[0][:8]


def test_access_errors_carry_the_tag_when_it_is_known():
    tag = Tag(EPCS[0], access_password=0x1234)
    bench = Bench(tag)
    assert bench.answer(0x39, "00009999 03 0000 0001") == error(0x16, identity(tag))
    assert bench.answer(0x39, "00000000 02 0000 0040") == error(0xA3, identity(tag))
    assert bench.answer(0x49, "00000000 02 0000 0001 0000") == error(0xB4, identity(tag))
    assert bench.answer(0x82, "00000000 020080") == error(0xC4, identity(tag))
    assert bench.answer(0x65, "00001234") == error(0xD0, identity(tag))
    assert bench.answer(0xE0, "00000000 0000") == error(0x1A, identity(tag))


@pytest.mark.parametrize(
    ("command", "params", "code"),
    [
        (0x39, "00000000 03 0000 0001", 0x09),
        (0x49, "00000000 03 0000 0001 1234", 0x10),
        (0x82, "00000000 020080", 0x13),
        (0x65, "00001234", 0x12),
    ],
)
def test_access_without_a_tag_fails_with_one_byte(command, params, code):
    assert Bench().answer(command, params) == error(code)


def test_a_locked_epc_is_written_with_the_password_only():
    tag = Tag(EPCS[0], access_password=0x1234)
    bench = Bench(tag)
    assert bench.answer(0x82, "00001234 008020").command == 0x82  # EPC bank, password-write
    assert bench.answer(0x49, "00000000 01 0002 0001 aaaa") == error(0xB4, identity(tag))
    assert bench.answer(0x49, "00001234 01 0002 0001 aaaa").command == 0x49


def test_a_killed_tag_is_silent_for_ever():
    tag = Tag(EPCS[0], kill_password=0xABCD)
    bench = Bench(tag)
    assert bench.answer(0x65, "0000ffff") == error(0x12, identity(tag))
    assert bench.answer(0x65, "0000abcd").command == 0x65
    assert bench.ask(POLL) == [error(0x15)]


def test_a_tag_just_inventoried_in_s1_can_still_be_read():
    bench = Bench(Tag(EPCS[0]))
    bench.ask(0x0E, "1128")
    bench.ask(POLL)
    assert bench.answer(0x39, "00000000 02 0000 0002").command == 0x39
