"""What public host programs send at start and how they read the answer works with the emulator.

Each test is one program's habit: the very bytes it sends, and the bytes that its parser takes.
"""

from __future__ import annotations

import random

import pytest

from simulator.modules.m100.frames import AA_DD
from simulator.modules.tag import Tag
from tests.simulator.modules.bench import MANUAL_EPC, Bench

EPC = bytes.fromhex("e280699500005009f1286992")
PLAIN = bytes.fromhex("3414257bf400000000000c03")  # without a 7E


def talk(bench: Bench, frame: str, seconds: float = 0.3) -> bytes:
    """Send the frame; return all bytes that come."""
    bench.send(frame.replace(" ", ""))
    return b"".join(sent.data for sent in bench.run(seconds))


def framed(body: bytes) -> str:
    """A BB frame with this content, as a host computes it."""
    return (b"\xbb" + body + bytes((sum(body) & 0xFF, 0x7E))).hex()


def to_first_end(data: bytes) -> bytes:
    """What a host reads that takes the first 7E for the end of the frame."""
    return data[: data.index(0x7E) + 1]


def test_m5stack_arduino_begins_writes_and_reads_back():
    bench = Bench(Tag(PLAIN, access_password=0xFFFF), quirks=["26dbm"])
    version = to_first_end(talk(bench, "bb 00 03 00 01 00 04 7e"))
    assert version[6:-2] == b"M100 26dBm V1.0"
    assert talk(bench, "bb 00 b6 00 02 0a 28 ea 7e").hex() == "bb01b6000100b87e"
    notices = talk(bench, "bb 00 27 00 03 22 27 10 83 7e", seconds=3)
    assert notices[8:20] == PLAIN  # it needs END at the place that a 96-bit EPC gives it
    assert notices[23] == 0x7E
    select = framed(bytes.fromhex("000c00130100000020 6000") + PLAIN)
    bench = Bench(Tag(PLAIN, access_password=0xFFFF))
    assert talk(bench, select).hex() == "bb010c0001000e7e"
    written = talk(bench, "bb 00 49 00 0d 00 00 ff ff 03 00 00 00 02 12 34 56 78 6d 7e")
    assert written[2] == 0x49  # FF would be an error
    read = talk(bench, "bb 00 39 00 09 00 00 ff ff 03 00 00 00 02 45 7e")
    assert read[20:24] == bytes.fromhex("12345678")


def test_uiflow_works_for_a_session_as_on_real_hardware():
    bench = Bench(Tag(EPC, pc=0x3000))
    assert talk(bench, "bb00070001030b7e").hex() == "bb0107000100097e"
    assert talk(bench, "bb00b600020a28ea7e").hex() == "bb01b6000100b87e"
    notice = to_first_end(talk(bench, "bb00220000227e"))
    assert notice[6:22].hex() == "3000e280699500005009f1286992620a"
    assert talk(bench, "bb000a000210203c7e").hex() == "bb01ff000117187e"  # its wrong set query
    assert talk(bench, "bb00820007ffc02000000000687e").hex() == "bb01ff000117187e"  # LD first
    assert talk(bench, "bb0017 0000 17 7e").hex() == "bb0117000100197e"
    assert talk(bench, "55", seconds=0.1) == b""
    assert talk(bench, "bb00080000087e").hex() == "bb01080001030d7e"


def test_an_epc_with_the_end_byte_breaks_hosts_that_stop_there_as_the_module_does():
    bench = Bench(Tag(bytes.fromhex("30757eeb705c5904e3d50d70"), pc=0x3400))
    notice = talk(bench, "bb00220000227e")
    assert len(to_first_end(notice)) == 11
    assert notice[8:20].hex() == "30757eeb705c5904e3d50d70"


def test_m5stack_unit_library_brings_a_module_to_a_known_state():
    bench = Bench(Tag(PLAIN), quirks=["mode-reply-12"])  # it measured 12 on software V2.3.5
    for kind, checksum in (("00", "04"), ("01", "05"), ("02", "06")):
        assert talk(bench, f"bb 00 03 00 01 {kind} {checksum} 7e")[2] == 0x03
    for frame, answer in (
        ("bb 00 1d 00 01 00 1e 7e", "bb011d0001001f7e"),
        ("bb 00 12 00 01 01 14 7e", "bb0112000100147e"),
        ("bb 00 b0 00 01 00 b1 7e", "bb01b0000100b27e"),
        ("bb 00 f1 00 00 f1 7e", "bb01f10004030601b0b07e"),
        ("bb 00 f0 00 04 03 06 01 b0 ae 7e", "bb01f0000100f27e"),
    ):
        assert talk(bench, frame).hex() == answer
    began = talk(bench, "bb 00 27 00 03 22 03 e8 37 7e", seconds=1)
    assert began
    answers = b"".join(talk(bench, "bb 00 b7 00 00 b7 7e", seconds=0.05) for _ in range(5))
    assert answers.count(bytes.fromhex("bb01b7000207d0917e")) == 5  # in between the notices
    assert talk(bench, "bb 00 28 00 00 28 7e").endswith(bytes.fromhex("bb01280001002a7e"))


def test_m5stack_unit_library_wakes_a_module_by_asking_again():
    bench = Bench()
    talk(bench, "bb 00 17 00 00 17 7e")
    talk(bench, "55", seconds=0.02)
    answered = [bool(talk(bench, "bb 00 b7 00 00 b7 7e", seconds=0.5)) for _ in range(3)]
    assert answered == [False, True, True]


def test_rfid_r200_reads_its_tags_with_ten_rounds():
    bench = Bench(Tag(EPC), Tag(PLAIN), family="m100-aa", framing=AA_DD)
    assert talk(bench, "aa 00 03 00 01 00 04 dd")[5:-2] == b"\x00M100 V1.00"
    assert talk(bench, "aa 00 b7 00 00 b7 dd").hex() == "aa01b7000207d091dd"
    assert talk(bench, "aa 00 f0 00 04 02 07 00 64 61 dd").hex() == "aa01f0000100f2dd"
    frames = bench.parser.feed(talk(bench, "aa 00 27 00 03 22 00 0a 56 dd", seconds=2))
    assert {frame.params[3:15] for frame in frames if frame.command == 0x22} == {EPC, PLAIN}
    assert bench.run(2) == []


def test_playful_polls_for_ever_and_stops():
    bench = Bench(Tag(EPC), family="m100-aa", framing=AA_DD)
    assert talk(bench, "aa 00 03 00 01 00 04 dd").endswith(b"\xdd")
    notice = talk(bench, "aa 00 22 00 00 22 dd")
    assert (notice[0], notice[8:20], notice[-1]) == (0xAA, EPC, 0xDD)
    assert talk(bench, "aa 00 27 00 03 22 ff ff 4a dd", seconds=1)
    assert talk(bench, "aa 00 28 00 00 28 dd").endswith(bytes.fromhex("aa01280001002add"))


def test_yrm100lib_polls_with_the_carrier_switched_on():
    bench = Bench(Tag(EPC))
    assert talk(bench, "bb 00 1d 00 01 00 1e 7e").hex() == "bb011d0001001f7e"
    assert talk(bench, "bb 00 b0 00 01 ff b0 7e").hex() == "bb01b0000100b27e"
    assert talk(bench, "bb 00 07 00 01 03 0b 7e").hex() == "bb0107000100097e"
    for _ in range(5):
        notice = talk(bench, "bb 00 22 00 00 22 7e")
        assert len(notice) == 24  # it divides what came by this size
        assert notice[8:20] == EPC
    assert talk(bench, "bb 00 b0 00 01 00 b1 7e").hex() == "bb01b0000100b27e"


@pytest.mark.parametrize("stray", ["", "00", "bb", "7e"])
def test_flipper_selects_and_finds_the_size_of_a_bank_by_overruns(stray):
    bench = Bench(Tag(MANUAL_EPC, tid=bytes(24), user_bytes=64))
    for kind, checksum in (("00", "04"), ("01", "05"), ("02", "06")):
        assert talk(bench, f"bb 00 03 00 01 {kind} {checksum} 7e")[2] == 0x03
    assert talk(bench, "bb 00 22 00 00 22 7e")[8:20] == MANUAL_EPC
    # Its select carries one byte too many behind the frame, whatever stood in its buffer.
    select = "bb 00 0c 00 13 01 00 00 00 20 60 00" + MANUAL_EPC.hex() + "ad 7e"
    assert talk(bench, select + stray).hex() == "bb010c0001000e7e"
    for bank, words in ((2, 12), (3, 32)):
        low, high = 5, 100
        while low < high:
            asked = (low + high) // 2
            body = bytes((0, 0x39, 0, 9, 0, 0, 0, 0, bank, 0, 0, 0, asked))
            answer = talk(bench, framed(body))
            if answer[2] == 0xFF:
                assert answer[4] != 1  # one byte would mean that no tag is there
                high = asked - 1
            else:
                low = asked + 1
        assert high in (words - 1, words, words + 1)


def test_vendor_tools_read_the_tid_of_each_of_several_tags_by_selecting_its_epc():
    rng = random.Random(3)
    tags = [Tag(rng.randbytes(12), tid=rng.randbytes(12)) for _ in range(4)]
    bench = Bench(*tags)
    for tag in tags:
        bench.answer(0x0C, b"\x01\0\0\0\x20\x60\0" + tag.epc)
        reply = bench.answer(0x39, "00000000 02 0000 0006").params
        assert (reply[3:15], reply[15:]) == (tag.epc, tag.read(2, 0, 6, True))
