"""Every sample frame of A0 readers is understood and produced, and noise loses no whole frame."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.modules.a0.frames import Frame, FrameParser
from simulator.modules.a0.records import (
    Sighting,
    buffer_end,
    round_end,
    round_record,
    switch_end,
)
from simulator.modules.tag import Tag
from tests.simulator.modules.a0_bench import Bench

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "frames_a0.json").read_text(encoding="utf-8")
)
TO_MODULE = [row for row in VECTORS if row["direction"] == "host>module"]
TO_HOST = [row["hex"] for row in VECTORS if row["direction"] == "module>host"]

EPC = bytes.fromhex("112233445566778899 00AABB")
WRITTEN = "e20000158606025118304fb0"
IDENTITY = "001010 3400" + EPC.hex()

# What a reader with one tag before its first antenna answers to each sample command: its frames'
# data in hex, "*" for what differs from run to run.
ANSWERS = {
    "reset": [],
    "set baud 115200": ["10"],
    "set baud 38400": ["10"],
    "get firmware": ["0802"],
    "get firmware broadcast": ["0802"],
    "set address 2": ["10"],
    "set work antenna 1": ["10"],
    "set work antenna 4": ["10"],
    "get work antenna": ["00"],
    "set power 30 all": ["10"],
    "set power per antenna": ["10"],
    "get power": ["1e"],
    "set region FCC full": ["10"],
    "set region ETSI": ["10"],
    "set region user 915000 kHz, 500 kHz x 10": ["10"],
    "get region": ["01073b"],
    "beeper off": ["10"],
    "get temperature": ["0123"],
    "return loss at 915 MHz": ["16"],
    "antenna detector 3 dB": ["10"],
    "antenna detector off": ["10"],
    "link profile D1": ["10"],
    "buffer inventory": ["00 0001 001a 00000001"],
    "real-time inventory": ["*", "00 001a 00000001"],
    "real-time inventory FF": ["*", "00 001a 00000001"],
    "fast switch ant 1 only": ["*", "000001 00000027"],
    "fast switch 4 ants": ["*", "*", "*", "*", "000004 0000009b"],
    "session S1 target A": ["*", "00 001a 00000001"],
    "session S1 A SL phase repeat": ["*", "00 001a 00000001"],
    "get buffer": ["38"],
    "get and reset buffer": ["38"],
    "buffer count": ["0000"],
    "reset buffer": ["10"],
    "read TID 6 words": ["*"],
    "read TID 6 words, no password": ["*"],
    "write EPC word 2 x6": ["*"],
    "lock EPC": ["*"],
    "kill": ["*"],
    "match EPC": ["10"],
    "cancel match": ["10"],
    "block write": ["*"],
}


def the_tag() -> Tag:
    return Tag(EPC, pc=0x3400, kill_password=1)


def test_the_table_names_each_sample_command():
    assert {row["name"] for row in TO_MODULE} == set(ANSWERS)


@pytest.mark.parametrize("row", TO_MODULE, ids=lambda row: row["name"])
def test_each_sample_command_is_answered(row):
    bench = Bench(the_tag())
    bench.module.receive(bytes.fromhex(row["hex"]))
    frames = bench.frames(2.0)
    command = bytes.fromhex(row["hex"])[3]
    assert {(frame.address, frame.command) for frame in frames} <= {(1, command)}
    wanted = ANSWERS[row["name"]]
    assert len(frames) == len(wanted)
    for frame, data in zip(frames, wanted, strict=True):
        if data != "*":
            assert frame.data == bytes.fromhex(data)
        else:
            assert EPC in frame.data


def test_each_sample_command_is_encoded_as_it_stands():
    for row in TO_MODULE:
        raw = bytes.fromhex(row["hex"])
        (frame,) = FrameParser().feed(raw)
        assert frame.encode() == raw


def test_each_sample_answer_is_produced():
    logged = Sighting(bytes.fromhex("3000 3009663781db02974876fc6a"), 1, 4, -26)
    second = Sighting(bytes.fromhex("3400") + EPC, 1, 5, -33)
    phased = Sighting(bytes.fromhex("3000" + WRITTEN), 1, 0x5C >> 2, -58)
    small = Sighting(bytes.fromhex("3000 00000000000000000000 1bfc"), 1, 0x70 >> 2, -111)
    sixth = Sighting(phased.pc_epc, 6, 0x5D >> 2, -58)
    produced = [
        Frame(1, 0x8B, round_record(logged)),
        Frame(1, 0x89, round_record(second)),
        Frame(1, 0x8B, round_end(1, 1, 0.04)),
        Frame(1, 0x89, round_end(1, 1, 0.037)),
        Frame(1, 0x8B, round_end(1, 0, 0.036)),
        Frame(1, 0x8B, round_record(small)),
        Frame(1, 0x8A, switch_end(12, 0.085)),
        Frame(1, 0x80, buffer_end(1, 3, 16, 0.64)),
        Frame(1, 0x8B, round_record(phased, bytes.fromhex("0123"))),
        Frame(1, 0x89, round_record(sixth)),
    ]
    found = {frame.encode().hex() for frame in produced} | answers_of_a_reader()
    assert [frame for frame in TO_HOST if frame not in found] == []


def answers_of_a_reader() -> set[str]:
    bench = Bench(antennas=(1,))
    asked = (
        (0x85, "01"),
        (0x74, "00"),
        (0x62, "03"),
        (0x8A, "00 01 01 01 FF 00 FF 00 00 01"),
        (0x72, ""),
        (0x7B, ""),
        (0x77, ""),
        (0x81, "020006"),
        (0x90, ""),
        (0x74, "09"),
        (0x76, "22"),
        (0x74, "03"),
        (0x89, "01"),
    )
    heard = set()
    for command, data in asked:
        bench.send(command, data)
        heard |= {frame.encode().hex() for frame in bench.frames()}
    return heard


@given(st.binary(max_size=248), st.integers(0, 255), st.integers(0, 255))
def test_what_is_encoded_is_parsed_again(data, address, command):
    frame = Frame(address, command, data)
    assert sum(frame.encode()) & 0xFF == 0
    assert FrameParser().feed(frame.encode()) == [frame]


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.builds(Frame, st.just(1), st.integers(0x60, 0xB4), st.binary(max_size=20)),
            st.binary(max_size=8).filter(lambda noise: 0xA0 not in noise),
        ),
        max_size=8,
    ),
    st.integers(1, 7),
)
def test_a_stream_cut_anywhere_with_noise_between_gives_its_frames(pieces, step):
    stream = b"".join(p.encode() if isinstance(p, Frame) else p for p in pieces)
    parser = FrameParser()
    frames = []
    for start in range(0, len(stream), step):
        frames += parser.feed(stream[start : start + step])
    assert frames + parser.give_up() == [p for p in pieces if isinstance(p, Frame)]


def test_a_false_head_does_not_swallow_the_frame_behind_it():
    bench = Bench()
    bench.module.receive(bytes.fromhex("a0ff") + Frame(1, 0x72).encode())
    assert [frame.data for frame in bench.frames(0.3)] == [b"\x08\x02"]


def test_a_wrong_checksum_is_counted_and_not_answered():
    bench = Bench()
    bench.module.receive(bytes.fromhex("a0030172eb"))
    assert bench.frames() == []
    assert bench.module.stats.bad_checksums == 1


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=32)), max_size=12),
    st.sampled_from(["one-port", "eight-ports", "old-firmware", "zero-epc", "etsi-only"]),
)
def test_whatever_is_asked_each_command_gets_an_answer_of_its_own(asked, quirk):
    bench = Bench(the_tag(), quirks=[quirk])
    for command, data in asked:
        bench.module.receive(Frame(0xFF, command, data).encode())
        frames = bench.frames(60.0)
        assert {frame.command for frame in frames} <= {command}
        assert frames or command == 0x70
    assert bench.parser.skipped_bytes == 0


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_after_any_noise_a_command_is_heard(noise):
    bench = Bench()
    bench.module.receive(noise)
    bench.run(30.0)
    bench.send(0x72, address=0xFF)
    assert bench.frames()[-1].data == b"\x08\x02"
