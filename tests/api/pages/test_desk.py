"""The desk: what lies on its reader, lent and taken back, by those who may."""

import sqlite3
from contextlib import closing

import pytest
from msgspec.structs import replace

from edge.accounts.roles import Role
from edge.agent.storage.database import FILE_NAME, prepare
from edge.api.app import create_app
from edge.contracts.bells import Bells
from edge.contracts.school import Desk, Room, School
from edge.custody.store import Custody
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent, a_device, a_gateway
from tests.api.pages.asking_pages import text_of
from tests.api.pages.test_alerts import FORM, filled_in
from tests.api.who import a_viewer, always

PATH = "/desk/front"
PERSON = "Somebody of Grade 5"
SCHOOL = School(
    name="Lincoln Elementary",
    site="lincoln",
    timezone="America/Denver",
    bells=Bells(days=("mon", "tue", "wed", "thu", "fri"), lessons=(), closed=frozenset()),
    rooms={"office": Room(id="office", name="Office", kind="office", floor=None, polygon=None)},
    desks={"front": Desk(id="front", room="office", gateway="gw-desk", antennas=[1], name="Desk")},
)
ONE, TWO = a_device(14), a_device(22)


def an_agent(folder, *on, **gateway):
    """An agent with the devices 14 and 22, of which these lie on its desk."""
    path = folder / FILE_NAME
    prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        rows = [(view.epc, view.asset_tag, view.number) for view in (ONE, TWO)]
        query = "INSERT OR IGNORE INTO devices (epc, recorded, asset_tag, number) VALUES (?,1,?,?)"
        connection.executemany(query, rows)
        connection.commit()
    agent = FakeAgent()
    agent.school = SCHOOL
    agent.custody = Custody(path, lambda: NOW)
    agent.queries.all_gateways = [a_gateway("gw-desk", **gateway)]
    agent.queries.all_devices = [ONE, TWO]
    agent.queries.on_desk = {"front": [view.epc for view in on]}
    return agent


def app_of(agent, role=Role.OFFICE):
    return create_app(agent, clock=lambda: NOW, who=always(a_viewer(role)))


def html(agent, role=Role.OFFICE, path=PATH):
    answer = ask(app_of(agent, role), path)
    assert answer.status_code == 200, answer.text
    return answer.text


def told(agent, form, *, status=200, role=Role.OFFICE, path=PATH):
    """What the page says after a form was sent."""
    sent = {"content": filled_in(form), "headers": FORM}
    answer = ask(app_of(agent, role), path, method="POST", **sent)
    assert answer.status_code == status, answer.text
    return text_of(answer.text)


def lend(epc=ONE.epc, holder=PERSON, due="2025-12-01"):
    return f"do=lend&device={epc}&holder={holder}&due={due}".replace(" ", "+").encode()


def test_what_lies_there_is_named_with_what_is_known_of_it(tmp_path):
    said = text_of(html(an_agent(tmp_path, ONE)))
    assert "Device 14 lies on the reader." in said
    assert "LIN-0014, Chromebook 3100" in said and "Belongs in: c3, r101" in said
    assert "2 tags lie on the reader." in text_of(html(an_agent(tmp_path, ONE, TWO)))
    assert "Nothing lies on the reader." in text_of(html(an_agent(tmp_path)))


def test_a_reader_that_is_away_is_not_an_empty_desk(tmp_path):
    for state, word in (("offline", "not connected"), ("silent", "silent")):
        said = text_of(html(an_agent(tmp_path, state=state)))
        assert f"Its reader is {word}: what lies on it cannot be seen." in said
        assert "Nothing lies" not in said


def test_a_device_is_lent_and_taken_back_and_no_name_is_told(tmp_path):
    agent = an_agent(tmp_path, ONE)
    said = told(agent, lend())
    assert "14 is lent to cust_" in said and "due Dec 1, 23:59." in said
    assert "On loan to cust_" in said and PERSON not in said
    page = html(agent)
    assert "Take back 14" in page and 'name="device"' not in page
    assert "14 is back." in told(agent, b"do=take-back&loan=1")
    assert "On loan" not in html(agent)


def test_a_known_holder_is_named_by_pseudonym(tmp_path):
    agent = an_agent(tmp_path, ONE, TWO)
    holder = told(agent, lend()).partition("lent to ")[2].partition(",")[0]
    assert f"22 is lent to {holder}" in told(agent, lend(TWO.epc, holder))
    assert "There is no holder cust_00000000." in told(
        agent, lend(ONE.epc, "cust_00000000"), status=404
    )


def test_the_one_device_that_can_be_lent_needs_no_choosing(tmp_path):
    agent = an_agent(tmp_path, ONE, TWO)
    assert "say which one" in told(agent, lend(""), status=422)
    told(agent, lend(ONE.epc))
    assert "22 is lent to" in told(agent, lend(""))
    assert "No device that can be lent" in told(agent, lend(""), status=409)


def test_it_is_due_on_the_next_school_day_unless_said_otherwise(tmp_path):
    agent = an_agent(tmp_path, ONE)
    assert 'value="2025-11-25"' in html(agent)
    mondays = Bells(days=("mon",), lessons=(), closed=frozenset({"2025-12-01"}))
    agent.school = replace(SCHOOL, bells=mondays)
    assert 'value="2025-12-08"' in html(agent)
    assert "14 is lent to" in told(agent, lend(due=""))
    assert ", due" not in html(agent)


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (lend(holder=""), "Say who gets it"),
        (lend(due="2025-11-20"), "That due date is over."),
        (lend(due="soon"), "The due date is no date."),
        (lend("E28011700000020000000000"), "No device has this tag."),
        (b"do=take-back&loan=9", "There is no such loan."),
        (b"do=take-back&loan=x", "There is no such loan."),
    ],
)
def test_what_is_wrong_is_said_in_words_and_nothing_is_lent(tmp_path, form, why):
    agent = an_agent(tmp_path, ONE)
    sent = {"content": filled_in(form), "headers": FORM}
    answer = ask(app_of(agent), PATH, method="POST", **sent)
    assert answer.status_code in (404, 422)
    assert why in text_of(answer.text)
    assert "On loan" not in html(agent)


def test_what_is_lent_already_is_taken_back_first(tmp_path):
    agent = an_agent(tmp_path, ONE)
    told(agent, lend())
    said = told(agent, lend(holder="Somebody else"), status=409)
    assert "14 is on loan already; take it back first." in said
    assert 'value="Somebody else"' not in html(agent)


def test_a_tag_without_a_record_is_new_and_not_lent(tmp_path):
    agent = an_agent(tmp_path, ONE)
    agent.queries.all_devices = [a_device(14, recorded=False, label="...00E", asset_tag=None)]
    page = html(agent)
    assert "A tag of the school's that no device has." in page
    assert 'name="device"' not in page
    told(agent, lend(), status=404)


def test_who_lends_sees_loans_and_others_at_the_desk_do_not(tmp_path):
    agent = an_agent(tmp_path, ONE)
    told(agent, lend())
    assert "On loan to" in html(agent, Role.ADMIN)
    tech = html(agent, Role.TECH)
    assert "cust_" not in tech and 'value="lend"' not in tech and 'value="take-back"' not in tech
    told(agent, b"do=take-back&loan=1", status=403, role=Role.TECH)
    assert ask(app_of(agent, Role.AUDITOR), PATH).status_code == 403


def test_one_desk_is_gone_to_at_once_several_are_listed_and_none_says_what_to_add(tmp_path):
    agent = an_agent(tmp_path)
    assert ask(app_of(agent), "/desk").headers["location"] == PATH
    assert 'href="/desk"' in html(agent)
    agent.school = School(name="L", site="l", timezone="America/Denver")
    assert "[desks.office]" in html(agent, path="/desk")
    assert 'href="/desk"' not in html(agent, path="/desk")
    other = Desk(id="library", room="office", gateway="gw-desk", antennas=[2])
    agent.school = replace(SCHOOL, desks={**SCHOOL.desks, "library": other})
    assert 'href="/desk/library"' in html(agent, path="/desk")
    assert ask(app_of(agent), "/desk/none").status_code == 404
