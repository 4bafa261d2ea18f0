"""Commands to gateways by the API: checked before they are sent, answered as gateways answer."""

import json

import pytest

from edge.accounts.roles import Role
from edge.agent.link.ask_gateway import NoReply
from edge.agent.link.mqtt_link import LinkError
from edge.api.app import create_app
from edge.contracts.commands import SelfTest
from tests.api.asking import ask
from tests.api.fake_agent import FakeAgent, a_gateway
from tests.api.who import a_viewer, always

JSON = {"content-type": "application/json"}
PATH = "/api/v1/gateways/gw-c3/commands"


def asked(agent, body, path=PATH, role=Role.TECH):
    app = create_app(agent, who=always(a_viewer(role)))
    return ask(app, path, method="POST", content=json.dumps(body).encode(), headers=JSON)


def an_agent(**changes):
    agent = FakeAgent()
    agent.queries.all_gateways = [a_gateway("gw-c3", **changes)]
    return agent


def test_a_gateways_answer_is_handed_on():
    agent = an_agent()
    agent.answer = {"id": "9", "ok": True, "heap": 61000}
    answer = asked(agent, {"do": "selftest"}).json()
    assert answer == {"gateway": "gw-c3", "do": "selftest", "ok": True, "said": {"heap": 61000}}
    assert agent.commanded == [("gw-c3", SelfTest(do="selftest"))]


def test_what_the_gateway_refuses_is_told_as_it_says():
    agent = an_agent()
    agent.answer = {"id": "9", "ok": False, "error": "antenna: 9 is not ours"}
    body = {"do": "set_power", "args": {"antenna": 9, "dbm": 20}}
    answer = asked(agent, body).json()
    assert (answer["ok"], answer["said"]) == (False, {"error": "antenna: 9 is not ours"})


@pytest.mark.parametrize(
    "body",
    [
        {"do": "fly"},
        {"do": "update"},
        {"do": "set_power", "args": {"antenna": 1, "dbm": 60}},
        {"do": "set_power"},
        {"do": "identify", "args": {"seconds": 0}},
        {"do": "selftest", "args": {"loud": True}},
    ],
)
def test_nothing_wrong_is_sent(body):
    agent = an_agent()
    assert asked(agent, body).status_code == 422
    assert agent.commanded == []


@pytest.mark.parametrize(
    ("error", "status"), [(NoReply("gw-c3 did not answer."), 504), (LinkError("refused"), 503)]
)
def test_no_answer_is_told_with_its_reason(error, status):
    agent = an_agent()
    agent.answer = error
    assert asked(agent, {"do": "reboot"}).status_code == status


def test_who_is_offline_or_unknown_is_not_asked():
    agent = an_agent(state="offline")
    assert asked(agent, {"do": "identify"}).status_code == 409
    assert asked(agent, {"do": "identify"}, "/api/v1/gateways/gw-no/commands").status_code == 404
    assert agent.commanded == []


def test_the_office_sends_no_commands():
    agent = an_agent()
    assert asked(agent, {"do": "reboot"}, role=Role.OFFICE).status_code == 403
    assert agent.commanded == []
