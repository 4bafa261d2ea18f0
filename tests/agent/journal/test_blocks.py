"""A block gives back what was put in, byte for byte, or says that it is damaged."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.agent.journal.blocks import (
    BlockError,
    NameRange,
    PackedRow,
    names_of,
    pack_rows,
    unpack_rows,
)
from tests.support.counts import count

ORIGINS = st.none() | st.integers(1, 5)
ROWS = st.lists(
    st.builds(
        PackedRow,
        st.integers(1, 2**62),
        st.floats(0, 4e9),
        st.sampled_from(["batch", "time"]),
        ORIGINS,
        st.none() | st.integers(0, 2**53),
        st.none() | st.integers(-(2**62), 2**62),
        st.binary(max_size=40),
    ),
    max_size=30,
    unique_by=lambda row: row.pos,
)


@settings(max_examples=count(100, 10_000))
@given(ROWS)
def test_what_was_put_in_comes_out_in_the_order_of_the_journal(rows: list[PackedRow]) -> None:
    assert unpack_rows(pack_rows(rows)) == sorted(rows, key=lambda row: row.pos)


def batch(pos: int, origin: int, seq: int) -> PackedRow:
    return PackedRow(pos, pos / 2, "batch", origin, seq, None, b"{}")


def test_names_are_told_as_few_ranges() -> None:
    time = PackedRow(9, 4.5, "time", None, None, None, b"{}")
    held = [batch(1, 1, 7), batch(2, 2, 8), batch(3, 1, 8), batch(4, 1, 10), time]
    assert names_of(held) == [
        NameRange(1, 7, 8, 1.5),
        NameRange(1, 10, 10, 2.0),
        NameRange(2, 8, 8, 1.0),
    ]


@pytest.mark.parametrize("damaged", [b"", b"x" * 50, pack_rows([batch(1, 1, 1)])[:-3]])
def test_a_damaged_one_is_refused(damaged: bytes) -> None:
    with pytest.raises(BlockError, match="damaged"):
        unpack_rows(damaged)
