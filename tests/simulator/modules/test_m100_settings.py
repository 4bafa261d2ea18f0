"""An emulated M100's settings are taken, refused and read back as the manual says."""

import pytest

from simulator.modules.m100.frames import POLL, RESPONSE, Frame
from simulator.modules.tag import Tag
from tests.simulator.modules.bench import Bench, done, error

EPC = bytes.fromhex("3414257bf400000000000000")


def test_set_baud_switches_at_once_and_without_an_answer():
    bench = Bench()
    assert bench.ask(0x11, "00c0") == []
    assert bench.module.baud == 19200
    assert bench.answer(0x11, "0001") == error(0x17)


@pytest.mark.parametrize(
    ("command", "params"),
    [
        (0x0A, ""),
        (0x99, "00"),
        (0x03, "05"),
        (0x03, ""),
        (0x07, "05"),
        (0x07, "0101"),
        (0x0C, "0100"),
        (0x0C, "01 00000020 60 00 3414"),
        (0x0E, "10"),
        (0x12, "03"),
        (0x1A, "0501 00".replace(" ", "")),
        (0x1D, "1f"),
        (0x22, "00"),
        (0x27, "22"),
        (0x28, "00"),
        (0x39, "0000000003"),
        (0x39, "000000000400000001"),
        (0x49, "00000000 03 0000 0002 1234"),
        (0x49, "00000000 03 0000 0021" + "00" * 66),
        (0x82, "00"),
        (0x82, "ffc2aa 00000000"),
        (0x65, ""),
        (0xA9, "0501"),
        (0xAB, "ff"),
        (0xAD, "01"),
        (0xB6, "ffff"),
        (0xF0, "070601b0"),
        (0xF5, "02"),
        (0xF5, ""),
    ],
)
def test_unknown_commands_and_wrong_parameters_are_answered_17(command, params):
    assert Bench(Tag(EPC)).answer(command, params) == error(0x17)


@pytest.mark.parametrize("surroundings", ["00", "01"])
def test_the_readers_surroundings_are_set_as_vendors_programs_do_at_start(surroundings):
    assert Bench().answer(0xF5, surroundings) == done(0xF5)


def test_settings_are_read_back_as_set():
    bench = Bench()
    for setter, getter, params in (
        (0x07, 0x08, "03"),
        (0x0E, 0x0D, "1128"),
        (0xAB, 0xAA, "02"),
        (0xB6, 0xB7, "0578"),
        (0xF0, 0xF1, "02060064"),
        (0x0C, 0x0B, "010000002060 00 30751feb705c5904e3d50d70"),
    ):
        assert bench.answer(setter, params) == done(setter)
        assert bench.answer(getter) == Frame(RESPONSE, getter, bytes.fromhex(params))


def test_the_power_word_reaches_the_field_as_dbm():
    seen = []
    for quirks, word in (((), "0578"), (("26dbm",), "0578"), (("26dbm",), "07d0"), ((), "0a28")):
        bench = Bench(quirks=quirks)
        bench.field.answer = lambda antenna, at_s, power, mhz: seen.append(power) or ()
        bench.answer(0xB6, word)
        bench.ask(POLL)
    assert seen == [14.0, 20.0, 26.0, 20.0]


@pytest.mark.parametrize("baud", [9600, 19200, 38400, 57600, 115200, 230400, 921600])
def test_every_baud_rate_is_taken_and_its_speed_kept(baud):
    bench = Bench()
    assert bench.ask(0x11, (baud // 100).to_bytes(2, "big")) == []
    start_s = bench.now_s
    bench.send("bb0003000100047e")
    (sent,) = bench.run(1)
    assert sent.at_s - start_s == pytest.approx(len(sent.data) * 10 / baud)


def test_an_io_pin_is_set_and_read_back():
    bench = Bench()
    assert bench.answer(0x1A, "000201").params == bytes.fromhex("000201")  # pin 2 an output
    for level in ("00", "01"):
        assert bench.answer(0x1A, "0102" + level).params == bytes.fromhex("010201")
        assert bench.answer(0x1A, "0202ff").params == bytes.fromhex("0202" + level)


def test_channels_to_hop_over_are_inserted_and_cleared():
    seen = set()
    bench = Bench()
    bench.field.answer = lambda antenna, at_s, power, mhz: seen.add(round(mhz, 3)) or ()
    assert bench.answer(0xA9, "020103") == done(0xA9)
    bench.ask(0x27, "220064", seconds=20)
    assert seen == {920.375, 920.875}
    assert bench.answer(0xA9, "00") == done(0xA9)
    bench.ask(0x27, "2203e8", seconds=60)
    assert len(seen) > 10


@pytest.mark.parametrize(
    ("region", "first", "last", "channels"),
    [
        ("01", 920.125, 924.875, 20),
        ("02", 902.25, 927.75, 52),
        ("03", 865.1, 867.9, 15),
        ("04", 840.125, 844.875, 20),
        ("06", 917.1, 923.3, 32),
    ],
)
def test_a_region_has_its_channels_and_no_more(region, first, last, channels):
    seen = []
    bench = Bench()
    bench.field.answer = lambda antenna, at_s, power, mhz: seen.append(mhz) or ()
    assert bench.answer(0x07, region) == done(0x07)
    assert bench.answer(0xAD, "00") == done(0xAD)
    for index in (0, channels - 1):
        assert bench.answer(0xAB, bytes((index,))) == done(0xAB)
        assert bench.answer(0xAA).params == bytes((index,))
        bench.ask(POLL)
    assert seen == [pytest.approx(first), pytest.approx(last)]
    assert bench.answer(0xAB, bytes((channels,))) == error(0x17)
    assert len(bench.answer(0xF3).params) == 2 + channels
