"""When something was, in words."""

from zoneinfo import ZoneInfo

import pytest

from edge.api.words.language import speaking
from edge.api.words.times import age, day, moment
from tests.api.fake_agent import NOW

ZONE = ZoneInfo("America/Denver")  # NOW is 07:42 there


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (-3, "updated 0 s ago"),
        (59.9, "updated 59 s ago"),
        (60, "updated 1 min ago"),
        (7200, "updated 2 h ago"),
        (200_000, "updated 2 d ago"),
    ],
)
def test_an_age_is_said_in_the_largest_unit_that_fits(seconds, says):
    assert age(seconds) == says


def test_a_moment_is_in_the_schools_time_and_has_its_date_when_it_is_not_today():
    assert moment(NOW, NOW, ZONE) == "07:42"
    assert moment(NOW - 86400, NOW, ZONE) == "Nov 23, 07:42"
    assert moment(NOW - 400 * 86400, NOW, ZONE) == "Oct 20, 2024, 08:42"


def test_dates_are_said_in_the_language_spoken():
    with speaking("es"):
        assert moment(NOW - 86400, NOW, ZONE) == "23 nov, 07:42"
        assert day(NOW - 86400, NOW, ZONE) == "Ayer"
