"""Loans and their holders in SQLite; the caller's transaction.

Each loan, and each change of one, also leaves a row for the journal (`inbox`), so that the engine
knows who may leave the building: the row names the device and times, never the holder.
"""

import json
import secrets
import sqlite3
from collections.abc import Collection

import msgspec

from edge.contracts.devices import normal_epc
from edge.contracts.readlog import LoanRow, encode_row

LONGEST_NAME = 200


class CustodyError(ValueError):
    """What was asked cannot be done; the text is one sentence that says why."""


class Unknown(CustodyError):
    """There is no such device, holder or loan."""


class Loan(msgspec.Struct, frozen=True):
    """A device's loan; times Unix seconds. `holder` is None once its time of keeping is over."""

    id: int
    epc: str
    holder: str | None
    taken: float
    due: float | None
    returned: float | None


_LOAN = "SELECT id, epc, holder, taken, due, returned FROM loans"


def device_of(connection: sqlite3.Connection, device: str) -> str:
    """The EPC of a device that is named by its EPC or its asset tag; raises `Unknown`."""
    query = "SELECT epc FROM devices WHERE epc = ? OR asset_tag = ? COLLATE NOCASE"
    found = connection.execute(query, (normal_epc(device), device.strip())).fetchall()
    if len(found) == 1:
        return str(found[0][0])
    if found:
        raise CustodyError(f'{len(found)} devices have the asset tag "{device}"; name the EPC')
    raise Unknown(f'no device has the EPC or asset tag "{device}"')


def holder_named(connection: sqlite3.Connection, name: str, now: float) -> str:
    """The pseudonym of the holder with this name, made where there is none."""
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME:
        raise CustodyError(f"a name has 1 to {LONGEST_NAME} characters")
    for holder, known in connection.execute("SELECT holder, name FROM holder_names"):
        if known.casefold() == clean.casefold():
            return str(holder)
    holder = f"cust_{secrets.token_hex(4)}"
    connection.execute("INSERT INTO holders VALUES (?,?)", (holder, now))
    connection.execute("INSERT INTO holder_names VALUES (?,?)", (holder, clean))
    return holder


def name_of(connection: sqlite3.Connection, holder: str) -> str:
    """A holder's name; raises `Unknown`. Write a look before you tell it."""
    query = "SELECT name FROM holder_names WHERE holder = ?"
    row = connection.execute(query, (holder,)).fetchone()
    if row is None:
        raise Unknown(f'there is no holder "{holder}", or the name is no longer kept')
    return str(row[0])


def lend(
    connection: sqlite3.Connection,
    epc: str,
    holder: str,
    taken: float,
    due: float | None,
    now: float,
) -> Loan:
    """Open a loan.

    Raises:
        CustodyError: the device is on loan already, or due before it is taken.
        Unknown: there is no such holder.
    """
    if due is not None and due <= taken:
        raise CustodyError("it is due before it is taken")
    if not connection.execute("SELECT 1 FROM holders WHERE id = ?", (holder,)).fetchone():
        raise Unknown(f'there is no holder "{holder}"')
    open_now = f"{_LOAN} WHERE epc = ? AND (returned IS NULL OR taken = ?)"
    if connection.execute(open_now, (epc, taken)).fetchone():
        raise CustodyError(f"device {epc} is on loan already; take it back first")
    cursor = connection.execute(
        "INSERT INTO loans (epc, holder, taken, due) VALUES (?,?,?,?)", (epc, holder, taken, due)
    )
    loan = Loan(int(cursor.lastrowid or 0), epc, holder, taken, due, None)
    _tell(connection, loan, now)
    return loan


def take_back(connection: sqlite3.Connection, number: int, returned: float, now: float) -> Loan:
    """Close a loan; one that was closed before stays as it is.

    Raises:
        Unknown: there is no such loan.
        CustodyError: it came back before it went.
    """
    row = connection.execute(f"{_LOAN} WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise Unknown(f"there is no loan {number}")
    loan = Loan(*row)
    if loan.returned is not None:
        return loan
    if returned < loan.taken:
        raise CustodyError("it came back before it was taken")
    closed = msgspec.structs.replace(loan, returned=returned)
    connection.execute("UPDATE loans SET returned = ? WHERE id = ?", (returned, number))
    _tell(connection, closed, now)
    return closed


def find_loan(connection: sqlite3.Connection, epc: str, taken: float) -> Loan | None:
    """The loan of a device that began at a time."""
    row = connection.execute(f"{_LOAN} WHERE epc = ? AND taken = ?", (epc, taken)).fetchone()
    return None if row is None else Loan(*row)


def open_loans(connection: sqlite3.Connection, epcs: Collection[str]) -> dict[str, Loan]:
    """The open loans of these devices, by EPC."""
    query = f"{_LOAN} WHERE returned IS NULL AND epc IN (SELECT value FROM json_each(?))"
    found = [Loan(*row) for row in connection.execute(query, (json.dumps(list(epcs)),))]
    return {loan.epc: loan for loan in found}


def due_loans(connection: sqlite3.Connection, offset: int, limit: int) -> tuple[list[Loan], int]:
    """Open loans, the one due first first and those without a date last, and how many there are."""
    order = "ORDER BY due IS NULL, due, taken, id LIMIT ? OFFSET ?"
    found = connection.execute(f"{_LOAN} WHERE returned IS NULL {order}", (limit, offset))
    loans = [Loan(*row) for row in found]
    count = "SELECT count(*) FROM loans WHERE returned IS NULL"
    (total,) = connection.execute(count).fetchone()
    return loans, total


def overdue(connection: sqlite3.Connection, now: float) -> int:
    """How many devices should be back."""
    query = "SELECT count(*) FROM loans WHERE returned IS NULL AND due < ?"
    (count,) = connection.execute(query, (now,)).fetchone()
    return int(count)


def list_loans(
    connection: sqlite3.Connection, epc: str | None, open_only: bool, offset: int, limit: int
) -> tuple[list[Loan], int]:
    """Loans, the newest first, and how many there are."""
    where = " WHERE (?1 IS NULL OR epc = ?1) AND (NOT ?2 OR returned IS NULL)"
    query = f"{_LOAN}{where} ORDER BY taken DESC, id DESC LIMIT ?3 OFFSET ?4"
    found = [Loan(*row) for row in connection.execute(query, (epc, open_only, limit, offset))]
    count = f"SELECT count(*) FROM loans{where}"
    (total,) = connection.execute(count, (epc, open_only)).fetchone()
    return found, total


def _tell(connection: sqlite3.Connection, loan: Loan, now: float) -> None:
    row = LoanRow(rx=now, epc=loan.epc, start=loan.taken, due=loan.due, ended=loan.returned)
    connection.execute("INSERT INTO inbox (body) VALUES (?)", (encode_row(row),))
