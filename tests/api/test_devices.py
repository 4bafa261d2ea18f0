"""Devices, gateways and alerts: places kept apart, lists paged, nothing of it for the board."""

import pytest

from edge.agent.shown.views import AlertView
from edge.api.app import create_app
from edge.contracts.wire import Health
from tests.api.asking import ELSEWHERE, ask
from tests.api.fake_agent import NOW, FakeAgent, a_device, a_gateway


@pytest.fixture
def agent():
    agent = FakeAgent()
    agent.queries.all_devices = [a_device(number) for number in range(1, 121)]
    return agent


@pytest.fixture
def app(agent):
    return create_app(agent, clock=lambda: NOW)


def test_a_device_keeps_assigned_observed_and_inferred_apart(app):
    device = ask(app, "/api/v1/devices/3414257BF40000000000000E").json()
    assert device["label"] == "14"
    assert device["assigned"] == {"home": "r101", "cart": "c3"}
    assert device["observed"] == {
        "room": "hall-a",
        "gateway": "gw-d204",
        "antenna": 2,
        "t": NOW - 90,
        "age": 90,
    }
    assert device["inferred"]["room"] == "r204"
    assert device["inferred"]["confidence"] == 0.93
    assert device["inferred"]["in_cart"] is None


def test_a_device_that_was_never_seen_has_nothing_observed(agent, app):
    agent.queries.all_devices = [a_device(1, seen_at=None, seen_gateway=None, seen_room=None)]
    device = ask(app, "/api/v1/devices/3414257BF400000000000001").json()
    assert device["observed"] is None


def test_an_epc_is_found_however_it_is_written(app):
    assert ask(app, "/api/v1/devices/3414257bf40000000000000e").status_code == 200


def test_an_unknown_epc_and_one_that_is_none_are_not_found(app):
    for epc in ("3414257BF4000000000FFFFF", "zzz", "'; drop"):
        assert ask(app, f"/api/v1/devices/{epc}").status_code == 404


def test_devices_are_paged(app):
    page = ask(app, "/api/v1/devices?offset=100&limit=50").json()
    assert (page["total"], page["offset"], page["limit"]) == (120, 100, 50)
    assert [device["number"] for device in page["items"]][:2] == ["101", "102"]
    assert len(page["items"]) == 20


def test_devices_are_searched(app):
    assert ask(app, "/api/v1/devices?q=0E").json()["total"] == 1


@pytest.mark.parametrize("query", ["offset=-1", "limit=0", "limit=100000", "offset=x"])
def test_a_page_that_cannot_be_is_refused(app, query):
    answer = ask(app, f"/api/v1/devices?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["where"].startswith("query.")


def test_gateways_say_what_they_last_said_of_themselves(agent, app):
    agent.queries.all_gateways = [a_gateway(health=Health(v=1, up=52_000, outbox=3))]
    (gateway,) = ask(app, "/api/v1/gateways").json()
    assert gateway["state"] == "online"
    assert gateway["health"] == {"v": 1, "up": 52_000, "outbox": 3}


def test_alerts_are_paged_and_open_unless_asked_for_all(agent, app):
    agent.queries.all_alerts = [an_alert("640.0", still_open=True), an_alert("1.0")]
    assert ask(app, "/api/v1/alerts").json()["total"] == 1
    assert ask(app, "/api/v1/alerts?open_only=false").json()["total"] == 2


@pytest.mark.parametrize(
    "path", ["/api/v1/devices", "/api/v1/devices/00", "/api/v1/gateways", "/api/v1/alerts"]
)
def test_the_board_is_refused_with_a_problem(app, path):
    answer = ask(app, path, client=ELSEWHERE)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "board" in answer.json()["detail"]


def test_everyone_may_see_the_books(app):
    totals = ask(app, "/api/v1/totals", client=ELSEWHERE).json()
    assert (totals["batches"], totals["sum_n"]) == (7, 360)


def an_alert(name, *, still_open=False):
    return AlertView(
        id=name,
        t=NOW - 60,
        decided=NOW - 55,
        rule="left-building",
        late=False,
        epc="3414257BF40000000000000E",
        label="14",
        doorway="front",
        gateway=None,
        why={},
        open=still_open,
        closed_at=None if still_open else NOW,
        reason=None if still_open else "returned",
        retracted=False,
    )
