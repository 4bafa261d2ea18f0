"""Every answer of the manuals leaves an emulated module, byte for byte, where it belongs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from simulator.modules.field import TagAnswer
from simulator.modules.m100.frames import AA_DD, BB_7E, COMMAND, Frame
from simulator.modules.tag import Tag, TagSilent
from tests.simulator.modules.bench import Bench

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "frames_m100.json").read_text(encoding="utf-8")
)
TO_HOST = [row for row in VECTORS if row["direction"] == "module>host"]
FRAMINGS = {"m100": BB_7E, "m100-aa": AA_DD}
PASSWORD = "0000ffff"


class Fading(Tag):
    """A tag that answers an inventory and then no more."""

    def read(self, bank: int, word: int, words: int, secured: bool) -> bytes:
        raise TagSilent("gone")

    def write(self, bank: int, word: int, data: bytes, secured: bool) -> None:
        raise TagSilent("gone")


@dataclass(frozen=True)
class Scene:
    """What leads to an answer: the commands of which the last one gets it, and how the tag is.

    The tag's PC, EPC and level are those in the answer, where it holds them.
    """

    commands: tuple[str, ...]  # CMD and parameters, hex
    tag: type[Tag] | None = None
    access: int = 0
    kill: int = 0
    user: str = ""
    quirks: tuple[str, ...] = ()


POLL = Scene(("22",), Tag)
SELECT = "0c" + "01000000206000" + "30751feb705c5904e3d50d70"
# By name; where a name stands for several answers, by the hex digits too.
SCENES = {
    "tag notice": POLL,
    "no tag": Scene(("22",)),
    "stop reply": Scene(("28",)),
    "select reply": Scene((SELECT,)),
    "get select reply": Scene((SELECT, "0b")),
    "read reply 12345678": Scene(("39" + "00000000" + "0300000002",), Tag, user="12345678"),
    "read reply 0102030405060708": Scene(
        ("39" + "00000000" + "0300000004",), Tag, user="0102030405060708"
    ),
    "write reply": Scene(("49" + PASSWORD + "030000000212345678",), Tag, access=0xFFFF),
    "lock reply": Scene(("82" + PASSWORD + "020080",), Tag, access=0xFFFF),
    "kill reply": Scene(("65" + PASSWORD,), Tag, kill=0xFFFF),
    "write fail no tag": Scene(("49" + "00000000" + "0300000001" + "1234",), Fading),
    "read fail": Scene(("39" + "00000000" + "0300000002",), Fading),
    "read fail no EPC": Scene(("39" + "00000000" + "0300000002",)),
    "write fail short": Scene(("49" + "00000000" + "0300000001" + "1234",)),
    "bad password": Scene(("39" + PASSWORD + "0300000002",), Tag, access=0x1234),
    "read overrun": Scene(("39" + "00000000" + "0300000040",), Tag),
    "write overrun": Scene(("49" + "00000000" + "0300ff0001" + "1234",), Tag),
    "lock denied": Scene(("82" + "00000000" + "020080",), Tag, access=0x1234),
    "kill pw zero": Scene(("65" + PASSWORD,), Tag),
    "lock fail": Scene(("82" + PASSWORD + "020080",)),
    "kill fail": Scene(("65" + PASSWORD,)),
    "bad command": Scene(("99",)),
    "FHSS fail": Scene(("2722ffff",), quirks=("busy-channel",)),
    "hw version": Scene(("0300",)),
    "set region reply": Scene(("0703",)),
    "get region reply": Scene(("0701", "08")),
    "set power reply": Scene(("b60a28",)),
    "get power reply": Scene(("b7",)),
    "set channel reply": Scene(("ab01",)),
    "get channel reply": Scene(("aa",)),
    "FHSS reply": Scene(("adff",)),
    "insert reply": Scene(("a9050102030405",)),
    "set query reply": Scene(("0e1020",)),
    "get query reply": Scene(("0d",)),
    "demod reply": Scene(("f1",)),
    "set demod reply": Scene(("f0030601b0",)),
    "jammer reply": Scene(("f2",)),
    "rssi scan reply": Scene(("f3",)),
    "sleep reply": Scene(("17",)),
    "auto sleep reply": Scene(("1d02",)),
    "idle reply": Scene(("04010103",)),
    "IO reply": Scene(("1a000401",)),
}


def scene_of(row: dict[str, str]) -> Scene:
    if row["name"] == "read reply":
        ending = "12345678" if "12345678" in row["hex"] else "0102030405060708"
        return SCENES["read reply " + ending]
    return SCENES[row["name"]]


def tag_in(answer: bytes) -> tuple[int, bytes, float]:
    """PC, EPC and level of the tag that an answer names; any where it names none."""
    params = answer[5:-2]
    if answer[1] == 2:
        return int.from_bytes(params[1:3], "big"), params[3:-2], params[0] - 256
    known = params[1:] if answer[2] == 0xFF else params
    if len(known) > 14 and known[0] == 0x0E:
        return int.from_bytes(known[1:3], "big"), known[3:15], -50
    return 0x3000, bytes(12), -50


@pytest.mark.parametrize("row", TO_HOST, ids=lambda row: f"{row['family']} {row['hex'][:46]}")
def test_each_answer_of_the_manuals_is_given(row):
    wanted, scene = bytes.fromhex(row["hex"]), scene_of(row)
    pc, epc, level = tag_in(wanted)
    framing = FRAMINGS[row["family"]]
    bench = Bench(family=row["family"], framing=framing, quirks=scene.quirks)
    if scene.tag is not None:
        made = scene.tag(epc, pc=pc, access_password=scene.access, kill_password=scene.kill)
        if scene.user:
            made.write(3, 0, bytes.fromhex(scene.user), True)
        bench.field.answer = lambda *args: [TagAnswer(made, level)]
    for command in scene.commands:
        said = bytes.fromhex(command)
        bench.send(framing.encode(Frame(COMMAND, said[0], said[1:])))
        sent = bench.run(2.0)
    assert wanted in [one.data for one in sent]
