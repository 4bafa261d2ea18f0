"""A module's radio: which antenna a port is, on which channel, what the carrier leaves behind."""

import itertools
import random
from collections.abc import Sequence

from simulator.modules.core import Surroundings
from simulator.modules.field import TagAnswer
from simulator.modules.inventory import AirTiming, Query, Round
from simulator.modules.line import UartLine
from simulator.modules.stats import Stats
from simulator.modules.tag import Tag
from simulator.modules.transmitter import Transmitter

ALL_IN_S0 = Query(0, False, 0, 2)
TIMING = AirTiming(overhead_s=0.008, empty_s=0.0005, collision_s=0.0015, read_s=0.015)
CHANNELS = [902.75 + 0.5 * n for n in range(50)]


class TagAtEachAntenna:
    """A field with one tag at each antenna, whose EPC is the antenna's number."""

    def __init__(self) -> None:
        self.tags = {number: Tag(number.to_bytes(2, "big")) for number in range(1, 10)}
        self.asked: list[tuple[int, float]] = []

    def answer(
        self, antenna: int, at_s: float, power_dbm: float, frequency_mhz: float
    ) -> Sequence[TagAnswer]:
        self.asked.append((antenna, frequency_mhz))
        return [TagAnswer(self.tags[antenna], power_dbm - 80)]


def make(
    antennas: tuple[int, ...], timing: AirTiming = TIMING, rate_hz: float | None = None
) -> tuple[Transmitter, TagAtEachAntenna]:
    field, rng, stats = TagAtEachAntenna(), random.Random(1), Stats()
    line = UartLine(115200, rng, stats)
    around = Surroundings(line, field, antennas, rng, {}, rate_hz, stats)
    return Transmitter(around, timing), field


def report(done: Round) -> list[bytes]:
    """Take the reads out of a round as a module does; return their EPCs."""
    for at_s, answer in done.reads:
        answer.tag.inventoried(0, at_s)
    return [answer.tag.epc for _, answer in done.reads]


def test_a_port_is_the_antenna_wired_to_it_and_an_open_one_powers_no_tag():
    radio, field = make((7, 3))
    epcs = [report(radio.round(port, ALL_IN_S0, (), 30, CHANNELS, port)) for port in (1, 2, 3, 16)]
    assert epcs == [[b"\0\7"], [b"\0\3"], [], []]
    assert [antenna for antenna, _ in field.asked] == [7, 3]
    assert [radio.connected(port) for port in (0, 1, 2, 3)] == [False, True, True, False]


def test_it_stays_on_a_channel_for_its_dwell_and_leaves_one_that_is_no_longer_allowed():
    radio, _ = make((1,))
    heard = [radio.frequency(CHANNELS, n * 0.01) for n in range(3000)]
    changes = sum(a != b for a, b in itertools.pairwise(heard))
    assert 80 <= changes <= 100, "30 s of 0.3 s dwells, some hopping onto the same channel"
    assert set(heard) <= set(CHANNELS)
    assert radio.frequency([866.9], 29.995) == 866.9


def test_s0_flags_fall_back_where_the_carrier_goes_off_and_last_where_it_does_not():
    for off_s, again in ((0.001, True), (0.0, False)):
        radio, _ = make((1,), AirTiming(0.008, 0.0005, 0.0015, 0.015, carrier_off_s=off_s))
        first = radio.round(1, ALL_IN_S0, (), 30, CHANNELS, 10.0)
        assert report(first) == [b"\0\1"]
        second = radio.round(1, ALL_IN_S0, (), 30, CHANNELS, first.end_s)
        assert bool(report(second)) == again


def test_an_asked_rate_decides_how_long_a_round_takes():
    radio, _ = make((1,), rate_hz=500)
    at_s, reads = 0.0, 0
    while at_s < 2:
        done = radio.round(1, ALL_IN_S0, (), 30, CHANNELS, at_s)
        reads += len(report(done))
        at_s = done.end_s
    assert 950 < reads <= 1001
