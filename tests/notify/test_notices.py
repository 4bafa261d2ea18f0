"""People are told of alerts once, together, at decent hours, and again where it failed."""

import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.agent.storage.database import FILE_NAME, prepare
from edge.contracts.settings import NotifySettings
from edge.doctor.data import check_database
from edge.notify.notifier import Notifier
from edge.notify.sending import NoticeError, send
from edge.notify.timing import AGAIN_AT_MOST_S, AGAIN_S, BUNDLE_S, is_due, is_quiet
from tests.agent.schools import TEXT, epc, school

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()


class Post:
    """Takes notices, or refuses them."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.tried = 0
        self.broken = False

    def __call__(self, _: Path, title: str, body: str) -> None:
        self.tried += 1
        if self.broken:
            raise NoticeError("address 1 (mailto) did not take it")
        self.taken.append((title, body))


class Office:
    """A notifier with its database, clock and post."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.database = folder / FILE_NAME
        prepare(self.database)
        self.now = NOON
        self.post = Post()
        self.settings = NotifySettings(addresses=folder / "urls", **settings)
        self.open()
        self.notifier.step()  # switched on: from now on people are told

    def open(self) -> None:
        self.notifier = Notifier(self.database, self.settings, school, lambda: self.now, self.post)

    def after(self, seconds: float) -> list[tuple[str, str]]:
        self.now += seconds
        self.notifier.step()
        return self.post.taken

    def do(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(statement, values)

    def alert(self, name: str, rule: str = "left-building", **why: object) -> None:
        tag, gateway = (epc(1), None) if rule == "left-building" else (None, "gw-d1")
        self.do(
            "INSERT INTO alerts (id, t, decided, rule, late, epc, doorway, gateway, why)"
            " VALUES (?,?,?,?,0,?,'d1',?,?)",
            *(name, self.now, self.now, rule, tag, gateway, json.dumps(why)),
        )


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path, quiet=("18:00", "06:30"), contact="front office, ext. 12")


def test_alerts_that_come_together_are_told_together_and_once(office: Office) -> None:
    office.alert("1.0")
    assert office.after(1) == []
    office.alert("2.0")
    assert office.after(BUNDLE_S - 1) == []
    ((title, body),) = office.after(1)
    assert title == "Test: 2 things" and body.count("left by d1") == 2
    assert len(office.after(3600)) == 1
    office.open()  # a restart
    assert len(office.after(3600)) == 1


def test_what_closed_itself_before_anybody_was_told_is_no_news(office: Office) -> None:
    office.alert("1.0")
    office.after(1)
    office.do("UPDATE alerts SET closed_at = 1, reason = 'returned'")
    assert office.after(BUNDLE_S) == []


def test_what_was_there_before_notices_were_switched_on_is_not_told(tmp_path: Path) -> None:
    prepare(tmp_path / FILE_NAME)
    office = Office.__new__(Office)
    office.database, office.now = tmp_path / FILE_NAME, NOON - 60
    office.alert("1.0")
    Office.__init__(office, tmp_path)
    assert office.after(BUNDLE_S + 1) == []


def test_in_quiet_hours_it_waits_until_their_end(office: Office) -> None:
    office.now = NOON + 6.5 * 3600  # half past six in the evening
    office.alert("1.0")
    office.after(0)
    assert office.after(3600) == []
    assert office.after(10 * 3600) == []
    assert len(office.after(1.1 * 3600)) == 1


def test_a_notice_that_is_not_taken_is_tried_again_and_shown(office: Office) -> None:
    office.post.broken = True
    office.alert("1.0")
    office.after(1)
    office.after(BUNDLE_S)
    assert office.post.tried == 1
    office.after(AGAIN_S - 1)
    assert office.post.tried == 1
    office.after(1)
    assert office.post.tried == 2
    folder = office.database.parent
    shown = [f for f in check_database(folder, office.now) if f.subject == "notices"]
    assert [f.verdict for f in shown] == ["bad"]
    assert "1 alerts could not be told: address 1 (mailto) did not take it" in shown[0].says
    office.post.broken = False
    office.open()  # also over a restart
    assert len(office.after(2 * AGAIN_S)) == 1
    assert [f for f in check_database(folder, office.now) if f.subject == "notices"] == []


def test_an_offline_gateway_names_who_should_look_and_since_when(office: Office) -> None:
    office.alert("agent.1", "gateway-offline", since=NOON - 600, blind=[])
    office.after(1)
    ((_, body),) = office.after(BUNDLE_S)
    assert "gw-d1 is offline since Tue 2026-11-24 11:50" in body
    assert body.endswith("To look: front office, ext. 12.")


def test_many_are_told_in_few_lines(office: Office) -> None:
    for number in range(30):
        office.alert(f"{number}.0")
    office.after(1)
    ((title, body),) = office.after(BUNDLE_S)
    assert title == "Test: 30 things"
    assert len(body.splitlines()) == 21 and body.endswith("and 10 more on the page")


@pytest.mark.parametrize(
    ("hour", "quiet"),
    [(17.9, False), (18, True), (23.9, True), (0, True), (6.4, True), (6.5, False)],
)
def test_quiet_hours_go_over_midnight(hour: float, quiet: bool) -> None:
    hours = (time(18), time(6, 30))
    assert is_quiet(NOON + (hour - 12) * 3600, ZoneInfo("UTC"), hours) == quiet
    assert not is_quiet(NOON + (hour - 12) * 3600, ZoneInfo("UTC"), None)


def test_it_waits_longer_after_each_failure_but_an_hour_at_most() -> None:
    assert not is_due(NOON, [NOON - 9999], 3, NOON - 4 * AGAIN_S + 1)
    assert is_due(NOON, [NOON - 9999], 3, NOON - 4 * AGAIN_S)
    assert is_due(NOON, [NOON - 9999], 99, NOON - AGAIN_AT_MOST_S)


class Hook(BaseHTTPRequestHandler):
    """A webhook of the test's own."""

    got: list[dict[str, str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.got.append(json.loads(body))
        self.send_response(200 if self.path == "/good" else 500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, str]]]]:
    Hook.got = []
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"json://user:secret@127.0.0.1:{server.server_port}", Hook.got
        server.shutdown()
        thread.join()


def test_a_webhook_takes_it_and_a_refusal_is_told_without_the_password(
    hook: tuple[str, list[dict[str, str]]], tmp_path: Path
) -> None:
    url, got = hook
    file = tmp_path / "notify.urls"
    file.write_text(f"# ours\n{url}/good\n")
    send(file, "Test", "One thing")
    assert [(each["title"], each["message"]) for each in got] == [("Test", "One thing")]
    file.write_text(f"{url}/bad\ngarbage\n{url}/good\n")
    with pytest.raises(NoticeError) as refused:
        send(file, "Test", "Another")
    assert "address 1 (json) did not take it; address 2 is none" in str(refused.value)
    assert "secret" not in str(refused.value)
    assert got[-1]["message"] == "Another"  # the good one was told all the same


def test_the_command_sends_one_or_says_why_not(
    hook: tuple[str, list[dict[str, str]]], tmp_path: Path
) -> None:
    (tmp_path / "school.toml").write_text(TEXT)
    config, urls = tmp_path / "rollcall.toml", tmp_path / "notify.urls"
    config.write_text('[notify]\naddresses = "notify.urls"\n')
    command = [sys.executable, "-m", "edge.cli", "notify", "test", "--config", str(config)]
    for path, status in (("/good", 0), ("/bad", 1)):
        urls.write_text(hook[0] + path)
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == status, done.stderr
    assert "did not take it" in done.stderr and "secret" not in done.stderr + done.stdout
