"""The CSV that rooms come from, to be added to a school file."""

import csv
import io
import re
import unicodedata
from collections.abc import Collection
from typing import get_args

import msgspec

from edge.contracts.csv_lines import LineProblem
from edge.contracts.ids import id_problem
from edge.contracts.school import RoomKind

COLUMNS = ("name", "kind", "floor", "id")
USUAL = "classroom"


class NewRoom(msgspec.Struct, frozen=True):
    """A room of the list; without a floor it is on the ground floor (0)."""

    id: str
    kind: str
    name: str
    floor: int | None = None


class RoomsError(ValueError):
    """A file that is no list of rooms at all; its text says why."""


def parse_rooms(text: str, taken: Collection[str]) -> tuple[list[NewRoom], list[LineProblem]]:
    """Parse the CSV: rooms whose ids are not `taken`, and what is wrong with other lines.

    Raises:
        RoomsError: no CSV, or it has neither a column `name` nor `id`.
    """
    reader = csv.DictReader(io.StringIO(text), restkey="")
    try:
        reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
        if not {"name", "id"} & set(reader.fieldnames):
            raise RoomsError(f"no name column; a header of any of {', '.join(COLUMNS)} is needed")
        return _rooms(reader, taken)
    except csv.Error as error:
        raise RoomsError(f"line {reader.line_num}: {error}") from error


def _rooms(
    reader: "csv.DictReader[str]", taken: Collection[str]
) -> tuple[list[NewRoom], list[LineProblem]]:
    rooms: dict[str, NewRoom] = {}
    problems: list[LineProblem] = []
    unknown = [name for name in reader.fieldnames or () if name and name not in COLUMNS]
    if unknown:
        problems.append(LineProblem(1, f"columns ignored: {', '.join(unknown)}", refused=False))
    for row in reader:
        values = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if not any(values.values()):
            continue
        room = _room(values)
        if isinstance(room, str):
            problems.append(LineProblem(reader.line_num, room))
        elif room.id in rooms or room.id in taken:
            problems.append(LineProblem(reader.line_num, f'there is a room "{room.id}" already'))
        else:
            rooms[room.id] = room
    return list(rooms.values()), problems


def _room(values: dict[str, str]) -> NewRoom | str:
    """Return the room of a line, or what is wrong with it."""
    id_ = values["id"] or _id_of(values["name"])
    kind = values["kind"].lower() or USUAL
    if wrong := id_problem(id_):
        return wrong
    if kind not in get_args(RoomKind):
        return f'kind "{kind}" is not known; it is one of {", ".join(get_args(RoomKind))}'
    if not re.fullmatch(r"-?\d{1,3}|", values["floor"]):
        return f'floor "{values["floor"]}" is not a whole number'
    floor = int(values["floor"]) if values["floor"] else None
    return NewRoom(id_, kind, values["name"], floor)


def _id_of(name: str) -> str:
    """Make an id of a name: "Salón 101" is "salon-101"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:32].strip("-")
