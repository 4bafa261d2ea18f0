"""A read log's lines become rows; what is missing is filled in, what is unknown is passed over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.contracts.readlog import (
    BadLine,
    GatewayRow,
    LoanRow,
    LooksRow,
    ReadRow,
    decode_row,
    encode_row,
)


def test_a_read_without_rx_came_when_it_was_read_and_stands_at_its_line() -> None:
    row = decode_row(b'{"t":10.5,"gateway":"g","antenna":1,"epc":"34AB"}', 7)
    assert row == ReadRow(rx=10.5, pos=7, gateway="g", antenna=1, epc="34AB", t=10.5)


def test_null_and_missing_numbers_of_a_read_mean_the_same() -> None:
    missing = decode_row(b'{"t":1,"gateway":"g","antenna":1,"epc":"34AB"}', 1)
    null = (
        b'{"t":1,"gateway":"g","antenna":1,"epc":"34AB",'
        b'"rssi":null,"n":null,"span":null,"peak":null}'
    )
    assert decode_row(null, 1) == missing


def test_an_unplaced_read_keeps_its_null_time() -> None:
    row = decode_row(b'{"rx":5,"t":null,"gateway":"g","antenna":1,"epc":"34AB","n":null}', 1)
    assert isinstance(row, ReadRow) and row.t is None and row.rx == 5


def test_looks_gateways_and_loans_are_told_apart() -> None:
    looks = decode_row(b'{"rx":2,"gateway":"g","looks":{"1":[14,980]}}', 1)
    assert looks == LooksRow(rx=2, pos=1, gateway="g", looks={1: (14, 980)})
    gone = decode_row(b'{"rx":3,"kind":"gateway","gateway":"g","online":false}', 2)
    assert gone == GatewayRow(rx=3, pos=2, gateway="g", online=False)
    loan = decode_row(b'{"rx":4,"kind":"loan","epc":"34AB","from":1,"due":9,"ended":null}', 3)
    assert loan == LoanRow(rx=4, pos=3, epc="34AB", start=1, due=9)


def test_a_position_in_the_line_goes_before_its_number() -> None:
    row = decode_row(b'{"rx":3,"pos":90,"kind":"time"}', 2)
    assert row is not None and row.pos == 90


def test_a_kind_from_the_future_is_passed_over() -> None:
    assert decode_row(b'{"rx":3,"kind":"weather","sun":true}', 1) is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"null",
        b"[1]",
        b'{"gateway":"g","antenna":1,"epc":"34AB"}',
        b'{"t":1,"gateway":"g","antenna":"x","epc":"34AB"}',
        b'{"kind":"gateway","gateway":"g","online":true}',
    ],
)
def test_a_bad_line_names_its_number_and_reason(line: bytes) -> None:
    with pytest.raises(BadLine, match="line 12: "):
        decode_row(line, 12)


@given(st.floats(1, 2e9), st.floats(-100, 0) | st.none(), st.integers(0, 9), st.floats(0, 30))
def test_a_row_survives_being_written_and_read(
    t: float, rssi: float | None, n: int, span: float
) -> None:
    row = ReadRow(
        rx=t + 1, pos=3, gateway="g", antenna=2, epc="34AB", t=t, rssi=rssi, n=n, span=span
    )
    assert decode_row(encode_row(row), 99) == row
