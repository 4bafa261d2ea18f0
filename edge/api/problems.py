"""Errors as problem details (RFC 9457): one shape for every error, `application/problem+json`.

A browser that asks for a page gets the same words as a page.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from edge.api.headers import SECURITY_HEADERS
from edge.api.rendering import page

MEDIA_TYPE = "application/problem+json"


class WrongInput(BaseModel):
    """One thing wrong with a request."""

    where: str = Field(examples=["query.limit"])
    what: str = Field(examples=["Input should be less than or equal to 200"])


class Problem(BaseModel):
    """RFC 9457 problem details; `errors` is there when the request itself was wrong."""

    type: str = "about:blank"
    title: str = Field(examples=["Not Found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=['There is no cart "c9".'])
    instance: str = Field(examples=["/api/v1/carts/c9"])
    errors: list[WrongInput] | None = None


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe these statuses as problems, for a route's `responses`."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {s: {"description": HTTPStatus(s).phrase, "content": content} for s in statuses}


def install(app: FastAPI) -> None:
    """Answer every error of the app as a problem."""
    app.exception_handler(HTTPException)(_on_http)
    app.exception_handler(RequestValidationError)(_on_wrong_request)
    app.exception_handler(Exception)(_on_bug)


def describe(openapi: dict[str, Any]) -> None:
    """Put the shape of a problem into an OpenAPI document, also where FastAPI put its own."""
    schemas = openapi["components"]["schemas"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"))
    schemas["Problem"] = problem
    for path in openapi["paths"].values():
        for operation in path.values():
            if "422" in operation["responses"]:
                operation["responses"]["422"] = described(422)[422]
            if "requestBody" in operation:
                operation["responses"]["400"] = described(400)[400]  # a body that is no text


async def _on_http(request: Request, error: HTTPException) -> Response:
    detail = error.detail
    if detail == HTTPStatus(error.status_code).phrase:  # raised by the router, without words
        detail = _STANDARD_DETAILS.get(error.status_code, detail + ".")
    headers = dict(error.headers) if error.headers else None
    if error.status_code == 401 and request.method == "GET" and _wants_page(request):
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?{urlencode({'next': asked})}", 303)
    return _answer(request, error.status_code, detail, headers=headers)


async def _on_wrong_request(request: Request, error: RequestValidationError) -> Response:
    wrong = [
        WrongInput(where=".".join(str(part) for part in one["loc"]), what=one["msg"])
        for one in error.errors()
    ]
    detail = "; ".join(f"{one.where}: {one.what}" for one in wrong) + "."
    return _answer(request, 422, detail, errors=wrong)


async def _on_bug(request: Request, error: Exception) -> Response:
    # The server logs it with its traceback; the answer says nothing of our insides. This answer
    # is made outside of the middleware, so it brings its own security headers.
    detail = "Something went wrong here; it has been logged."
    return _answer(request, 500, detail, headers=dict(SECURITY_HEADERS))


_STANDARD_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address does not take that method.",
}


def _answer(
    request: Request,
    status: int,
    detail: str,
    *,
    errors: list[WrongInput] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        instance=request.url.path,
        errors=errors,
    )
    if _wants_page(request):
        return page(request, "problem.html", {"problem": problem}, status=status, headers=headers)
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def _wants_page(request: Request) -> bool:
    accepts = request.headers.get("accept", "")
    return "text/html" in accepts and not request.url.path.startswith("/api/")
