"""Which roles each route lets through: read from the routes themselves, told in the description."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute

from edge.accounts.roles import ALL, Role
from edge.api.access import Allowed
from edge.api.forms import FormCheck
from edge.api.problems import described

_SCHEMES = {
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
    "token": {"type": "http", "scheme": "bearer", "description": "rollcall user token"},
}


def guarded_routes(
    routes: Iterable[BaseRoute],
) -> Iterator[tuple[RouteContext, tuple[Role | None, ...]]]:
    """Yield each route with the roles it names; a route that names none has ()."""
    for context in iter_route_contexts(list(routes)):
        if isinstance(context.original_route, APIRoute):
            needs = _needs(context.dependant)
            found = [guard.roles for guard in needs if isinstance(guard, Allowed)]
            yield context, tuple(r for r in (None, *ALL) if found and all(r in f for f in found))


def refuse_unguarded(routes: Iterable[BaseRoute]) -> None:
    """Refuse to start with a route that names no role, or a page's form without a token.

    Raises:
        RuntimeError: a bug; names the route.
    """
    for context, roles in guarded_routes(routes):
        if not roles:
            raise RuntimeError(f"the route {context.path} names no role: see edge/api/access.py")
        changes = not (context.methods or set()) <= {"GET", "HEAD"}
        checked = any(isinstance(needed, FormCheck) for needed in _needs(context.dependant))
        if changes and not context.include_in_schema and not checked:
            raise RuntimeError(f"the form of {context.path} has no token: see edge/api/forms.py")


def _needs(dependant: Any) -> Iterator[object]:
    for needed in dependant.dependencies:
        yield needed.call
        yield from _needs(needed)


def describe_roles(openapi: dict[str, Any], routes: Iterable[BaseRoute]) -> None:
    """Name each operation's roles in an OpenAPI document (`x-roles`), and what others are told."""
    openapi["components"]["securitySchemes"] = _SCHEMES
    for context, roles in guarded_routes(routes):
        for method in context.methods or ():
            operation = openapi["paths"].get(context.path, {}).get(method.lower())
            if operation is None:  # a page
                continue
            operation["x-roles"] = [role.value for role in roles if role is not None]
            operation["security"] = [{"session": []}, {"token": []}]
            if Role.BOARD in roles:
                operation["security"].append({})
            if None not in roles:
                operation["responses"] |= {str(s): d for s, d in described(401, 403).items()}
