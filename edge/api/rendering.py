"""Templates into pages and parts of pages; every text is escaped and goes through gettext."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from edge.api.access import Viewer, viewer_of
from edge.api.wording import translations

LANGUAGE = "en"

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
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
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
    school = request.app.state.agent.school
    shared = {
        "lang": LANGUAGE,
        "school": school,
        "now": request.app.state.clock(),
        "kiosk": "kiosk" in request.query_params,
        "links": _links(viewer_of(request)),
        "path": request.url.path,
    }
    html = part(template, {**shared, **context})
    return HTMLResponse(html, status_code=status, headers=headers)


def _links(viewer: Viewer) -> list[tuple[str, str]]:
    """Pages that exist, for those who may see them."""
    links = [("/", translations.gettext("Carts"))]
    if viewer.sees_all:
        links.append(("/gateways", translations.gettext("Gateways")))
    return links
