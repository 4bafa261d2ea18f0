"""A cart's day: how its count went, and what came and left when. Devices, never people."""

from collections.abc import Mapping, Sequence

import msgspec

from edge.agent.ledger.docking import Docking
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext as _n
from edge.api.words.lists import runs
from edge.api.words.times import moment
from edge.contracts.devices import Device
from edge.contracts.events import Docked
from edge.contracts.school import School

TOGETHER_S = 60.0  # a class takes or brings its devices in less
BEFORE_S = 900.0  # the chart begins so long before the first change, not at midnight
WIDTH, HEIGHT = 600.0, 100.0  # of the chart's drawing


class Change(msgspec.Struct, frozen=True):
    """What came or left together: `time`, and one sentence."""

    time: str
    says: str


class CartDay(msgspec.Struct, frozen=True, kw_only=True):
    """`line` is the chart's polyline; `says` tells it in words; `changes` are newest first."""

    line: str
    area: str
    begin: str
    end: str
    most: int
    says: str
    changes: list[Change]


def cart_day(
    events: Sequence[Docking],
    here: int | None,
    labels: Mapping[str, str],
    span: tuple[float, float],
    school: School,
) -> CartDay | None:
    """Tell a cart's day from `span` start to now.

    `events` oldest first; `here` is how many of all devices lie in it now, None where nobody can
    tell: then there is no chart to draw back from.
    """
    if here is None or not events:
        return None
    counts = _counts(events, here)
    most = max(counts)
    since, now = max(span[0], events[0].t - BEFORE_S), span[1]
    steps = _steps(events, counts, (since, now), most)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in steps)
    return CartDay(
        line=line,
        area=f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}",
        begin=moment(since, now, school.zone),
        end=moment(now, now, school.zone),
        most=most,
        says=_("Between {low} and {high} today").format(low=min(counts), high=most),
        changes=[_change(group, labels, now, school) for group in reversed(_groups(events))],
    )


def _counts(events: Sequence[Docking], here: int) -> list[int]:
    """How many lay there before the first event, then after each: told back from now."""
    counts = [here]
    for event in reversed(events):
        counts.append(max(0, counts[-1] + (-1 if isinstance(event, Docked) else 1)))
    return counts[::-1]


def _steps(
    events: Sequence[Docking], counts: Sequence[int], span: tuple[float, float], most: int
) -> list[tuple[float, float]]:
    since, now = span
    length = max(1.0, now - since)

    def y(count: int) -> float:
        return HEIGHT - HEIGHT * count / max(1, most)

    steps = [(0.0, y(counts[0]))]
    for event, before, after in zip(events, counts, counts[1:], strict=False):
        x = WIDTH * min(1.0, max(0.0, (event.t - since) / length))
        steps += [(x, y(before)), (x, y(after))]
    return [*steps, (WIDTH, y(counts[-1]))]


def _groups(events: Sequence[Docking]) -> list[list[Docking]]:
    groups: list[list[Docking]] = []
    for event in events:
        last = groups[-1][-1] if groups else None
        if last is None or type(last) is not type(event) or event.t - last.t > TOGETHER_S:
            groups.append([])
        groups[-1].append(event)
    return groups


def _change(
    group: Sequence[Docking], labels: Mapping[str, str], now: float, school: School
) -> Change:
    names = {labels.get(event.epc) or Device(epc=event.epc).label for event in group}
    which = ", ".join(runs(names))
    if isinstance(group[0], Docked):
        says = _n("{n} came in: {which}", "{n} came in: {which}", len(names))
    else:
        says = _n("{n} was taken: {which}", "{n} were taken: {which}", len(names))
    return Change(moment(group[0].t, now, school.zone), says.format(n=len(names), which=which))
