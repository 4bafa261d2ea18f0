"""Where in the text of a school file something is that is wrong. Pure: text and sentence in."""

import re

import msgspec

# A table's header and a key, as they stand at the beginning of a line. Parts may be quoted.
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\\]*"|'[^']*')"""
_PATH = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_PATH})\s*\]\]?")
_KEY = re.compile(rf"\s*({_PATH})\s*=")
_PARTS = re.compile(_PART)
_SAID_BY_TOML = re.compile(r"^not TOML: (.*?) \(at line (\d+), column (\d+)\)$")
_AT_ITS_END = re.compile(r"^not TOML: (.*?) \(at end of document\)$")


class Wrong(msgspec.Struct, frozen=True):
    """One thing that is wrong with a text; `line` counts from 1, None where no line has it."""

    line: int | None
    says: str


def wrongs(text: str, problems: list[str]) -> list[Wrong]:
    """Find the line of each of a `SchoolError`'s problems; in the order of the lines."""
    places = _places(text)
    found = [_wrong(text, problem, places) for problem in problems]
    return sorted(found, key=lambda one: one.line or 0)


def _wrong(text: str, problem: str, places: dict[tuple[str, ...], int]) -> Wrong:
    if said := _SAID_BY_TOML.match(problem):
        what, line, column = said.groups()
        return Wrong(int(line), f"not TOML from column {column} on: {what}")
    if said := _AT_ITS_END.match(problem):
        return Wrong(len(text.splitlines()) or None, f"not TOML: {said[1]}, at its end")
    path = _parts(problem.partition(": ")[0])
    while path and path not in places:
        path = path[:-1]
    return Wrong(places.get(path), problem)


def _places(text: str) -> dict[tuple[str, ...], int]:
    """Line of each table and key. What stands in an inline table is at the line of its key."""
    found: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            path = table
        elif key := _KEY.match(line):
            path = (*table, *_parts(key[1]))
        else:
            continue
        for end in range(1, len(path) + 1):  # [rooms.r1] is where [rooms] begins, too
            found.setdefault(path[:end], number)
    return found


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _PARTS.findall(path))
