"""Commands for tags of one maker: a right answer where the tag knows them, else their error."""

import pytest

from simulator.modules.field import TagAnswer
from simulator.modules.m100.frames import NOTICE, POLL, RESPONSE, Frame
from simulator.modules.special_tags import EAS_ALARM, G2xTag, MonzaQtTag
from simulator.modules.tag import Tag
from tests.simulator.modules.bench import Bench, done, error

EPC = bytes.fromhex("3414257bf400000000000001")
ID = bytes.fromhex("0e3000") + EPC
WITH_PASSWORD = 0xFFFF
PASSWORD = "0000ffff"

# command, its parameters as the manual's samples have them, the code of a tag without the feature
SAMPLES = [
    (0xD3, PASSWORD + "01 03 0000 01 0700", 0x14),
    (0xD3, PASSWORD + "00 03 0000 01", 0x14),
    (0xE0, PASSWORD + "0000", 0x1A),
    (0xE1, PASSWORD + "00", 0x2A),
    (0xE1, PASSWORD + "01", 0x2B),
    (0xE3, PASSWORD + "01", 0x1B),
    (0xE5, PASSWORD + "01 01 4000", 0x2E),
    (0xE5, PASSWORD + "00 00 0000", 0x2E),
]


@pytest.mark.parametrize(("command", "params", "code"), SAMPLES)
def test_a_tag_without_the_feature_keeps_silent_and_the_module_says_whose_it_was(
    command, params, code
):
    plain = Tag(EPC, access_password=WITH_PASSWORD)
    assert Bench(plain).answer(command, params) == error(code, ID)


@pytest.mark.parametrize(("command", "params", "code"), SAMPLES)
def test_without_any_tag_the_error_is_one_byte(command, params, code):
    assert Bench().answer(command, params) == error(code)


@pytest.mark.parametrize(("command", "params", "code"), SAMPLES)
def test_a_wrong_password_is_told_before_the_feature(command, params, code):
    tag = Tag(EPC, access_password=1)
    assert Bench(tag).answer(command, params) == error(0x16, ID)


@pytest.mark.parametrize(
    ("command", "params"),
    [
        (0xD3, PASSWORD + "02 03 0000 01"),
        (0xD3, PASSWORD + "01 03 0000 01"),
        (0xD3, PASSWORD + "00 03 0000 01 0700"),
        (0xE0, PASSWORD),
        (0xE1, PASSWORD + "02"),
        (0xE3, PASSWORD),
        (0xE4, "00"),
        (0xE5, PASSWORD + "02 01 4000"),
        (0xE5, ""),
    ],
)
def test_wrong_parameters_are_answered_17(command, params):
    assert Bench(Tag(EPC)).answer(command, params) == error(0x17)


def test_the_blocks_of_a_monza_are_locked_for_ever_and_the_locks_read():
    bench = Bench(MonzaQtTag(EPC, access_password=WITH_PASSWORD))
    locked = bench.answer(0xD3, PASSWORD + "01 03 0000 01 4000")
    assert locked == Frame(RESPONSE, 0xD4, ID + b"\x00")
    locks = bench.answer(0xD3, PASSWORD + "00 03 0000 01")
    assert locks == Frame(RESPONSE, 0xD3, ID + bytes.fromhex("01 4000"))
    assert bench.answer(0x49, PASSWORD + "03 0007 0001 1234").command == 0x49
    assert bench.answer(0x49, PASSWORD + "03 0008 0001 1234") == error(0xB4, ID)
    assert bench.answer(0x49, PASSWORD + "03 0007 0002 12345678") == error(0xB4, ID)


def test_locking_blocks_takes_the_password():
    bench = Bench(MonzaQtTag(EPC, access_password=WITH_PASSWORD))
    assert bench.answer(0xD3, "00000000 01 03 0000 01 4000") == error(0xE4, ID)


def test_a_g2x_turns_over_bits_of_its_configuration_and_answers_the_word():
    bench = Bench(G2xTag(EPC, access_password=WITH_PASSWORD))
    for toggled, word in (("0000", "0000"), ("8001", "8001"), ("0001", "8000")):
        answer = bench.answer(0xE0, PASSWORD + toggled)
        assert answer == Frame(RESPONSE, 0xE0, ID + bytes.fromhex(word))


def test_a_read_protected_g2x_shows_zeros_until_it_is_reset():
    bench = Bench(G2xTag(EPC, access_password=WITH_PASSWORD))
    assert bench.answer(0xE1, PASSWORD + "00") == Frame(RESPONSE, 0xE1, ID + b"\x00")
    (notice,) = bench.ask(POLL)
    assert notice.params[3:15] == bytes(12)
    hidden = bytes.fromhex("0e3000") + bytes(12)
    assert bench.answer(0x39, PASSWORD + "02 0000 0006") == error(0xA4, hidden)
    assert bench.answer(0xE1, PASSWORD + "01") == Frame(RESPONSE, 0xE2, hidden + b"\x00")
    (notice,) = bench.ask(POLL)
    assert (notice.type, notice.params[3:15]) == (NOTICE, EPC)


def test_the_alarm_is_answered_once_a_g2x_has_its_bit_set():
    bench = Bench(G2xTag(EPC, access_password=WITH_PASSWORD), Tag(bytes(12)))
    bench.answer(0x0C, "01 00000020 60 00" + EPC.hex())
    assert bench.answer(0xE4) == error(0x1D)
    assert bench.answer(0xE3, PASSWORD + "01") == Frame(RESPONSE, 0xE3, ID + b"\x00")
    assert bench.answer(0xE4) == Frame(RESPONSE, 0xE4, EAS_ALARM)
    assert bench.answer(0xE3, PASSWORD + "00") == Frame(RESPONSE, 0xE3, ID + b"\x00")
    assert bench.answer(0xE4) == error(0x1D)


def test_an_alarm_too_weak_to_decode_is_none():
    bench = Bench()
    tag = G2xTag(EPC)
    tag.eas = True
    bench.field.answer = lambda *args: [TagAnswer(tag, -69.0, heard=False)]
    assert bench.answer(0xE4) == error(0x1D)


def test_the_qt_word_of_a_monza_is_kept_only_where_it_shall_last():
    bench = Bench(MonzaQtTag(EPC, access_password=WITH_PASSWORD))
    read = PASSWORD + "00 00 0000"
    assert bench.answer(0xE5, read) == Frame(RESPONSE, 0xE5, ID + b"\x00\x00")
    written = Frame(RESPONSE, 0xE6, ID + b"\x00")
    assert bench.answer(0xE5, PASSWORD + "01 00 4000") == written
    assert bench.answer(0xE5, read) == Frame(RESPONSE, 0xE5, ID + b"\x00\x00")
    assert bench.answer(0xE5, PASSWORD + "01 01 4000") == written
    assert bench.answer(0xE5, read) == Frame(RESPONSE, 0xE5, ID + b"\x40\x00")
    assert bench.answer(0x39, PASSWORD + "03 0000 0001") == error(0xA3, ID)  # the public map
    assert bench.answer(0x49, PASSWORD + "03 0000 0001 1234") == error(0xB3, ID)
    assert bench.answer(0x39, PASSWORD + "02 0000 0006").command == 0x39


def test_special_writes_take_the_password():
    assert Bench(MonzaQtTag(EPC, access_password=1)).answer(0xE5, "00000000 01 01 4000") == error(
        0xE4, ID
    )
    for command, params in ((0xE0, "0001"), (0xE1, "00"), (0xE3, "01")):
        bench = Bench(G2xTag(EPC, access_password=1))
        assert bench.answer(command, "00000000" + params) == error(0xE4, ID)


def test_after_an_answer_nothing_is_left_unsaid():
    bench = Bench(G2xTag(EPC))
    bench.answer(0xE4)
    assert bench.ask(0x28) == [done(0x28)]
