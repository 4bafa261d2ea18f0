"""The search for the lowest power: right, and short."""

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.commissioning.power import ENOUGH, Found, Step, Tried, next_step
from tests.support.counts import count

MOST = st.integers(0, 33)


def searched(most: int, reads) -> tuple[list[Tried], Found]:
    """All that was tried; `reads(dbm)` says whether the next walk at that power is read."""
    tried: list[Tried] = []
    while isinstance(step := next_step(tried, most), Step):
        assert 0 <= step.dbm <= most
        read = 0
        while read < step.walks and reads(step.dbm):
            read += 1
        tried.append(Tried(step.dbm, min(read + 1, step.walks), read))
    return tried, step


@settings(max_examples=count(60, 2000), deadline=None)
@given(MOST, st.integers(0, 34))
def test_a_door_with_a_clear_bound_is_found_in_few_walks(most, bound):
    tried, found = searched(most, lambda dbm: dbm >= bound)
    assert found == Found(bound if bound <= most else None)
    assert sum(one.walks for one in tried) <= 25  # 340 would be all powers ten times


@settings(max_examples=count(60, 2000), deadline=None)
@given(MOST, st.data())
def test_whatever_happens_what_is_found_was_read_ten_times_of_ten(most, data):
    tried, found = searched(most, lambda dbm: data.draw(st.booleans()))
    missed = {one.dbm for one in tried if not one.passed}
    if found.dbm is None:
        assert most in missed
    else:
        at = [one for one in tried if one.dbm == found.dbm]
        assert sum(one.read for one in at) == sum(one.walks for one in at) == ENOUGH
        assert max(missed, default=-1) == found.dbm - 1


def test_a_power_at_which_a_module_does_not_send_is_too_low():
    silent = Tried(5, 0, 0, silent=(1,))
    assert next_step([Tried(10, 3, 3), silent], 10) == Step(7, 3)
