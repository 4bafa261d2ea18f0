"""A cart's day is told back from what lies in it now."""

import pytest

from edge.api.words.cart_day import HEIGHT, TOGETHER_S, WIDTH, cart_day
from edge.contracts.events import Docked, Undocked
from tests.api.fake_agent import NOW, SCHOOL, a_device

MORNING = NOW - 7 * 3600


def came(t, n):
    return Docked("1.0", t, t, a_device(n).epc, "c3", 0.99)


def left(t, n):
    return Undocked("1.0", t, t, a_device(n).epc, "c3", 0.99)


def told(events, here):
    labels = {a_device(n).epc: str(n) for n in range(1, 31)}
    return cart_day(events, here, labels, (MORNING, NOW), SCHOOL)


def points(day):
    return [tuple(float(part) for part in point.split(",")) for point in day.line.split()]


def test_the_line_begins_with_what_lay_there_and_ends_with_what_lies_there():
    day = told([left(NOW - 600, 1), left(NOW - 590, 2), came(NOW - 60, 1)], here=29)
    line = points(day)
    assert day.most == 30
    assert day.says == "Between 28 and 30 today"
    assert line[0] == (0.0, 0.0)
    assert line[-1] == (WIDTH, pytest.approx(HEIGHT * (1 - 29 / 30), abs=0.1))


def test_what_goes_together_is_said_together_the_newest_first():
    day = told([*(left(NOW - 600 + n, n) for n in (3, 4, 5, 9)), came(NOW - 60, 4)], here=27)
    assert [change.says for change in day.changes] == ["1 came in: 4", "4 were taken: 3 to 5, 9"]
    assert [change.time for change in day.changes] == ["07:41", "07:32"]


def test_who_leaves_long_after_another_is_said_apart():
    day = told([left(NOW - 600, 3), left(NOW - 600 + TOGETHER_S + 1, 4)], here=28)
    assert len(day.changes) == 2


def test_of_a_cart_that_cannot_be_read_and_of_a_day_without_change_nothing_is_drawn():
    assert told([left(NOW - 600, 3)], here=None) is None
    assert told([], here=30) is None


def test_a_device_without_a_record_is_called_by_the_end_of_its_tag():
    day = cart_day([left(NOW - 5, 14)], 29, {}, (MORNING, NOW), SCHOOL)
    assert day.changes[0].says.startswith("1 was taken: ")
