"""Templates into pages and parts of pages; every text is escaped and goes through gettext."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from edge.api.access import Viewer, keeps_desk, keeps_gateways, manages, sees_loans, viewer_of
from edge.api.form_tokens import form_token_of
from edge.api.preferences import preferences
from edge.api.words import times
from edge.api.words.language import LANGUAGES, gettext, language, ngettext
from edge.api.words.places import room_name
from edge.contracts.school import School

_HERE = Path(__file__).parent


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    return environment


_templates = _environment()


def part(template: str, context: dict[str, Any]) -> str:
    """Render a part of a page."""
    return _templates.get_template(template).render(context)


def page(
    request: Request,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> HTMLResponse:
    """Render a whole page for the one who asks."""
    agent = request.app.state.agent
    school = agent.school
    shared = {
        "cannot_write": agent.cannot_write,
        "lang": language(),
        "liked": preferences(request),
        "languages": _languages(request),
        "school": school,
        "now": request.app.state.clock(),
        "kiosk": "kiosk" in request.query_params,
        "links": _links(viewer_of(request), school, accounts=request.app.state.door is not None),
        "account": viewer_of(request).account,
        "can_sign_in": viewer_of(request).can_sign_in,
        "form_token": form_token_of(request),
        "path": request.url.path,
        "age_words": times.age_words(),
        "quiet_words": times.quiet_words(),
        "beat_s": request.app.state.live.beat_s,
    }
    html = part(template, {**shared, **context})
    return HTMLResponse(html, status_code=status, headers=headers)


def _languages(request: Request) -> list[tuple[str, str, str]]:
    """Code, name and address of this page in each language."""
    query = {name: value for name, value in request.query_params.items() if name != "lang"}
    return [
        (code, name, f"?{urlencode({**query, 'lang': code})}") for code, name in LANGUAGES.items()
    ]


def _links(viewer: Viewer, school: School, *, accounts: bool) -> list[tuple[str, str]]:
    """Pages that exist, for those who may see them; a teacher's own rooms by name."""
    links = [("/", gettext("Carts"))]
    own = sorted(viewer.places.rooms & school.rooms.keys())
    links += [(f"/rooms/{room}", room_name(school, room)) for room in own]
    if viewer.role in keeps_desk.roles and school.desks:
        links.append(("/desk", gettext("Desk")))
    if viewer.role in sees_loans.roles:
        links.append(("/loans", gettext("Loans")))
    if viewer.sees_all:
        links.append(("/map", gettext("Map")))
        links.append(("/devices", gettext("Devices")))
        links.append(("/alerts", gettext("Alerts")))
        links.append(("/gateways", gettext("Gateways")))
    if viewer.role in keeps_gateways.roles:
        links.append(("/school", gettext("School file")))
    if viewer.role in manages.roles and accounts:
        links.append(("/accounts", gettext("Accounts")))
    return links
