"""What a list of devices would change in the records there are. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from edge.contracts.devices import COLUMNS, Device
from edge.contracts.school import School


class DeviceChanges(msgspec.Struct, frozen=True, kw_only=True):
    """New and changed records, and how many stay as they are.

    `fields` counts the changed records by what changes, `emptied` by what they would have no more.
    """

    added: list[Device]
    changed: list[Device]
    same: int
    fields: Counter[str]
    emptied: Counter[str]


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """What a list names and the school file does not: carts and rooms, with how many devices.

    `foreign` counts tags that begin as none of the school's do: their reads are dropped.
    """

    carts: Counter[str]
    rooms: Counter[str]
    foreign: int


def compare(known: Mapping[str, Device], listed: Iterable[Device]) -> DeviceChanges:
    """Hold a list against the records, by EPC."""
    added, changed, same = [], [], 0
    fields: Counter[str] = Counter()
    emptied: Counter[str] = Counter()
    for device in listed:
        before = known.get(device.epc)
        if before is None:
            added.append(device)
            continue
        if before == device:
            same += 1
            continue
        changed.append(device)
        for name in COLUMNS:
            if getattr(before, name) != getattr(device, name):
                (fields if getattr(device, name) is not None else emptied)[name] += 1
    return DeviceChanges(added=added, changed=changed, same=same, fields=fields, emptied=emptied)


def unknown(school: School, listed: Iterable[Device]) -> Unknown:
    """Find what the school file has no place for."""
    carts: Counter[str] = Counter()
    rooms: Counter[str] = Counter()
    foreign = 0
    for device in listed:
        if device.cart is not None and device.cart not in school.carts:
            carts[device.cart] += 1
        if device.home is not None and device.home not in school.rooms:
            rooms[device.home] += 1
        foreign += not school.accepts(device.epc)
    return Unknown(carts=carts, rooms=rooms, foreign=foreign)
