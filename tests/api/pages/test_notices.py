"""The page of the notices: where they go, whether they arrive, what failed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from edge.accounts.roles import Role
from edge.agent.storage.database import FILE_NAME, prepare
from edge.api.app import create_app
from edge.contracts.settings import NotifySettings
from edge.notify.desk import TEST, NoticeDesk
from edge.notify.notifier import Notifier
from edge.notify.sending import NoticeError
from edge.notify.timing import BUNDLE_S
from tests.api.asking import ask
from tests.api.fake_agent import NOW, FakeAgent
from tests.api.pages.asking_pages import said_by, text_of
from tests.api.pages.test_alerts import an_alert
from tests.api.visiting import hidden_fields
from tests.api.who import a_viewer, always

SECRET = "mailtos://desk:secret@mail.example"


class Office(FakeAgent):
    """An agent whose notices go to two addresses, and one alert that is to be told."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.broken = False
        self.posted: list[tuple[str, str]] = []
        self.now = NOW
        database, addresses = folder / FILE_NAME, folder / "urls"
        prepare(database)
        addresses.write_text(f"{SECRET}\njson://127.0.0.1:1\n")
        settings = NotifySettings(addresses=addresses, quiet=("18:00", "06:30"), contact="Ext. 12")
        self.notices = NoticeDesk(database, settings, lambda: self.school.name, self.post)
        school = self.school
        self.notifier = Notifier(database, settings, lambda: school, lambda: self.now, self.post)
        self.notifier.step()  # switched on
        why = {"since": NOW - 600, "blind": []}
        rule = "gateway-offline"
        alert = an_alert(id="7.0", rule=rule, epc=None, label=None, gateway="gw-c3", why=why)
        self.queries.all_alerts = [alert]
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute(
                "INSERT INTO alerts (id, t, decided, rule, late, gateway, why)"
                " VALUES ('7.0', ?, ?, 'gateway-offline', 0, 'gw-c3', '{}')",
                (NOW, NOW),
            )

    def post(self, _: Path, title: str, body: str) -> None:
        if self.broken:
            raise NoticeError("urls: address 1 (mailtos) did not take it")
        self.posted.append((title, body))

    def after(self, seconds: float) -> None:
        self.now += seconds
        self.notifier.step()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def press(agent: FakeAgent, what: str) -> tuple[int, str]:
    """Send the form with this button; status and what the page says then."""
    app = create_app(agent, clock=lambda: NOW, who=always(a_viewer(Role.OFFICE)))
    shown = ask(app, "/notices")
    cookie = shown.headers["set-cookie"].partition(";")[0]
    content = f"form_token={hidden_fields(shown.text)['form_token']}&do={what}".encode()
    headers = {"cookie": cookie, "content-type": "application/x-www-form-urlencoded"}
    answer = ask(app, "/notices", method="POST", headers=headers, content=content)
    return answer.status_code, text_of(answer.text)


def test_it_says_where_they_go_without_any_secret(office: Office):
    said = said_by(office, "/notices")
    assert "Sent to mailtos, json" in said and "secret" not in said
    assert "From 18:00 to 06:30" in said and "Ext. 12" in said and "Last sent Never" in said


def test_where_they_are_off_it_says_how_to_switch_them_on():
    assert "Nobody is told of alerts" in said_by(FakeAgent(), "/notices")


def test_the_button_sends_a_test_and_says_what_did_not_take_it(office: Office):
    status, said = press(office, "test")
    assert status == 200 and "The test was sent to 2 addresses" in said
    assert office.posted == [(f"{office.school.name}: a test", TEST)]
    office.broken = True
    status, said = press(office, "test")
    assert status == 502 and "address 1 (mailtos) did not take it" in said


def test_what_failed_is_shown_and_sent_at_once_when_asked(office: Office):
    office.broken = True
    office.after(1)
    office.after(BUNDLE_S)
    said = said_by(office, "/notices")
    assert "Could not be sent" in said and "1 try" in said
    assert "gw-c3 is offline since" in said and "address 1 (mailtos) did not take it" in said
    office.broken = False
    office.after(1)
    assert office.posted == []  # it would wait for a minute
    status, said = press(office, "again")
    assert status == 200 and "sent again within" in said
    office.after(1)
    assert len(office.posted) == 1
    said = said_by(office, "/notices")
    assert "Could not be sent" not in said and "Last sent Never" not in said


def test_an_alert_of_a_gateway_names_who_should_look_and_since_when(office: Office):
    said = said_by(office, "/alerts")
    assert "gw-c3 is offline since" in said and "To look: Ext. 12." in said
