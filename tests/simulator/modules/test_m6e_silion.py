"""With the quirk `silion` the module speaks as Silion's do: what differs from ThingMagic's."""

import json
from pathlib import Path

import pytest

from simulator.modules.m6e.frames import Command, CommandParser, Reply
from simulator.modules.tag import Tag, crc16
from tests.simulator.modules.m6e_bench import NANO_EPC, M6eBench

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "frames_m6e.json").read_text(encoding="utf-8")
)
SILION = [row for row in VECTORS if row["family"] == "silion"]
STOPPED = b"Moduletech" + bytes.fromhex("aa49f3bb")


def silion(*tags: Tag, **options: object) -> M6eBench:
    return M6eBench(*tags, quirks=["silion"], **options)


def start(body: str) -> bytes:
    """Return the data of a start: metadata, option, flags and what follows."""
    inside = b"\xaa\x48" + bytes.fromhex(body)
    return b"Moduletech" + inside + bytes((sum(inside) & 0xFF, 0xBB))


ANSWERS = {
    "async stop": Reply(0xAA, 0, STOPPED),
    "get version": Reply(0x03, 0, bytes.fromhex("13041500 a8000001 20130522 13052300 00000010")),
    "set antenna": Reply(0x91),
    "set region NA": Reply(0x97),
    "get protocol param session": Reply(0x6B, 0, b"\x05\x00\x00"),
}


@pytest.mark.parametrize("row", SILION, ids=lambda row: row["name"])
def test_each_frame_of_its_public_client_is_spoken_or_understood(row):
    if row["direction"] == "host>module":
        (command,) = CommandParser().feed(bytes.fromhex(row["hex"]))
        assert silion().answer(command.opcode, command.data) == ANSWERS[row["name"]]
    else:
        assert silion().raw(Command(0x0C).encode()).hex() == row["hex"]


def test_its_antenna_command_needs_the_option():
    bench = silion()
    assert bench.answer(0x91, "0101").status != 0
    assert bench.answer(0x91, "02 0101") == Reply(0x91)
    assert bench.answer(0x61, "02").data.hex() == "020101"
    assert bench.answer(0x91, "03 01 0bb8 0bb8") == Reply(0x91)
    assert bench.answer(0x61, "03").data.hex() == "03010bb80bb8"
    assert bench.answer(0x61, "05").data.hex() == "050101"


def test_its_identity_has_the_sizes_its_client_demands():
    bench = silion()
    assert len(bench.answer(0x10, "0000").data) == 12
    assert bench.answer(0x71).data.hex() == "0106080aff"
    assert bench.answer(0x67).data == b"\x01"
    assert len(bench.answer(0x65).data) % 4 == 0 and bench.answer(0x65).data
    assert len(bench.answer(0x66).data) == 4
    assert len(bench.answer(0x96).data) == 4


def test_its_stream_tells_tags_with_the_length_in_bytes_and_ends_with_its_own_stop():
    bench = silion(Tag(NANO_EPC))
    bench.answer(0x9A, "010c00")
    replies = bench.ask(0xAA, start("00ff 00 8000"), 3)
    assert replies[0] == Reply(0xAA, 0, start("")[:10] + bytes.fromhex("aa48f2bb"))
    beats = [reply for reply in replies if reply.data.startswith(b"XTSJ\x80\x00")]
    assert len(beats) in (2, 3)
    tags = [reply for reply in replies[1:] if reply not in beats]
    crc = crc16(b"\x30\x00" + NANO_EPC).to_bytes(2, "big")
    for reply in tags:
        assert reply.data[:2] == b"\x00\xff"
        assert reply.data[-17:] == b"\x10\x30\x00" + NANO_EPC + crc
    assert len(tags) > 20
    assert bench.ask(0xAA, STOPPED, 1)[-1] == Reply(0xAA, 0, STOPPED)
    assert bench.replies(2) == []


def test_its_stream_takes_a_filter_and_rests_when_told():
    other = Tag(bytes.fromhex("e2000015860e01861050b205"))
    bench = silion(Tag(NANO_EPC), other)
    bench.answer(0x9A, "010c00")
    body = "0000 04 0a00 00000000 00000020 60" + NANO_EPC.hex()
    bench.send(Command(0xAA, start(body)).encode())
    began_s = bench.now_s
    sent = [one for one in bench.run(4) if one.is_notice]
    assert sent and all(NANO_EPC in one.data for one in sent)
    assert all((one.at_s - began_s) % 1.0 < 0.6 for one in sent)


@pytest.mark.parametrize("data", [b"", b"Moduletech", STOPPED[:-1] + b"\0", start("00ff")])
def test_a_malformed_start_is_refused(data):
    assert silion(Tag(NANO_EPC)).answer(0xAA, data).status in (0x0100, 0x0105)


def test_its_synchronous_search_is_the_common_one():
    bench = silion(Tag(NANO_EPC))
    assert bench.answer(0x22, "00 0000 01f4").data.hex() == "00000001"
    assert bench.answer(0x29, "0000 00").data[3] == 1
