"""Writes sections of a school file as a person would, to be added at the end of one. Pure."""

import json
import re
from collections.abc import Mapping, Sequence

from edge.contracts.school import Family

ONE_PORT = frozenset({"m100", "m100-aa"})  # modules with a single antenna port

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def doorway(
    id_: str, between: tuple[str, str], gateway: str, antennas: Mapping[int, str], name: str = ""
) -> str:
    """A doorway; `antennas` gives the room that each faces."""
    sides = ", ".join(f"{number} = {text(room)}" for number, room in sorted(antennas.items()))
    return _section(
        "doorways",
        id_,
        name=name,
        between=f"[{text(between[0])}, {text(between[1])}]",
        gateway=text(gateway),
        antennas=f"{{ {sides} }}",
    )


def cart(
    id_: str, home: str, gateway: str, antennas: Sequence[int], capacity: int, name: str = ""
) -> str:
    """A cart with its gateway."""
    return _section(
        "carts",
        id_,
        name=name,
        home=text(home),
        gateway=text(gateway),
        capacity=str(capacity),
        antennas=str(sorted(antennas)),
    )


def desk(id_: str, room: str, gateway: str, antennas: Sequence[int], name: str = "") -> str:
    """A desk's reader."""
    return _section(
        "desks",
        id_,
        name=name,
        room=text(room),
        gateway=text(gateway),
        antennas=str(sorted(antennas)),
    )


def gateway(id_: str, family: Family, antennas: Sequence[int]) -> str:
    """A gateway's modules: one for each antenna where they have one port, else one for all."""
    groups = [[one] for one in antennas] if family in ONE_PORT else [list(antennas)]
    readers = ", ".join(f"{{ family = {text(family)}, antennas = {group} }}" for group in groups)
    return _section("gateways", id_, readers=f"[{readers}]")


def room(id_: str, kind: str, name: str = "", floor: int | None = None) -> str:
    """A room."""
    on = "" if floor is None else str(floor)
    return _section("rooms", id_, name=name, kind=text(kind), floor=on)


def added(school_text: str, sections: Sequence[str]) -> str:
    """Return a school file's text with sections at its end, all else as it was."""
    return "\n".join([school_text.rstrip("\n") + "\n", *sections])


def text(value: str) -> str:
    """A TOML string."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _section(table: str, id_: str, *, name: str = "", **lines: str) -> str:
    key = id_ if _BARE.fullmatch(id_) else text(id_)
    named = {"name": text(name)} if name else {}
    said = [f"{word} = {value}" for word, value in (named | lines).items() if value]
    return "\n".join([f"[{table}.{key}]", *said, ""])
