"""Work on one tag through an emulated M6e is done, remembered and refused as on a module."""

import pytest

from simulator.modules.m6e.frames import Reply
from simulator.modules.tag import Tag, crc16
from tests.simulator.modules.m6e_bench import NANO_EPC, M6eBench

OTHER_EPC = bytes.fromhex("e2000015860e01861050b205")
TIMEOUT, NO_PASSWORD = "03e8", "00000000"
BY_EPC = "60" + NANO_EPC.hex()


def bench_with(tag: Tag) -> M6eBench:
    """A module over the tag and another one."""
    return M6eBench(tag, Tag(OTHER_EPC)).ready()


def test_a_written_epc_is_read_afterwards_and_the_pc_follows_its_length():
    tag = Tag(NANO_EPC)
    bench = bench_with(tag)
    new = "0123456789abcdef"
    assert bench.answer(0x23, TIMEOUT + "01" + NO_PASSWORD + BY_EPC + new) == Reply(0x23)
    assert (tag.epc.hex(), tag.pc) == (new, 0x2000)
    long = "34" * 20
    assert bench.answer(0x23, TIMEOUT + "01" + NO_PASSWORD + "40" + new + long).status == 0x0423
    tag = Tag(NANO_EPC, epc_words=16)
    bench = M6eBench(tag).ready()
    assert bench.answer(0x23, TIMEOUT + "00 00" + long) == Reply(0x23)
    assert (tag.epc.hex(), tag.pc) == (long, 0x5000)


@pytest.mark.parametrize(
    ("bank", "word", "words", "expected"),
    [
        (0, 0, 4, "1111111100000000"),
        (1, 2, 6, NANO_EPC.hex()),
        (2, 0, 6, "e28069950000000000000000"),
        (3, 0, 0, "00" * 64),
        (1, 1, 1, "3000"),
    ],
)
@pytest.mark.parametrize("form", ["old", "option", "metadata"])
def test_each_bank_is_read_in_each_form_of_the_command(bank, word, words, expected, form):
    bench = M6eBench(Tag(NANO_EPC, kill_password=0x11111111)).ready()
    place = f"{bank:02x}{word:08x}{words:02x}"
    head = {"old": "", "option": "00", "metadata": "10 0000"}[form]
    reply = bench.answer(0x28, TIMEOUT + head + place)
    assert reply.data.hex() == head.replace(" ", "") + expected


def test_metadata_of_a_read_stand_before_its_data():
    bench = M6eBench(Tag(NANO_EPC)).ready()
    reply = bench.answer(0x28, TIMEOUT + "10 00c6 02 00000000 02")
    assert reply.data[:3].hex() == "1000c6"
    assert reply.data[4:8].hex() == "11050000"  # antenna, protocol, no data among the fields
    assert reply.data[8:].hex() == "e2806995"


def test_the_filter_chooses_the_tag_that_is_read():
    bench = bench_with(Tag(NANO_EPC, tid=bytes.fromhex("e2801105")))
    reply = bench.answer(0x28, TIMEOUT + "01 02 00000000 02" + NO_PASSWORD + BY_EPC)
    assert reply.data.hex() == "01e2801105"
    # hosts of other makers leave out the password where none is used
    assert bench.answer(0x28, TIMEOUT + "01 02 00000000 02" + BY_EPC) == reply
    assert bench.answer(0x28, "0064 01 02 00000000 02" + "10 ffff").status == 0x0400


def test_one_tag_is_identified_with_and_without_metadata():
    bench = M6eBench(Tag(NANO_EPC)).ready()
    crc = crc16(b"\x30\x00" + NANO_EPC).to_bytes(2, "big")
    assert bench.answer(0x21, TIMEOUT).data == NANO_EPC + crc
    assert bench.answer(0x21, TIMEOUT + "00").data == b"\0" + NANO_EPC + crc
    reply = bench.answer(0x21, TIMEOUT + "10 0044")
    assert reply.data == bytes.fromhex("10004411 05") + NANO_EPC + crc
    assert bench.answer(0x21, "0064 01" + BY_EPC).data == b"\x01" + NANO_EPC + crc
    assert M6eBench().ready().answer(0x21, "0064") == Reply(0x21, 0x0400)


def test_an_access_password_is_set_locks_the_tag_and_opens_it_again():
    tag = Tag(NANO_EPC)
    bench = bench_with(tag)
    password = "00003039"
    assert bench.answer(0x24, TIMEOUT + "01 00000002 00" + NO_PASSWORD + BY_EPC + password) == (
        Reply(0x24)
    )
    assert tag.access_password == 0x3039
    assert bench.answer(0x25, TIMEOUT + "01" + password + "0002 0002" + BY_EPC) == Reply(0x25)
    write = TIMEOUT + "01 00000000 03 {} " + BY_EPC + "cafe"
    assert bench.answer(0x24, write.format(NO_PASSWORD)) == Reply(0x24, 0x0406)
    assert bench.answer(0x24, write.format(password)) == Reply(0x24)
    assert bench.answer(0x24, write.format("00000001")) == Reply(0x24, 0x040A)
    assert bench.answer(0x25, TIMEOUT + "01" + password + "0002 0000" + BY_EPC) == Reply(0x25)
    assert bench.answer(0x24, write.format(NO_PASSWORD)) == Reply(0x24)
    assert bench.answer(0x25, TIMEOUT + "01 00000009 0002 0002" + BY_EPC) == Reply(0x25, 0x040A)


def test_only_the_right_kill_password_silences_a_tag():
    tag = Tag(NANO_EPC, kill_password=0xBEADEAD1)
    bench = bench_with(tag)
    assert bench.answer(0x26, TIMEOUT + "01 00000007 00" + BY_EPC) == Reply(0x26, 0x040E)
    assert bench.answer(0x26, TIMEOUT + "01 beadead1 00" + BY_EPC) == Reply(0x26)
    assert tag.killed
    assert bench.answer(0x28, "0064 01 02 00000000 02" + NO_PASSWORD + BY_EPC).status == 0x0400


@pytest.mark.parametrize(
    ("opcode", "data", "status"),
    [
        (0x28, "02 00000006 02", 0x0423),
        (0x24, "00 00000000 02 1234", 0x0406),
        (0x24, "00 00000100 03 1234", 0x0423),
        (0x2D, "07 40 0007 00 8046", 0x040A),  # an NXP command to a tag that is none
        (0x2E, "00 40 01 00 01 03 00000000 01 8000", 0x040A),
    ],
)
def test_what_the_tag_refuses_is_named(opcode, data, status):
    assert M6eBench(Tag(NANO_EPC)).ready().answer(opcode, TIMEOUT + data).status == status


def test_blocks_are_written_and_erased():
    bench = M6eBench(Tag(NANO_EPC)).ready()
    block = "00 40 00c7 00 03 00000001 02 11223344"
    assert bench.answer(0x2D, TIMEOUT + block).data.hex() == "004000c7"
    assert bench.answer(0x28, TIMEOUT + "03 00000000 04").data.hex() == "0000112233440000"
    assert bench.answer(0x2E, TIMEOUT + "00 40 00 00000002 03 01") == Reply(0x2E)
    assert bench.answer(0x28, TIMEOUT + "03 00000000 04").data.hex() == "0000112200000000"


def test_a_write_can_be_read_back_in_the_same_command():
    bench = M6eBench(Tag(NANO_EPC)).ready()
    reply = bench.answer(0x24, TIMEOUT + "84 00 00000000 03 cafe" + "03 00000000 02")
    assert reply.data.hex() == "8400cafe0000"


def test_an_access_ends_as_soon_as_its_tag_is_found():
    bench = M6eBench(Tag(NANO_EPC)).ready()
    began_s = bench.now_s
    bench.send("ff08282710020000000006")
    bench.run(0.2)
    replies = bench.ask(0x28, "2710 02 00000000 06", 1)
    assert replies[0].status == 0
    assert bench.now_s - began_s < 2
