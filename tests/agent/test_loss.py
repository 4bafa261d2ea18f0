"""The books of loss against a plain set of what is told, below base, and here."""

from hypothesis import given
from hypothesis import strategies as st

from edge.agent.loss import Books, BootBook, is_newer
from tests.agent.schools import BOOT, NEXT_BOOT

ARRIVALS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=25)
TOLD = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=6)


@given(ARRIVALS, TOLD)
def test_lost_is_what_was_told_or_lies_below_base_and_is_not_here(
    arrivals: list[tuple[int, int]], told: list[tuple[int, int]]
) -> None:
    book = BootBook(BOOT)
    for seq, below in arrivals:
        book.arrived(seq, max(0, seq - below))
    for first, more in told:
        book.told.add(first, first + more)
    gone = {n for first, more in told for n in range(first, first + more + 1)}
    if arrivals:
        base = max(max(0, seq - below) for seq, below in arrivals)
        gone |= set(range(arrivals[0][0], base))
    assert book.lost == len(gone - {seq for seq, _ in arrivals})


def test_what_arrives_after_all_is_no_longer_lost() -> None:
    book = BootBook(BOOT)
    book.arrived(0, 0)
    book.arrived(5, 5)
    assert book.lost == 4
    book.arrived(3, None)
    assert book.lost == 3


def test_below_the_first_batch_only_what_was_told_counts() -> None:
    book = BootBook(BOOT)
    book.arrived(100, 100)
    assert book.lost == 0
    book.told.add(97, 98)
    assert book.lost == 2


def test_a_range_told_twice_counts_once() -> None:
    book = BootBook(BOOT)
    book.told.add(3, 9)
    book.told.add(5, 12)
    assert book.lost == 10


def test_a_copy_is_changed_apart_until_it_replaces_the_book() -> None:
    books = Books()
    copy = books.copy_of(BOOT)
    copy.told.add(1, 3)
    assert books.lost() == 0
    books.replace({BOOT: copy})
    again = books.copy_of(BOOT)
    again.told.add(4, 9)
    assert books.lost() == books.lost_of([BOOT, NEXT_BOOT]) == 3


def test_the_counter_tells_which_boot_is_newer() -> None:
    assert is_newer(NEXT_BOOT, than=BOOT)
    assert not is_newer(BOOT, than=BOOT)
