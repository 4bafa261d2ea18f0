"""`/preferences`: language, colours and size of the text, for this browser."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from edge.api import preferences
from edge.api.access import PublicViewer
from edge.api.forms import CheckedForm, page_with_form
from edge.api.words.language import LANGUAGES

router = APIRouter()


@router.get("/preferences")
async def preferences_page(request: Request, viewer: PublicViewer) -> HTMLResponse:
    """Show what is chosen."""
    context: dict[str, object] = {
        "chosen": preferences.preferences(request),
        "language_names": LANGUAGES,
        "kept": "kept" in request.query_params,
        "with_sound": viewer.sees_all,
    }
    return page_with_form(request, "preferences.html", context)


@router.post("/preferences")
async def prefer(request: Request, viewer: PublicViewer, form: CheckedForm) -> Response:
    """Keep what was chosen, and show the page as it is from now on."""
    chosen = preferences.chosen(form["language"], form["colours"], form["text"])
    response = RedirectResponse("/preferences?kept", 303)
    preferences.keep(response.headers, chosen)
    return response
