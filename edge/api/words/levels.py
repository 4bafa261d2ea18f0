"""The reads behind a statement as a small plot: how strongly each antenna heard, and when."""

from collections.abc import Sequence

import msgspec

from edge.agent.ledger.evidence import Heard, Window
from edge.agent.ledger.timeline import Happening
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext
from edge.api.words.places import antenna_name
from edge.api.words.times import clock
from edge.contracts.events import Crossed, Docked, Undocked
from edge.contracts.school import Cart, Doorway, School

WIDTH, HEIGHT = 600, 160  # of the drawing
_AROUND_CROSSING_S, _AROUND_CART_S = 4.0, 90.0
_LEAST_DB = 10.0  # a plot's height stands for as much at least, or noise would look like a walk
_ROWS = 40  # of the table: the strongest moments are in the drawing all the same


class Mark(msgspec.Struct, frozen=True):
    """A read in the drawing; `shape` counts the antennas from 0."""

    x: float
    y: float
    shape: int


class Line(msgspec.Struct, frozen=True):
    """An antenna's reads in one line of words."""

    shape: int
    says: str


class Plot(msgspec.Struct, frozen=True, kw_only=True):
    """The drawing, and all of it in words; no `marks` where no reader told a level."""

    about: str
    says: str
    begin: str
    end: str
    marks: list[Mark]
    lines: list[Line]
    rows: list[tuple[str, str, str, str]]


def behind(found: Sequence[Happening], school: School) -> tuple[Window, str] | None:
    """The reads to look for behind the newest statement that rests on reads; and its time."""
    for one in found:
        place: Doorway | Cart | None
        if isinstance(one, Crossed):
            place = school.doorways.get(one.doorway)
            around = _AROUND_CROSSING_S + float(one.why.get("seconds", 0))
        elif isinstance(one, Docked | Undocked):
            place, around = school.carts.get(one.cart), _AROUND_CART_S
        else:
            continue
        if place is None:  # the school file has it no more
            return None
        pos = int(one.id.partition(".")[0])
        window = Window(pos, place.gateway, one.t - around, one.t + around)
        return window, clock(one.t, school.zone)
    return None


def plot(heard: Sequence[Heard], gateway: str, at: str, school: School) -> Plot:
    """Draw reads; they are in order of time."""
    about = _("The reads behind what was said for {time}").format(time=at)
    if not heard:
        says = _("No reads from then are kept any more.")
        return Plot(about=about, says=says, begin="", end="", marks=[], lines=[], rows=[])
    antennas = sorted({one.antenna for one in heard})
    names = _names(antennas, gateway, school)
    begin, end = heard[0].t, heard[-1].t
    levels = [one.rssi for one in heard if one.rssi is not None]
    if levels:
        says = _("Levels from {weakest} to {strongest} dBm.").format(
            weakest=f"{min(levels):g}", strongest=f"{max(levels):g}"
        )
    else:
        says = _("Its reader tells no levels; only how often it read.")
    return Plot(
        about=about,
        says=says,
        begin=clock(begin, school.zone),
        end=clock(end, school.zone),
        marks=_marks(heard, antennas, levels),
        lines=[
            Line(shape, _line([one for one in heard if one.antenna == antenna], names[antenna]))
            for shape, antenna in enumerate(antennas)
        ],
        rows=[
            (
                clock(one.t, school.zone),
                names[one.antenna],
                "–" if one.rssi is None else f"{one.rssi:g}",
                str(one.n),
            )
            for one in heard[:_ROWS]
        ],
    )


def _names(antennas: list[int], gateway: str, school: School) -> dict[int, str]:
    """What the antennas are called; those of a cart, which are called alike, by number too."""
    names = {antenna: antenna_name(school, gateway, antenna) for antenna in antennas}
    if len(set(names.values())) == len(names):
        return names
    numbered = _("{place}, antenna {antenna}")
    return {n: numbered.format(place=name, antenna=n) for n, name in names.items()}


def _marks(heard: Sequence[Heard], antennas: list[int], levels: list[float]) -> list[Mark]:
    if not levels:
        return []
    begin, lasts = heard[0].t, max(heard[-1].t - heard[0].t, 1.0)
    top = max(levels)
    height = max(top - min(levels), _LEAST_DB)
    return [
        Mark(
            x=round((one.t - begin) / lasts * WIDTH, 1),
            y=round((top - one.rssi) / height * HEIGHT, 1),
            shape=antennas.index(one.antenna),
        )
        for one in heard
        if one.rssi is not None
    ]


def _line(own: Sequence[Heard], name: str) -> str:
    count = sum(one.n for one in own)
    words = ngettext("{name}: {n} read", "{name}: {n} reads", count)
    said = words.format(name=name[:1].upper() + name[1:], n=count)
    levels = [one.rssi for one in own if one.rssi is not None]
    if levels:
        said += ", " + _("strongest {level} dBm").format(level=f"{max(levels):g}")
    return said + "."
