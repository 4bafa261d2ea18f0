"""`/loans`: what is out, what should be back first; taken back here, and names for a reason."""

import csv
import io
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from edge.agent.storage.database import DatabaseError
from edge.api.access import Viewer, lends, sees_loans
from edge.api.forms import CheckedForm, Form, page_with_form
from edge.api.lending import take_back
from edge.api.not_done import NotDone
from edge.api.routes.pages.devices import AT_ONCE, Number
from edge.api.words import loans as words
from edge.api.words.commanding import Told
from edge.api.words.desk import not_done
from edge.custody.loans import CustodyError, Loan, Unknown
from edge.custody.loans_csv import COLUMNS

router = APIRouter()

LoanViewer = Annotated[Viewer, Depends(sees_loans)]


@router.get("/loans")
async def loans_page(request: Request, viewer: LoanViewer, number: Number = 1) -> HTMLResponse:
    """Open loans, those that should be back first."""
    return await _shown(request, viewer, number)


@router.post("/loans")
async def from_the_list(
    request: Request, viewer: Annotated[Viewer, Depends(lends)], form: CheckedForm
) -> HTMLResponse:
    """Take a device back, or tell a holder's name, which is written down first."""
    acts = {"take-back": _take_back, "name": _name}
    act = acts.get(form["do"])
    if act is None:
        raise HTTPException(422, f"do: one of {', '.join(acts)}.")
    try:
        told, status = await act(request, viewer, form), 200
    except NotDone as error:
        told, status = error.told, error.status
    except DatabaseError:
        told, status = not_done("no database"), 503
    return await _shown(request, viewer, told=told, status=status)


@router.get("/loans/open.csv", dependencies=[Depends(sees_loans)])
async def loans_csv(request: Request) -> Response:
    """All open loans as `rollcall import loans` takes them; pseudonyms, never names."""
    custody = request.app.state.agent.custody
    try:
        total = (await custody.due_loans(0, 0))[1]
        found, _ = await custody.due_loans(0, total)
    except DatabaseError as error:
        said = "The database cannot be used now; try again in a minute."
        raise HTTPException(503, said) from error
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(_line(loan) for loan in found)
    headers = {"content-disposition": 'attachment; filename="loans.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _line(loan: Loan) -> dict[str, str]:
    return {
        "epc": loan.epc,
        "holder": loan.holder or "",
        "taken": _iso(loan.taken),
        "due": "" if loan.due is None else _iso(loan.due),
    }


def _iso(t: float) -> str:
    return datetime.fromtimestamp(t, UTC).isoformat()


async def _take_back(request: Request, viewer: Viewer, form: Form) -> Told:
    return await take_back(request, form)


async def _name(request: Request, viewer: Viewer, form: Form) -> Told:
    account, holder = viewer.account or "this machine", form["holder"]
    try:
        name = await request.app.state.agent.custody.name_of(holder, account, form["reason"])
    except Unknown as error:
        raise NotDone(words.no_name(), 404) from error
    except CustodyError as error:
        raise NotDone(words.no_reason()) from error
    return words.named(holder, name)


async def _shown(
    request: Request,
    viewer: Viewer,
    number: int = 1,
    *,
    told: Told | None = None,
    status: int = 200,
) -> HTMLResponse:
    app = request.app.state
    school, now = app.agent.school, app.clock()
    found: list[Loan] = []
    total = overdue = 0
    try:
        found, total = await app.agent.custody.due_loans((number - 1) * AT_ONCE, AT_ONCE)
        overdue = await app.agent.custody.overdue(now)
    except DatabaseError:
        told, status = told or not_done("no database"), 503
    rows = []
    for loan in found:
        view = await app.agent.queries.device(loan.epc)
        rows.append(words.row(loan, view.label if view else loan.epc, school, now))
    context: dict[str, object] = {
        "rows": rows,
        "summary": words.summary(total, overdue),
        "lends": viewer.role in lends.roles,
        "linked": viewer.sees_all,
        "number": number,
        "last": max(1, -(-total // AT_ONCE)),
        "told": told,
    }
    return page_with_form(request, "loans.html", context, status=status)
