"""What happened to a device, in words, with the evidence behind each statement."""

from itertools import groupby

import msgspec

from edge.agent.ledger.timeline import Happening, StayView
from edge.api.words import alerts
from edge.api.words.devices import in_words
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext as _n
from edge.api.words.lists import listed
from edge.api.words.places import cart_name, doorway_name, room_name
from edge.api.words.times import clock, day
from edge.contracts.events import Alert, Crossed, Docked, Undocked
from edge.contracts.school import School


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened; `evidence` is "" where it is not more than the statement."""

    time: str
    what: str
    evidence: str


class Day(msgspec.Struct, frozen=True):
    """What happened on one day, the newest first."""

    name: str
    entries: list[Entry]


def days(found: list[Happening], label: str, school: School, now: float) -> list[Day]:
    """Put the timeline of the device called `label` into words, day by day."""
    named = ((day(one.t, now, school.zone), one) for one in found)
    return [
        Day(name, [_entry(one, label, school, now) for _, one in group])
        for name, group in groupby(named, key=lambda pair: pair[0])
    ]


def _entry(one: Happening, label: str, school: School, now: float) -> Entry:
    if isinstance(one, Alert):
        what, evidence = alerts.said(one, label, school, now), ""
    else:
        what, evidence = _said(one, school)
    return Entry(
        time=clock(one.t, school.zone), what=what[:1].upper() + what[1:], evidence=evidence
    )


def _said(one: Crossed | Docked | Undocked | StayView, school: School) -> tuple[str, str]:
    match one:
        case Crossed():
            return _crossing(one, school), _evidence(one, school)
        case Docked():
            return in_words(_("put into {place}"), cart_name(school, one.cart), one.confidence), ""
        case Undocked():
            place = cart_name(school, one.cart)
            return in_words(_("taken out of {place}"), place, one.confidence), ""
        case StayView():
            if one.room is None:
                return _("from here on it is not known where it was"), ""
            return in_words(_("in {place}"), room_name(school, one.room), one.confidence), ""


def _crossing(one: Crossed, school: School) -> str:
    before, after = one.from_room, one.to_room
    door = doorway_name(school, one.doorway)
    if after in school.rooms and school.is_outside(after):
        return in_words(_("left the building by {place}"), door, one.confidence)
    if before in school.rooms and school.is_outside(before):
        return in_words(_("came in by {place}"), door, one.confidence)
    places = _("{one} to {other}").format(
        one=room_name(school, before), other=room_name(school, after)
    )
    return in_words(_("went from {place}"), places, one.confidence)


def _evidence(one: Crossed, school: School) -> str:
    """Say which antennas read it: "Read 7 times on the side of Hall A, within 1.4 s." """
    reads, doorway = one.why.get("reads"), school.doorways.get(one.doorway)
    if not isinstance(reads, dict) or not reads or doorway is None:
        return ""
    parts = []
    for antenna, count in reads.items():
        side = doorway.antennas.get(int(antenna))
        text = _n("{n} time on the side of {room}", "{n} times on the side of {room}", int(count))
        room = room_name(school, side) if side else antenna
        parts.append(text.format(n=int(count), room=room))
    return _("Read {times}, within {seconds} s.").format(
        times=listed(parts).striptags(), seconds=f"{float(one.why.get('seconds', 0)):.1f}"
    )
