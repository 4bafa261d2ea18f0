"""Gateways near each other on one channel lose answers; others do not."""

import numpy as np

from edge.contracts.school_file import parse_school
from simulator.air.antennas import Antennas
from simulator.air.jamming import Jamming
from simulator.air.radio import Radio
from simulator.people.itinerary import Carrying, Walk
from tests.simulator.demo_school import PATH, SCHOOL

ANTENNAS = Antennas(SCHOOL)
HALL_101, ROOM_101 = (
    next(a.index for a in ANTENNAS.all if (a.gateway, a.number) == ("gw-d101", n)) for n in (1, 2)
)
HALL_102, HALL_103 = (
    next(a.index for a in ANTENNAS.all if (a.gateway, a.number) == (f"gw-d10{n}", 1))
    for n in (2, 3)
)


def _kept(*on_one_channel: int) -> np.ndarray:
    channel = np.arange(len(ANTENNAS.all))
    channel[list(on_one_channel)] = 99
    return Jamming(SCHOOL, ANTENNAS).kept(channel[:, None])[:, 0]


def test_two_doors_of_a_hall_on_one_channel_lose_answers_on_both_sides() -> None:
    kept = _kept(HALL_101, HALL_102)
    assert 0.0 < kept[HALL_101] < 0.9 and 0.0 < kept[HALL_102] < 0.9
    assert (np.delete(kept, [HALL_101, HALL_102]) == 1.0).all()


def test_on_different_channels_nothing_is_lost() -> None:
    assert (_kept() == 1.0).all()


def test_doors_of_different_halls_and_antennas_in_rooms_do_not_disturb_each_other() -> None:
    assert (_kept(HALL_101, HALL_103) == 1.0).all()
    assert (_kept(ROOM_101, HALL_102) == 1.0).all()


def test_carts_and_one_gateways_own_antennas_do_not_disturb_each_other() -> None:
    carts = [antenna.index for antenna in ANTENNAS.all if antenna.is_cart]
    assert (_kept(*carts) == 1.0).all()
    assert (_kept(HALL_101, ROOM_101) == 1.0).all()


def test_with_four_channels_jamming_costs_reads_and_with_fifty_hardly_any() -> None:
    school = parse_school(PATH.read_text().replace('region = "US"', 'region = "EU"'))
    lost = []
    for region in (SCHOOL, school):
        radio = Radio(region, 120, {}, 1)
        kept = [
            radio.jamming.kept(radio.hops(begin, begin + 20_000).channel)[HALL_102]
            for begin in range(0, 600_000, 20_000)
        ]
        lost.append(1 - float(np.mean(np.concatenate(kept))))
    assert 0.0 < lost[0] < 0.06 < lost[1] < 0.5


def test_a_jammed_doorway_reads_less_of_who_walks_through() -> None:
    walk = Walk(
        device=0,
        doorway="d102",
        kind="through",
        from_room="hall-a",
        to_room="r102",
        at_s=1_800_000_010.0,
        speed_m_s=0.8,
        lane_m=0.0,
        carrying=Carrying(1.0, 8.0),
    )
    free, jammed = Radio(SCHOOL, 1, {}, 1), Radio(SCHOOL, 1, {}, 1)
    jammed.jamming.kept = lambda channel: np.full(channel.shape, 0.1)  # type: ignore[method-assign]
    heard = [len(r.stretch(0, 20_000, [walk], [], 1_800_000_000.0).walk) for r in (free, jammed)]
    assert heard[1] < 0.4 * heard[0]
