"""A tag keeps its memory, locks and session flags as Gen2 has them."""

import random

import pytest

from simulator.modules.field import FixedField, make_tags
from simulator.modules.inventory import AirTiming, Query, run_round
from simulator.modules.select import Select
from simulator.modules.tag import (
    EPC,
    RESERVED,
    TID,
    USER,
    Tag,
    TagFault,
    TagRefused,
    TagSilent,
    crc16,
)

EPC_96 = bytes.fromhex("30751feb705c5904e3d50d70")
TIMING = AirTiming(0.008, 0.0005, 0.0015, 0.015)


def test_the_stored_crc_is_the_one_real_tags_send():
    for pc_epc, crc in (
        ("3000e20010710000529b0940b402", 0xEB98),
        ("3400e20010710000529b0940b402", 0x163D),
        ("340030751feb705c5904e3d50d70", 0x3A76),
        ("3000e280699500005009f1286992", 0x620A),
        ("3400300ed89f3350015a1e3df506", 0x0690),
    ):
        assert crc16(bytes.fromhex(pc_epc)) == crc
    tag = Tag(EPC_96, pc=0x3400)
    assert tag.read(EPC, 0, 2, secured=False) == bytes.fromhex("3a763400")


def test_writing_user_memory_shows_in_the_umi_bit():
    tag = Tag(EPC_96)
    assert tag.pc == 0x3000
    tag.write(USER, 0, b"\x01\x00", secured=False)
    assert tag.pc == 0x3400


@pytest.mark.parametrize("words", [0, 1, 6, 31])
def test_epcs_of_every_length_keep_their_length(words):
    epc = bytes(range(2 * words))
    tag = Tag(epc)
    assert tag.epc == epc
    assert tag.pc >> 11 == words


def test_an_epc_of_half_a_word_is_refused():
    with pytest.raises(ValueError, match="whole words"):
        Tag(b"abc")


def test_password_locks_hold_for_reading_too():
    tag = Tag(EPC_96, access_password=1, kill_password=2)
    assert tag.read(RESERVED, 0, 4, secured=False).hex() == "0000000200000001"
    tag.lock(0b10_10_00_00_00_10_10_00_00_00, secured=True)
    with pytest.raises(TagRefused) as refusal:
        tag.read(RESERVED, 0, 2, secured=False)
    assert refusal.value.fault is TagFault.LOCKED
    assert tag.read(RESERVED, 0, 4, secured=True)


def test_a_permalock_cannot_be_undone():
    tag = Tag(EPC_96)
    tag.lock(0b00_00_11_00_00_00_00_11_00_00, secured=True)
    for secured in (False, True):
        with pytest.raises(TagRefused):
            tag.write(EPC, 2, b"\0\0", secured)
    with pytest.raises(TagRefused):
        tag.lock(0b00_00_11_00_00_00_00_00_00_00, secured=True)


def test_writes_past_the_end_change_nothing():
    tag = Tag(EPC_96, user_bytes=4)
    for bank, word in ((USER, 1), (EPC, 9), (RESERVED, 3)):
        with pytest.raises(TagRefused) as refusal:
            tag.write(bank, word, bytes.fromhex("aaaabbbb"), secured=True)
        assert refusal.value.fault is TagFault.OVERRUN
    with pytest.raises(TagRefused):
        tag.write(TID, 0, b"\0\0", secured=True)
    assert (tag.epc, tag.access_password) == (EPC_96, 0)


def test_the_whole_epc_bank_can_be_written_and_the_crc_stays_the_tags_own():
    tag = Tag(EPC_96)
    tag.write(EPC, 0, bytes.fromhex("ffff 2000 1111222233334444"), secured=False)
    assert tag.epc.hex() == "1111222233334444"
    assert tag.read(EPC, 0, 1, secured=False) == crc16(tag.pc_epc()).to_bytes(2, "big")


def test_passwords_are_written_through_the_reserved_bank():
    tag = Tag(EPC_96)
    tag.write(RESERVED, 2, bytes.fromhex("deadbeef"), secured=True)
    assert tag.access_password == 0xDEADBEEF
    assert not tag.secure(0)
    assert tag.secure(0xDEADBEEF)
    with pytest.raises(TagSilent):
        tag.secure(1)


def flags_after(session: int, dark_s: float, tag: Tag) -> bool:
    """Inventory the tag, leave it dark for a time, and say whether it answers for A again."""
    tag.power(0.0, 0.1)
    tag.inventoried(session, 0.1)
    tag.power(0.1 + dark_s, 0.2 + dark_s)
    return tag.takes_part(session, target_b=False, sel=0)


@pytest.mark.parametrize(
    ("session", "dark_s", "answers"),
    [(0, 0.01, True), (1, 0.3, False), (1, 2.5, True), (2, 2.5, False), (3, 12, True)],
)
def test_flags_persist_by_session(session, dark_s, answers):
    assert flags_after(session, dark_s, Tag(EPC_96)) is answers


def test_s1_decays_under_power_and_s2_does_not():
    tag = Tag(EPC_96)
    tag.power(0.0, 100.0)
    tag.inventoried(1, 0.0)
    tag.inventoried(2, 0.0)
    tag.power(50.0, 100.0)
    assert tag.takes_part(1, target_b=False, sel=0)
    assert tag.takes_part(2, target_b=True, sel=0)


@pytest.mark.parametrize(
    ("action", "matching_b", "other_b"),
    [
        (0, False, True),
        (1, False, False),
        (2, False, True),
        (3, True, False),
        (4, True, False),
        (5, True, False),
        (6, False, False),
        (7, False, True),
    ],
)
def test_select_actions_set_the_flags_of_the_gen2_table(action, matching_b, other_b):
    for prefix, expected_b in ((0x3075, matching_b), (0x9999, other_b)):
        tag = Tag(EPC_96)
        tag.power(0.0, 1.0)
        tag.apply_select(Select(2, action, EPC, 0x20, 16, prefix), 0.0)
        assert tag.takes_part(2, target_b=expected_b, sel=0)


def test_select_on_sl_is_asked_for_by_the_query():
    tag = Tag(EPC_96)
    tag.power(0.0, 1.0)
    assert tag.takes_part(0, target_b=False, sel=2)
    tag.apply_select(Select(4, 0, TID, 0, 8, 0xE2), 0.0)
    assert tag.takes_part(0, target_b=False, sel=3)
    assert not tag.takes_part(0, target_b=False, sel=2)


def test_a_mask_past_the_end_of_memory_matches_nothing():
    assert not Tag(EPC_96).matches(Select(0, 0, EPC, 0x20, 255, 0))
    assert not Tag(EPC_96).matches(Select(0, 0, RESERVED, 0, 1, 0))


@pytest.mark.parametrize("mask_bits", [0, 8])
def test_a_select_on_the_reserved_bank_changes_no_flag(mask_bits):
    tag = Tag(EPC_96)
    tag.power(0.0, 1.0)
    for target in range(5):
        tag.apply_select(Select(target, 4, RESERVED, 0, mask_bits, 0x34), 0.0)
    assert all(tag.takes_part(session, target_b=False, sel=2) for session in range(4))


def test_two_tags_in_one_slot_collide_and_a_fitting_q_reads_a_third_of_its_slots():
    rng = random.Random(3)
    field = FixedField(make_tags(2, rng), rng, read_probability=1.0)
    together = run_round(
        field.answer(1, 0.0, 20.0, 915.0), Query(0, False, 0, 0), (), 0.0, TIMING, rng
    )
    assert together.reads == ()
    field = FixedField(make_tags(32, rng), rng, read_probability=1.0)
    reads = 0
    for number in range(200):
        at_s = number * 10.0
        reads += len(
            run_round(
                field.answer(1, at_s, 20.0, 915.0), Query(0, False, 0, 5), (), at_s, TIMING, rng
            ).reads
        )
    assert reads / (200 * 32) == pytest.approx(0.368, abs=0.03)


def test_a_weak_field_powers_tags_it_does_not_hear():
    rng = random.Random(3)
    field = FixedField(make_tags(5, rng), rng, read_probability=1.0)
    assert all(answer.heard for answer in field.answer(1, 0.0, 20.0, 915.0))
    assert not any(answer.heard for answer in field.answer(1, 0.0, -5.0, 915.0))


def test_a_tag_before_the_antenna_answers_every_round_and_one_at_the_floor_some():
    rng = random.Random(3)
    field = FixedField(make_tags(1, rng), rng)
    heard = [
        sum(field.answer(1, 0.0, power_dbm, 915.0)[0].heard for _ in range(200))
        for power_dbm in range(20, -10, -1)
    ]
    assert heard[:5] == [200] * 5
    assert any(20 < rounds < 180 for rounds in heard)
    assert heard[-1] == 0


def test_made_tags_repeat_with_the_seed_and_carry_the_schools_prefix():
    epcs = [[tag.epc for tag in make_tags(4, random.Random(5))] for _ in range(2)]
    assert epcs[0] == epcs[1]
    assert all(epc.hex().startswith("3414257bf4") and len(epc) == 12 for epc in epcs[0])
