"""Which antenna faces which room, from walks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.commissioning.sides import told_sides, verdict
from edge.commissioning.walks import Heard, Walk, heard_of, moments_in, reads_in
from edge.contracts.readlog import ReadRow
from tests.support.counts import count

FILED = {1: "hall", 2: "r101"}


def there_and_back(number):
    rooms = ("hall", "r101")
    return [Walk(10.0 * n, 10.0 * n + 8, rooms[n % 2], rooms[1 - n % 2]) for n in range(number)]


def heard_in(walks, facing, *, apart_s=1.0):
    """Each antenna hears a walk strongest where the walk passes its room."""
    found = []
    for walk in walks:
        for antenna, room in facing.items():
            near = walk.start + 4 + (-apart_s if room == walk.origin else apart_s) / 2
            found += [Heard(antenna, near + at, 3, -50.0 - 9 * abs(at)) for at in (-1, 0, 1)]
    return found


@pytest.mark.parametrize(
    ("facing", "said"),
    [(FILED, "as filed"), ({1: "r101", 2: "hall"}, "exchanged")],
)
def test_walks_tell_how_the_antennas_face(facing, said):
    walks = there_and_back(4)
    told = told_sides(FILED, walks, heard_in(walks, facing))
    assert told == facing
    assert verdict(told, FILED) == said


def test_the_side_is_where_it_is_strong_not_where_it_is_heard_first():
    walks = there_and_back(3)
    heard = heard_in(walks, FILED)
    heard += [Heard(2, walk.start + 0.5, 1, -75.0) for walk in walks]
    assert told_sides(FILED, walks, heard) == FILED


def test_what_is_heard_together_or_by_one_antenna_alone_tells_nothing():
    walks = there_and_back(10)
    together = heard_in(walks, FILED, apart_s=0.1)
    assert told_sides(FILED, walks, together) == {1: None, 2: None}
    alone = [one for one in heard_in(walks, FILED) if one.antenna == 1]
    assert verdict(told_sides(FILED, walks, alone), FILED) == "unclear"


def test_contradicting_walks_tell_nothing():
    walks = there_and_back(10)
    heard = heard_in(walks[::2], FILED) + heard_in(walks[1::2], {1: "r101", 2: "hall"})
    assert set(told_sides(FILED, walks, heard).values()) == {None}


def test_one_of_three_antennas_may_face_another_room_than_filed():
    filed = {1: "hall", 2: "r101", 3: "hall"}
    walks = there_and_back(4)
    told = told_sides(filed, walks, heard_in(walks, {1: "hall", 2: "r101", 3: "r101"}))
    assert verdict(told, filed) == "some differ"


def test_without_levels_every_read_weighs_the_same():
    walk = Walk(0.0, 8.0, "hall", "r101")
    heard = [Heard(1, 1.0, 1, None), Heard(1, 4.0, 3, -20.0)]
    assert moments_in(walk, heard) == {1: 3.25}


@settings(max_examples=count(60, 2000), deadline=None)
@given(st.lists(st.floats(0, 30), max_size=20))
def test_a_record_belongs_to_one_walk(times):
    walks = [Walk(t, t + 5.0, "hall", "r101") for t in (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)]
    heard = [Heard(1, t, 1, -60.0) for t in times if t < 30]
    assert sum(reads_in(walk, heard).get(1, 0) for walk in walks) == len(heard)


def test_a_silence_and_a_read_without_a_place_in_time_are_no_reads_of_a_walk():
    row = ReadRow(gateway="gw", antenna=1, epc="AA", t=5.0, rssi=-60.0, n=2, peak=0.5)
    assert heard_of(row) == Heard(1, 5.5, 2, -60.0)
    assert heard_of(ReadRow(gateway="gw", antenna=1, epc="AA", t=5.0, n=0)) is None
    assert heard_of(ReadRow(gateway="gw", antenna=1, epc="AA", t=None)) is None
