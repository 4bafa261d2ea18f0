"""The ledger's side of `rollcall tag`: which EPC a device gets, and the record of its tag."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Self

import msgspec

from edge.agent.inbox import leave
from edge.agent.storage.database import FILE_NAME, DatabaseError
from edge.agent.tags.tagging import NoNumbering, choose_epc, numbering_of
from edge.agent.tags.tagging_ledger import read_records
from edge.agent.tags.tagging_records import Conflict, Records, rows_to_record
from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure
from edge.commands.settings_argument import settings_or_failure
from edge.contracts.readlog import DeviceRow
from edge.contracts.school import School


class DeviceBook(msgspec.Struct, frozen=True):
    """A school, its device records as they were a moment ago, and where new ones go."""

    school: School
    records: Records
    database: Path

    @classmethod
    def open(cls, config: Path) -> Self:
        """Read what the settings name; raises `Failure`."""
        settings = settings_or_failure(config)
        database = settings.data / FILE_NAME
        try:
            records = asyncio.run(read_records(database))
        except DatabaseError as error:
            raise Failure(str(error)) from error
        return cls(school_or_failure(settings.school), records, database)

    def epc_for(self, device: str, wanted: str | None, replace: bool) -> str:
        """The EPC to write for this device; made where none is wanted. Raises `Failure`."""
        try:
            own = self.records.of(device)
            if wanted is None and own is not None and not replace:
                raise Conflict(
                    f"device {device} has the EPC {own.epc} already; --epc {own.epc} writes that"
                    " one, --replace gives it a new one"
                )
            if wanted is None:
                numbering = numbering_of(self.school.epc_prefixes)
                has = None if own is None else own.epc
                wanted = choose_epc(numbering, device, self.records.by_epc, has)
        except (Conflict, NoNumbering) as error:
            raise Failure(str(error)) from error
        return wanted

    def check(self, device: str, epc: str, tid: str, replace: bool) -> None:
        """Raise `Failure` where the ledger says something else of device, EPC or tag."""
        self._rows(device, epc, tid, replace)

    def record(self, device: str, epc: str, tid: str, replace: bool) -> str:
        """Leave the record for the agent; returns what was done, in words. Raises `Failure`."""
        if not self.school.accepts(epc):
            raise Failure(
                f"EPC {epc} matches none of the school's epc_prefixes and is not recorded;"
                " `rollcall tag write` gives the tag one of the school's"
            )
        rows = self._rows(device, epc, tid, replace)
        try:
            asyncio.run(leave(self.database, rows))
        except DatabaseError as error:
            raise Failure(str(error)) from error
        own = self.records.of(device)
        if own is None:
            return f"device {device}: recorded, as a new device"
        if own.epc != epc:
            return f"device {device}: recorded, in place of EPC {own.epc}"
        return f"device {device}: recorded"

    def _rows(self, device: str, epc: str, tid: str, replace: bool) -> list[DeviceRow]:
        now = time.time()
        try:
            return rows_to_record(self.records, device, epc, tid, replace=replace, now=now)
        except Conflict as error:
            raise Failure(str(error)) from error
