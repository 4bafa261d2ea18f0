"""Where a batch stands in time."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from edge.agent.placing import boot_offset, place
from edge.contracts.wire import Batch
from tests.agent.schools import payload

NOW_MS = 1_763_900_000_000


def batch(**changes: object) -> Batch:
    return msgspec.convert(payload(**changes), Batch)  # type: ignore[arg-type]


def test_a_batch_with_its_own_time_stands_there() -> None:
    one = batch(t=NOW_MS - 300)
    assert place(one, NOW_MS, None).at_ms == NOW_MS - 300


def test_a_batch_without_time_stands_where_its_boot_began_plus_its_own_uptime() -> None:
    one = batch(up=52_000, sent=52_310)
    offset = boot_offset(one, NOW_MS, None)
    assert place(one, NOW_MS, offset).at_ms == NOW_MS - 310


def test_the_quickest_batch_of_a_boot_places_the_others() -> None:
    quick = boot_offset(batch(sent=10_000), NOW_MS, None)
    slow = batch(up=20_000, sent=20_000)
    offset = boot_offset(slow, NOW_MS + 15_000, quick)  # five seconds on the way
    assert place(slow, NOW_MS + 15_000, offset).at_ms == NOW_MS + 10_000


def test_a_batch_of_an_older_boot_without_time_stays_unplaced() -> None:
    one = batch(sent=None)
    assert place(one, NOW_MS, boot_offset(one, NOW_MS, NOW_MS - 5)).at_ms is None


def test_a_backlog_that_knows_its_time_keeps_it() -> None:
    hour = 3_600_000
    one = batch(t=NOW_MS - hour, up=10_000, sent=10_000 + hour)
    assert place(one, NOW_MS, None) == place(one, NOW_MS, 0)
    assert place(one, NOW_MS, None).at_ms == NOW_MS - hour


def test_a_time_in_the_future_is_told_and_the_batch_aligned() -> None:
    one = batch(t=NOW_MS + 86_400_000, up=52_000, sent=52_310)
    placed = place(one, NOW_MS, boot_offset(one, NOW_MS, None))
    assert placed.at_ms == NOW_MS - 310
    assert placed.odd is not None
    assert "future" in placed.odd


def test_a_time_in_the_future_of_an_older_boot_leaves_it_unplaced() -> None:
    placed = place(batch(t=NOW_MS + 86_400_000, sent=None), NOW_MS, None)
    assert placed.at_ms is None
    assert placed.odd is not None


def test_a_time_before_there_were_gateways_leaves_a_batch_of_an_older_boot_unplaced() -> None:
    placed = place(batch(t=0, sent=None), NOW_MS, NOW_MS - 5)
    assert placed.at_ms is None
    assert placed.odd is not None


@given(
    t=st.none() | st.integers(-(2**53), 2**53),
    up=st.integers(0, 2**53),
    sent=st.none() | st.integers(0, 2**53),
    offset=st.none() | st.integers(-(2**53), 2**53),
)
def test_no_time_is_too_odd_to_be_placed_or_left_unplaced(
    t: int | None, up: int, sent: int | None, offset: int | None
) -> None:
    one = batch(t=t, up=up, sent=sent)
    placed = place(one, NOW_MS, boot_offset(one, NOW_MS, offset))
    assert placed.at_ms is None or isinstance(placed.at_ms, int)
