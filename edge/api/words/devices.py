"""What a device's row and page say: where it belongs, where it was read, where it is thought to be.

The three are never mixed, and what is not sure says so.
"""

from zoneinfo import ZoneInfo

import msgspec

from edge.agent.shown.views import DeviceView
from edge.api.words.language import gettext as _
from edge.api.words.places import antenna_name, cart_name, room_name
from edge.api.words.times import moment
from edge.contracts.school import School

SURE = 0.9
LIKELY = 0.6


class DeviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One device in a list; `look` chooses shape and colour, `where` is the word beside them."""

    epc: str
    label: str
    model: str
    asset_tag: str
    belongs: str
    look: str
    where: str
    read: str


class Statements(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one device, each with its time and how sure it is."""

    look: str
    where: str
    assigned: str
    observed: str
    inferred: str


def row(view: DeviceView, school: School, now: float) -> DeviceRow:
    """Put a device into a line of a list."""
    look = _look(view, school)
    return DeviceRow(
        epc=view.epc,
        label=view.label,
        model=view.model or "–",
        asset_tag=view.asset_tag or "–",
        belongs=_belongs(view, school),
        look=look,
        where=where(view, school),
        read="–" if view.seen_at is None else moment(view.seen_at, now, school.zone),
    )


def statements(view: DeviceView, school: School, now: float) -> Statements:
    """Put a device into the sentences of its page."""
    return Statements(
        look=_look(view, school),
        where=where(view, school),
        assigned=_belongs(view, school),
        observed=_observed(view, school, now),
        inferred=_inferred(view, school, now, school.zone),
    )


def where(view: DeviceView, school: School) -> str:
    """Say in a few words where a device is thought to be."""
    if view.in_cart is not None:
        return in_words(_("in {place}"), cart_name(school, view.in_cart), view.in_cart_confidence)
    if view.room is None:
        return _("not known") if view.seen_at is not None else _("not seen yet")
    if view.room in school.rooms and school.is_outside(view.room):
        return in_words("{place}", _("left the building"), view.room_confidence)
    return in_words(_("in {place}"), room_name(school, view.room), view.room_confidence)


def in_words(pattern: str, place: str, confidence: float | None) -> str:
    """Put a place into a pattern, with a word before it that says how sure that is."""
    text = pattern.format(place=place)
    if confidence is None or confidence >= SURE:
        return text
    return (_("likely {what}") if confidence >= LIKELY else _("perhaps {what}")).format(what=text)


def _look(view: DeviceView, school: School) -> str:
    if view.in_cart is not None:
        return "complete" if view.cart in (None, view.in_cart) else "missing"
    if view.room is None:
        return "unreadable" if view.seen_at is not None else "unassigned"
    if view.room in school.rooms and school.is_outside(view.room):
        return "left"
    return "unsure" if (view.room_confidence or 0.0) < SURE else "out"


def _belongs(view: DeviceView, school: School) -> str:
    parts = []
    if view.cart is not None:
        parts.append(cart_name(school, view.cart))
    if view.home is not None:
        parts.append(room_name(school, view.home))
    if parts:
        return ", ".join(parts)
    return _("nowhere yet") if view.recorded else _("a tag of the school's without a record")


def _observed(view: DeviceView, school: School, now: float) -> str:
    if view.seen_at is None or view.seen_gateway is None:
        return _("No reader has read its tag yet.")
    return _("Read at {time} by the antenna of {place}.").format(
        time=moment(view.seen_at, now, school.zone),
        place=antenna_name(school, view.seen_gateway, view.seen_antenna),
    )


def _inferred(view: DeviceView, school: School, now: float, zone: ZoneInfo) -> str:
    since, sure = view.room_since, view.room_confidence
    if view.in_cart is not None:
        since, sure = view.in_cart_since, view.in_cart_confidence
    if view.in_cart is None and view.room is None:
        return _("Nothing read so far says where it is.")
    said = where(view, school)
    text = said[:1].upper() + said[1:]
    if since is not None:
        text = _("{what} since {time}").format(what=text, time=moment(since, now, zone))
    if sure is None:
        return text + "."
    return _("{what}; {percent} sure.").format(what=text, percent=f"{min(sure, 0.99):.0%}")
