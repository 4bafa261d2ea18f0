"""Channels by the region's rules: how many, for how long, and when nothing may be sent."""

import numpy as np

from edge.contracts.school_file import parse_school
from simulator.air.docked import Stay
from simulator.air.hopping import hopping_of
from simulator.air.radio import Radio
from tests.simulator.demo_school import PATH, SCHOOL

EUROPE = parse_school(PATH.read_text().replace('region = "US"', 'region = "EU"'))
MODULE = np.array([3])


def _channels(region: str) -> np.ndarray:
    hopping = hopping_of("EU" if region == "EU" else "US", 1)
    return hopping.channel(MODULE, np.arange(0, 600_000, 10))


def test_in_america_fifty_channels_are_used_alike_for_a_third_of_a_second_each() -> None:
    counts = np.bincount(_channels("US"), minlength=50)
    assert len(counts) == 50 and counts.min() > 0
    assert np.abs(np.diff(_channels("US"))).astype(bool).sum() > 1700


def test_in_europe_four_channels_are_used_for_four_seconds_each() -> None:
    channels = _channels("EU")
    assert set(channels.tolist()) == {0, 1, 2, 3}
    assert 60 < np.abs(np.diff(channels)).astype(bool).sum() < 146


def test_in_europe_a_module_is_silent_for_a_tenth_of_a_second_after_each_dwell() -> None:
    at_ms = np.arange(0, 410_000, 10)
    silent = hopping_of("EU", 1).rests(MODULE, at_ms, at_ms + 1)
    assert silent.sum() * 10 == 100 * 100
    assert not hopping_of("US", 1).rests(MODULE, at_ms, at_ms + 80).any()


def test_the_silence_shows_in_what_gateways_say_they_looked() -> None:
    stays = [Stay(device, "c1", device, 0.0, 1e9) for device in range(30)]
    for school, least, most in ((SCHOOL, 0.0, 0.0), (EUROPE, 0.02, 0.08)):
        stretch = Radio(school, 30, {}, 1).stretch(0, 60_000, [], stays, 0.0)
        looked = stretch.rounds[:, : int(stretch.slots.min())]
        assert least <= (looked == 0).mean() <= most


def test_a_docked_device_is_heard_on_four_levels_in_europe() -> None:
    stays = [Stay(0, "c1", 0, 0.0, 1e9)]
    levels = Radio(EUROPE, 1, {}, 1).stretch(0, 120_000, [], stays, 0.0).reads
    first = levels.rssi_tenths[levels.antenna == 0] / 10
    assert len(first) > 300 and len(np.unique(np.round(first / 4))) <= 5
