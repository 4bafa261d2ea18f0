"""What the page of a device's record says, and what a form lacks."""

from typing import Protocol

from edge.agent.shown.views import DeviceView
from edge.api.words.language import gettext as _
from edge.api.words.places import cart_name, room_name
from edge.contracts.devices import COLUMNS, Device
from edge.contracts.school import School

LONGEST = 100  # characters of a field
CARRIED = ("model", "cart", "home")  # what the next device is likely to share


class Fields(Protocol):
    """A form's fields, "" where one is not there."""

    def __getitem__(self, name: str) -> str: ...


def device_of(epc: str, fields: Fields) -> Device:
    """Return the record that a form describes; what is empty is not set."""
    said = {name: fields[name].strip()[:LONGEST] or None for name in COLUMNS if name != "epc"}
    return Device(epc=epc, **said)


def wrong_with(device: Device, school: School, same_tag: DeviceView | None) -> str:
    """Say what keeps a record from being taken, or "". `same_tag` has its asset tag already."""
    if device.cart is not None and device.cart not in school.carts:
        return _("There is no cart “{id}” in the school file.").format(id=device.cart)
    if device.home is not None and device.home not in school.rooms:
        return _("There is no room “{id}” in the school file.").format(id=device.home)
    if same_tag is not None and same_tag.epc != device.epc:
        said = _("Device {label} ({epc}) has the asset tag {tag} already.")
        return said.format(label=same_tag.label, epc=same_tag.epc, tag=device.asset_tag)
    return ""


def carts(school: School) -> list[tuple[str, str]]:
    """Id and name of each cart."""
    return [(cart, cart_name(school, cart)) for cart in school.carts]


def rooms(school: School) -> list[tuple[str, str]]:
    """Id and name of each room that a device can belong in."""
    inside = (room.id for room in school.rooms.values() if room.kind != "outside")
    return [(room, room_name(school, room)) for room in inside]


def recorded(label: str) -> str:
    """Say that a record was taken."""
    return _("Recorded as {label}. The lists show it in a moment.").format(label=label)


def for_the_next(device: Device) -> dict[str, str]:
    """Return what the next device's form begins with: the same cart, the next number."""
    carried = {name: value for name in CARRIED if (value := getattr(device, name))}
    if device.number is not None and device.number.isdecimal():
        carried["number"] = str(int(device.number) + 1)
    return carried
