"""The task that tells people of alerts: collects, waits for company, sends, tries again."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog

from edge.agent.process.in_thread import in_thread
from edge.agent.storage.database import DatabaseError
from edge.contracts.alert_kinds import sentence
from edge.contracts.devices import Device
from edge.contracts.school import School
from edge.contracts.settings import NotifySettings
from edge.custody.store import connected
from edge.notify import outbox
from edge.notify.sending import NoticeError, send
from edge.notify.timing import is_due, is_quiet

log = structlog.get_logger()

LOOK_EVERY_S = 10.0
LONGEST_LINES = 20  # in one notice; the page has the rest

_ALERTS = """
SELECT a.rule, a.t, a.epc, a.doorway, a.gateway, a.why, d.number, d.asset_tag
FROM notices AS n JOIN alerts AS a ON a.id = n.alert LEFT JOIN devices AS d ON d.epc = a.epc
WHERE n.sent IS NULL ORDER BY a.t
"""


class _Told(msgspec.Struct, frozen=True):
    rule: str
    t: float
    epc: str | None
    doorway: str | None
    gateway: str | None
    why: dict[str, Any]


class _Names:
    def __init__(self, school: School, label: str) -> None:
        self._school = school
        self._label = label

    def device(self, epc: str) -> str:
        return self._label

    def place(self, kind: str, id_: str) -> str:
        tables: dict[str, dict[str, Any]] = {
            "room": self._school.rooms,
            "doorway": self._school.doorways,
            "cart": self._school.carts,
            "desk": self._school.desks,
            "gateway": self._school.gateways,
        }
        found = tables.get(kind, {}).get(id_)
        return getattr(found, "name", "") or id_

    def moment(self, at: float) -> str:
        return f"{datetime.fromtimestamp(at, self._school.zone):%a %Y-%m-%d %H:%M}"


class Notifier:
    """Tells of the alerts of one database. `now` gives Unix seconds; `post` sends a text."""

    def __init__(
        self,
        database: Path,
        settings: NotifySettings,
        school: Callable[[], School],
        now: Callable[[], float],
        post: Callable[[Path, str, str], None] = send,
    ) -> None:
        self._database = database
        self._settings = settings
        self._school = school
        self._now = now
        self._post = post
        self._tried_at: float | None = None

    async def run(self) -> None:
        """Until cancelled; at once over where no addresses are named."""
        if self._settings.addresses is None:
            await asyncio.Event().wait()
        while True:
            try:
                await in_thread(self.step, "notices")
            except (DatabaseError, sqlite3.Error) as error:
                log.warning("notices wait for the database", reason=str(error))
            await asyncio.sleep(LOOK_EVERY_S)

    def step(self) -> None:
        """Take up what is new, and send what is due; raises `DatabaseError`, `sqlite3.Error`."""
        if self._settings.addresses is None:
            return
        now, school = self._now(), self._school()
        with connected(self._database) as connection:
            with _transaction(connection):
                outbox.take_up(connection, now)
            found = outbox.waiting(connection)
            if is_quiet(now, school.zone, self._settings.quiet):
                return
            if not is_due(now, found.since, found.tries, self._tried_at):
                return
            lines = self._lines(connection, school)
            title = f"{school.name}: {len(lines)} {'thing' if len(lines) == 1 else 'things'}"
            self._tried_at = now
            try:
                self._post(self._settings.addresses, title, self._body(lines))
            except NoticeError as error:
                log.warning("notice not sent", reason=str(error), alerts=len(found.alerts))
                with _transaction(connection):
                    outbox.failed(connection, found.alerts, str(error))
                return
            with _transaction(connection):
                outbox.was_sent(connection, found.alerts, now)
        log.info("notice sent", alerts=len(found.alerts))

    def _lines(self, connection: sqlite3.Connection, school: School) -> list[str]:
        lines = []
        for rule, t, epc, doorway, gateway, why, number, asset_tag in connection.execute(_ALERTS):
            told = _Told(rule, t, epc, doorway, gateway, json.loads(why or "{}") or {})
            label = Device(told.epc or "?", number=number, asset_tag=asset_tag).label
            line = sentence(told, _Names(school, label))
            if told.gateway and not told.epc and self._settings.contact:
                line = f"{line} To look: {self._settings.contact}."
            lines.append(line)
        return lines

    @staticmethod
    def _body(lines: list[str]) -> str:
        shown = [f"- {line}" for line in lines[:LONGEST_LINES]]
        more = len(lines) - len(shown)
        return "\n".join([*shown, f"and {more} more on the page"] if more else shown)


class _transaction:  # noqa: N801 - reads as a statement
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self._connection.execute("COMMIT" if kind is None else "ROLLBACK")
