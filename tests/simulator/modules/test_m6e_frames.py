"""Every captured and documented frame of the family is spoken or understood, byte for byte."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.modules.m6e.frames import Command, CommandParser, Reply, crc
from simulator.modules.m6e.records import Sighting, record
from simulator.modules.special_tags import MonzaQtTag
from simulator.modules.tag import Tag
from tests.simulator.modules.m6e_bench import NANO_EPC, M6eBench, ReplyParser

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "frames_m6e.json").read_text(encoding="utf-8")
)
TO_MODULE = [row for row in VECTORS if row["direction"] == "host>module"]
TO_HOST = [row for row in VECTORS if row["direction"] == "module>host"]
CAPTURED_REPLIES = {row["hex"] for row in TO_HOST if row["family"] == "m6e"}

HIGGS_EPC = bytes.fromhex("e2000015860e01861050b205")
PERMALOCK = bytes.fromhex("7065726d616c6f63 6b206d6500050006 0007")
SHORT_EPC = bytes.fromhex("0123456789abcdef")  # the one that the capture writes
# Host frames that a Nano refuses, by their start.
REFUSED = {
    "ff026a010a": 0x0105,  # self-jammer cancellation
    "ff026b0310": 0x0402,  # ISO 18000-6B
    "ff02670140": 0x0105,  # listen before talk
    "ff019701": 0x010B,  # region NA
}


def bench_for(command: Command) -> M6eBench:
    """A module set up, over the tags of the captures."""
    first = Tag(SHORT_EPC if command.data[8:16] == SHORT_EPC else NANO_EPC)
    if command.opcode == 0x25:
        first.access_password = int.from_bytes(command.data[3:7], "big")
    second = MonzaQtTag(HIGGS_EPC)
    second.kill_password = 0xBEADEAD1
    second.write(3, 0, PERMALOCK, True)
    return M6eBench(first, second).ready()


@pytest.mark.parametrize(
    "row",
    [row for row in TO_MODULE if row["family"] == "m6e"],
    ids=lambda row: f"{row['name']} {row['hex'][:36]}",
)
def test_each_host_frame_is_answered_well(row):
    (command,) = CommandParser().feed(bytes.fromhex(row["hex"]))
    assert command.encode().hex() == row["hex"]
    bench = bench_for(command)
    replies = bench.ask(command.opcode, command.data, seconds=1.5)
    assert replies[0].opcode == command.opcode
    if command.opcode == 0x2F and command.data[2] == 1:
        assert replies[0] == Reply(0x2F)
        assert {reply.opcode for reply in replies[1:]} == {0x22}
        return
    (reply,) = replies
    status = next((REFUSED[start] for start in REFUSED if row["hex"].startswith(start)), 0)
    may_find_none = command.opcode == 0x22 and reply.status == 0x0400
    assert reply.status == status or may_find_none


# Replies of captures that follow from nothing but power-up, and the command that brought each.
AFTER_POWER_UP = {
    "ff00031d0c": "ff1403000014120800300000022016121301070102000000101b05",
    "ff000c1d03": "ff010c0000526303",
    "ff00681d67": "ff0168000000a4bf",
    "ff026a010e2e40": "ff036a0000010e003044",
    "ff026a01122e5c": "ff046a00000112000069af",
    "ff00631d6c": "ff0263000000052146",
    "ff016105bdb8": "ff0361000005010061df",
    "ff026a010c2e42": "ff036a0000010c013245",
    "ff026a010d2e43": "ff066a0000010d000000001543",
    "ff01970d4bb0": "ff00970000779e",
    "ff0292089849c1": "ff00920000273b",
    "ff029408982907": "ff0094000047fd",
    "ff02910101703b": "ff009100001758",
    "ff039a010601a95c": "ff009a0000a633",
    "ff036c019f41897b": "ff036c0000019f41869c",
    "ff002a1d25": "ff002a000001e8",
    "ff039102010142c5": "ff009100001758",
    "ff0496010100002d68": "ff0096000067bf",
    "ff016601babc": "ff0d660000010100000200000300000400016446",
    "ff0296010100dc": "ff0096000067bf",
    "ff026b05103a7f": "ff036b00000510001874",
    "ff026b05113a7e": "ff036b00000511001974",
    "ff026b03103c7f": "ff026b040203106774",
    "ff026a01042e4a": "ff036a00000104003a44",
    "ff026a01032e4d": "ff036a00000103003d44",
    "ff0196014abc": "ff02960000010028e1",
    "ff0196024abf": "ff0296000002002be1",
    "ff0196034abe": "ff0296000003002ae1",
    "ff0196044ab9": "ff0296000004002de1",
    "ff026a01012e4f": "ff036a00000101003f44",
    "ff016201bebc": "ff076200000108fc0a8c000061d4",
    "ff016200bebd": "ff036200000008fca35a",
    "ff016400b8bd": "ff036400000008fc84c3",
    "ff00721d7d": "ff01720000234824",
    "ff026a01062e48": "ff036a00000106003844",
    "ff026a01092e47": "ff036a00000109013745",
    "ff026a01002e4e": "ff036a00000100003e44",
    "ff026a01082e46": "ff036a00000108013645",
    "ff02100040f0d3": "ff1610000000404012343531363030363737303131333033323441495b",
    "ff00701d7f": "ff0270000000053b75",
    "ff00651d6a": "ff00650000b8c3",
    "ff016501b9bc": "ff0565000001000000004afc",
    "ff00671d68": "ff0167000000b481",
    "ff00711d7e": "ff0a7100000d0e04050608090b0cff1fdd",
    "ff02670140ffa3": "ff006701059984",
    "ff026a010a2e44": "ff016a010501d7fd",
    "ff026a01132e5d": "ff046a000001130011799f",
    "ff026a010b2e45": "ff036a0000010b003544",
    "ff026b053f3a50": "ff056b0000053f004e204d14",
    "ff026a011e2e50": "ff036a0000011e002044",
    "ff02930005517d": "ff00930000371a",
    "ff0197014bbc": "ff0097010b7695",
    "ff032f0000025e86": "ff012f00000230e6",
}


@pytest.mark.parametrize("asked", AFTER_POWER_UP)
def test_a_fresh_module_gives_the_captured_bytes(asked):
    expected = AFTER_POWER_UP[asked]
    assert expected in CAPTURED_REPLIES
    assert M6eBench().raw(asked).hex() == expected


def test_power_above_the_limit_and_a_wrong_opcode_give_the_documented_bytes():
    bench = M6eBench()
    assert bench.raw(Command(0x92, b"\x0a\x8d").encode()).hex() == "ff009201032638"
    assert bench.raw(Command(0x55).encode()).hex() == "ff005501018f91"


@pytest.mark.parametrize(
    ("tag", "asked", "expected"),
    [
        (Tag(NANO_EPC), "ff1c2e03e80041000000000060e2005186010701870770c4c1000000000304362a",
         "ff002e0000416c"),
        (Tag(HIGGS_EPC), "ff1e2e03e80041010000000060e2000015860e01861050b2050000030000000001661b",
         "ff042e000041010000de5f"),
        (Tag(NANO_EPC), "ff262d03e8004100c70000000060e2005186010701870770c4c10003000000000400010203"
         "04050607f366", "ff042d0000004100c74673"),
        (Tag(HIGGS_EPC, kill_password=0xBEADEAD1),
         "ff152603e801beadead10060e2000015860e01861050b2059f2a", "ff00260000c064"),
        (Tag(NANO_EPC, access_password=12345),
         "ff182503e801000030390002000260e2005186010701870770c4c1eb70", "ff00250000f007"),
        (Tag(NANO_EPC), "ff1c2303e8010000000060e2005186010701870770c4c10123456789abcdef5b20",
         "ff0023000090c1"),
        (Tag(NANO_EPC),
         "ff232403e80100000000030000000060e2005186010701870770c4c14920616d2047726f6f74a66a",
         "ff00240000e026"),
        (None, "ff222201001703e80000000060e2000015860e01861050b20501092807d00003000000002088da",
         "ff0d22040001001700000000012800000000d888"),
        (None, Command(0x28, bytes.fromhex("03e8 02 00000000 06")).encode().hex(),
         "ff0028040025aa"),
        (Tag(NANO_EPC), "ff052200001303e82905", "ff07220000000013000000018b58"),
    ],
)  # fmt: skip
def test_work_on_a_tag_is_answered_with_the_captured_bytes(tag, asked, expected):
    assert expected in CAPTURED_REPLIES
    bench = M6eBench(*([tag] if tag else [])).ready()
    assert bench.raw(asked, 1.5).hex() == expected


def test_block_locks_are_read_back_and_keep_writes_out_with_the_captured_bytes():
    bench = M6eBench(MonzaQtTag(HIGGS_EPC)).ready()
    lock = "ff202e03e80041010000000060e2000015860e01861050b2050001030000000001aa00601e"
    assert bench.raw(lock, 1.5).hex() == "ff002e0000416c"
    read = "ff1e2e03e80041010000000060e2000015860e01861050b2050000030000000001661b"
    assert bench.raw(read, 1.5).hex() == "ff042e00004101aa00745f"
    write = Command(
        0x24, bytes.fromhex("03e801000000000300000000 60" + HIGGS_EPC.hex() + "0000")
    ).encode()
    assert bench.raw(write, 1.5).hex() == "ff00240406e420"


def test_the_sixteen_tags_of_the_capture_are_counted_alike():
    bench = M6eBench(*(Tag(bytes([0xE2, *bytes(10), number])) for number in range(16))).ready()
    assert bench.raw("ff052200001303e82905", 1.5).hex() == "ff07220000000013000000108b49"


@pytest.mark.parametrize("row", TO_HOST, ids=lambda row: f"{row['name']} {row['hex'][:40]}")
def test_each_frame_of_a_module_is_read_and_made_again_identically(row):
    data = bytes.fromhex(row["hex"])
    parser = ReplyParser()
    (reply,) = parser.feed(data)
    assert reply.encode() == data
    assert parser.bad_checksums == 0


def sightings(data: bytes, flags: int) -> list[tuple[Sighting, bytes]]:
    """Take records with the metadata of 01FF (or none) apart, each with its bytes."""
    found = []
    while data:
        place = 0
        fields = dict.fromkeys(("count", "rssi", "port", "khz", "ms", "phase"), 0)
        content = b""
        if flags:
            fields = {
                "count": data[0],
                "rssi": data[1] - 256,
                "port": data[2],
                "khz": int.from_bytes(data[3:6], "big"),
                "ms": int.from_bytes(data[6:10], "big"),
                "phase": int.from_bytes(data[10:12], "big"),
            }
            size = int.from_bytes(data[13:15], "big") // 8
            content, place = data[15 : 15 + size], 16 + size
        size = int.from_bytes(data[place : place + 2], "big") // 8
        end = place + 2 + size
        sighting = Sighting(
            data[place + 2 : end - 2],
            fields["rssi"],
            fields["port"] >> 4,
            fields["port"] & 15,
            fields["khz"],
            fields["ms"],
            fields["phase"],
            data=content,
            count=fields["count"],
        )
        found.append((sighting, data[:end]))
        data = data[end:]
    return found


@pytest.mark.parametrize(
    "row",
    [row for row in TO_HOST if row["name"] == "get_tag_id_buffer"],
    ids=lambda row: row["hex"][:60],
)
def test_captured_buffers_are_made_again_record_by_record(row):
    (reply,) = ReplyParser().feed(bytes.fromhex(row["hex"]))
    taken = sightings(reply.data[4:], 0x01FF)
    assert len(taken) == reply.data[3]
    assert all(record(sighting, 0x01FF) == data for sighting, data in taken)


@pytest.mark.parametrize(
    "row",
    [row for row in TO_HOST if row["name"].startswith("stream tag record")],
    ids=lambda row: row["name"],
)
def test_streamed_records_of_the_guides_are_made_again(row):
    (reply,) = ReplyParser().feed(bytes.fromhex(row["hex"]))
    ((sighting, data),) = sightings(reply.data[6:], 0x01FF)
    made, gpio = record(sighting, 0x01FF), 15 + len(sighting.data)
    # their GPIO bytes differ, and the tags' checksums are made up
    assert made[:gpio] + made[gpio + 1 : -2] == data[:gpio] + data[gpio + 1 : -2]


commands = st.builds(Command, st.integers(0, 255), st.binary(max_size=60))


@settings(max_examples=150, deadline=None)
@given(st.lists(commands, max_size=6), st.data())
def test_commands_cut_anywhere_come_out_whole_and_in_order(sent, data):
    stream = b"".join(command.encode() for command in sent)
    parser = CommandParser()
    got = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += parser.feed(stream[:size])
        stream = stream[size:]
    assert got == sent
    assert parser.bad_checksums == 0


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), commands)
def test_a_good_command_after_garbage_is_found_once_the_line_is_quiet(garbage, command):
    parser = CommandParser()
    got = parser.feed(garbage + command.encode()) + parser.give_up()
    assert command in got
    assert not parser.waiting


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=2, max_size=250))
def test_the_checksum_is_that_of_the_vendors_table(body):
    register = 0xFFFF
    for byte in body:
        for nibble in (byte >> 4, byte & 15):
            register = ((register << 4 & 0xFFFF) | nibble) ^ (register >> 12) * 0x1021
    assert crc(body) == register


def test_a_wrong_checksum_is_counted_and_the_frame_ignored():
    bench = M6eBench()
    assert bench.raw("ff00031d0d") == b""
    assert bench.module.stats.bad_checksums == 1
    assert bench.raw("ff00031d0c") != b""


def test_runs_of_ff_before_a_command_are_no_frames():
    assert M6eBench().raw("ff" * 500 + "000c1d03").hex() == "ff010c0000526303"
