"""Tags are read, written, locked and killed through a UHFReader as the manuals say."""

import pytest

from simulator.modules.special_tags import G2xTag
from simulator.modules.tag import Tag
from simulator.modules.uhfreader18.frames import Reply
from tests.simulator.modules.uhfreader18_bench import EPCS, Reader, epcs_18, school_tags

READ, WRITE, WRITE_EPC, KILL, LOCK, ERASE = 0x02, 0x03, 0x04, 0x05, 0x06, 0x07
TID = bytes.fromhex("e28069950000400112345678")
NAMED = "06" + EPCS[1].hex()  # ENUM and EPC of the second tag


def three_tags() -> list[Tag]:
    return [Tag(EPCS[0]), Tag(EPCS[1], tid=TID, access_password=0x1234), Tag(EPCS[2])]


@pytest.mark.parametrize(
    "named",
    [
        (NAMED, ""),
        (NAMED, "000c"),  # all 12 bytes of it
        (NAMED, "0b01"),  # its last byte
        ("ff", "01 0020 60" + EPCS[1].hex()),
        ("ff", "02 0000 60" + TID.hex()),
    ],
)
@pytest.mark.parametrize(("command", "pointer"), [(READ, "00"), (0x15, "0000")])
def test_a_tid_is_read_from_the_tag_that_is_named(named, command, pointer):
    before, behind = named
    reader = Reader(*three_tags())
    assert reader.good(command, before + "02" + pointer + "06 00000000" + behind) == TID


def test_without_a_name_any_tag_is_read():
    assert Reader(Tag(EPCS[4])).good(READ, "00 01 02 06 00000000") == EPCS[4]


def test_what_is_written_stays():
    reader = Reader(*three_tags())
    reader.good(WRITE, "02" + NAMED + "03 00 cafebabe 00001234")
    assert reader.good(READ, NAMED + "03 00 02 00000000").hex() == "cafebabe"
    reader.good(0x10, "01" + NAMED + "03 01 0bad 00000000")
    reader.good(0x16, "01 ff 03 0002 0dad 00000000 01 0020 60" + EPCS[1].hex())
    assert reader.good(READ, NAMED + "03 00 03 00000000").hex() == "cafe0bad0dad"
    reader.good(ERASE, NAMED + "03 00 02 00000000")
    assert reader.good(READ, NAMED + "03 00 03 00000000").hex() == "000000000dad"


@pytest.mark.parametrize("epc", ["30323038", "e20011223344556677889900", "aa" * 16])
def test_a_written_epc_is_listed_with_its_own_length(epc):
    reader = Reader(Tag(EPCS[0]))
    words = len(epc) // 4
    reader.good(WRITE_EPC, f"{words:02x} 00000000 {epc}")
    assert epcs_18(reader.ask(0x01)) == [bytes.fromhex(epc)]


def test_a_password_is_set_by_writing_it_and_asked_for_from_then_on():
    reader = Reader(Tag(EPCS[0]))
    reader.good(WRITE, "02 00 00 02 00005678 00000000")
    reader.good(LOCK, "00 02 02 00005678")
    assert reader.answer(WRITE_EPC, "06 00000000" + EPCS[7].hex()) == Reply(0, 4, 0xFC, b"\x04")
    assert reader.answer(WRITE_EPC, "06 00009999" + EPCS[7].hex()).status == 0x05
    reader.good(WRITE_EPC, "06 00005678" + EPCS[7].hex())
    assert epcs_18(reader.ask(0x01)) == [EPCS[7]]
    reader.good(LOCK, "00 02 00 00005678")
    reader.good(WRITE_EPC, "06 00000000" + EPCS[8].hex())
    reader.good(LOCK, "00 02 03 00005678")
    assert reader.answer(WRITE_EPC, "06 00005678" + EPCS[7].hex()).status == 0xFC
    assert reader.answer(LOCK, "00 02 00 00005678").status == 0xFC


def test_a_killed_tag_is_silent_for_good():
    reader = Reader(Tag(EPCS[0], kill_password=0xDEAD), Tag(EPCS[2]))
    named = "06" + EPCS[0].hex()
    assert reader.answer(KILL, named + "00000000").status == 0x0A
    assert reader.answer(KILL, named + "00000001").status == 0x09
    reader.good(KILL, named + "0000dead")
    assert epcs_18(reader.ask(0x01)) == [EPCS[2]]
    assert reader.answer(KILL, "06" + EPCS[2].hex() + "0000dead") == Reply(0, 5, 0xFC, b"\x00")


def test_the_tags_own_errors_follow_status_fc():
    reader = Reader(Tag(EPCS[0]))
    assert reader.answer(READ, "00 02 00 40 00000000") == Reply(0, READ, 0xFC, b"\x03")
    assert reader.answer(WRITE, "01 00 02 00 1234 00000000") == Reply(0, WRITE, 0xFC, b"\x04")


def test_no_tag_and_a_tag_too_weak_are_told_apart():
    reader = Reader(*school_tags(2))
    absent = "06" + EPCS[70].hex()
    assert reader.answer(READ, absent + "02 00 06 00000000").status == 0xFB
    faint = Reader(*school_tags(1), read_probability=0.0)
    assert faint.answer(READ, "00 02 00 06 00000000").status == 0xFA


@pytest.mark.parametrize(
    ("command", "data", "status"),
    [
        (READ, "", 0xFD),
        (READ, "00 02 00", 0xFD),
        (READ, "00 02 00 06 00000000 00", 0xFD),
        (READ, "00 04 00 06 00000000", 0xFF),
        (READ, "00 02 00 00 00000000", 0xFF),
        (READ, "00 02 00 79 00000000", 0xFF),
        (READ, "20" + "00" * 64 + "02 00 06 00000000", 0xFF),
        (READ, NAMED + "02 00 06 00000000 0b02", 0xFF),
        (READ, "ff 02 00 06 00000000", 0xFD),
        (READ, "ff 02 00 06 00000000 04 0000 08 e2", 0xFF),
        (WRITE, "00 00 03 00 00000000", 0xFF),
        (WRITE, "02 00 03 00 1234 00000000", 0xFD),
        (WRITE_EPC, "00 00000000", 0xFF),
        (WRITE_EPC, "06 00000000 1234", 0xFD),
        (KILL, "00", 0xFD),
        (LOCK, "00 05 00 00000000", 0xFF),
        (LOCK, "00 02 04 00000000", 0xFF),
        (ERASE, "00 01 00 01 00000000", 0xFF),
        (0x08, "00 00000000", 0x0C),
        (0x09, "00000000", 0x0C),
        (0x0C, "00 00000000 01", 0x19),
        (0x0E, "00 00001234 0e", 0xFF),
    ],
)
def test_wrong_parameters_are_answered_by_their_status(command, data, status):
    assert Reader(*school_tags(1)).answer(command, data) == Reply(0, command, status)


def test_an_nxp_tag_hides_its_epc_and_shows_it_again():
    reader = Reader(G2xTag(EPCS[0], access_password=0x1234))
    assert reader.good(0x0B) == b"\x01"
    reader.good(0x08, "06" + EPCS[0].hex() + "00001234")
    assert epcs_18(reader.ask(0x01)) == [bytes(12)]
    assert reader.good(0x0B) == b"\x00"
    assert reader.answer(0x09, "00001234").status == 0x0D
    reader.good(0x0A, "00001234")
    assert epcs_18(reader.ask(0x01)) == [EPCS[0]]
    assert reader.answer(0x0A, "00001234").status == 0x0E


def test_an_nxp_tags_alarm_is_set_and_heard():
    reader = Reader(G2xTag(EPCS[0], access_password=0x1234))
    assert reader.answer(0x0D).status == 0xFB
    reader.good(0x0C, "00 00001234 01")
    reader.good(0x0D)


def test_other_tags_do_not_know_nxps_commands():
    reader = Reader(Tag(EPCS[0], access_password=0x1234))
    assert reader.answer(0x08, "00 00001234").status == 0x0B
    assert reader.answer(0x0A, "00001234").status == 0x0E
    assert reader.good(0x0B) == b"\x01"
    assert reader.answer(0x0C, "00 00001234 01").status == 0x19
    assert reader.answer(0x0D).status == 0xFB
    assert reader.answer(0x0E, "00 00001234 02").status == 0x0B


def test_tags_are_found_on_whatever_antenna_they_lie():
    reader = Reader(Tag(EPCS[0]), antennas=(1, 2))
    answers = reader.field.answer
    reader.field.answer = lambda antenna, *rest: answers(antenna, *rest) if antenna == 2 else ()
    assert reader.answer(READ, "00 01 02 06 00000000").status == 0xFB
    reader.good(0x3F, "03")
    assert reader.good(READ, "00 01 02 06 00000000") == EPCS[0]
