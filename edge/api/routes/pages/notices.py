"""`/notices`: whether people are told of alerts, what could not be sent, and a test."""

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from edge.agent.storage.database import DatabaseError
from edge.api.access import AlertKeeper
from edge.api.forms import CheckedForm, page_with_form
from edge.api.words import notices as words
from edge.api.words.alerts import card
from edge.api.words.commanding import Told
from edge.api.words.times import moment
from edge.notify.desk import NoticeDesk, Standing
from edge.notify.sending import NoticeError

log = structlog.get_logger()
router = APIRouter()

AT_ONCE = 200  # open alerts among which the untold are looked for


@router.get("/notices")
async def notices_page(request: Request, viewer: AlertKeeper) -> HTMLResponse:
    """How they stand."""
    return await _shown(request)


@router.post("/notices")
async def act(request: Request, viewer: AlertKeeper, form: CheckedForm) -> HTMLResponse:
    """Send a test, or let what failed be sent once more."""
    desk: NoticeDesk = request.app.state.agent.notices
    log.info("notices", did=form["do"], by=viewer.account or viewer.by)
    if form["do"] == "again":
        try:
            return await _shown(request, words.tried_again(await desk.again()))
        except DatabaseError as error:
            raise _cannot(error) from error
    if form["do"] != "test":
        raise HTTPException(422, "do: test or again.")
    try:
        await desk.test()
    except NoticeError as error:
        return await _shown(request, words.not_sent(str(error)), status=502)
    return await _shown(request, words.test_sent(len((await _standing(desk)).targets)))


async def _shown(request: Request, told: Told | None = None, status: int = 200) -> HTMLResponse:
    app = request.app.state
    desk: NoticeDesk = app.agent.notices
    standing, school, now = await _standing(desk), app.agent.school, app.clock()
    says: dict[str, str] = {}
    if standing.untold:
        opened = await app.agent.queries.alerts(open_only=True, limit=AT_ONCE)
        says = {view.id: card(view, school, now).says for view in opened.items}
    last = standing.last_sent
    context: dict[str, object] = {
        "standing": standing,
        "says": says,
        "quiet": words.quiet_hours(desk.settings.quiet),
        "contact": desk.settings.contact,
        "last": None if last is None else moment(last, now, school.zone),
        "told": told,
    }
    return page_with_form(request, "notices.html", context, status=status)


async def _standing(desk: NoticeDesk) -> Standing:
    try:
        return await desk.standing()
    except DatabaseError as error:
        raise _cannot(error) from error


def _cannot(error: DatabaseError) -> HTTPException:
    return HTTPException(503, f"The database cannot be used now: {error}.")
