"""Which EPC a device's tag gets, and the record of it, for one who stands at a desk."""

from collections.abc import Callable
from pathlib import Path

from edge.agent.inbox import leave
from edge.agent.tags.tagging import choose_epc, numbering_of
from edge.agent.tags.tagging_ledger import read_records
from edge.agent.tags.tagging_records import rows_to_record
from edge.contracts.school import School


class TagBook:
    """The device records of a running agent. Every method raises `DatabaseError` too."""

    def __init__(
        self, database: Path, school: Callable[[], School], now: Callable[[], float]
    ) -> None:
        self._database = database
        self._school = school
        self._now = now

    async def knows(self, asset_tag: str) -> bool:
        """Whether a device has this asset tag; raises `Conflict` where several have."""
        return (await read_records(self._database)).of(asset_tag) is not None

    async def epc_for(self, asset_tag: str, tid: str, *, replace: bool) -> str:
        """The EPC to write to the tag with this TID: the device's own, or a new one.

        `replace`: also where the device has another tag, or the tag is another device's.

        Raises:
            Conflict: the records say something else of device or tag.
            NoNumbering: the school's prefixes do not say how its tags are numbered.
        """
        records = await read_records(self._database)
        own = records.of(asset_tag)
        if own is not None and not replace and self._school().accepts(own.epc):
            epc = own.epc
        else:
            numbering = numbering_of(self._school().epc_prefixes)
            has = None if own is None else own.epc
            epc = choose_epc(numbering, asset_tag, records.by_epc, has)
        rows_to_record(records, asset_tag, epc, tid, replace=replace, now=self._now())
        return epc

    async def record(self, asset_tag: str, epc: str, tid: str, *, replace: bool) -> None:
        """Leave the record of a tag that was written, for the journal; raises `Conflict`."""
        records = await read_records(self._database)
        rows = rows_to_record(records, asset_tag, epc, tid, replace=replace, now=self._now())
        await leave(self._database, rows)
