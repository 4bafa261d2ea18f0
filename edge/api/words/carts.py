"""What a cart's card says, in words."""

from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup

from edge.agent.shown.views import CartView, MissingView
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext as _n
from edge.api.words.lists import listed, runs, strong
from edge.api.words.times import age, moment

MANY = 6  # a group of more, in a cart that is empty anyway, is told by its count alone


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One cart as the page shows it.

    `look` chooses shape and colour, `mark` is the word beside them. `here` of `of` is the giant
    number; without `here` the giant text is `words`, without `of` nobody is expected.
    """

    id: str
    name: str
    room: str
    look: str
    mark: str
    here: int | None = None
    of: int | None = None
    words: str = ""
    sentence: Markup
    extra: Markup
    missing: int
    updated: float | None
    age: str


def card(view: CartView, now: float, zone: ZoneInfo, *, with_places: bool) -> Card:
    """Put a cart into words; places and times of devices only `with_places`."""
    look = _look(view)
    counted = look != "unreadable" and bool(view.expected or view.present)
    return Card(
        id=view.id,
        name=view.name,
        room=view.room_name,
        look=look,
        mark=marks()[look],
        here=view.present if counted else None,
        of=view.expected or None,
        words="" if counted else _instead(look),
        sentence=_sentence(look, view, now, zone, with_places),
        extra=_extra(view.extra),
        missing=len(view.missing) if counted else 0,
        updated=view.updated,
        age=_("no reading yet") if view.updated is None else age(now - view.updated),
    )


def summary(cards: list[Card]) -> str:
    """Say in one line how the carts stand."""
    counted = [c for c in cards if c.here is not None and c.of is not None]
    complete = sum(1 for c in counted if not c.missing)
    missing = sum(c.missing for c in counted)
    unreadable = sum(1 for c in cards if c.look == "unreadable")
    if cards and complete == len(cards):
        return _n("The cart is complete.", "All {n} carts are complete.", len(cards)).format(
            n=len(cards)
        )
    parts = []
    if counted:
        parts.append(_("{n} of {all} carts complete").format(n=complete, all=len(cards)))
    if missing:
        parts.append(_n("{n} device not here", "{n} devices not here", missing).format(n=missing))
    if unreadable:
        text = _n("{n} cart cannot be read", "{n} carts cannot be read", unreadable)
        parts.append(text.format(n=unreadable))
    return ", ".join(parts) + "." if parts else _("No cart has devices of its own yet.")


def marks() -> dict[str, str]:
    """Return the word beside each state's shape."""
    return {
        "complete": _("All here"),
        "missing": _("Not all here"),
        "out": _("All out"),
        "unsure": _("Likely"),
        "unreadable": _("No reading"),
        "unassigned": _("Not set up"),
    }


def _instead(look: str) -> str:
    """Return what stands where a count would."""
    return {"unreadable": _("Cannot be read"), "unassigned": _("No devices")}[look]


def _look(view: CartView) -> str:
    if view.state == "unreadable" or view.present is None:
        return "unreadable"
    if not view.expected:
        return "unassigned"
    if view.state == "unsure":
        return "unsure"
    if not view.missing:
        return "complete"
    return "missing" if view.present else "out"


def _sentence(look: str, view: CartView, now: float, zone: ZoneInfo, with_places: bool) -> Markup:
    if look == "unreadable":
        return Markup.escape(_why_unreadable(view, now, zone))
    if look == "unassigned":
        text = _("No device names {id} as its cart. Import the devices with a column for it.")
        return Markup.escape(text.format(id=view.id))
    return _who_is_missing(view, now, zone, with_places)


def _why_unreadable(view: CartView, now: float, zone: ZoneInfo) -> str:
    if view.reason == "counting":
        return _("Its reader has just started and is still counting.")
    since = moment(view.updated, now, zone) if view.updated is not None else None
    if view.reason == "not looking":
        text = _("Its reader is on, but has not looked since {time}. Tell the technician.")
    elif view.reason == "silent":
        text = _("No news since {time}. Check the network near the cart.")
    else:
        text = _("Its reader has been offline since {time}. Check that the cart is plugged in.")
    if since is None:
        return _("Its reader has not been heard yet. Check that the cart is plugged in.")
    return text.format(time=since)


def _who_is_missing(view: CartView, now: float, zone: ZoneInfo, with_places: bool) -> Markup:
    likely = view.state == "unsure"
    count = len(view.missing)
    if not count:
        n = view.expected
        if likely:
            text = _n("The one device is likely here.", "Likely all {n} are here.", n)
        else:
            text = _n("The one device is here.", "All {n} are here.", n)
        return Markup.escape(text.format(n=n))
    if not view.present:
        return _all_out(view, now, zone, with_places)
    if with_places:
        groups = _by_place(view.missing, now, zone)
        said = [_group(listed(runs(d.label for d in g)), p, g, now, zone) for p, g in groups]
        who = Markup("; ").join(said)
    else:
        who = listed(runs(m.label for m in view.missing))
    text = _("{n} likely not here: {who}.") if likely else _("{n} not here: {who}.")
    return Markup(text).format(n=count, who=who)


def _all_out(view: CartView, now: float, zone: ZoneInfo, with_places: bool) -> Markup:
    """Say that none is here; a class that is out together is counted and not listed."""
    n = view.expected
    if view.state == "unsure":
        out = _n("The one device is likely out", "Likely all {n} are out", n)
    else:
        out = _n("The one device is out", "All {n} are out", n)
    start = Markup.escape(out.format(n=n))
    groups = _by_place(view.missing, now, zone) if with_places else []
    if not groups:
        return start + "."
    if len(groups) == 1:
        return start + ", " + groups[0][0] + "."
    said = []
    for place, devices in groups:
        many = len(devices) > MANY
        who = strong(str(len(devices))) if many else listed(runs(d.label for d in devices))
        said.append(_group(who, place, devices, now, zone))
    return start + ": " + Markup("; ").join(said) + "."


def _group(
    who: Markup, place: str, devices: list[MissingView], now: float, zone: ZoneInfo
) -> Markup:
    only = devices[0] if len(devices) == 1 else None
    if only and only.last_room_name and only.last_seen is not None:
        at = moment(only.last_seen, now, zone)
        place = _("{place} at {time}").format(place=place, time=at)
    return Markup("{}, {}").format(who, place)


def _by_place(
    missing: list[MissingView], now: float, zone: ZoneInfo
) -> list[tuple[str, list[MissingView]]]:
    """Gather the missing by where they were last: the largest group first, the unknown last."""
    groups: dict[tuple[bool, str], list[MissingView]] = {}
    for device in missing:
        groups.setdefault(_place_words(device, now, zone), []).append(device)
    ordered = sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]), item[0][1]))
    return [(place, devices) for (_unknown, place), devices in ordered]


def _place_words(device: MissingView, now: float, zone: ZoneInfo) -> tuple[bool, str]:
    if device.last_room_name:
        return (False, _("last seen in {room}").format(room=device.last_room_name))
    if device.last_seen is None:
        return (True, _("not seen yet"))
    return (True, _("not seen since {time}").format(time=moment(device.last_seen, now, zone)))


def _extra(labels: list[str]) -> Markup:
    if not labels:
        return Markup("")
    text = _n("Also here, from elsewhere: {who}.", "Also here, from elsewhere: {who}.", len(labels))
    return Markup(text).format(who=listed(runs(labels)))
