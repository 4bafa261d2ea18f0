"""The list of loans: what should be back first, names for a reason, and a CSV that comes back."""

import asyncio

from edge.accounts.roles import Role
from edge.custody.loans_csv import parse_loans
from tests.api.asking import ask
from tests.api.fake_agent import NOW
from tests.api.pages.asking_pages import text_of
from tests.api.pages.test_alerts import FORM, filled_in
from tests.api.pages.test_desk import ONE, PERSON, SCHOOL, TWO, an_agent, app_of

DAY = 86_400


def with_loans(folder):
    """14 is due tomorrow, 22 was due yesterday."""
    agent = an_agent(folder)
    for view, due in ((ONE, NOW + DAY), (TWO, NOW - DAY)):
        lent = agent.custody.lend(view.epc, name=PERSON, taken=NOW - 3 * DAY, due=due)
        asyncio.run(lent)
    return agent


def html(agent, role=Role.OFFICE, path="/loans"):
    answer = ask(app_of(agent, role), path)
    assert answer.status_code == 200, answer.text
    return answer.text


def told(agent, form, *, status=200, role=Role.OFFICE):
    sent = {"content": filled_in(form), "headers": FORM}
    answer = ask(app_of(agent, role), "/loans", method="POST", **sent)
    assert answer.status_code == status, answer.text
    return text_of(answer.text)


def test_what_should_be_back_comes_first_and_is_counted(tmp_path):
    empty = tmp_path / "none"
    empty.mkdir()
    page = html(with_loans(tmp_path))
    said = text_of(page)
    assert "2 devices are on loan; 1 of them should be back." in said
    assert page.index(f"/devices/{TWO.epc}") < page.index(f"/devices/{ONE.epc}")
    assert "was due Nov 23, 07:42." in said and "due Nov 25, 07:42." in said
    assert page.count('class="overdue"') == 1 and PERSON not in page
    assert "Nothing is on loan." in text_of(html(an_agent(empty)))


def test_it_is_taken_back_from_the_list(tmp_path):
    agent = with_loans(tmp_path)
    said = told(agent, b"do=take-back&loan=2")
    assert "22 is back." in said and "1 device is on loan." in said
    told(agent, b"do=take-back&loan=9", status=404)
    told(agent, b"do=fly", status=422)


def test_a_name_is_told_for_a_reason_and_that_is_written_down(tmp_path):
    agent = with_loans(tmp_path)
    holder = asyncio.run(agent.custody.due_loans(0, 1))[0][0].holder
    assert "Say for what the name is needed" in told(
        agent, f"do=name&holder={holder}&reason=x".encode(), status=422
    )
    said = told(agent, f"do=name&holder={holder}&reason=fee+of+22".encode())
    assert f"{holder} is {PERSON}. That you were told is written down." in said
    (look,) = asyncio.run(agent.custody.looks(0, 10))
    assert (look.account, look.holder, look.reason) == ("someone", holder, "fee of 22")
    assert "no longer kept" in told(agent, b"do=name&holder=cust_0&reason=fee+of+22", status=404)


def test_an_auditor_sees_the_list_and_changes_nothing(tmp_path):
    agent = with_loans(tmp_path)
    page = html(agent, Role.AUDITOR)
    assert "2 devices are on loan" in page and 'action="/loans"' not in page
    told(agent, b"do=take-back&loan=1", status=403, role=Role.AUDITOR)
    assert ask(app_of(agent, Role.TECH), "/loans").status_code == 403


def test_the_csv_is_what_an_import_takes_and_has_no_names(tmp_path):
    text = html(with_loans(tmp_path), path="/loans/open.csv")
    lines, problems = parse_loans(text, SCHOOL.zone)
    assert problems == [] and [line.device for line in lines] == [TWO.epc, ONE.epc]
    assert lines[0].due == NOW - DAY and lines[0].taken == NOW - 3 * DAY
    assert PERSON not in text


def test_a_database_that_cannot_be_used_is_said(tmp_path):
    agent = an_agent(tmp_path)
    for path in tmp_path.glob("*.db*"):
        path.unlink()
    assert ask(app_of(agent), "/loans").status_code == 503
    assert ask(app_of(agent), "/loans/open.csv").status_code == 503
