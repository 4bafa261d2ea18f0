"""Logs as gateways told them: batches twice, and clocks that lie."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.agent.intake.arrivals import REMEMBER_S, Arrivals
from edge.agent.intake.placing import AHEAD_MS, BEHIND_MS
from edge.contracts.events import Alert, Event
from edge.contracts.readlog import LooksRow, ReadRow, Row, TimeRow
from tests.engine.scenes import NOON, OTHER, TAG, crossings, numbered, record, run, standing, walk
from tests.support.counts import count

HOUR_S = 3600.0
TOLERANCE_S = (AHEAD_MS + BEHIND_MS) / 1000


def took(rows: list[Row]) -> list[Row]:
    """What is left of rows in order of arrival."""
    arrivals = Arrivals()
    return [taken for row in numbered(rows) if (taken := arrivals.take(row)) is not None]


# Repeats


def batch_of(rows: list[ReadRow], seq: int, rx: float) -> list[ReadRow]:
    return [msgspec.structs.replace(row, boot="b1", seq=seq, rx=rx) for row in rows]


BATCH = batch_of(walk("d1", NOON, 2), 7, NOON + 5)
LOOKS = LooksRow(rx=NOON + 5, gateway="gw-d1", looks={1: (9, 900)}, boot="b1", seq=7)


def test_a_batch_that_comes_again_is_dropped() -> None:
    again = [msgspec.structs.replace(row, rx=NOON + 9) for row in [*BATCH, LOOKS]]
    assert took([*BATCH, LOOKS, *again]) == numbered([*BATCH, LOOKS])


def test_a_batch_that_comes_again_hours_later_is_dropped() -> None:
    later = NOON + 5 + REMEMBER_S
    new = batch_of(walk("d1", later, 1), 8, later + 5)
    again = [msgspec.structs.replace(row, rx=later + 9) for row in BATCH]
    assert len(took([*BATCH, *new, *again])) == len(BATCH) + len(new)


def test_a_time_that_is_filled_in_later_makes_no_other_batch() -> None:
    unset = [msgspec.structs.replace(row, t=None) for row in BATCH]
    again = [msgspec.structs.replace(row, rx=NOON + 9) for row in BATCH]
    assert len(took([*unset, *again])) == len(BATCH)


def test_the_lines_of_a_batch_may_come_apart_and_alike() -> None:
    spread = [msgspec.structs.replace(row, rx=row.rx + k) for k, row in enumerate(BATCH)]
    assert len(took(list(spread))) == len(BATCH)
    twins = [BATCH[0], BATCH[0]]
    assert len(took(list(twins))) == 2


def test_lines_that_name_no_batch_pass() -> None:
    rows: list[Row] = [*walk("d1", NOON, 2), *walk("d1", NOON, 2), TimeRow(rx=NOON)]
    assert len(took(rows)) == len(rows)


def test_other_boots_and_gateways_have_batches_of_their_own() -> None:
    boot = [msgspec.structs.replace(row, rx=NOON + 9, boot="b2") for row in BATCH]
    gateway = [msgspec.structs.replace(row, rx=NOON + 9, gateway="gw-d2") for row in BATCH]
    assert len(took([*BATCH, *boot, *gateway])) == 3 * len(BATCH)


# Clocks


@dataclass(frozen=True)
class Clock:
    """A gateway's clock: how far ahead it is, s, at so many seconds of uptime; None: not set."""

    ahead_s: Callable[[float], float | None]


def offset_of(offset_s: float) -> Clock:
    return Clock(lambda _: offset_s)


def drift_of(ppm: float) -> Clock:
    return Clock(lambda up_s: ppm * up_s / 1e6)


def jump_of(jump_s: float, from_s: float, to_s: float) -> Clock:
    return Clock(lambda up_s: jump_s if from_s <= up_s < to_s else 0.0)


clocks = st.one_of(
    st.just(Clock(lambda _: None)),
    st.builds(offset_of, st.floats(-12 * HOUR_S, 12 * HOUR_S)),
    st.builds(drift_of, st.floats(-250, 250)),
    st.builds(
        jump_of, st.floats(-12 * HOUR_S, 12 * HOUR_S), st.floats(0, 8000), st.floats(0, 8000)
    ),
)

BOOTED = NOON - 2 * HOUR_S
DAY: list[ReadRow] = [
    *walk("d1", NOON, 1),
    *walk("d2", NOON + 20, 2),
    *walk("d2", NOON + 300, 1),
    *walk("front", NOON + 320, 2, epc=OTHER),
    *walk("d1", NOON + 340, 2),
    *walk("front", NOON + 600, 1, epc=OTHER),
]


def told(reads: list[ReadRow], clock_of: dict[str, Clock]) -> list[Row]:
    """Batches of one read each, after one that was quick, by the clocks of their gateways."""
    rows: list[Row] = []
    for gateway in ("gw-d1", "gw-d2", "gw-front"):
        clock = clock_of.get(gateway, offset_of(0.0))
        mine = [read for read in reads if read.gateway == gateway]
        start = LooksRow(rx=BOOTED + 1, t=BOOTED + 1, gateway=gateway, looks={1: (9, 900)})
        for seq, row in enumerate([start, *mine]):
            assert row.t is not None
            up_s = row.t - BOOTED
            ahead = clock.ahead_s(up_s)
            rows.append(
                msgspec.structs.replace(
                    row,
                    t=None if ahead is None else round(row.t + ahead, 3),
                    rx=round(row.rx + 0.3, 3),
                    boot="b1",
                    seq=seq,
                    up=round(up_s * 1000),
                    sent=round(up_s * 1000) + 250,
                    dt=0,
                )
            )
    return rows


def alerts(events: list[Event]) -> list[tuple[str, str | None]]:
    return [(e.rule, e.epc) for e in standing(events) if isinstance(e, Alert)]


@given(clock_of=st.dictionaries(st.sampled_from(["gw-d1", "gw-d2", "gw-front"]), clocks))
@settings(max_examples=count(60, 1000), deadline=None)
def test_no_clock_moves_a_device_or_lets_it_depart(clock_of: dict[str, Clock]) -> None:
    right = run(told(DAY, {}))
    events = run(took(told(DAY, clock_of)))
    assert crossings(events) == crossings(right)
    assert alerts(events) == alerts(right)
    for epc in (TAG, OTHER):
        there, here = record(right, epc), record(events, epc)
        assert [room for _, room in here] == [room for _, room in there]
        assert all(
            abs(one - other) <= TOLERANCE_S
            for (one, _), (other, _) in zip(here[1:], there[1:], strict=True)
        )


def test_a_clock_that_is_not_believed_is_told_by_how_much_it_is_off() -> None:
    taken = took(told(DAY, {"gw-d1": offset_of(-HOUR_S)}))
    offs = {row.gateway: row.off for row in taken if isinstance(row, ReadRow)}
    assert offs == {"gw-d1": -HOUR_S - 0.05, "gw-d2": None, "gw-front": None}


def test_a_right_clock_is_believed_to_the_millisecond() -> None:
    assert took(told(DAY, {})) == numbered(told(DAY, {}))
