"""Every recorded frame of the family is understood or spoken, byte for byte."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.modules.tag import Tag
from simulator.modules.uhfreader18.frames import Command, CommandParser, Reply, read_replies
from tests.simulator.modules.uhfreader18_bench import Reader, reads_288
from tests.support.counts import count

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "frames_uhfreader18.json").read_text("utf-8")
)
TO_MODULE = [row for row in VECTORS if row["direction"] == "host>module"]
TO_HOST = [row for row in VECTORS if row["direction"] == "module>host"]

TAG_313 = bytes.fromhex("000000000000000000000313")
LIST_18 = "13000101010c" + TAG_313.hex()
# What one tag before the antenna makes the reader answer, without the CRC.
INFO = "110021000224090331801e1401000000"
ANSWERS = {
    "inventory addr 0": LIST_18,
    "inventory broadcast": LIST_18,
    "reader info addr 0": INFO,
    "reader info broadcast": INFO,
    "set power 20": "05002f00",
    "work mode answer (288M)": "05007600",
    "inventory Q4 S1 ant1": "1500010101010c" + TAG_313.hex(),
}


def test_all_sixteen_frames_are_here():
    assert (len(TO_MODULE), len(TO_HOST)) == (7, 9)


@pytest.mark.parametrize("row", TO_MODULE, ids=lambda row: row["name"])
def test_each_recorded_command_is_answered(row):
    reader = Reader(Tag(TAG_313))
    reader.send(row["hex"])
    (sent,) = reader.run(3)
    assert sent.data.hex().startswith(ANSWERS[row["name"]])
    (reply,) = read_replies(sent.data)
    assert reply.encode() == sent.data


@pytest.mark.parametrize("row", TO_HOST, ids=lambda row: row["name"])
def test_each_recorded_answer_is_read_and_made_again_identically(row):
    data = bytes.fromhex(row["hex"])
    (reply,) = read_replies(data)
    assert reply.encode() == data


def test_a_288m_sends_the_recorded_frames_themselves():
    made = []
    for epc, dbm in ((TAG_313, -23), (bytes.fromhex("49440000000000000a000334"), -30)):
        reader = Reader(Tag(epc), antennas=(1, 2, 3), quirks=["288m"])
        (level,) = reader.field.answer(1, 0, 20, 915)
        reader.field.answer = lambda *_, a=level, d=dbm: [type(a)(a.tag, d)]
        port = 0x80 if dbm == -23 else 0x82
        reader.send(Command(0, 1, bytes((4, 0, 1, 0, 0, 0, 0, port, 20))).encode())
        made += [sent.data.hex() for sent in reader.run(3)]
    recorded = {row["name"]: row["hex"] for row in TO_HOST}
    assert made[0] == recorded["tag, 288M"]
    assert made[1] == recorded["no tag 288M"]
    assert made[2] == recorded["tag ant3, 288M"]


def test_the_recorded_refusals_are_spoken():
    recorded = {row["name"]: row["hex"] for row in TO_HOST}
    reader = Reader()
    reader.send(Command(0, 0x0F).encode())
    assert reader.run(3)[0].data.hex() == recorded["no tag (single)"]
    reader = Reader(quirks=["frd950"])
    reader.send(Command(0, 0x01).encode())
    assert reader.run(3)[0].data.hex() == recorded["bad parameter"]


def test_a_four_byte_epc_has_the_recorded_list():
    reader = Reader(Tag(bytes.fromhex("30323038")), quirks=["288m"])
    ((antenna, epc, _),) = reads_288(reader.ask(1, "0400"))
    assert (antenna, epc.hex()) == (1, "30323038")


commands = st.builds(Command, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=60))


@settings(max_examples=count(150, 3000), deadline=None)
@given(st.lists(commands, max_size=6), st.data())
def test_commands_cut_anywhere_come_out_whole_and_in_order(sent, data):
    stream = b"".join(command.encode() for command in sent)
    parser, got = CommandParser(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        got += parser.feed(stream[:size])
        stream = stream[size:]
    assert got == sent


@settings(max_examples=count(150, 3000), deadline=None)
@given(st.binary(max_size=60), commands)
def test_an_intact_command_behind_noise_is_taken(noise, command):
    assert command in CommandParser().feed(noise + command.encode())


def test_a_damaged_command_does_not_take_the_next_with_it():
    good = Command(0, 0x21)
    damaged, after = CommandParser().feed(bytes.fromhex("040021d96b") + good.encode())
    assert (damaged.intact, after) == (False, good)


@given(st.integers(0, 254), st.integers(0, 255), st.integers(0, 255), st.binary(max_size=240))
def test_a_reply_is_read_back_as_it_was(address, command, status, data):
    reply = Reply(address, command, status, data)
    assert read_replies(reply.encode() * 2) == [reply, reply]


def test_a_damaged_reply_is_refused():
    with pytest.raises(ValueError, match="no whole frame"):
        read_replies(bytes.fromhex("05000ffbe2a8"))
