"""A set of numbers as ranges behaves as a set of numbers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.agent.intake.ranges import Ranges

PAIRS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8)), max_size=20)


def numbers(pairs: list[tuple[int, int]]) -> set[int]:
    return {number for first, more in pairs for number in range(first, first + more + 1)}


def ranges(pairs: list[tuple[int, int]]) -> Ranges:
    return Ranges((first, first + more) for first, more in pairs)


@given(PAIRS)
def test_it_holds_what_was_put_in_and_nothing_else(pairs: list[tuple[int, int]]) -> None:
    made, want = ranges(pairs), numbers(pairs)
    assert len(made) == len(want)
    assert [n for n in range(60) if n in made] == sorted(want)


@given(PAIRS)
def test_its_ranges_are_sorted_and_apart(pairs: list[tuple[int, int]]) -> None:
    found = list(ranges(pairs))
    assert all(first <= last for first, last in found)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(found))


@given(PAIRS, PAIRS)
def test_union_and_overlap_are_those_of_sets(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    assert len(ranges(one).union(ranges(other))) == len(numbers(one) | numbers(other))
    assert ranges(one).overlap(ranges(other)) == len(numbers(one) & numbers(other))
