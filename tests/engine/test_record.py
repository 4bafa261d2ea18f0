"""`located` lines: what must be said so that a reader of them ends up with the right record."""

from hypothesis import given
from hypothesis import strategies as st

from edge.agent.engine.record import corrections
from edge.agent.engine.stays import Stay

rooms = st.sampled_from(["a", "b", "c"])


@st.composite
def stays(draw: st.DrawFn) -> list[Stay]:
    times = draw(st.lists(st.integers(1, 30), unique=True, max_size=6).map(sorted))
    return [Stay(t, draw(rooms), 0.9) for t in times]


def fold(lines: list[Stay]) -> list[tuple[int, str | None]]:
    """Read lines by the contract: each erases what was thought from its time on."""
    kept: list[tuple[int, str | None]] = []
    for line in lines:
        kept = [stay for stay in kept if stay[0] < line.at_ms] + [(line.at_ms, line.room)]
    thought: list[tuple[int, str | None]] = []
    for at, room in kept:
        if room != (thought[-1][1] if thought else None):
            thought.append((at, room))
    return thought


@given(first=stays(), second=stays(), after=st.integers(0, 31))
def test_lines_lead_any_reader_from_one_record_to_another(
    first: list[Stay], second: list[Stay], after: int
) -> None:
    said: list[Stay] = []
    lines = corrections(said, 0, first)
    wanted = [stay for stay in second if stay.at_ms > after]
    lines += corrections(said, after, wanted)
    kept = [stay for stay in first if stay.at_ms <= after]
    assert fold(lines) == fold(said) == fold(kept + wanted)
    assert [stay.at_ms for stay in said] == sorted({stay.at_ms for stay in said})


@given(first=stays())
def test_saying_the_same_again_takes_no_line(first: list[Stay]) -> None:
    said: list[Stay] = []
    corrections(said, 0, first)
    assert corrections(said, 0, first) == []


def test_a_stay_that_falls_away_is_overwritten_with_the_one_before() -> None:
    said: list[Stay] = []
    corrections(said, 0, [Stay(5, "a", 0.9), Stay(10, "b", 0.8)])
    assert corrections(said, 0, [Stay(5, "a", 0.9)]) == [Stay(10, "a", 0.9)]


def test_a_record_that_falls_away_whole_becomes_unknown() -> None:
    said: list[Stay] = []
    corrections(said, 0, [Stay(5, "a", 0.9)])
    assert [(s.at_ms, s.room) for s in corrections(said, 0, [])] == [(5, None)]


def test_each_later_stay_is_said_again_after_a_correction() -> None:
    said: list[Stay] = []
    corrections(said, 0, [Stay(5, "a", 0.9), Stay(10, "b", 0.8), Stay(20, "c", 0.7)])
    again = corrections(said, 0, [Stay(5, "a", 0.9), Stay(8, "b", 0.8), Stay(20, "c", 0.7)])
    assert [(s.at_ms, s.room) for s in again] == [(8, "b"), (20, "c")]
