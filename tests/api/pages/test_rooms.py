"""The map and a room's page."""

import re

import pytest

from tests.api.asking import ELSEWHERE
from tests.api.fake_agent import FakeAgent, a_device
from tests.api.pages.asking_pages import html_of, said_by
from tests.api.pages.test_devices import SCHOOL


@pytest.fixture
def agent():
    agent = FakeAgent()
    agent.school = SCHOOL
    agent.queries.all_devices = [
        a_device(1, home="r204"),
        a_device(2, home="r204", room="hall-a"),
        a_device(3, home="r101"),
    ]
    agent.queries.went_through = {"d204": 7}
    return agent


def test_the_map_counts_each_room_and_says_the_same_in_a_table(agent):
    html = html_of(agent, "/map")
    assert 'aria-label="Room 204: 2 devices"' in html and 'aria-label="Hall A: 1 device"' in html
    assert re.search(r'<text [^>]*font-size="1">7</text>', html)
    text = said_by(agent, "/map")
    assert "Room 204 2" in text and "Hall A 1" in text
    assert "the doorway between Hall A and Room 204 7" in text


def test_a_room_says_what_is_missing_what_is_from_elsewhere_and_what_is_as_it_should_be(agent):
    text = said_by(agent, "/rooms/r204")
    assert re.search("Expected, and not here: 1 .* 2 in Hall A .*Here, and from elsewhere: 1", text)
    assert re.search("from elsewhere: 1 .* 3 in Room 204 .*Here, and expected: 1 .* 1 in", text)


def test_a_room_that_is_not_there_is_a_page_that_says_so(agent):
    text = said_by(agent, "/rooms/r9", status=404, headers={"accept": "text/html"})
    assert "There is no room &#34;r9&#34; in the school file." in text


@pytest.mark.parametrize("path", ["/map", "/rooms/r204"])
def test_the_board_sees_no_rooms(agent, path):
    html_of(agent, path, status=403, client=ELSEWHERE)
