"""The books of loss against a plain set of what is told, below base, and here."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from edge.agent.intake.loss import Books, BootBook, is_newer
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


@given(ARRIVALS, TOLD, st.lists(st.booleans(), min_size=25, max_size=25))
def test_rows_left_unwritten_give_the_same_book_back(
    arrivals: list[tuple[int, int]], told: list[tuple[int, int]], tells: list[bool]
) -> None:
    books, rows, lost = Books(), dict[str, BootBook](), list(told)
    for (seq, below), tell in zip(arrivals, tells, strict=False):
        book = books.copy_of(BOOT)
        book.arrived(seq, max(0, seq - below))
        if tell and lost:
            first, more = lost.pop()
            book.told.add(first, first + more)
        rows |= {b.boot: msgspec.structs.replace(b) for b in books.to_write({BOOT: book})}
        books.replace({BOOT: book})
        row = rows[BOOT]
        again = msgspec.structs.replace(row, have=book.have, told=book.told)
        assert (again.lost, again.first_seq) == (book.lost, book.first_seq)


def test_a_batch_after_the_other_leaves_the_row_and_a_loss_writes_it() -> None:
    books = Books()

    def written(seq: int, base: int) -> list[int]:
        book = books.copy_of(BOOT)
        book.arrived(seq, base)
        rows = books.to_write({BOOT: book})
        books.replace({BOOT: book})
        return [row.base for row in rows]

    assert [written(0, 0), written(1, 1), written(2, 2)] == [[0], [], []]
    assert written(9, 6) == [6]


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
