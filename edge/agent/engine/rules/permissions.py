"""Who may leave the building when, and by when that is to be back: loans, calendar, bells."""

from dataclasses import dataclass, field
from math import inf

from edge.agent.engine.school_time import SchoolTime
from edge.contracts.readlog import CalendarRow, LoanRow
from edge.contracts.school import Rules


@dataclass
class Permissions:
    """Loans and calendar as the journal tells them, and what the school file says of exits."""

    _loans: dict[str, dict[float, LoanRow]] = field(default_factory=dict)
    _calendar: list[CalendarRow] = field(default_factory=list)
    _rules: Rules = field(default_factory=Rules)
    _time: SchoolTime | None = None

    def use(self, rules: Rules, time: SchoolTime) -> None:
        """Take in what another school file says."""
        self._rules, self._time = rules, time

    def lend(self, loan: LoanRow) -> None:
        """Take in a loan, or a change of the one that began at the same time."""
        self._loans.setdefault(loan.epc, {})[loan.start] = loan

    def plan(self, entry: CalendarRow) -> None:
        """Take in a calendar entry."""
        self._calendar.append(entry)

    def allow(self, epc: str, at: float) -> bool:
        """Whether a device may leave the building at that time."""
        return bool(self.loans(epc, at) or self._entries(epc, at) or self._is_free(at))

    def loans(self, epc: str, at: float) -> list[LoanRow]:
        """The loans of a device that are open at a time, overdue ones with them."""
        return [
            loan
            for loan in self._loans.get(epc, {}).values()
            if loan.start <= at and (loan.ended is None or at < loan.ended)
        ]

    def loan_due(self, epc: str, at: float) -> float:
        """By when a device that is lent at a time is to be returned; inf: nobody says."""
        dues = [inf if loan.due is None else loan.due for loan in self.loans(epc, at)]
        return max(dues, default=inf)

    def back_by(self, epc: str, left: float) -> float:
        """By when a device that may leave at a time is to be back; inf: nobody says.

        What lets it stay away the longest holds.
        """
        if self.loans(epc, left):
            return self.loan_due(epc, left)
        if self._rules.back_by is None or self._time is None:
            return inf
        leaves = [left] if self._is_free(left) else []
        leaves += [max(left, entry.until) for entry in self._entries(epc, left)]
        return max((self._time.clock_after(at, self._rules.back_by) for at in leaves), default=inf)

    def _entries(self, epc: str, at: float) -> list[CalendarRow]:
        return [
            entry
            for entry in self._calendar
            if entry.exits == "allowed"
            and entry.start <= at <= entry.until
            and (entry.epcs is None or epc in entry.epcs)
        ]

    def _is_free(self, at: float) -> bool:
        """Whether nobody minds who leaves at that time."""
        return (
            self._rules.exits == "school-hours"
            and self._time is not None
            and not self._time.is_school_hours(at)
        )
