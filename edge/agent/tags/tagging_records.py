"""What the ledger says of a tag and its device, and what it is to say of them. Pure."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from edge.contracts.devices import Device
from edge.contracts.readlog import DeviceRow

# Several devices of this asset tag; the EPC or the tag is another device's; the device has another.
ConflictKind = Literal["several", "epc taken", "tag taken", "other tag"]


class Conflict(ValueError):
    """The ledger says something else of this device or tag; the text says what to do.

    `kind` says it for programs; `other` names the device that is in the way.
    """

    def __init__(self, text: str, kind: ConflictKind = "other tag", other: str = "") -> None:
        super().__init__(text)
        self.kind, self.other = kind, other


class Records:
    """All device records by EPC, as the rows given in order leave them."""

    def __init__(self, rows: Iterable[DeviceRow] = ()) -> None:
        self.by_epc: dict[str, DeviceRow] = {}
        for row in rows:
            self.take(row)

    def take(self, row: DeviceRow) -> None:
        """A record was made, changed or removed; one that says no TID leaves the one there is."""
        before = self.by_epc.pop(row.epc, None)
        if row.removed:
            return
        if row.tid is None and before is not None:
            row = msgspec.structs.replace(row, tid=before.tid)
        self.by_epc[row.epc] = row

    def of(self, asset_tag: str) -> DeviceRow | None:
        """The record with this asset tag.

        Raises:
            Conflict: there are several.
        """
        found = [row for row in self.by_epc.values() if row.asset_tag == asset_tag]
        if len(found) > 1:
            epcs = ", ".join(row.epc for row in found)
            text = f"{len(found)} devices have the asset tag {asset_tag}: {epcs}"
            raise Conflict(text, "several")
        return found[0] if found else None


def rows_to_record(
    records: Records, asset_tag: str, epc: str, tid: str, *, replace: bool, now: float
) -> list[DeviceRow]:
    """The rows that give this tag to the device: its record, and its old EPC's removal.

    A device without a record gets one. With `replace` the tag takes the place of the one that
    the device had.

    Raises:
        Conflict: the EPC or the tag is another device's, or the device has another tag.
    """
    own = records.of(asset_tag)
    holder = records.by_epc.get(epc)
    if holder is not None and holder is not own:
        other = _name(holder)
        raise Conflict(f"EPC {epc} is that of device {other}", "epc taken", other)
    for row in records.by_epc.values():
        if row.tid == tid and row is not own and not replace:
            other = _name(row)
            text = f"this tag (TID {tid}) is that of device {other}; --replace takes it"
            raise Conflict(text, "tag taken", other)
    if own is None:
        return [DeviceRow(rx=now, epc=epc, asset_tag=asset_tag, tid=tid)]
    if own.epc != epc and not replace:
        raise Conflict(
            f"device {asset_tag} has the EPC {own.epc} already; --epc {own.epc} writes that one,"
            " --replace gives it another"
        )
    if own.tid not in (None, tid) and not replace:
        raise Conflict(
            f"device {asset_tag} has another tag (TID {own.tid}) already; --replace takes this one"
        )
    record = msgspec.structs.replace(own, rx=now, pos=0, epc=epc, tid=tid)
    if own.epc == epc:
        return [record]
    return [DeviceRow(rx=now, epc=own.epc, removed=True), record]


def _name(row: DeviceRow) -> str:
    return row.asset_tag or Device(epc=row.epc, number=row.number).label
