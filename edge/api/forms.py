"""Forms that change something: each carries a token that only a page of ours can know (CSRF).

The token is worked out of a secret of the browser's own: its session, or before that a cookie made
for the purpose. A page from elsewhere can send the cookie along, but not read it.
"""

import hmac
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from edge.api.cookies import FORM, set_cookie
from edge.api.form_tokens import browsers_secret, form_token, new_secret
from edge.api.rendering import page

FIELD = "form_token"
FIELDS = 200  # in a form: boxes that are ticked, each room's of a school
LARGEST = 20_000  # bytes of a form: names and words
LARGEST_TEXT = 2_000_000  # of one that brings a whole file's text
LARGEST_FILE = 8_000_000  # of one with a file: 40,000 devices take some 4 MB


class Form:
    """What a checked form holds, as text; "" for a field that is not there."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def __getitem__(self, name: str) -> str:
        value = self._data.get(name, "")
        return "" if isinstance(value, UploadFile) else value

    async def file(self, name: str) -> bytes:
        """What a file holds that came with it; b"" where none did."""
        value = self._data.get(name)
        return await value.read() if isinstance(value, UploadFile) else b""

    def all(self, name: str) -> list[str]:
        """Every value of a field that may be there more than once, as of boxes that are ticked."""
        return [value for value in self._data.getlist(name) if not isinstance(value, UploadFile)]


class FormCheck:
    """Reads a form that came from a page of ours; a FastAPI dependency."""

    def __init__(self, largest: int, files: int = 0) -> None:
        self._largest = largest
        self._files = files

    async def __call__(self, request: Request) -> Form:
        """Return what it holds.

        Raises:
            HTTPException: 403 where its token is missing or another browser's, 413 for a large one.
        """
        declared = request.headers.get("content-length", "")
        if not declared.isdigit() or int(declared) > self._largest:
            said = f"A form here has at most {self._largest} bytes, and says how many."
            raise HTTPException(413, said)
        most = self._largest
        form = Form(
            await request.form(max_files=self._files, max_fields=FIELDS, max_part_size=most)
        )
        secret = browsers_secret(request)
        token = form[FIELD].encode()
        if secret is None or not hmac.compare_digest(token, form_token(secret).encode()):
            said = "This form is too old. Go back, reload the page, and try again."
            raise HTTPException(403, said)
        return form


checked_form = FormCheck(LARGEST)
checked_text = FormCheck(LARGEST_TEXT)
checked_upload = FormCheck(LARGEST_FILE, files=1)

CheckedForm = Annotated[Form, Depends(checked_form)]
CheckedText = Annotated[Form, Depends(checked_text)]
CheckedUpload = Annotated[Form, Depends(checked_upload)]


def page_with_form(
    request: Request,
    template: str,
    context: dict[str, object],
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> HTMLResponse:
    """Render a page with a form on it, for whoever asks."""
    secret = browsers_secret(request)
    known, secret = secret is not None, secret or new_secret()
    shown = {**context, FIELD: form_token(secret)}
    response = page(request, template, shown, status=status, headers=headers)
    if not known:
        set_cookie(response, request, FORM, secret)
    return response
