"""`/school`: the school file shown, checked, changed, and every version of it."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import structlog
from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import HTMLResponse

from edge.agent.school.school_book import ChangedMeanwhile, NotWritable, SchoolBook, Version, digest
from edge.agent.storage.database import DatabaseError
from edge.api.access import FullViewer, GatewayKeeper, Viewer, keeps_gateways
from edge.api.forms import CheckedForm, CheckedText, CheckedUpload, page_with_form
from edge.api.routes.paging import MAX_OFFSET
from edge.api.words import importing
from edge.api.words import school as words
from edge.api.words.refusals import told as told_in_words
from edge.contracts import school_stanzas as stanzas
from edge.contracts.csv_lines import csv_text
from edge.contracts.rooms_csv import RoomsError, parse_rooms
from edge.contracts.school_file import SchoolError
from edge.contracts.school_lines import Wrong, wrongs

log = structlog.get_logger()

router = APIRouter()

AT_ONCE = 20  # versions
LONGEST = 600_000  # characters: twice a district's file

Number = Annotated[int, Query(ge=1, le=MAX_OFFSET // AT_ONCE, description="Which page.")]
Pos = Annotated[int, Path(ge=1, le=2**62)]


@router.get("/school")
async def school_page(request: Request, viewer: FullViewer, number: Number = 1) -> HTMLResponse:
    """The file as it is, with the form for those who keep gateways, and its history."""
    return await show_school(request, viewer, number=number)


@router.post("/school")
async def change_school(request: Request, viewer: GatewayKeeper, form: CheckedText) -> HTMLResponse:
    """Check a text, or save it; whatever comes of it, the text is there again."""
    text = form["text"].replace("\r\n", "\n")
    if len(text) > LONGEST:
        return await show_school(request, viewer, alarm=words.too_long(), status=413)
    if form["do"] != "save":
        return await show_school(request, viewer, text=text, told=words.nothing_wrong())
    return await _saved(request, viewer, text, form["shown"])


@router.post("/school/rooms")
async def add_rooms(request: Request, viewer: GatewayKeeper, form: CheckedUpload) -> HTMLResponse:
    """Show what a CSV of rooms would add to the file; nothing is saved yet."""
    book: SchoolBook = request.app.state.agent.school_book
    content = await form.file("list")
    if not content or len(content) > LONGEST:
        alarm = words.too_long() if content else importing.no_file()
        return await show_school(request, viewer, alarm=alarm, status=422)
    try:
        rooms, problems = parse_rooms(csv_text(content), request.app.state.agent.school.rooms)
        text = book.text()
    except (RoomsError, UnicodeDecodeError) as error:
        reason = str(error) if isinstance(error, RoomsError) else "not UTF-8 text"
        alarm = importing.not_a_list(reason)
        return await show_school(request, viewer, alarm=alarm, status=422)
    except SchoolError as error:
        raise HTTPException(503, f"The school file cannot be read: {error}.") from error
    sections = [stanzas.room(room.id, room.kind, room.name, room.floor) for room in rooms]
    return await show_school(
        request,
        viewer,
        text=stanzas.added(text, sections) if sections else text,
        told=words.rooms_added(len(rooms)),
        left_out=[importing.line(problem) for problem in problems],
    )


@router.get("/school/versions/{pos}")
async def version_page(pos: Pos, request: Request, viewer: FullViewer) -> HTMLResponse:
    """What a version changed, and all of it."""
    app = request.app.state
    version, before = await _version(request, pos)
    earlier = version.text if before is None else before.text
    context: dict[str, object] = {
        "entry": words.entry(version, app.agent.school, app.clock()),
        "first": before is None,
        "changes": await asyncio.to_thread(words.changes, earlier, version.text),
        "lines": version.text.splitlines(),
        "wrong": {},
        "in_force": app.agent.school_book.is_in_force(version.text),
        "shown": digest(_on_disk(app.agent.school_book)[1]),
        "keeper": viewer.role in keeps_gateways.roles,
    }
    return page_with_form(request, "school_version.html", context)


@router.post("/school/versions/{pos}")
async def bring_back(
    pos: Pos, request: Request, viewer: GatewayKeeper, form: CheckedForm
) -> HTMLResponse:
    """Put a version in force again; it is checked like any other text."""
    version, _before = await _version(request, pos)
    return await _saved(request, viewer, version.text, form["shown"])


async def show_school(
    request: Request,
    viewer: Viewer,
    *,
    text: str | None = None,
    told: str = "",
    alarm: str = "",
    left_out: Sequence[str] = (),
    number: int = 1,
    status: int = 200,
) -> HTMLResponse:
    """Show the page with this `text` in its form; without one, with the file's."""
    app = request.app.state
    book: SchoolBook = app.agent.school_book
    unreadable, now_there = _on_disk(book)
    asked, text = text is not None, now_there if text is None else text
    wrong = unreadable or await asyncio.to_thread(_wrong, book, text)
    versions = await book.versions((number - 1) * AT_ONCE, AT_ONCE)
    school = app.agent.school
    context: dict[str, object] = {
        "path_of_file": book.path,
        "counts": words.counts(school),
        "told": "" if wrong else told,
        "alarm": alarm or (words.wrong(len(wrong)) if wrong else ""),
        "wrongs": wrong,
        "left_out": left_out,
        "wrong": {one.line: one for one in wrong},
        "text": text,
        "lines": text.splitlines(),
        "changes": await asyncio.to_thread(words.changes, now_there, text) if asked else [],
        "not_read_yet": not asked and not wrong and not book.is_in_force(text),
        "shown": digest(now_there),
        "history": [words.entry(version, school, app.clock()) for version in versions.items],
        "number": number,
        "last": max(1, -(-versions.total // AT_ONCE)),
        "keeper": viewer.role in keeps_gateways.roles,
        "locked": "" if book.replaceable else words.cannot_be_saved(book.path),
    }
    return page_with_form(request, "school.html", context, status=status)


async def _saved(request: Request, viewer: Viewer, text: str, shown: str) -> HTMLResponse:
    """Save, and show the page with what came of it."""
    book: SchoolBook = request.app.state.agent.school_book
    same = digest(text) == shown and book.is_in_force(text)
    try:
        await book.save(text, shown, viewer.account)
    except SchoolError:
        return await show_school(request, viewer, text=text, status=422)
    except ChangedMeanwhile:
        alarm = words.changed_meanwhile()
        return await show_school(request, viewer, text=text, alarm=alarm, status=409)
    except NotWritable as error:
        alarm = words.not_writable(book.path, str(error))
        return await show_school(request, viewer, text=text, alarm=alarm, status=503)
    except DatabaseError as error:
        raise HTTPException(503, f"It was not saved: {error}.") from error
    log.info("school file saved from the page", by=viewer.account or viewer.by)
    return await show_school(request, viewer, told=words.unchanged() if same else words.saved())


async def _version(request: Request, pos: int) -> tuple[Version, Version | None]:
    found: tuple[Version, Version | None] | None
    found = await request.app.state.agent.school_book.version(pos)
    if found is None:
        raise HTTPException(404, "There is no such version of the school file.")
    return found


def _on_disk(book: SchoolBook) -> tuple[list[Wrong], str]:
    try:
        return [], book.text()
    except SchoolError as error:
        return [Wrong(None, told_in_words(problem)) for problem in error.problems], ""


def _wrong(book: SchoolBook, text: str) -> list[Wrong]:
    try:
        book.checked(text)
    except SchoolError as error:
        found = wrongs(text, error.problems)
        return [Wrong(one.line, told_in_words(one.says)) for one in found]
    return []
