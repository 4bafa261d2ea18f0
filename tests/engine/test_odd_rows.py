"""Rows that no reader should send: counted, and harmless."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.agent.engine import Engine
from edge.contracts.readlog import LooksRow, ReadRow
from tests.engine.scenes import NOON, TAG, crossings, numbered, run, school, walk
from tests.support.counts import count

gateways = st.sampled_from(["gw-d1", "gw-d2", "gw-front", "gw-c1", "gw-desk", "gw-new"])
numbers = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, -1e308, 1e308]))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"t": None}, "no time"),
        ({"t": NOON + 7200}, "in the future"),
        ({"t": NOON - 90_000}, "too old"),
        ({"t": 1e308}, "in the future"),
        ({"span": -1.0}, "odd span or peak"),
        ({"span": 1e308}, "odd span or peak"),
        ({"peak": -3.0}, "odd span or peak"),
        ({"gateway": "gw-new"}, "unknown antenna"),
        ({"antenna": 9}, "unknown antenna"),
        ({"epc": "E280"}, "foreign"),
    ],
)
def test_a_read_that_cannot_be_placed_moves_nothing_and_is_counted(
    wrong: dict[str, object], reason: str
) -> None:
    good = {"rx": NOON, "t": NOON, "gateway": "gw-d1", "antenna": 1, "epc": TAG}
    engine = Engine(school())
    engine.feed(ReadRow(**(good | wrong)))
    assert engine.dropped == {reason: 1}
    assert engine.flush() == []


@given(
    reads=st.lists(
        st.builds(
            ReadRow,
            rx=st.floats(NOON, NOON + 300),
            t=st.one_of(st.none(), st.floats(NOON - 200, NOON + 400), numbers),
            gateway=gateways,
            antenna=st.integers(0, 3),
            epc=st.sampled_from([TAG, TAG.lower(), "E280", ""]),
            rssi=st.one_of(st.none(), st.floats(-90, -20), numbers),
            n=st.sampled_from([0, 1, 2, 10**12]),
            span=st.one_of(st.floats(0, 30), numbers),
            peak=st.one_of(st.just(0.0), numbers),
        ),
        max_size=40,
    ),
    looks=st.lists(
        st.builds(
            LooksRow,
            rx=st.floats(NOON, NOON + 300),
            gateway=gateways,
            looks=st.dictionaries(
                st.integers(0, 3), st.tuples(st.integers(0, 99), st.integers(0, 9999))
            ),
        ),
        max_size=8,
    ),
)
@settings(max_examples=count(150, 1000))
def test_no_rows_break_the_engine(reads: list[ReadRow], looks: list[LooksRow]) -> None:
    events = run([*reads, *looks])
    assert len({event.id for event in events}) == len(events)


def test_duplicates_change_no_crossing() -> None:
    rows = walk("d1", NOON, 2)
    assert crossings(run(rows + rows[3:9] + rows)) == [("d1", "hall", "r1")]


def test_an_epc_in_small_letters_is_the_same_tag() -> None:
    rows = walk("d1", NOON, 2)
    mixed = numbered([*rows[::2], *walk("d1", NOON, 2, epc=TAG.lower())[1::2]])
    assert crossings(run(mixed)) == [("d1", "hall", "r1")]
