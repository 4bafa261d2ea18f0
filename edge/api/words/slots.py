"""The numbered places of a cart, and what is in each."""

import msgspec

from edge.agent.shown.views import CartView, DeviceView
from edge.api.words.devices import where
from edge.api.words.language import gettext as _
from edge.api.words.lists import counting_order
from edge.contracts.school import School


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One device of a cart: `look` is here, gone, left, guest or unknown; `words` says it."""

    epc: str
    label: str
    look: str
    words: str


def slots(
    view: CartView, devices: list[DeviceView], school: School, *, with_places: bool
) -> list[Slot]:
    """Return a cart's devices in counting order, those from elsewhere last."""
    found = [_slot(view, device, school, with_places) for device in devices]
    return sorted(found, key=lambda slot: (slot.look == "guest", counting_order(slot.label)))


def _slot(view: CartView, device: DeviceView, school: School, with_places: bool) -> Slot:
    look = _look(view, device, school)
    if look == "left" and not with_places:
        look = "gone"  # that it left is where it is
    words = {
        "here": _("here"),
        "guest": _("here, from elsewhere"),
        "unknown": _("cannot be told"),
        "gone": _("not here"),
        "left": _("left the building"),
    }[look]
    if look == "gone" and with_places:
        words = where(device, school)
    return Slot(epc=device.epc, label=device.label, look=look, words=words)


def _look(view: CartView, device: DeviceView, school: School) -> str:
    if view.present is None:
        return "unknown"
    if device.in_cart == view.id:
        return "here" if device.cart == view.id or not view.expected else "guest"
    if device.room in school.rooms and school.is_outside(device.room):
        return "left"
    return "gone"
