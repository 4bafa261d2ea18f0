"""Every frame of the manuals is spoken and understood, byte for byte."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.modules.m100.frames import AA_DD, BB_7E, COMMAND, NOTICE, RESPONSE, FrameParser
from simulator.modules.m100.frames import Frame as M100Frame
from simulator.modules.tag import Tag
from tests.simulator.modules.bench import MANUAL_EPC, Bench

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "frames_m100.json").read_text(encoding="utf-8")
)
TO_MODULE = [row for row in VECTORS if row["direction"] == "host>module"]
TO_HOST = [row for row in VECTORS if row["direction"] == "module>host"]
FRAMINGS = {"m100": BB_7E, "m100-aa": AA_DD}

OK = "00"
TAG = "0e3400" + MANUAL_EPC.hex()

# What the manuals answer to each of their commands, parameters only, on the manual's tag with
# access and kill password 0000FFFF. None: no answer at all; a list: tag notices or errors follow.
ANSWERS = {
    "single poll": [],
    "get hw version": (0x03, "00" + b"M100 V1.00".hex()),
    "get sw version": (0x03, "01" + b"V2.3.5".hex()),
    "get maker": (0x03, "02" + b"MagicRF".hex()),
    "multi poll 10000": [],
    "multi poll 65535": [],
    "multi poll 10": [],
    "stop multi": (0x28, OK),
    "set select": (0x0C, OK),
    "set select no mask": (0x0C, OK),
    "get select": (0x0B, "01000000200000" + "00" * 12),
    "select mode 0": (0x0C, OK),
    "select mode 1": (0x0C, OK),
    "select mode 2": (0x0C, OK),
    "read user 2 words": (0x39, TAG + "00000000"),
    "read user 4 words pw0": (0x39, TAG + "0000000000000000"),
    "write user 2 words": (0x49, TAG + OK),
    "write user 4 words": (0x49, TAG + OK),
    "lock": (0x82, TAG + OK),
    "kill": (0x65, TAG + OK),
    "set baud 19200": None,
    "get query": (0x0D, "1020"),
    "set query": (0x0E, OK),
    "set region CN900": (0x07, OK),
    "set region US": (0x07, OK),
    "set region EU": (0x07, OK),
    "set region CN800": (0x07, OK),
    "set region KR": (0x07, OK),
    "get region": (0x08, "01"),
    "set channel 1": (0xAB, OK),
    "get channel": (0xAA, "00"),
    "FHSS on": (0xAD, OK),
    "FHSS off": (0xAD, OK),
    "insert channels 1..5": (0xA9, OK),
    "get power": (0xB7, "07d0"),
    "set power 2000": (0xB6, OK),
    "set power 2600": (0xB6, OK),
    "set power code 1250": (0xB6, OK),
    "set power code 1400": (0xB6, OK),
    "set power code 1550": (0xB6, OK),
    "set power code 1700": (0xB6, OK),
    "set power code 1850": (0xB6, OK),
    "carrier on": (0xB0, OK),
    "get demod": (0xF1, {"m100": "030601b0", "m100-aa": "020600b0"}),
    "set demod": (0xF0, OK),
    "scan jammer": (0xF2, "0013f2f1f0efeceae8eaeceef0f1f5f5f5f6f5f5f5f5"),
    "scan RSSI": (0xF3, "0013" + "ba" * 20),
    "IO4 output": (0x1A, "000401"),
    "sleep": (0x17, OK),
    "auto sleep 2 min": (0x1D, "02"),
    "auto sleep off": (0x1D, "00"),
    "idle mode": (0x04, OK),
    "NXP EAS alarm": (0xFF, "1d"),
}


def manual_bench(family: str) -> Bench:
    tag = Tag(MANUAL_EPC, pc=0x3400, access_password=0xFFFF, kill_password=0xFFFF)
    return Bench(tag, family=family, framing=FRAMINGS[family])


@pytest.mark.parametrize("row", TO_MODULE, ids=lambda row: f"{row['family']} {row['name']}")
def test_each_command_of_the_manuals_is_answered_as_they_say(row):
    bench = manual_bench(row["family"])
    bench.send(row["hex"])
    frames = bench.frames()
    expected = ANSWERS[row["name"]]
    if expected is None:
        assert frames == []
    elif expected == []:
        assert frames[0].type == NOTICE
        assert frames[0].params[1:3] + frames[0].params[3:15] == b"\x34\x00" + MANUAL_EPC
        assert frames[0].params[15:] == bytes.fromhex("3a76")
    else:
        command, params = expected
        params = params[row["family"]] if isinstance(params, dict) else params
        assert frames == [M100Frame(RESPONSE, command, bytes.fromhex(params))]


@pytest.mark.parametrize("row", TO_HOST, ids=lambda row: f"{row['family']} {row['hex'][:40]}")
def test_each_answer_of_the_manuals_is_read_and_made_again_identically(row):
    data = bytes.fromhex(row["hex"])
    framing = FRAMINGS[row["family"]]
    parser = FrameParser(framing, types=(RESPONSE, NOTICE))
    (frame,) = parser.feed(data)
    assert framing.encode(frame) == data
    assert parser.skipped_bytes == 0


def test_answers_of_the_manuals_leave_the_module_with_the_very_bytes():
    bench = manual_bench("m100")
    bench.send("bb0003000100047e")
    assert b"".join(sent.data for sent in bench.run(0.1)).hex() == (
        "bb0103000b004d3130302056312e3030227e"
    )


frames = st.builds(
    M100Frame,
    st.just(COMMAND),
    st.integers(0, 255),
    st.binary(max_size=80),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(frames, max_size=6), st.sampled_from([BB_7E, AA_DD]), st.data())
def test_frames_cut_anywhere_come_out_whole_and_in_order(sent, framing, data):
    stream = b"".join(map(framing.encode, sent))
    parser = FrameParser(framing)
    got = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += parser.feed(stream[:size])
        stream = stream[size:]
    assert got == sent
    assert parser.bad_checksums == parser.skipped_bytes == 0


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60), frames)
def test_a_good_frame_after_garbage_is_found_once_the_line_is_quiet(garbage, frame):
    parser = FrameParser(BB_7E)
    got = parser.feed(garbage + BB_7E.encode(frame)) + parser.give_up()
    assert frame in got
    assert not parser.waiting


def test_a_wrong_checksum_is_counted_and_the_frame_ignored():
    parser = FrameParser(BB_7E)
    assert parser.feed(bytes.fromhex("bb0003000100057e")) == []
    assert parser.bad_checksums == 1
