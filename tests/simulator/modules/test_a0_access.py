"""An emulated A0 reader reads, writes, locks and kills tags, and buffers what it found."""

import pytest

from simulator.modules.a0.frames import Code
from simulator.modules.tag import Tag, crc16
from tests.simulator.modules.a0_bench import LEVEL_DBM, OK, Bench, code, epcs_of

EPCS = [bytes.fromhex(f"3414257bf4000000000000{n:02x}") for n in range(8)]
TID = bytes.fromhex("e28069950000000000001234")
FREE = "00000000"


def identity(epc: bytes) -> bytes:
    """PC, EPC and CRC as a tag sends them."""
    answer = (len(epc) // 2 << 11).to_bytes(2, "big") + epc
    return answer + crc16(answer).to_bytes(2, "big")


def match(bench: Bench, epc: bytes) -> None:
    assert bench.answer(0x85, f"00{len(epc):02x}" + epc.hex()) == OK


# Reading and writing


def test_a_read_answers_a_frame_for_each_tag_on_the_port():
    bench = Bench(*(Tag(epc, tid=TID) for epc in EPCS[:3]))
    answers = bench.ask(0x81, "02 00 06" + FREE)
    assert sorted(data[:-2] for data in answers) == [
        b"\x00\x03" + bytes((16 + 12,)) + identity(epc) + TID + b"\x0c" for epc in EPCS[:3]
    ]
    assert {data[-2] & 3 for data in answers} == {0} and {data[-1] for data in answers} == {1}


def test_a_match_leaves_the_one_tag_it_names():
    bench = Bench(*(Tag(epc) for epc in EPCS[:5]))
    match(bench, EPCS[3])
    (answer,) = bench.ask(0x81, "03 00 02" + FREE)
    assert answer[5:17] == EPCS[3] and answer[:2] == b"\x00\x01"
    match(bench, EPCS[7])
    assert bench.answer(0x81, "03 00 02" + FREE) == code(Code.NO_TAG)
    assert len(epcs_of(bench.ask(0x89, "01"))) == 5  # it is for accesses only
    assert bench.answer(0x85, "01") == OK
    assert len(bench.ask(0x81, "03 00 02" + FREE)) == 5


def test_on_some_boards_the_match_is_heeded_by_nobody():
    bench = Bench(*(Tag(epc) for epc in EPCS[:2]), quirks=["match-not-working"])
    match(bench, EPCS[1])
    assert len(bench.ask(0x81, "03 00 02" + FREE)) == 2


@pytest.mark.parametrize("command", [0x82, 0x94])
def test_a_new_epc_is_written_and_remembered(command):
    tag, new = Tag(EPCS[0]), bytes.fromhex("e20000158606025118304fb0")
    bench = Bench(tag)
    answer = bench.answer(command, FREE + "01 02 06" + new.hex())
    assert answer[:-2] == b"\x00\x01\x10" + identity(EPCS[0]) + b"\x10"  # as it was called
    assert tag.epc == new
    assert epcs_of(bench.ask(0x89, "01")) == [new]


def test_the_whole_bank_is_read_with_a_count_of_zero():
    answer = Bench(Tag(EPCS[0], user_bytes=32)).answer(0x81, "03 00 00" + FREE)
    assert answer[-3] == 32


def test_three_banks_are_read_at_once_by_the_long_form():
    tag = Tag(EPCS[0], tid=TID, kill_password=0x01020304)
    answer = Bench(tag).answer(0x81, "0002 0006 0002" + FREE + "00 00 00 64")
    assert answer[-3] == 4 + 12 + 4
    assert answer[3 + 16 : -3] == bytes.fromhex("01020304") + TID + bytes(4)


def test_what_a_tag_refuses_has_the_commands_own_code():
    bench = Bench(Tag(EPCS[0], tid=TID))
    assert bench.answer(0x81, "02 00 20" + FREE) == code(Code.READ_FAILED)
    assert bench.answer(0x82, FREE + "02 00 01 0000") == code(Code.WRITE_FAILED)
    assert bench.answer(0x84, FREE) == code(Code.KILL_FAILED)
    for command, data in ((0x81, "020006"), (0x82, FREE + "0300010000"), (0x84, FREE)):
        assert Bench().answer(command, data) == code(Code.NO_TAG)


def test_arguments_that_cannot_be_are_refused_without_looking_for_tags():
    bench = Bench(Tag(EPCS[0]))
    for command, data, why in (
        (0x81, "04 00 01" + FREE, Code.BANK),
        (0x81, "03 00 ff" + FREE, Code.WORD_COUNT),
        (0x81, "03 00", Code.PARAMETER),
        (0x82, FREE + "04 00 01 0000", Code.BANK),
        (0x82, FREE + "03 00 00", Code.WORD_COUNT),
        (0x82, FREE + "03 00 02 0000", Code.PARAMETER),
        (0x83, FREE + "06 01", Code.LOCK_REGION),
        (0x83, FREE + "00 01", Code.LOCK_REGION),
        (0x83, FREE + "01 04", Code.LOCK_TYPE),
        (0x83, FREE, Code.PARAMETER),
        (0x84, "0000", Code.PARAMETER),
    ):
        assert bench.answer(command, data) == code(why), (hex(command), data)
    assert bench.field.asked == []


# Passwords, locks, kill


def test_a_locked_memory_is_written_only_with_the_password():
    tag = Tag(EPCS[0], access_password=0x11223344)
    bench = Bench(tag)
    assert bench.answer(0x83, FREE + "01 01") == code(Code.LOCK_FAILED)  # not secured
    assert bench.answer(0x83, "99999999" + "01 01") == code(Code.PASSWORD)
    assert bench.answer(0x83, "11223344" + "01 01")[-3] == Code.SUCCESS
    assert bench.answer(0x82, FREE + "03 00 01 cafe") == code(Code.WRITE_FAILED)
    assert bench.answer(0x82, "11223344" + "03 00 01 cafe")[-3] == Code.SUCCESS
    assert bench.answer(0x83, "11223344" + "01 00")[-3] == Code.SUCCESS
    assert bench.answer(0x82, FREE + "03 00 01 beef")[-3] == Code.SUCCESS


def test_each_memory_is_locked_by_its_own_number():
    writes = {
        1: "03 00 01 0000",
        3: "01 02 01 3414",
        4: "00 02 02 11223344",
        5: "00 00 02 00000000",
    }
    for memory in writes:
        bench = Bench(Tag(EPCS[0], access_password=0x11223344))
        assert bench.answer(0x83, f"11223344 {memory:02x} 03")[-3] == Code.SUCCESS
        for other, write in writes.items():
            answer = bench.answer(0x82, "11223344" + write)
            assert (answer == code(Code.WRITE_FAILED)) == (other == memory), (memory, other)


def test_passwords_are_read_until_they_are_locked():
    bench = Bench(Tag(EPCS[0]))
    assert bench.answer(0x82, FREE + "00 00 04 0000000711223344")[-3] == Code.SUCCESS
    assert bench.answer(0x81, "00 00 04 11223344")[19:27].hex() == "0000000711223344"
    assert bench.answer(0x83, "11223344 04 01")[-3] == Code.SUCCESS
    assert bench.answer(0x81, "00 02 02" + FREE) == code(Code.READ_FAILED)
    assert bench.answer(0x81, "00 02 02 11223344")[-3] == 4


def test_a_killed_tag_is_silent_for_ever():
    bench = Bench(Tag(EPCS[0], kill_password=7))
    assert bench.answer(0x84, "00000008") == code(Code.KILL_FAILED)
    assert bench.answer(0x84, "00000007")[-3] == Code.SUCCESS
    assert bench.ask(0x89, "01") == [bytes(7)]


def test_where_some_tags_fail_each_says_so():
    bench = Bench(Tag(EPCS[0]), Tag(EPCS[1], access_password=5))
    answers = bench.ask(0x82, "00000005" + "03 00 01 cafe")
    assert {data[5:17]: data[-3] for data in answers} == {
        EPCS[0]: Code.PASSWORD,
        EPCS[1]: Code.SUCCESS,
    } and {data[:2] for data in answers} == {b"\x00\x02"}


# The buffer


def test_the_buffer_keeps_each_tag_once_with_its_crc_signal_place_and_count():
    bench = Bench(*(Tag(epc) for epc in EPCS[:3]))
    bench.answer(0x74, "01")
    end = bench.answer(0x80, "05", seconds=2)
    assert end[:3] == b"\x01\x00\x03" and end[5:] == bytes((0, 0, 0, 15))
    frames = bench.ask(0x90)
    signal = int(LEVEL_DBM) + 129
    assert sorted(data[:-3] for data in frames) == [
        b"\x00\x03\x10" + identity(epc) for epc in EPCS[:3]
    ]
    assert {(data[-3], data[-2] & 3, data[-1]) for data in frames} == {(signal, 1, 5)}


def test_the_buffer_is_counted_emptied_and_then_empty():
    bench = Bench(*(Tag(epc) for epc in EPCS[:3]))
    bench.answer(0x80, "ff")
    assert bench.answer(0x92) == b"\x00\x03"
    assert bench.answer(0x80, "01")[:3] == b"\x00\x00\x03"
    assert [data[-1] for data in bench.ask(0x91)] == [2, 2, 2]
    assert bench.answer(0x90) == bench.answer(0x91) == code(Code.BUFFER_EMPTY)
    bench.answer(0x80, "01")
    assert bench.answer(0x93) == OK
    assert bench.answer(0x92) == b"\x00\x00"


def test_a_full_buffer_leaves_at_the_lines_pace_and_whole():
    epcs = [n.to_bytes(12, "big") for n in range(1, 601)]
    bench = Bench(*(Tag(epc) for epc in epcs))
    assert bench.answer(0x80, "03", seconds=30)[1:3] == (600).to_bytes(2, "big")
    frames = bench.ask(0x90, seconds=5)
    assert sorted(data[5:17] for data in frames) == epcs
    assert sorted(data[5:17] for data in bench.ask(0x81, "020001", seconds=30)) == epcs
    assert bench.module.stats.dropped_frames == 0


def test_a_count_of_reads_stays_below_the_bit_for_the_upper_ports():
    bench = Bench(Tag(EPCS[0]), antennas=range(1, 9), quirks=["eight-ports"])
    bench.answer(0x74, "06")
    bench.answer(0x80, "c8", seconds=20)
    (frame,) = bench.ask(0x90)
    assert frame[-1] == 0xFF and frame[-2] & 3 == 2  # 127 reads and more, port 7
