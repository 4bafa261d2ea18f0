"""What a desk's page says: what lies on its reader, who has it, and what was just done."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from edge.agent.shown.views import DeviceView, GatewayView
from edge.api.words.commanding import Told
from edge.api.words.devices import Statements, statements
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext
from edge.api.words.times import moment
from edge.contracts.school import Desk, School
from edge.custody.loans import Loan

Why = Literal[
    "nobody",
    "no holder",
    "over",
    "no date",
    "lent",
    "no device",
    "several",
    "none",
    "no loan",
    "no database",
]

_FAR = 60  # days that are looked through for a school day


class LoanLine(msgspec.Struct, frozen=True):
    """An open loan: its number, what is said of it, and whether it should be back by now."""

    id: int
    says: str
    overdue: bool


class OnDesk(msgspec.Struct, frozen=True, kw_only=True):
    """One tag on the reader. `loan` is None where there is none, or one may not know."""

    epc: str
    label: str
    record: str
    said: Statements
    new: bool
    loan: LoanLine | None


def on_desk(
    views: list[DeviceView], loans: Mapping[str, Loan], school: School, now: float
) -> list[OnDesk]:
    """Put what lies on a desk into words, with the `loans` that one may know of, by EPC."""
    return [
        OnDesk(
            epc=view.epc,
            label=view.label,
            record=", ".join(filter(None, (view.asset_tag, view.serial, view.model))),
            said=statements(view, school, now),
            new=not view.recorded,
            loan=loan_line(loans[view.epc], school, now) if view.epc in loans else None,
        )
        for view in views
    ]


def loan_line(loan: Loan, school: School, now: float) -> LoanLine:
    """Say who has a device, by pseudonym, since when and until when."""
    overdue = loan.due is not None and loan.due < now
    said = _("On loan to {holder} since {time}").format(
        holder=loan.holder or "–", time=moment(loan.taken, now, school.zone)
    )
    if loan.due is not None:
        until = _("was due {time}") if overdue else _("due {time}")
        said += ", " + until.format(time=moment(loan.due, now, school.zone))
    return LoanLine(loan.id, said + ".", overdue)


def summary(on: list[OnDesk], gateway: GatewayView) -> str:
    """Say what the reader says; what a screen reader is told when it changes."""
    if gateway.state in ("offline", "never heard"):
        return _("Its reader is not connected: what lies on it cannot be seen.")
    if gateway.state == "silent":
        return _("Its reader is silent: what lies on it cannot be seen.")
    if not on:
        return _("Nothing lies on the reader.")
    if len(on) == 1:
        return _("Device {label} lies on the reader.").format(label=on[0].label)
    n = len(on)
    return ngettext("{n} tag lies on the reader.", "{n} tags lie on the reader.", n).format(n=n)


def desk_name(desk: Desk) -> str:
    """What people call a desk."""
    return desk.name or desk.id


def usual_due(school: School, now: float) -> date:
    """The next school day: what goes out today is back then, unless somebody says otherwise."""
    day = datetime.fromtimestamp(now, school.zone)
    for days in range(1, _FAR):
        later = day + timedelta(days)
        if school.bells is None or school.bells.is_school_day(later):
            return later.date()
    return day.date() + timedelta(1)


def lent(label: str, loan: Loan, school: School, now: float) -> str:
    """Say that a loan is recorded."""
    if loan.due is None:
        return _("{label} is lent to {holder}.").format(label=label, holder=loan.holder)
    return _("{label} is lent to {holder}, due {time}.").format(
        label=label, holder=loan.holder, time=moment(loan.due, now, school.zone)
    )


def back(label: str) -> str:
    """Say that a loan is over."""
    return _("{label} is back.").format(label=label)


def not_done(why: Why, *, label: str = "", holder: str = "") -> Told:
    """Say why nothing was done, and what would do."""
    words: dict[Why, str] = {
        "nobody": _("Say who gets it: a name, a school number or a pseudonym."),
        "no holder": _("There is no holder {holder}."),
        "over": _("That due date is over."),
        "no date": _("The due date is no date."),
        "lent": _("{label} is on loan already; take it back first."),
        "no device": _("No device has this tag."),
        "several": _("Several devices lie on the reader: say which one."),
        "none": _("No device that can be lent lies on the reader."),
        "no loan": _("There is no such loan."),
        "no database": _("The database cannot be used now; try again in a minute."),
    }
    return Told(words[why].format(label=label, holder=holder), well=False)
