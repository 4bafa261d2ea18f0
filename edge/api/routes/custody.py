"""`/api/v1/loans`, `/holders`, `/looks`: who has which device, by pseudonym; names logged."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from edge.accounts.roles import Role
from edge.agent.storage.database import DatabaseError
from edge.api.access import Allowed, Viewer, lends, sees_loans
from edge.api.models import Paged
from edge.api.problems import described
from edge.api.routes.paging import Limit, Offset
from edge.custody.loans import CustodyError, Unknown
from edge.custody.loans import Loan as LoanRecord
from edge.custody.store import Custody

router = APIRouter(prefix="/api/v1", tags=["custody"])

_sees_looks = Allowed(Role.AUDITOR, Role.ADMIN)
_REFUSED = described(404, 409, 503)

# Unix seconds of the years 2001 to 2100: what is beyond is milliseconds, or a slip.
Moment = Annotated[float, Field(ge=1e9, le=4.1e9, description="Unix seconds.")]
LoanNumber = Annotated[int, Path(ge=1, le=2**53)]  # what SQLite and JSON both count with
OpenOnly = Annotated[bool, Query(description="Leave out what came back.")]
OfDevice = Annotated[str | None, Query(max_length=200, description="EPC or asset tag.")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewLoan(_Request):
    """A device goes to a holder that is known, or to whoever has this name."""

    device: str = Field(max_length=200, description="EPC or asset tag.")
    holder: str | None = Field(None, max_length=64, description="A pseudonym.")
    name: str | None = Field(None, max_length=200, description="Kept apart; tells the holder.")
    taken: Moment | None = Field(None, description="Now unless given.")
    due: Moment | None = None


class Return(_Request):
    """A device came back."""

    returned: Moment | None = Field(None, description="Now unless given.")


class Reason(_Request):
    """Why a name is asked for."""

    reason: str = Field(min_length=5, max_length=500)


class Loan(BaseModel):
    """A loan; open while `returned` is null. `holder` is a pseudonym, null once forgotten."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    epc: str
    holder: str | None
    taken: float
    due: float | None
    returned: float | None


class Name(BaseModel):
    """A holder's name."""

    holder: str
    name: str


class Look(BaseModel):
    """Somebody was told a holder's name."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: float
    account: str
    holder: str
    reason: str


@router.get("/loans", dependencies=[Depends(sees_loans)], responses=_REFUSED)
async def list_loans(
    request: Request,
    open_only: OpenOnly = True,
    device: OfDevice = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> Paged[Loan]:
    """Loans, the newest first."""
    try:
        found, total = await _custody(request).loans(device, open_only, offset, limit)
    except (CustodyError, DatabaseError) as error:
        raise _refusal(error) from error
    items = [Loan.model_validate(loan) for loan in found]
    return Paged(items=items, total=total, offset=offset, limit=limit)


@router.post("/loans", status_code=201, dependencies=[Depends(lends)], responses=_REFUSED)
async def lend(new: NewLoan, request: Request) -> Loan:
    """Lend a device: until it is returned it may leave the building."""
    try:
        loan: LoanRecord = await _custody(request).lend(
            new.device, holder=new.holder, name=new.name, taken=new.taken, due=new.due
        )
    except (CustodyError, DatabaseError) as error:
        raise _refusal(error) from error
    return Loan.model_validate(loan)


@router.post("/loans/{loan}/return", dependencies=[Depends(lends)], responses=_REFUSED)
async def take_back(loan: LoanNumber, back: Return, request: Request) -> Loan:
    """Take a device back; asked again it changes nothing."""
    try:
        return Loan.model_validate(await _custody(request).take_back(loan, back.returned))
    except (CustodyError, DatabaseError) as error:
        raise _refusal(error) from error


@router.post("/holders/{holder}/name", responses=_REFUSED)
async def name_of(
    holder: str, why: Reason, request: Request, viewer: Annotated[Viewer, Depends(lends)]
) -> Name:
    """Tell who a holder is. Who asked and why is written down first, and cannot be taken out."""
    account = viewer.account or "this machine"
    try:
        name = await _custody(request).name_of(holder, account, why.reason)
    except (CustodyError, DatabaseError) as error:
        raise _refusal(error) from error
    return Name(holder=holder, name=name)


@router.get("/looks", dependencies=[Depends(_sees_looks)], responses=described(503))
async def list_looks(request: Request, offset: Offset = 0, limit: Limit = 50) -> list[Look]:
    """Who was told whose name and why, the newest first."""
    try:
        found = await _custody(request).looks(offset, limit)
    except DatabaseError as error:
        raise _refusal(error) from error
    return [Look.model_validate(look) for look in found]


def _custody(request: Request) -> Custody:
    custody: Custody = request.app.state.agent.custody
    return custody


def _refusal(error: Exception) -> HTTPException:
    if isinstance(error, Unknown):
        return HTTPException(404, _sentence(error))
    if isinstance(error, CustodyError):
        return HTTPException(409, _sentence(error))
    return HTTPException(503, "The database cannot be used now; try again in a minute.")


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
