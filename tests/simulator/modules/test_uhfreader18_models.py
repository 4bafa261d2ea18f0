"""Each model of the family, and each oddity, shows as its quirk's line says."""

from simulator.modules.faults import Faults
from simulator.modules.uhfreader18.core import QUIRKS
from simulator.modules.uhfreader18.frames import Command, Reply
from tests.simulator.modules.uhfreader18_bench import (
    EPCS,
    Reader,
    epcs_18,
    pushed,
    reads_288,
    school_tags,
)

INFO, INVENTORY, SINGLE = 0x21, 0x01, 0x0F
LONG = bytes((4, 0, 1, 0, 0, 0, 0, 0x80))  # an inventory's long form, but for its scan time


def test_a_strict_uhfreader18_takes_a_piece_of_tid_and_nothing_newer():
    reader = Reader(*school_tags(1), quirks=["18"])
    (reply,) = reader.ask(INVENTORY, "0002")
    assert epcs_18([reply]) == [bytes.fromhex("e2806995")]
    assert reader.answer(INVENTORY, "0010").status == 0xFF
    assert reader.answer(INVENTORY, LONG + b"\x14").status == 0xFD
    for newer in (0x15, 0x18, 0x3F, 0x40, 0x72, 0x76, 0x91, 0x92, 0x94):
        assert reader.answer(newer, "00") == Reply(0, 0, 0xFE)
    assert len(reader.good(INFO)) == 8


def test_every_model_says_what_it_is():
    for quirk, kind, baud in (
        ("18", 0x09, 57600),
        ("288m", 0x0C, 115200),
        ("288mp", 0x20, 115200),
        ("86", 0x10, 57600),
        ("frd950", 0x20, 115200),
    ):
        reader = Reader(quirks=[quirk])
        assert reader.module.baud == baud
        assert reader.good(INFO)[2] == kind
    assert Reader().good(INFO)[2] == 0x09
    assert Reader(antennas=(1, 2)).good(INFO)[2] == 0x0C
    assert Reader(antennas=tuple(range(1, 17))).good(INFO)[2] == 0x09  # a bench, all ports wired


def test_newer_models_answer_in_their_form_whatever_was_asked():
    for quirk in ("288m", "86"):
        assert reads_288(Reader(*school_tags(1), quirks=[quirk]).ask(INVENTORY))
        assert reads_288(Reader(*school_tags(1), quirks=[quirk]).ask(SINGLE))
    needy = Reader(*school_tags(1), quirks=["frd950"])
    assert needy.answer(INVENTORY).status == 0xFF
    assert reads_288(needy.ask(INVENTORY, "0400"))


def test_oddities_show():
    assert Reader(quirks=["address=9"]).answer(INFO).address == 9
    slow = Reader(*school_tags(1), quirks=["slow-answers"])
    assert slow.ask(INVENTORY, LONG + b"\x0a", seconds=0.9) == []
    (reply,) = slow.replies(0.3)
    assert (reply.status, len(reads_288([reply]))) == (2, 1)
    ((_, _, rssi),) = reads_288(Reader(*school_tags(1), quirks=["no-rssi"]).ask(1, "0400"))
    assert rssi == 0
    booting = Reader(quirks=["slow-boot=0.5"])
    assert booting.ask(INFO, seconds=0.4) == []
    booting.run(0.2)
    assert len(booting.good(INFO)) == 12


def test_a_mute_reader_answers_again_only_after_its_power_went():
    reader = Reader(*school_tags(1), quirks=["mute=2"])
    assert reader.good(INFO)
    assert reader.ask(INFO) == []
    reader.module.power_cycle()
    assert reader.good(INFO)


def test_a_reader_left_in_real_time_streams_from_power_up():
    reader = Reader(*school_tags(2), quirks=["realtime-on"])
    assert set(pushed(reader.replies(1))) == set(EPCS[:2])
    assert reader.ask(0x76, "00")[-1] == Reply(0, 0x76, 0)
    assert reader.replies(1) == []


def test_every_quirk_makes_a_reader():
    for quirk in QUIRKS:
        assert Reader(*school_tags(1), quirks=[quirk]).module.take() is not None


def test_damaged_frames_are_counted():
    reader = Reader(*school_tags(5), faults=Faults(flip_bit=0.05))
    reader.send(Command(0, INVENTORY).encode())
    sent = reader.run(3)
    assert reader.module.stats.damaged_frames == sum(not one.is_notice for one in sent)


def test_the_same_seed_gives_the_same_bytes():
    def run() -> bytes:
        reader = Reader(*school_tags(10), read_probability=0.9, faults=Faults(flip_bit=0.01))
        reader.send(Command(0, INVENTORY, LONG + b"\x14").encode())
        return b"".join(one.data for one in reader.run(5))

    assert run() == run()
