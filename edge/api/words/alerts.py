"""What an alert says: its one sentence, when, and how it settled."""

from typing import Any

import msgspec

from edge.agent.views import AlertView
from edge.api.words.language import gettext as _
from edge.api.words.places import Names
from edge.api.words.times import moment
from edge.contracts.alert_kinds import sentence
from edge.contracts.school import School

# Red is for these alone.
LEFT = frozenset({"left-building"})


class AlertCard(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as the page shows it; `epc` links to the device's page where one is meant."""

    id: str
    look: str
    says: str
    time: str
    state: str
    epc: str | None


def card(view: AlertView, school: School, now: float) -> AlertCard:
    """Put an alert into words."""
    return AlertCard(
        id=view.id,
        look="closed" if not view.open else ("left" if view.rule in LEFT else "missing"),
        says=said(view, view.label, school, now),
        time=_when(view, school, now),
        state=_state(view, school, now),
        epc=view.epc,
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
