"""Bells in school time: what the rules on devices count with."""

from datetime import time

from edge.agent.engine.school_time import SchoolTime
from edge.contracts.school_file import parse_school
from tests.engine.scenes import SCHOOL_TEXT
from tests.engine.weeks import BELLS, at

DENVER = SCHOOL_TEXT.replace('timezone = "UTC"', 'timezone = "America/Denver"')
TIME = SchoolTime(parse_school(DENVER + BELLS))
HOUR = 3600.0


def test_a_moment_is_in_a_lesson_in_a_break_or_out_of_school() -> None:
    clocks = ["07:59", "08:00", "10:05", "14:59", "15:00"]
    said = [TIME.during(at(14, clock)) for clock in clocks]
    assert said == ["no school", "lesson", "break", "lesson", "no school"]
    assert TIME.during(at(19, "09:00")) == "no school"


def test_lessons_are_counted_without_breaks_nights_and_closed_days() -> None:
    assert TIME.lesson_s(at(14, "09:00"), at(14, "11:15")) == 2 * HOUR
    assert TIME.lesson_s(at(18, "14:00"), at(22, "09:00")) == 2 * HOUR


def test_when_lessons_have_passed_is_the_inverse_of_counting_them() -> None:
    for seconds in (600.0, 2 * HOUR, 7 * HOUR, 20 * HOUR):
        start = at(17, "09:30")
        assert TIME.lesson_s(start, TIME.after_lessons(start, seconds)) == seconds


def test_school_days_end_with_the_last_bell() -> None:
    assert TIME.day_ends(at(18, "15:00"), at(23, "14:59")) == [at(22, "15:00")]
    assert TIME.next_day_end(at(18, "15:00")) == at(22, "15:00")


def test_a_time_of_day_is_looked_for_on_school_days() -> None:
    assert TIME.clock_after(at(14, "15:10"), time(8, 30)) == at(15, "08:30")
    assert TIME.clock_after(at(18, "15:10"), time(8, 30)) == at(22, "08:30")


def test_days_on_which_clocks_are_set_back_are_as_long_as_they_are() -> None:
    bells = BELLS.replace('days = ["mon",', 'days = ["sun", "mon",')
    clocks = SchoolTime(parse_school(DENVER + bells))
    assert clocks.next_day_end(1793516400.0) == 1793570400.0  # 1 November 2026, 15:00 MST


def test_without_bells_every_day_is_one_lesson() -> None:
    always = SchoolTime(parse_school(DENVER))
    assert always.during(at(19, "03:00")) == "lesson"
    assert always.lesson_s(at(18, "12:00"), at(20, "12:00")) == 48 * HOUR
    assert always.next_day_end(at(19, "03:00")) == at(20, "00:00")


def test_a_school_whose_bells_never_ring_again_is_looked_through_once() -> None:
    none = SchoolTime(parse_school(DENVER + '[bells]\ndays = []\nlessons = [["08:00", "09:00"]]'))
    assert none.lesson_s(at(14, "08:00"), at(18, "08:00")) == 0
    assert none.next_day_end(at(14, "08:00")) > at(14, "08:00") + 300 * 86_400
