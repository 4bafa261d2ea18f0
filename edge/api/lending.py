"""Lending a device and taking it back, as a form says it, for the desk and a device's own page."""

import re
from datetime import date, datetime, time

from fastapi import Request

from edge.agent.shown.views import DeviceView
from edge.api.forms import Form
from edge.api.not_done import NotDone
from edge.api.words import desk as words
from edge.api.words.commanding import Told
from edge.custody.loans import CustodyError, Loan, Unknown

_PSEUDONYM = re.compile(r"cust_[0-9a-f]{8}")
_MOST_DIGITS = 15  # of a loan's number


def not_done(why: words.Why, status: int = 422, **named: str) -> NotDone:
    """What a person is told."""
    return NotDone(words.not_done(why, **named), status)


async def lend(request: Request, device: DeviceView, form: Form) -> Told:
    """Lend a device to the form's `holder` until the end of its `due`.

    Raises:
        NotDone: holder or date is missing or wrong, or the device is on loan.
        DatabaseError: nothing can be written now.
    """
    app = request.app.state
    school, now = app.agent.school, app.clock()
    holder = form["holder"].strip()
    if not holder:
        raise not_done("nobody")
    due = _end_of(form["due"], request)
    if due is not None and due <= now:
        raise not_done("over")
    known = _PSEUDONYM.fullmatch(holder) is not None
    to = {"holder": holder} if known else {"name": holder}
    try:
        loan: Loan = await app.agent.custody.lend(device.epc, due=due, **to)
    except Unknown as error:
        raise not_done("no holder", 404, holder=holder) from error
    except CustodyError as error:
        raise not_done("lent", 409, label=device.label) from error
    return Told(words.lent(device.label, loan, school, now))


async def take_back(request: Request, form: Form) -> Told:
    """Close the form's `loan`; raises `NotDone`, `DatabaseError`."""
    agent = request.app.state.agent
    number = form["loan"]
    if not (number.isascii() and number.isdecimal() and len(number) <= _MOST_DIGITS):
        raise not_done("no loan", 404)
    try:
        loan: Loan = await agent.custody.take_back(int(number))
    except CustodyError as error:
        raise not_done("no loan", 404) from error
    view: DeviceView | None = await agent.queries.device(loan.epc)
    return Told(words.back(view.label if view else loan.epc))


def _end_of(text: str, request: Request) -> float | None:
    """The end of a day that a form names, in school time; None where it names none."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
        return datetime.combine(day, time.max, request.app.state.agent.school.zone).timestamp()
    except (ValueError, OverflowError) as error:
        raise not_done("no date") from error
