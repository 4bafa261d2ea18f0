"""The score counts as its definitions say."""

from pathlib import Path

import msgspec
import pytest

from edge.contracts.events import (
    Alert,
    Closed,
    Crossed,
    Docked,
    Event,
    Located,
    Retracted,
    Undocked,
)
from edge.contracts.school import School
from edge.contracts.school_file import parse_school
from edge.contracts.truth import Start, TrueCrossing, TrueDocked, TrueUndocked, Truth
from simulator.score import Score, score
from simulator.score.report import BadFile, load

SCHOOL = """
name = "S"
site = "s"
timezone = "UTC"
[rooms.hall]
kind = "hall"
[rooms.r1]
kind = "classroom"
[rooms.out]
kind = "outside"
[doorways.d1]
between = ["hall", "r1"]
gateway = "g1"
antennas = { 1 = "hall", 2 = "r1" }
[doorways.front]
between = ["hall", "out"]
gateway = "g2"
antennas = { 1 = "hall", 2 = "out" }
[carts.c1]
home = "r1"
gateway = "g3"
antennas = [1]
"""


def school(extra: str = "") -> School:
    return parse_school(SCHOOL + extra)


def scored(events: list[Event], truth: list[Truth], extra: str = "") -> Score:
    return score(events, truth, school(extra))


def went(t: float, raw: int = 9, to: str = "r1", epc: str = "E1") -> TrueCrossing:
    return TrueCrossing(t, epc, "d1", "hall" if to == "r1" else "r1", to, raw)


def said(ident: str, t: float, to: str = "r1", epc: str = "E1", decided: float = 0) -> Crossed:
    start = "hall" if to == "r1" else "r1"
    return Crossed(ident, t, decided or t + 2, epc, "d1", start, to, 0.9)


def test_a_right_crossing_is_one_true_positive() -> None:
    result = scored([said("1.0", 103)], [went(100)])
    assert msgspec.to_builtins(result.crossings) == {
        "precision": 1.0,
        "recall": 1.0,
        "f1": 1.0,
        "direction_accuracy": 1.0,
        "coverage": 1.0,
        "unreadable": 0,
    }
    assert result.delay.p50 == pytest.approx(5)


def test_a_wrong_direction_is_a_false_positive_and_a_false_negative() -> None:
    crossings = scored([said("1.0", 100, to="hall")], [went(100)]).crossings
    assert (crossings.precision, crossings.recall, crossings.coverage) == (0, 0, 1)
    assert crossings.direction_accuracy == 0


def test_more_than_five_seconds_apart_is_no_match_unless_the_clock_was_never_set() -> None:
    assert scored([said("1.0", 105.1)], [went(100)]).crossings.coverage == 0
    unset = '[simulator]\nclocks_never_set = ["g1"]\n'
    assert scored([said("1.0", 105.1)], [went(100)], unset).crossings.coverage == 1


def test_a_duplicate_is_a_false_positive_and_a_retracted_one_is_nothing() -> None:
    twice = [said("1.0", 100), said("2.0", 101)]
    assert scored(twice, [went(100)]).crossings.precision == 0.5
    taken_back = [*twice, Retracted("3.0", 101, 110, "2.0")]
    assert scored(taken_back, [went(100)]).crossings.precision == 1


def test_a_crossing_with_one_raw_read_is_counted_apart() -> None:
    crossings = scored([said("1.0", 100)], [went(100), went(200, raw=1, to="hall")]).crossings
    assert (crossings.recall, crossings.unreadable) == (1, 1)
    assert scored([said("1.0", 200, to="hall")], [went(200, raw=1, to="hall")]).crossings == (
        type(crossings)(None, None, None, None, None, 1)
    )


def test_there_and_back_is_two_crossings() -> None:
    truth: list[Truth] = [went(100), went(103, to="hall")]
    assert scored([said("1.0", 100), said("2.0", 103, to="hall")], truth).crossings.f1 == 1


def test_rooms_are_weighed_by_time_and_the_record_may_mend_what_was_said() -> None:
    truth: list[Truth] = [Start(0, "E1", "hall"), went(100), went(300, to="hall")]
    events: list[Event] = [
        Located("1.0", 0, 0, "E1", "hall", 1),
        Located("2.0", 100, 200, "E1", "r1", 1),  # known 100 s late
        Located("3.0", 300, 300, "E1", "hall", 1),
    ]
    rooms = scored(events, truth).rooms
    assert rooms.online == pytest.approx(200 / 300)
    assert rooms.corrected == pytest.approx(1)
    assert rooms.online_after == pytest.approx(100 / 200)


def test_a_later_line_erases_what_was_thought_from_its_time_on() -> None:
    truth: list[Truth] = [Start(0, "E1", "hall"), went(100), went(400, to="hall")]
    events: list[Event] = [
        Located("1.0", 0, 0, "E1", "hall", 1),
        Located("2.0", 150, 150, "E1", "hall", 1),
        Located("3.0", 100, 200, "E1", "r1", 1),
        Located("4.0", 400, 400, "E1", "hall", 1),
    ]
    assert scored(events, truth).rooms.corrected == pytest.approx(1)


def test_devices_that_did_not_move_weigh_nothing() -> None:
    assert scored([], [Start(0, "E1", "hall")]).rooms.online is None


def test_exits_count_alerts_that_stood_and_were_not_allowed() -> None:
    def left(t: float, epc: str, allowed: bool, raw: int = 9) -> TrueCrossing:
        return TrueCrossing(t, epc, "front", "hall", "out", raw, allowed)

    def alarm(ident: str, t: float, epc: str) -> Alert:
        return Alert(ident, t, t + 2, "left-building", False, epc, "front")

    truth: list[Truth] = [
        left(100, "E1", False),
        left(200, "E2", True),
        left(300, "E3", False, raw=1),
    ]
    events: list[Event] = [
        alarm("1.0", 101, "E1"),
        alarm("2.0", 200, "E2"),
        alarm("3.0", 500, "E9"),
        Retracted("4.0", 500, 510, "3.0"),
    ]
    exits = scored(events, truth).exits
    assert (exits.recall, exits.recall_all, exits.false_per_day) == (1, 0.5, 1)


def test_carts_are_judged_by_the_named_set_but_not_just_after_a_change() -> None:
    truth: list[Truth] = [
        TrueDocked(0, "E1", "c1"),
        TrueDocked(0, "E2", "c1"),
        TrueUndocked(100, "E2", "c1"),
        Start(200, "E9", "hall"),
    ]
    events: list[Event] = [
        Docked("1.0", 0, 5, "E1", "c1", 1),
        Docked("1.1", 0, 5, "E2", "c1", 1),
        Undocked("2.0", 100, 160, "E2", "c1", 1),
    ]
    carts = scored(events, truth).carts
    assert carts.exact == pytest.approx((80 + 40) / 160)
    assert carts.mae == pytest.approx(40 / 160)
    assert carts.unreadable == 0


def test_time_in_which_a_cart_could_not_be_read_is_left_out_and_told() -> None:
    truth: list[Truth] = [TrueDocked(0, "E1", "c1"), Start(100, "E9", "hall")]
    events: list[Event] = [
        Docked("1.0", 0, 1, "E1", "c1", 1),
        Alert("2.0", 40, 40, "gateway-offline", False, gateway="g3"),
        Undocked("3.0", 45, 45, "E1", "c1", 1),
        Docked("4.0", 45, 85, "E1", "c1", 1),
        Closed("5.0", 90, 90, "2.0", "online"),
    ]
    carts = scored(events, truth).carts
    assert carts.exact == 1
    assert carts.unreadable == pytest.approx(0.5)


def test_where_the_truth_is_silent_the_score_is_null() -> None:
    result = scored([], [])
    assert result.crossings.f1 is None and result.carts.exact is None and result.delay.p50 is None


def test_a_broken_line_is_named_by_file_and_number(tmp_path: Path) -> None:
    good, bad = tmp_path / "truth.jsonl", tmp_path / "events.jsonl"
    good.write_text("")
    bad.write_text('{"id":"1.0","t":1,"decided":1,"kind":"retracted","of":"0.0"}\n{"kind":1}\n')
    with pytest.raises(BadFile, match=r"events\.jsonl: line 2"):
        load(bad, good)
