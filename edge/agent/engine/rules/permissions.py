"""Who may leave the building when: loans and calendar."""

from dataclasses import dataclass, field

from edge.contracts.readlog import CalendarRow, LoanRow


@dataclass
class Permissions:
    """Loans and calendar as the journal tells them."""

    _loans: dict[str, dict[float, LoanRow]] = field(default_factory=dict)
    _calendar: list[CalendarRow] = field(default_factory=list)

    def lend(self, loan: LoanRow) -> None:
        """Take in a loan, or a change of the one that began at the same time."""
        self._loans.setdefault(loan.epc, {})[loan.start] = loan

    def plan(self, entry: CalendarRow) -> None:
        """Take in a calendar entry."""
        self._calendar.append(entry)

    def allow(self, epc: str, at: float) -> bool:
        """Whether a device may leave the building at that time."""
        return any(
            loan.start <= at and (loan.ended is None or at < loan.ended)
            for loan in self._loans.get(epc, {}).values()
        ) or any(
            entry.exits == "allowed"
            and entry.start <= at <= entry.until
            and (entry.epcs is None or epc in entry.epcs)
            for entry in self._calendar
        )
