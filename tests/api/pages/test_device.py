"""A device's page: its loan, its alerts, and the reads behind what is said of it."""

import re
from functools import partial

from edge.accounts.roles import Role
from edge.agent.ledger.evidence import Heard
from edge.contracts.events import Crossed, Docked
from tests.api.fake_agent import NOW
from tests.api.pages import test_desk as desk
from tests.api.pages.asking_pages import text_of
from tests.api.pages.test_alerts import an_alert
from tests.api.pages.test_desk import ONE, PERSON, TWO, an_agent
from tests.api.pages.test_devices import SCHOOL

PATH = f"/devices/{ONE.epc}"
WENT = Crossed("640.0", NOW - 60, NOW - 55, ONE.epc, "d204", "hall-a", "r204", 0.93)


html = partial(desk.html, path=PATH)
told = partial(desk.told, path=PATH)


def that_went(folder, *heard):
    """An agent whose device 14 went through a doorway, heard so."""
    agent = an_agent(folder)
    agent.school = SCHOOL
    agent.queries.happened[ONE.epc] = [WENT]
    agent.queries.all_heard[ONE.epc, "gw-d204"] = list(heard)
    return agent


def test_it_is_lent_and_taken_back_from_its_page_by_those_who_lend(tmp_path):
    agent = an_agent(tmp_path)
    assert "It is not on loan." in text_of(html(agent))
    form = f"do=lend&holder={PERSON}&due=2025-12-01".replace(" ", "+").encode()
    assert "14 is lent to cust_" in told(agent, form)
    assert "On loan to cust_" in html(agent, Role.AUDITOR)
    assert "Take back" not in html(agent, Role.AUDITOR)
    assert "14 is on loan already" in told(agent, form, status=409)
    assert "14 is back." in told(agent, b"do=take-back&loan=1")
    told(agent, b"do=fly", status=422)


def test_its_loan_is_not_for_those_who_keep_gateways(tmp_path):
    agent = an_agent(tmp_path)
    told(agent, b"do=lend&holder=10045&due=")
    assert "cust_" not in html(agent, Role.TECH) and "on loan" not in html(agent, Role.TECH)
    told(agent, b"do=take-back&loan=1", status=403, role=Role.TECH)


def test_its_open_alerts_stand_on_its_page_and_no_others(tmp_path):
    agent = an_agent(tmp_path)
    agent.school = SCHOOL
    agent.queries.all_alerts = [an_alert(epc=TWO.epc, label="22"), an_alert(id="2.0", open=False)]
    assert "alert-" not in html(agent)
    agent.queries.all_alerts.append(an_alert(id="3.0", epc=ONE.epc, label="14"))
    assert html(agent).count('href="/alerts#alert-3.0"') == 1


def test_the_reads_behind_the_newest_statement_are_drawn_and_told_by_antenna(tmp_path):
    agent = that_went(
        tmp_path,
        Heard(NOW - 61, 1, -50.0, 4),
        Heard(NOW - 60, 1, -62.0, 3),
        Heard(NOW - 59, 2, -48.5, 5),
        Heard(NOW - 600, 2, -40.0, 1),
    )
    page = html(agent)
    assert page.count('class="a0"') == 2 + 1 and page.count('class="a1"') == 1 + 1  # and the legend
    said = text_of(page)
    assert "The reads behind what was said for 07:41:00. Levels from -62 to -48.5 dBm." in said
    assert "on the side of Hall A: 7 reads, strongest -50 dBm." in said
    assert "on the side of Room 204: 5 reads, strongest -48.5 dBm." in said
    assert re.search(r"07:41:01 .*?Room 204 -48\.5 5", said)


def test_a_reader_without_levels_is_told_by_its_counts(tmp_path):
    page = html(that_went(tmp_path, Heard(NOW - 61, 1, None, 4), Heard(NOW - 59, 2, None, 5)))
    assert "Its reader tells no levels; only how often it read." in page
    assert "<figure" not in page and "on the side of Hall A: 4 reads." in text_of(page)


def test_reads_that_are_no_longer_kept_are_said_to_be_gone(tmp_path):
    page = html(that_went(tmp_path))
    assert "No reads from then are kept any more." in page
    assert "<figure" not in page and "<details" not in page


def test_a_doorway_that_the_school_file_has_no_more_shows_no_reads(tmp_path):
    agent = that_went(tmp_path)
    agent.queries.happened[ONE.epc] = [Docked("9.0", NOW - 9, NOW, ONE.epc, "no-cart", 0.9)]
    assert "What it rests on" not in html(agent)
