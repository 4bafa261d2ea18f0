"""A UHFReader's settings are kept, read back, and do what they say."""

import pytest

from simulator.modules.uhfreader18.frames import Command, Reply
from tests.simulator.modules.uhfreader18_bench import EPCS, Reader, reads_288, school_tags

INFO = 0x21


def test_the_reader_says_what_it_is_and_how_it_is_set():
    info = Reader().good(INFO)
    assert info[2:4] == b"\x09\x03"  # type, 6B and 6C
    assert info[4:6] == b"\x31\x80"  # US, channels 0-49
    assert info[6:] == bytes((30, 20, 1, 0, 0, 0))


@pytest.mark.parametrize(
    ("command", "data", "place", "value"),
    [
        (0x22, "4e00", 4, 0x4E),  # EU
        (0x22, "2d0a", 4, 0x2D),  # a UHFReader18's own band
        (0x2F, "14", 6, 20),
        (0x2F, "94", 6, 20),  # until power goes
        (0x25, "0a", 7, 10),
        (0x3F, "05", 8, 5),
        (0x3F, "85", 8, 5),
        (0x3F, "010003", 8, 3),
        (0x40, "01", 9, 1),
        (0x48, "03", 10, 3),
        (0x66, "01", 11, 1),
    ],
)
def test_a_setting_shows_in_the_readers_information(command, data, place, value):
    reader = Reader()
    assert reader.good(command, data) == b""
    assert reader.good(INFO)[place] == value


@pytest.mark.parametrize(
    ("setter", "data", "getter", "asked", "content"),
    [
        (0x2F, "14", 0x94, "", "14141414"),
        (0x2F, "0a0b0c0d", 0x94, "", "0a0b0c0d"),
        (0x46, "02", 0x47, "", "02"),
        (0x79, "9e", 0x7A, "", "9e"),
        (0x70, "01", 0x71, "", "01"),
        (0x35, "00 02 05 00 01 00", 0x36, "", "001e0a0f 000205000100 0800"),
        (0x34, "01 02 03 04", 0x36, "", "01020304 000204000600 0800"),
        (0x37, "03", 0x36, "", "001e0a0f 000204000600 0300"),
        (0x38, "64", 0x36, "", "001e0a0f 000204000600 0864"),
        (0x3B, "07", 0x3B, "ff", "07"),
        (0x78, "82", 0x78, "00", "02"),
        (0x7B, "85", 0x7B, "00", "05"),
        (0x7F, "82", 0x7F, "00", "02"),
        (0x90, "81", 0x90, "00", "01"),
        (0x6E, "8a", 0x6E, "00", "0a"),
        (0x75, "0001020403", 0x77, "", "00 0001020403 01000000" + "00" * 34),
        (0x75, "0000000401 01 0020 0c 3410", 0x77, "", "00 0000000401 0100200c 3410" + "00" * 32),
        (0x75, "0000000401 0006", 0x77, "", "00 0000000401 01000000" + "00" * 32 + "0006"),
        (0x41, "180b18090000", 0x42, "", "180b18090000"),
        (0x7D, "12345678", 0x7E, "", "12345678"),
        (0x81, "0501", 0x82, "", "0501"),
        (0x76, "02", 0x77, "", "02 0000000400 01000000" + "00" * 34),
        (0x35, "81", 0x35, "00", "01"),
    ],
)
def test_settings_are_read_back_as_set(setter, data, getter, asked, content):
    reader = Reader()
    reader.good(setter, data)
    assert reader.good(getter, asked) == bytes.fromhex(content)


def test_rarer_questions_have_believable_answers():
    reader = Reader()
    assert len(reader.good(0x4C)) == 4  # serial number
    assert reader.good(0x92) == bytes((1, 34))  # degrees above zero
    assert reader.good(0x91, "000df638 00") == bytes((18,))  # 915 MHz, antenna 1
    assert reader.good(0x91, "000df638 03")[0] < 10  # nothing is wired there
    assert len(reader.good(0x91, "000df638 00 05")) == 3
    assert reader.good(0x33, "010101") == b""
    for keeper in ("3c 0105", "3d 03", "3e 01", "44", "49 05", "4a 0006"):
        code, *data = bytes.fromhex(keeper)
        assert reader.good(code, bytes(data)) == b""
    assert reader.good(0x45, "0a") == b""
    assert reader.good(0x3A, "01") == b"\x01"


def test_address_255_is_refused_by_newer_readers_and_taken_for_0_by_the_first():
    newer = Reader(quirks=["288m"])
    assert newer.answer(0x24, "ff").status == 0xFF
    older = Reader(quirks=["18", "address=3"])
    older.good(0x24, "ff")
    assert older.answer(INFO).address == 0


def test_a_uhfreader18_takes_a_short_scan_time_for_a_second():
    older, newer = Reader(quirks=["18"]), Reader(quirks=["288m"])
    for reader, kept in ((older, 10), (newer, 2)):
        reader.good(0x25, "02")
        assert reader.good(INFO)[7] == kept


def test_power_has_each_models_limit():
    for quirk, most in (("18", 30), ("288m", 30), ("288mp", 33), ("86", 26)):
        reader = Reader(quirks=[quirk])
        assert reader.answer(0x2F, bytes((most,))).status == 0
        assert reader.answer(0x2F, bytes((most + 1,))).status == 0xFF


def test_power_and_channel_reach_the_field():
    seen = []
    reader = Reader(*school_tags(1), antennas=(1, 2))
    answers = reader.field.answer
    reader.field.answer = lambda antenna, at_s, power, mhz: (
        seen.append((antenna, power, mhz)) or answers(antenna, at_s, power, mhz)
    )
    reader.good(0x2F, "0a0c1e1e")
    reader.good(0x22, "4303")  # EU, channel 3 alone
    reader.ask(0x01, "0400 00 80 14")
    reader.ask(0x01, "0400 00 81 14")
    assert {(antenna, power) for antenna, power, _ in seen} == {(1, 10.0), (2, 12.0)}
    assert {round(mhz, 3) for *_, mhz in seen} == {865.7}
    reader.good(0x79, "85")
    seen.clear()
    reader.ask(0x04, "06 00000000" + EPCS[9].hex())
    assert {power for _, power, _ in seen} == {5.0}


def test_a_new_baud_rate_holds_after_the_answer_has_left():
    reader = Reader()
    reader.send(Command(0, 0x28, b"\x06").encode())
    assert reader.replies(0.002) == [Reply(0, 0x28, 0)]
    assert reader.module.baud == 57600
    reader.run(0.01)
    assert reader.module.baud == 115200
    assert reader.module.next_due_s is None


def test_tags_too_weak_for_the_power_are_not_read():
    reader = Reader(*school_tags(2))
    reader.good(0x2F, "00")
    assert reads_288(reader.ask(0x01, "0400")) == []
