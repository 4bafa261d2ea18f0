"""The radio: who is heard from where, how often, and by which antenna."""

from itertools import pairwise

import numpy as np
import pytest

from edge.contracts.school_file import parse_school
from simulator.air.docked import Stay
from simulator.air.radio import Radio, Stretch
from simulator.people.itinerary import Carrying, Walk
from tests.simulator.demo_school import PATH, SCHOOL

RADIO = Radio(SCHOOL, devices=120, dead_slots={"c1": [17]}, seed=1)
IN_HAND = Carrying(tilt_db=1.0, body_db=8.0)
START_S = 1_800_000_000.0


def _walk(device: int = 0, at_s: float = 10.0, **more: object) -> Walk:
    given: dict[str, object] = {
        "device": device,
        "doorway": "d101",
        "kind": "through",
        "from_room": "hall-a",
        "to_room": "r101",
        "at_s": START_S + at_s,
        "speed_m_s": 1.2,
        "lane_m": 0.0,
        "carrying": IN_HAND,
        **more,
    }
    return Walk(**given)  # type: ignore[arg-type]


def _stretch(walks: list[Walk], stays: list[Stay], seconds: int = 20) -> Stretch:
    return RADIO.stretch(0, seconds * 1000, walks, stays, START_S)


def _reads(stretch: Stretch, gateway: str, antenna: int) -> np.ndarray:
    at = RADIO.antennas.gateways.index(gateway)
    return (stretch.reads.gateway == at) & (stretch.reads.antenna == antenna - 1)


def _centroid(stretch: Stretch, which: np.ndarray) -> float:
    weight = 10 ** (stretch.reads.rssi_tenths[which] / 100)
    return float((stretch.reads.at_ms[which] * weight).sum() / weight.sum())


def test_a_device_carried_through_is_heard_first_on_the_side_it_comes_from() -> None:
    right = 0
    for device in range(40):
        stretch = _stretch([_walk(device)], [])
        near, far = _reads(stretch, "gw-d101", 1), _reads(stretch, "gw-d101", 2)
        if near.any() and far.any():
            right += _centroid(stretch, near) < _centroid(stretch, far)
        else:
            right += 1
    assert right >= 38


def test_the_way_back_is_heard_the_other_way_round() -> None:
    stretch = _stretch([_walk(from_room="r101", to_room="hall-a")], [])
    hall, room = _reads(stretch, "gw-d101", 1), _reads(stretch, "gw-d101", 2)
    assert _centroid(stretch, room) < _centroid(stretch, hall)


def test_a_doorway_at_20_dbm_hears_one_to_three_metres_into_the_room() -> None:
    far_m = []
    for device in range(60):
        begin_s = 20 * device  # each stretch has chances of its own
        walk = _walk(device, at_s=begin_s + 10.0)
        stretch = RADIO.stretch(begin_s * 1000, (begin_s + 20) * 1000, [walk], [], START_S)
        seen = stretch.reads.at_ms[_reads(stretch, "gw-d101", 2)]
        if len(seen):
            far_m.append((seen.max() / 1000 - begin_s - 10.0) * 1.2)
    assert 1.0 < np.median(far_m) < 3.5


def test_less_power_hears_less_far() -> None:
    text = PATH.read_text().replace(
        "power_dbm = { 1 = 20, 2 = 20 }", "power_dbm = { 1 = 13, 2 = 13 }"
    )
    weak = Radio(parse_school(text), devices=120, dead_slots={}, seed=1)
    walks = [_walk(device, at_s=6.0 * (device + 1)) for device in range(20)]
    loud = RADIO.stretch(0, 130_000, walks, [], START_S)
    soft = weak.stretch(0, 130_000, walks, [], START_S)
    assert len(soft.walk) < 0.5 * len(loud.walk)


def test_antennas_of_one_gateway_never_transmit_together() -> None:
    on = RADIO.antennas
    for gateway in on.gateways:
        slots = [
            (int(begin), int(begin) + on.usable_ms[a.index])
            for a in on.all
            if a.gateway == gateway
            for begin in on.first_ms[a.index] + np.arange(20) * on.turns_ms[a.index]
        ]
        slots.sort()
        assert all(end <= after for (_, end), (after, _) in pairwise(slots))


def test_a_full_cart_is_read_at_the_modules_40_to_60_tags_a_second() -> None:
    stays = [Stay(device, "c1", device, 0.0, 1e9) for device in range(30)]
    stretch = _stretch([], stays, seconds=60)
    assert 35 < len(stretch.walk) / 60 < 60


def test_one_tag_alone_is_read_by_most_rounds_of_both_antennas() -> None:
    stretch = _stretch([], [Stay(3, "c1", 3, 0.0, 1e9)], seconds=60)
    assert 10 < len(stretch.walk) / 60 < 30


def test_a_dead_slot_stays_hard_to_read_and_no_other_is() -> None:
    stays = [Stay(device, "c1", device, 0.0, 1e9) for device in range(30)]
    counts = [
        np.bincount(RADIO.stretch(b, b + 60_000, [], stays, START_S).reads.tag, minlength=30)
        for b in (0, 60_000)
    ]
    dead = [np.flatnonzero(count < 0.3 * np.median(count)) for count in counts]
    assert [list(slots) for slots in dead] == [[16], [16]]


def test_a_docked_device_is_not_heard_before_and_after() -> None:
    stretch = _stretch([], [Stay(0, "c1", 0, 5_000.0, 8_000.0)])
    assert len(stretch.walk)
    assert stretch.reads.at_ms.min() >= 5_000 and stretch.reads.at_ms.max() < 8_080


def test_stretches_of_other_length_make_reads_of_the_same_slots() -> None:
    walks = [_walk(device) for device in range(10)]
    whole = RADIO.stretch(0, 20_000, walks, [], START_S)
    parts = [RADIO.stretch(b, b + 5_000, walks, [], START_S) for b in range(0, 20_000, 5_000)]
    assert sum(int(part.slots.sum()) for part in parts) == int(whole.slots.sum())
    assert sum(len(part.walk) for part in parts) == pytest.approx(len(whole.walk), rel=0.15)


def test_rounds_are_counted_also_where_nothing_answers() -> None:
    stretch = _stretch([], [])
    assert len(stretch.walk) == 0
    assert (stretch.rounds[:, : int(stretch.slots.min())] > 0).all()


def test_levels_are_whole_dbm_down_to_the_modules_floor() -> None:
    stretch = _stretch([_walk(device) for device in range(30)], [])
    assert (stretch.reads.rssi_tenths % 10 == 0).all()
    assert stretch.reads.rssi_tenths.min() >= -700
