"""Where a batch stands in time."""

from hypothesis import given
from hypothesis import strategies as st

from edge.agent.intake.placing import (
    AHEAD_MS,
    BEHIND_MS,
    WINDOW,
    BootOffset,
    Placement,
    Told,
    boot_offset,
    place,
)

NOW_MS = 1_763_900_000_000
HOUR_MS = 3_600_000


def placed(told: Told, arrival_ms: int = NOW_MS, offset: BootOffset | None = None) -> Placement:
    return place(told, arrival_ms, boot_offset(told, arrival_ms, offset))


def test_a_batch_with_its_own_time_stands_there() -> None:
    assert placed(Told(NOW_MS - 300, 52_000, 52_310)).at_ms == NOW_MS - 300


def test_a_batch_without_time_stands_where_its_boot_began_plus_its_own_uptime() -> None:
    assert placed(Told(None, 52_000, 52_310)).at_ms == NOW_MS - 310


def test_the_quickest_batch_of_a_boot_places_the_others() -> None:
    quick = boot_offset(Told(None, 9_000, 10_000), NOW_MS, None)
    slow = Told(None, 20_000, 20_000)  # five seconds on the way
    assert placed(slow, NOW_MS + 15_000, quick).at_ms == NOW_MS + 10_000


def test_a_batch_of_an_older_boot_without_time_stays_unplaced() -> None:
    assert placed(Told(None, 52_000, None), NOW_MS, BootOffset(NOW_MS - 5)).at_ms is None


def test_a_backlog_that_knows_its_time_keeps_it() -> None:
    assert placed(Told(NOW_MS - HOUR_MS, 10_000, 10_000 + HOUR_MS)).at_ms == NOW_MS - HOUR_MS


def test_a_time_in_the_future_is_told_and_the_batch_aligned() -> None:
    at = placed(Told(NOW_MS + 24 * HOUR_MS, 52_000, 52_310))
    assert at.at_ms == NOW_MS - 310
    assert at.odd == "86400 s in the future"


def test_a_time_in_the_past_is_told_and_the_batch_aligned() -> None:
    at = placed(Told(NOW_MS - HOUR_MS // 2, 52_000, 52_310))
    assert at.at_ms == NOW_MS - 310
    assert at.odd == "1800 s in the past"


def test_a_time_in_the_future_of_an_older_boot_leaves_it_unplaced() -> None:
    at = placed(Told(NOW_MS + 24 * HOUR_MS, 52_000, None))
    assert at.at_ms is None
    assert at.odd is not None


def test_a_time_before_there_were_gateways_leaves_a_batch_of_an_older_boot_unplaced() -> None:
    at = placed(Told(0, 52_000, None), NOW_MS, BootOffset(NOW_MS - 5))
    assert at.at_ms is None
    assert at.odd is not None


@given(
    offs_ms=st.lists(st.none() | st.integers(-12 * HOUR_MS, 12 * HOUR_MS), min_size=1),
    delays_ms=st.lists(st.integers(0, 20_000), min_size=1),
    held_ms=st.lists(st.integers(0, 2 * HOUR_MS), min_size=1),
    quickest_ms=st.integers(0, 500),
)
def test_no_clock_takes_a_batch_farther_off_than_clocks_are_believed(
    offs_ms: list[int | None], delays_ms: list[int], held_ms: list[int], quickest_ms: int
) -> None:
    """Set wrong, drifting, jumping or never set; batches held back, and delayed on the way."""
    began = NOW_MS
    offset = boot_offset(Told(None, 0, 0), began + quickest_ms, None)
    for k, delay in enumerate(delays_ms):
        up = 5_000 * (k + 1)
        sent = up + held_ms[k % len(held_ms)]
        off = offs_ms[k % len(offs_ms)]
        told = Told(None if off is None else began + up + off, up, sent)
        arrival = began + sent + quickest_ms + delay
        offset = boot_offset(told, arrival, offset)
        at_ms = place(told, arrival, offset).at_ms
        assert at_ms is not None
        assert -BEHIND_MS <= at_ms - (began + up) <= AHEAD_MS + quickest_ms
        if off == 0:
            assert at_ms == began + up


def test_a_crystal_that_is_slow_by_seconds_a_day_does_not_add_up() -> None:
    offset, off_ms = None, []
    for k in range(30 * 8640):  # a batch each 10 s for a month
        up = 10_000 * k
        true = NOW_MS + round(up * 1.00002)
        told = Told(None, up, up)
        offset = boot_offset(told, true, offset)
        off_ms.append(place(told, true, offset).at_ms - true)
    assert min(off_ms) > -200


def test_where_the_agents_clock_was_set_right_it_is_believed_after_two_windows() -> None:
    offset = None
    for k in range(3 * WINDOW):
        up = 10_000 * k
        told = Told(NOW_MS + up, up, up)
        arrival = NOW_MS + up - (180_000 if k < WINDOW // 2 else 0)
        offset = boot_offset(told, arrival, offset)
    assert place(told, arrival, offset) == Placement(arrival)


@given(
    t=st.none() | st.integers(-(2**53), 2**53),
    up=st.integers(0, 2**53),
    sent=st.none() | st.integers(0, 2**53),
    offset=st.none() | st.builds(BootOffset, st.integers(-(2**53), 2**53)),
)
def test_no_time_is_too_odd_to_be_placed_or_left_unplaced(
    t: int | None, up: int, sent: int | None, offset: BootOffset | None
) -> None:
    at = placed(Told(t, up, sent), NOW_MS, offset)
    assert at.at_ms is None or isinstance(at.at_ms, int)
