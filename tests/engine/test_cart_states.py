"""Whatever a cart's gateway reports, a tag is in the cart or out of it, by turns."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.contracts.devices import Device
from edge.contracts.events import Docked, Event, Undocked
from edge.contracts.readlog import GatewayRow, ReadRow, Row
from tests.engine.scenes import (
    NOON,
    TAG,
    fell_silent,
    lies_in_cart,
    looks,
    run,
    seen,
    standing,
    walk,
)
from tests.support.counts import count

Step = tuple[str, int, int]  # what, s since the step before, which tag
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["answers", "still", "weak", "silent", "looks", "deaf", "off", "on"]),
        st.sampled_from([0, 1, 3, 7, 20, 60, 400, 2500]),
        st.integers(0, 2),
    ),
    max_size=60,
)
OWN = [Device(f"{TAG[:-2]}{k:02X}", cart="c1") for k in range(1, 9)]


def rows_of(steps: list[Step]) -> list[Row]:
    rows: list[Row] = []
    t = NOON
    for what, wait, k in steps:
        t += wait
        epc = OWN[k].epc
        if what == "answers":
            rows += seen("gw-c1", 1, (t + 0.5 * n for n in range(8)), -50, epc)
        elif what == "still":
            rows.append(
                ReadRow(
                    rx=t + 34, t=t, gateway="gw-c1", antenna=1, epc=epc, rssi=-50, n=40, span=29.0
                )
            )
        elif what == "weak":
            rows += seen("gw-c1", 1, [t], -70, epc)
        elif what == "silent":
            rows.append(fell_silent("c1", t, epc))
        elif what in ("looks", "deaf"):
            rows += looks("gw-c1", t, t + 60, rounds=14 if what == "looks" else 0)
        else:
            rows.append(GatewayRow(rx=t, gateway="gw-c1", online=what == "on"))
    return rows


def said(events: list[Event], epc: str) -> list[Docked | Undocked]:
    return [e for e in standing(events) if isinstance(e, Docked | Undocked) and e.epc == epc]


@settings(max_examples=count(60, 2_000), deadline=None)
@given(STEPS)
def test_a_tag_is_put_in_and_taken_out_by_turns(steps: list[Step]) -> None:
    events = run(rows_of(steps), OWN)
    for device in OWN:
        turns = sorted(said(events, device.epc), key=lambda e: (e.t, isinstance(e, Docked)))
        kinds = [isinstance(e, Docked) for e in turns]
        assert kinds == [place % 2 == 0 for place in range(len(kinds))]


@settings(max_examples=count(60, 2_000), deadline=None)
@given(STEPS)
def test_nothing_is_said_of_a_tag_before_it_happened_or_that_never_answered(
    steps: list[Step],
) -> None:
    rows = rows_of(steps)
    heard = {row.epc for row in rows if isinstance(row, ReadRow) and row.n}
    for event in run(rows, OWN):
        if isinstance(event, Docked | Undocked):
            assert event.t <= event.decided
            assert event.epc in heard


@settings(max_examples=count(60, 2_000), deadline=None)
@given(STEPS)
def test_a_gateway_that_does_not_look_ends_no_stay(steps: list[Step]) -> None:
    blind = [step for step in steps if step[0] not in ("silent", "looks", "on")]
    rows = [GatewayRow(rx=NOON - 1, gateway="gw-c1", online=False), *rows_of(blind)]
    assert not any(isinstance(e, Undocked) for e in run(rows, OWN))


def full_cart(tags: int, until: float) -> list[Row]:
    rows: list[Row] = []
    for device in OWN[:tags]:
        rows += lies_in_cart("c1", NOON, until, epc=device.epc)
    return rows


def test_when_all_fall_silent_at_once_it_is_the_reader_and_nobody_is_out() -> None:
    end = NOON + 100
    rows = [
        *full_cart(8, end),
        *looks("gw-c1", NOON, end + 100),
        *(fell_silent("c1", end + 0.1 * k, d.epc) for k, d in enumerate(OWN)),
    ]
    events = run(rows, OWN, flush=False)
    assert not [e for e in standing(events) if isinstance(e, Undocked)]


def test_a_class_that_takes_all_out_one_by_one_leaves_an_empty_cart() -> None:
    rows: list[Row] = list(looks("gw-c1", NOON, NOON + 200))
    for k, device in enumerate(OWN):
        rows += lies_in_cart("c1", NOON, NOON + 70 + 4 * k, epc=device.epc)
        rows.append(fell_silent("c1", NOON + 70 + 4 * k, device.epc))
    out = [e for e in standing(run(rows, OWN)) if isinstance(e, Undocked)]
    assert {e.epc for e in out} == {d.epc for d in OWN}


def answers_now_and_then(times: Sequence[float], heard_at_door: float | None = None) -> list[Row]:
    """Seven lie in the cart; the eighth, which belongs there too, is heard at these times."""
    rows = [
        *full_cart(7, NOON + 700),
        *seen("gw-c1", 1, times, -69, OWN[7].epc),
        *looks("gw-c1", NOON, NOON + 700),
    ]
    if heard_at_door is not None:
        rows += walk("d1", heard_at_door, 1, epc=OWN[7].epc)
    return rows


def test_what_belongs_in_a_full_cart_is_in_at_one_answer_that_no_other_followed() -> None:
    rows = answers_now_and_then([NOON + 90])
    docked = next(e for e in said(run(rows, OWN, flush=False), OWN[7].epc))
    assert 10 <= docked.decided - (NOON + 90) < 25  # who walks past answers again, or at a door
    assert not said(run(rows, flush=False), OWN[7].epc)  # nobody told that it belongs there


def test_what_belongs_there_but_is_heard_at_a_door_after_its_one_answer_was_carried_past() -> None:
    rows = answers_now_and_then([NOON + 90], heard_at_door=NOON + 95)
    assert not said(run(rows, OWN, flush=False), OWN[7].epc)


def test_what_lay_in_a_usual_slot_before_is_not_in_at_one_answer() -> None:
    before = lies_in_cart("c1", NOON, NOON + 60, epc=OWN[7].epc)
    silence = fell_silent("c1", NOON + 60, OWN[7].epc)
    rows = [*answers_now_and_then([NOON + 600]), *before, silence]
    rows.sort(key=lambda row: row.rx)
    (docked, undocked) = said(run(rows, OWN, flush=False), OWN[7].epc)
    assert (docked.t, undocked.t) == (NOON, NOON + 60)


def test_what_is_heard_twice_beside_an_almost_empty_cart_is_not_in_it() -> None:
    rows = [
        *full_cart(7, NOON + 70),
        *(fell_silent("c1", NOON + 70 + 3 * k, d.epc) for k, d in enumerate(OWN[:6])),
        *seen("gw-c1", 1, [NOON + 600, NOON + 640], -69, OWN[7].epc),
        *looks("gw-c1", NOON, NOON + 700),
    ]
    assert not said(run(rows, OWN, flush=False), OWN[7].epc)
