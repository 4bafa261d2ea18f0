"""An emulated A0 reader takes and refuses settings as the protocol has it, and keeps them."""

import pytest

from simulator.modules.a0.frames import Code
from simulator.modules.tag import Tag
from tests.simulator.modules.a0_bench import OK, Bench, StillField, code, epcs_of

EPC = bytes.fromhex("3414257bf400000000000001")
IDENTIFIER = b"ROLLCALL0001".hex()

SET_AND_GET = [  # set, data, get, what it answers
    (0x62, "05", 0x63, "05"),
    (0x67, IDENTIFIER, 0x68, IDENTIFIER),
    (0x69, "d3", 0x6A, "d3"),
    (0x6C, "00", 0x6D, "00"),
    (0x74, "03", 0x75, "03"),
    (0x76, "14", 0x77, "14"),
    (0x76, "1e1e1a14", 0x77, "1e1e1a14"),
    (0x76, "1a1a1a1a", 0x77, "1a"),
    (0x76, "1a", 0x97, "1a1a1a1a"),
    (0x66, "21", 0x77, "21"),
    (0x78, "010a0c", 0x79, "010a0c"),
    (0x78, "020006", 0x79, "020006"),
    (0x78, "032b35", 0x79, "032b35"),
    (0x78, "04320a0df638", 0x79, "04320a0df638"),
    (0x7C, "01", 0x7D, "01"),
    (0x85, "000c" + EPC.hex(), 0x86, "000c" + EPC.hex()),
    (0x8C, "8d", 0x8E, "8d"),
    (0x8D, "8d", 0x8E, "8d"),
    (0x8D, "8c", 0x8E, "8c"),
    (0x98, "01 00 00 01 20 08 34 00", 0x98, None),
]

DEFAULTS = {
    0x60: "0000",
    0x63: "00",
    0x68: "ff" * 12,
    0x6A: "d1",
    0x6D: "00",
    0x72: "0802",
    0x75: "00",
    0x77: "1e",
    0x79: "01073b",
    0x7B: "0123",
    0x7D: "00",
    0x86: "01",
    0x8E: "00",
    0x92: "0000",
    0x97: "1e1e1e1e",
}

REFUSED = [
    (0x61, "0201", Code.PARAMETER),
    (0x61, "0302", Code.PARAMETER),
    (0x61, "03", Code.PARAMETER),
    (0x62, "", Code.PARAMETER),
    (0x66, "22", Code.POWER),
    (0x66, "1414", Code.PARAMETER),
    (0x67, "0102", Code.PARAMETER),
    (0x69, "d4", Code.PARAMETER),
    (0x6C, "01", Code.PARAMETER),
    (0x71, "", Code.PARAMETER),
    (0x71, "02", Code.BAUD),
    (0x73, "", Code.PARAMETER),
    (0x73, "ff", Code.ADDRESS),
    (0x74, "04", Code.ANTENNA_ID),
    (0x74, "", Code.PARAMETER),
    (0x76, "22", Code.POWER),
    (0x76, "1e1e1e22", Code.POWER),
    (0x76, "1e1e", Code.PARAMETER),
    (0x76, "", Code.PARAMETER),
    (0x78, "", Code.PARAMETER),
    (0x78, "05073b", Code.REGION),
    (0x78, "0107", Code.PARAMETER),
    (0x78, "01003b", Code.FREQUENCY_RANGE),
    (0x78, "010c0a", Code.FREQUENCY_RANGE),
    (0x78, "020007", Code.FREQUENCY_RANGE),
    (0x78, "0432000df638", Code.FREQUENCY_RANGE),
    (0x78, "0432410df638", Code.FREQUENCY_RANGE),
    (0x78, "04320a000001", Code.FREQUENCY_RANGE),
    (0x78, "04320a0df6", Code.PARAMETER),
    (0x7A, "03", Code.BEEPER),
    (0x7C, "02", Code.DRM),
    (0x7E, "3c", Code.FREQUENCY_RANGE),
    (0x7E, "", Code.PARAMETER),
    (0x85, "", Code.PARAMETER),
    (0x85, "02", Code.MATCH_MODE),
    (0x85, "00", Code.PARAMETER),
    (0x85, "000c1122", Code.MATCH_LENGTH),
    (0x85, "0040" + "00" * 64, Code.MATCH_TOO_LONG),
    (0x8C, "01", Code.PARAMETER),
    (0x98, "", Code.PARAMETER),
    (0x98, "06", Code.PARAMETER),
    (0x98, "01 05 00 01 20 08 34 00", Code.PARAMETER),
    (0x98, "01 00 08 01 20 08 34 00", Code.PARAMETER),
    (0x98, "01 00 00 04 20 08 34 00", Code.BANK),
    (0x98, "01 00 00 01 20 10 34 00", Code.PARAMETER),
    (0x80, "", Code.PARAMETER),
    (0x89, "0101", Code.PARAMETER),
    (0xB1, "01", Code.PARAMETER),
]


@pytest.mark.parametrize(("setter", "data", "getter", "answer"), SET_AND_GET)
def test_what_is_set_is_read_back(setter, data, getter, answer):
    bench = Bench()
    assert bench.answer(setter, data) == OK
    if answer is not None:
        assert bench.answer(getter) == bytes.fromhex(answer)


def test_a_new_reader_answers_its_defaults():
    bench = Bench()
    assert {command: bench.answer(command).hex() for command in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize(("command", "data", "why"), REFUSED)
def test_what_is_wrong_is_refused_with_its_own_code(command, data, why):
    assert Bench().answer(command, data) == code(why)


def test_questions_are_answered_with_a_byte_too_many_as_some_programs_send_them():
    assert Bench().answer(0x91, "01") == code(Code.BUFFER_EMPTY)
    assert Bench().answer(0x72, "00") == b"\x08\x02"


def test_outputs_and_beeper_are_taken():
    bench = Bench()
    for command, data in ((0x61, "0301"), (0x61, "0400"), (0x7A, "00"), (0x7A, "02")):
        assert bench.answer(command, data) == OK


def test_a_reset_keeps_what_is_in_flash_and_loses_the_rest():
    bench = Bench()
    for command, data in (
        (0x62, "03"),
        (0x67, IDENTIFIER),
        (0x69, "d2"),
        (0x76, "1e1d1c1b"),
        (0x78, "020006"),
        (0x8D, "8d"),
        (0x66, "15"),
        (0x74, "02"),
        (0x85, "000c" + EPC.hex()),
        (0x8C, "00"),
        (0x98, "01 00 00 01 20 08 34 00"),
    ):
        assert bench.answer(command, data) == OK
    bench.ask(0x70, seconds=1.2)
    kept = {0x63: "03", 0x68: IDENTIFIER, 0x6A: "d2", 0x77: "1e1d1c1b", 0x79: "020006", 0x8E: "8d"}
    lost = {0x75: "00", 0x86: "01"}
    assert {command: bench.answer(command).hex() for command in kept} == kept
    assert {command: bench.answer(command).hex() for command in lost} == lost
    assert bench.answer(0x98, "20") == b"\x00"


def test_rounds_use_the_ports_own_power_and_the_regions_channels():
    field = StillField(())
    bench = Bench(field=field)
    bench.answer(0x76, "0a141e21")
    bench.answer(0x78, "020306")
    bench.ask(0x8A, "00010101020103010014", seconds=20)
    assert {(antenna, dbm) for antenna, dbm, _ in field.asked} == {
        (1, 10),
        (2, 20),
        (3, 30),
        (4, 33),
    }
    assert {mhz for _, _, mhz in field.asked} <= {866.5, 867.0, 867.5, 868.0}
    assert len({mhz for _, _, mhz in field.asked}) > 1


def test_in_a_spectrum_of_ones_own_the_index_counts_its_channels():
    field = StillField([Tag(EPC)])
    bench = Bench(field=field)
    bench.answer(0x78, "04190a0df638")  # 915.000 MHz and 9 more, 250 kHz apart
    records = bench.ask(0x89, "c8", seconds=60)[:-1]
    assert {mhz for _, _, mhz in field.asked} <= {915 + place / 4 for place in range(10)}
    assert {data[0] >> 2 for data in records} <= set(range(10))
    assert epcs_of(records) == [EPC] * 200


def test_masks_are_listed_one_frame_each_and_cleared_by_number_or_all():
    bench = Bench()
    assert bench.answer(0x98, "20") == b"\x00"
    for mask in ("02 04 01 02 00 10 e280 00", "01 00 00 01 20 04 30 00"):
        assert bench.answer(0x98, mask) == OK
    assert [data.hex() for data in bench.ask(0x98, "20")] == [
        "010200000120043000",
        "0202040102001" + "0e28000",
    ]
    assert bench.answer(0x98, "02") == OK
    assert [data.hex() for data in bench.ask(0x98, "20")] == ["010100000120043000"]
    assert bench.answer(0x98, "00") == OK
    assert bench.answer(0x98, "20") == b"\x00"


def test_return_loss_differs_over_the_band_and_tells_an_open_port():
    bench = Bench(antennas=(1,))
    losses = [bench.answer(0x7E, f"{index:02x}")[0] for index in range(60)]
    assert all(8 <= loss <= 22 for loss in losses) and len(set(losses)) > 3
    bench.answer(0x74, "01")
    assert bench.answer(0x7E, "21") == b"\x01"


def test_there_are_no_iso_18000_6b_tags():
    bench = Bench()
    bench.answer(0x74, "02")
    assert bench.answer(0xB0) == b"\x02\x00"
    uid = "e000000000000001"
    for command, data in ((0xB1, "0001"), (0xB2, "000155"), (0xB3, "10"), (0xB4, "10")):
        assert bench.answer(command, uid + data) == code(Code.NO_TAG)


def test_fast_tid_puts_crc_and_tid_behind_an_impinj_chips_epc():
    monza = Tag(EPC, tid=bytes.fromhex("e2801160200000000000abcd"))
    other = Tag(EPC[::-1], tid=bytes.fromhex("e28069950000000000000001"))
    bench = Bench(monza, other)
    assert bench.answer(0x8C, "8d") == OK
    records = {data[3:-1]: data[1:3] for data in bench.ask(0x89, "01")[:-1]}
    (longer,) = (identity for identity in records if len(identity) > 12)
    assert longer[:12] == EPC and longer[14:] == bytes.fromhex("e2801160200000000000abcd")
    assert records[longer][0] >> 3 == len(longer) // 2  # PC counts CRC and TID in
    assert EPC[::-1] in records
    bench.answer(0x8C, "00")
    assert sorted(epcs_of(bench.ask(0x89, "01"))) == sorted([EPC, EPC[::-1]])
