"""The CSV that loans come from. A day alone means its beginning where something was taken or came
back, and its end where it is due."""

import csv
import io
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from edge.contracts.csv_lines import LineProblem

COLUMNS = ("epc", "asset_tag", "holder", "name", "taken", "due", "returned")


class LoanLine(msgspec.Struct, frozen=True):
    """One line: `device` is an EPC or an asset tag; times Unix seconds."""

    line: int
    device: str
    holder: str | None
    name: str | None
    taken: float
    due: float | None
    returned: float | None


class NoLoans(ValueError):
    """A file that is no list of loans at all; its text says why."""


def parse_loans(text: str, zone: ZoneInfo) -> tuple[list[LoanLine], list[LineProblem]]:
    """Parse the CSV: the good lines, and what is wrong with the others.

    Raises:
        NoLoans: no CSV, or without a column that names devices, people or times.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restkey="")
    good: list[LoanLine] = []
    problems: list[LineProblem] = []
    try:
        header = [name.strip().lower() for name in reader.fieldnames or []]
        _check_header(header, problems)
        reader.fieldnames = header
        for cells in reader:
            values = {k: v.strip() for k, v in cells.items() if k and v and v.strip()}
            if values:
                try:
                    good.append(_line(reader.line_num, values, zone))
                except ValueError as error:
                    problems.append(LineProblem(reader.line_num, str(error)))
    except csv.Error as error:
        raise NoLoans(f"line {reader.line_num}: {error}") from error
    return good, problems


def _check_header(header: list[str], problems: list[LineProblem]) -> None:
    for needed in (("epc", "asset_tag"), ("holder", "name"), ("taken",)):
        if not set(needed) & set(header):
            raise NoLoans(f"no column {' or '.join(needed)}; known are {', '.join(COLUMNS)}")
    unknown = [name for name in header if name and name not in COLUMNS]
    if unknown:
        problems.append(LineProblem(1, f"columns ignored: {', '.join(unknown)}", refused=False))


def _line(number: int, values: dict[str, str], zone: ZoneInfo) -> LoanLine:
    device = values.get("epc") or values.get("asset_tag")
    if device is None:
        raise ValueError("neither epc nor asset_tag")
    if "holder" not in values and "name" not in values:
        raise ValueError("neither holder nor name")
    if "taken" not in values:
        raise ValueError("taken is missing")
    due, returned = values.get("due"), values.get("returned")
    return LoanLine(
        line=number,
        device=device,
        holder=values.get("holder"),
        name=values.get("name"),
        taken=_moment("taken", values["taken"], zone),
        due=None if due is None else _moment("due", due, zone, end_of_day=True),
        returned=None if returned is None else _moment("returned", returned, zone),
    )


def _moment(column: str, text: str, zone: ZoneInfo, *, end_of_day: bool = False) -> float:
    try:
        if len(text) == len("2026-11-26"):
            at = datetime.combine(date.fromisoformat(text), time.max if end_of_day else time.min)
        else:
            at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        reason = f'{column} "{text}" is no time; write 2026-11-26 or 2026-11-26T08:30'
        raise ValueError(reason) from error
