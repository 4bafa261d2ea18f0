"""The devices' pages: where is number 14, and why is it thought to be there?"""

import re

import pytest

from edge.agent.ledger.timeline import StayView
from edge.contracts.events import Crossed, Docked
from edge.contracts.school import Doorway, Room, School
from tests.api.asking import ELSEWHERE
from tests.api.fake_agent import NOW, FakeAgent, a_device
from tests.api.pages.asking_pages import html_of, said_by

SCHOOL = School(
    name="Lincoln Elementary",
    site="lincoln",
    timezone="America/Denver",
    rooms={
        "hall-a": Room(id="hall-a", kind="hall", name="Hall A"),
        "r204": Room(id="r204", kind="classroom", name="Room 204"),
        "out": Room(id="out", kind="outside"),
    },
    doorways={
        "d204": Doorway(
            id="d204",
            between=("hall-a", "r204"),
            gateway="gw-d204",
            antennas={1: "hall-a", 2: "r204"},
        ),
        "front": Doorway(
            id="front",
            between=("hall-a", "out"),
            gateway="gw-f",
            antennas={1: "hall-a"},
            name="the front door",
        ),
    },
)
EPC = a_device(14).epc


def school_with(*devices):
    agent = FakeAgent()
    agent.school = SCHOOL
    agent.queries.all_devices = list(devices)
    return agent


def crossed(t, before, after, *, doorway="d204", confidence=0.97, why=None):
    return Crossed(f"1.{t}", NOW + t, NOW + t, EPC, doorway, before, after, confidence, why or {})


def test_a_list_says_where_each_device_belongs_was_read_and_is_thought_to_be():
    text = said_by(school_with(a_device(14)), "/devices")
    assert "1 device" in text
    assert "14 in Room 204 c3, r101 07:40 LIN-0014 Chromebook 3100" in text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"room_confidence": 0.7}, "likely in Room 204"),
        ({"room_confidence": 0.4}, "perhaps in Room 204"),
        ({"in_cart": "c3", "in_cart_confidence": 0.98}, "in c3"),
        ({"room": "out", "room_name": "out", "room_confidence": 0.95}, "left the building"),
        ({"room": None, "room_name": None}, "not known"),
        ({"room": None, "room_name": None, "seen_at": None}, "not seen yet"),
    ],
)
def test_what_is_not_sure_says_so(changes, says):
    assert f" {says} " in said_by(school_with(a_device(14, **changes)), "/devices")


def test_a_search_that_finds_nothing_says_what_was_looked_for():
    text = said_by(school_with(a_device(14)), "/devices?q=%3Cb%3E")
    assert "No device fits “&lt;b&gt;”." in text


def test_a_long_list_is_paged_and_keeps_the_search():
    agent = school_with(*(a_device(n) for n in range(1, 121)))
    first = html_of(agent, "/devices?q=3414")
    assert first.count('scope="row"') == 50
    assert "Page 1 of 3" in first and 'href="?q=3414&amp;number=2"' in first
    last = html_of(agent, "/devices?q=3414&number=3")
    assert last.count('scope="row"') == 20 and 'rel="next"' not in last


def test_a_devices_page_never_mixes_what_is_assigned_read_and_inferred():
    text = said_by(school_with(a_device(14)), f"/devices/{EPC}")
    assert "Belongs in c3, r101" in text
    door = "the doorway between Hall A and Room 204, on the side of Room 204"
    assert f"Last read Read at 07:40 by the antenna of {door}." in text
    assert "Thought to be In Room 204 since 07:40; 93% sure." in text


def test_a_devices_page_tells_what_happened_with_its_evidence():
    agent = school_with(a_device(14))
    why = {"reads": {"1": 3, "2": 1}, "seconds": 1.42, "log_odds": 4.0}
    agent.queries.happened[EPC] = [
        crossed(-60, "hall-a", "r204", why=why),
        crossed(-90, "out", "hall-a", doorway="front", confidence=0.7),
        StayView(t=NOW - 95, room=None, confidence=1.0),
        Docked("2.0", NOW - 86400, NOW - 86400, EPC, "c3", 0.99),
    ]
    text = said_by(agent, f"/devices/{EPC}")
    assert "Today 07:41:00 Went from Hall A to Room 204" in text
    assert "Read 3 times on the side of Hall A and 1 time on the side of Room 204" in text
    assert "within 1.4 s." in text
    assert "07:40:30 Likely came in by the front door" in text
    assert "07:40:25 From here on it is not known where it was" in text
    assert "Yesterday 07:42:00 Put into c3" in text


def test_a_device_that_nobody_knows_is_a_page_that_says_so():
    text = said_by(FakeAgent(), "/devices/FF", status=404, headers={"accept": "text/html"})
    assert "No device with the EPC &#34;FF&#34; is recorded or was seen." in text


@pytest.mark.parametrize("path", ["/devices", f"/devices/{EPC}", "/alerts"])
def test_the_board_sees_no_devices(path):
    agent = school_with(a_device(14))
    html = html_of(agent, path, status=403, client=ELSEWHERE, headers={"accept": "text/html"})
    assert not re.search("Room 204|LIN-0014", html)


def test_tags_without_a_record_stand_apart_as_new():
    bare = {"recorded": False, "asset_tag": None, "label": "…00010"}
    agent = school_with(a_device(14), a_device(16, **bare))
    html = html_of(agent, "/devices?new=yes")
    assert f'id="device-{a_device(16).epc}"' in html
    assert f'id="device-{a_device(14).epc}"' not in html
    assert "no device has them" in html and 'name="new"' in html
    assert "no device has them" not in html_of(agent, "/devices")
    assert "has a record." in said_by(school_with(a_device(14)), "/devices?new=yes")
    html_of(agent, "/devices?new=perhaps", status=422)


def test_the_next_page_of_what_is_new_is_new_too():
    agent = school_with(*(a_device(n, recorded=False) for n in range(1, 121)))
    assert 'href="?new=yes&amp;number=2"' in html_of(agent, "/devices?new=yes")
