"""What an alert says: its one sentence, when, and how it settled."""

from collections.abc import Sequence
from typing import Any

import msgspec

from edge.agent.shown.views import AlertView
from edge.api.words.language import gettext as _
from edge.api.words.lists import runs
from edge.api.words.places import Names
from edge.api.words.times import moment
from edge.contracts.alert_kinds import sentence
from edge.contracts.school import School

# Red is for these alone.
LEFT = frozenset({"left-building"})

TOGETHER_S = 300.0  # a class that leaves takes less; more would hide that it goes on


class AlertCard(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as the page shows it; `epc` links to the device's page where one is meant."""

    id: str
    look: str
    says: str
    time: str
    state: str
    seen_to: str | None
    note: str
    epc: str | None
    gateway: str | None  # of one that is not about a device


class Bundle(msgspec.Struct, frozen=True):
    """Open alerts of one cause: the newest, and the `more` like it (`names` says which)."""

    first: AlertCard
    more: list[AlertCard]
    names: str

    @property
    def ids(self) -> list[str]:
        """All of their ids."""
        return [self.first.id, *(card.id for card in self.more)]


def bundles(views: Sequence[AlertView], school: School, now: float) -> list[Bundle]:
    """Put alerts of one kind at one place, each soon after the other, under the newest of them.

    `views` are newest first, and so are the bundles.
    """
    found: list[list[AlertView]] = []
    newest: dict[tuple[str, str | None, str | None], list[AlertView]] = {}
    for view in views:
        cause = (view.rule, view.doorway, view.gateway)
        group = newest.get(cause)
        if group is None or group[-1].t - view.t > TOGETHER_S:
            group = newest[cause] = []
            found.append(group)
        group.append(view)
    return [_bundle(group, school, now) for group in found]


def _bundle(group: Sequence[AlertView], school: School, now: float) -> Bundle:
    cards = [card(view, school, now) for view in group]
    labels = [view.label for view in group[1:] if view.label is not None]
    return Bundle(cards[0], cards[1:], ", ".join(runs(labels)))


def card(view: AlertView, school: School, now: float) -> AlertCard:
    """Put an alert into words."""
    return AlertCard(
        id=view.id,
        look="closed" if not view.open else ("left" if view.rule in LEFT else "missing"),
        says=said(view, view.label, school, now),
        time=_when(view, school, now),
        state=_state(view, school, now),
        seen_to=_seen_to(view, school, now),
        note=view.acknowledged.note if view.acknowledged is not None else "",
        epc=view.epc,
        gateway=None if view.epc else view.gateway,
    )


def said(alert: Any, label: str | None, school: School, now: float) -> str:
    """Say an alert in its one sentence; `label` is what its device is called."""
    return sentence(alert, Names(school, label or "", now), _)


def _when(view: AlertView, school: School, now: float) -> str:
    text = moment(view.t, now, school.zone)
    return _("{time}, told late").format(time=text) if view.late else text


def _state(view: AlertView, school: School, now: float) -> str:
    if view.open:
        return _("Open")
    if view.retracted:
        return _("Taken back: later reads showed that it was wrong")
    if view.closed_at is None:
        return _("Closed")
    time = moment(view.closed_at, now, school.zone)
    reason = reasons().get(view.reason or "", view.reason or "")
    return _("Closed at {time}: {reason}").format(time=time, reason=reason)


def _seen_to(view: AlertView, school: School, now: float) -> str | None:
    if view.acknowledged is None:
        return None
    time = moment(view.acknowledged.at, now, school.zone)
    if view.acknowledged.account is None:
        return _("Being seen to since {time}").format(time=time)
    account = view.acknowledged.account
    return _("{account} sees to it since {time}").format(account=account, time=time)


def reasons() -> dict[str, str]:
    """Return what each reason that closes an alert means to a person."""
    return {
        "returned": _("it came back"),
        "allowed": _("it is allowed now"),
        "seen again": _("it was seen again"),
        "lent": _("it is on loan now"),
        "home": _("it is home again"),
        "moved": _("it is somewhere else now"),
        "removed": _("it is no longer in the school's records"),
        "tag replaced": _("its tag was replaced"),
        "no more": _("it did not happen again"),
        "readers overlap": _("the two readers hear the same place"),
        "back online": _("it is online again"),
        "sends again": _("it sends again"),
        "offline": _("it is offline now, which is told for itself"),
        "looks again": _("it looks again"),
        "reads again": _("it reads again"),
        "as usual again": _("it is as usual again"),
        "put right": _("they stand at their places again"),
        "right again": _("its clock is right again"),
        "wired as the school file says": _("it is wired as the school file says"),
    }
