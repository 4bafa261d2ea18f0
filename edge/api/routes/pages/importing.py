"""`/devices/import`: a CSV of devices, shown with what it would change, then taken in."""

import asyncio

import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from edge.agent.storage.database import DatabaseError
from edge.agent.tags.device_changes import compare, unknown
from edge.api.access import DeskKeeper, Viewer
from edge.api.forms import CheckedForm, CheckedUpload, page_with_form
from edge.api.words import importing as words
from edge.contracts.devices import COLUMNS, DevicesError, devices_in

log = structlog.get_logger()

router = APIRouter()


@router.get("/devices/import")
async def import_page(request: Request, viewer: DeskKeeper) -> HTMLResponse:
    """Ask for the file."""
    return _asked(request)


@router.post("/devices/import")
async def look_at_list(request: Request, viewer: DeskKeeper, form: CheckedUpload) -> HTMLResponse:
    """Show what a file would change; nothing is taken in yet."""
    app = request.app.state
    content = await form.file("list")
    if not content:
        return _asked(request, wrong=words.no_file(), status=422)
    try:
        listed, problems = await asyncio.to_thread(devices_in, content)
    except DevicesError as error:
        return _asked(request, wrong=words.not_a_list(str(error)), status=422)
    changes = compare(await app.agent.queries.records(), listed)
    said = words.preview(changes, unknown(app.agent.school, listed), problems)
    key = app.pending.keep(viewer.account, [*changes.added, *changes.changed])
    return page_with_form(request, "import_preview.html", {"preview": said, "key": key})


@router.post("/devices/import/take")
async def take_list(request: Request, viewer: DeskKeeper, form: CheckedForm) -> HTMLResponse:
    """Take in what was shown."""
    app = request.app.state
    devices = app.pending.take(form["key"], viewer.account)
    if devices is None:
        return _asked(request, wrong=words.forgotten(), status=410)
    try:
        await app.agent.keep_records(devices)
    except DatabaseError as error:
        raise HTTPException(503, f"Nothing was taken in: {error}.") from error
    log.info("devices imported from the page", devices=len(devices), by=_who(viewer))
    return _asked(request, done=words.taken(len(devices)))


def _who(viewer: Viewer) -> str:
    return viewer.account or viewer.by


def _asked(request: Request, *, wrong: str = "", done: str = "", status: int = 200) -> HTMLResponse:
    context: dict[str, object] = {"wrong": wrong, "done": done, "columns": COLUMNS}
    return page_with_form(request, "import.html", context, status=status)
