"""What the page of loans says: which device, since when and until when, who by pseudonym."""

import msgspec

from edge.api.words.commanding import Told
from edge.api.words.desk import loan_line
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext
from edge.contracts.school import School
from edge.custody.loans import Loan


class LoanRow(msgspec.Struct, frozen=True, kw_only=True):
    """One open loan in the list."""

    id: int
    epc: str
    label: str
    holder: str | None
    says: str
    overdue: bool


def row(loan: Loan, label: str, school: School, now: float) -> LoanRow:
    """Put an open loan into a line."""
    line = loan_line(loan, school, now)
    return LoanRow(
        id=loan.id,
        epc=loan.epc,
        label=label,
        holder=loan.holder,
        says=line.says,
        overdue=line.overdue,
    )


def summary(total: int, overdue: int) -> str:
    """Say how many are out, and how many of them should be back."""
    if not total:
        return _("Nothing is on loan.")
    said = ngettext("{n} device is on loan", "{n} devices are on loan", total).format(n=total)
    if not overdue:
        return said + "."
    late = ngettext("{n} of them should be back", "{n} of them should be back", overdue)
    return f"{said}; {late.format(n=overdue)}."


def named(holder: str, name: str) -> Told:
    """Tell who a holder is."""
    said = _("{holder} is {name}. That you were told is written down.")
    return Told(said.format(holder=holder, name=name))


def no_reason() -> Told:
    """Say that a name is told for a reason."""
    return Told(_("Say for what the name is needed; it is written down."), well=False)


def no_name() -> Told:
    """Say that there is no such name."""
    return Told(_("There is no such holder, or the name is no longer kept."), well=False)
