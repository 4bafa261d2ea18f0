"""Ids of sites, gateways, rooms, doorways, carts and desks."""

import re

ID = re.compile(r"[a-z0-9-]{1,32}")
RESERVED = frozenset({"agent"})  # `rollcall/<site>/agent/status` is the agent's own topic


def id_problem(name: str) -> str | None:
    """Say why `name` cannot be an id, or None when it can."""
    if name in RESERVED:
        return f'"{name}" is reserved; choose another id'
    if not ID.fullmatch(name):
        return f'"{name}" is not an id: use 1 to 32 of a-z, 0-9 and "-"'
    return None
