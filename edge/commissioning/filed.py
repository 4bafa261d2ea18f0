"""Writes what a trial found into the school file's text: one line changed, or nothing. Pure.

The text is a person's, with notes in it, so only the one table on its line is replaced. Whether
that is all that changed is checked by reading both texts; where the file is laid out in another
way the answer is None, and a person changes it by hand.
"""

import json
import re
from collections.abc import Mapping

import msgspec

from edge.contracts.school import School
from edge.contracts.school_file import SchoolError, parse_school


def power_line(powers: Mapping[int, float]) -> str:
    """Return the line of `[gateways.ID]` that says these powers."""
    return f"power_dbm = {_table({n: f'{dbm:g}' for n, dbm in powers.items()})}"


def with_power(text: str, gateway: str, powers: Mapping[int, float]) -> str | None:
    """Return the text with these antennas of a gateway at these powers."""
    school = parse_school(text)
    named = school.gateways.get(gateway)
    if named is None or named.power_dbm is None:
        return None
    wanted = {**named.power_dbm, **powers}
    changed = _with_line(text, "gateways", gateway, "power_dbm", power_line(wanted))
    gateways = school.gateways | {gateway: msgspec.structs.replace(named, power_dbm=wanted)}
    return _if_it_says(changed, msgspec.structs.replace(school, gateways=gateways))


def with_sides(text: str, doorway: str, sides: Mapping[int, str]) -> str | None:
    """Return the text with these antennas of a doorway facing these rooms."""
    school = parse_school(text)
    named = school.doorways.get(doorway)
    if named is None or sides.keys() != named.antennas.keys():
        return None
    wanted = {antenna: sides[antenna] for antenna in named.antennas}
    quoted = {antenna: json.dumps(room) for antenna, room in wanted.items()}  # TOML's strings too
    line = f"antennas = {_table(quoted)}"
    changed = _with_line(text, "doorways", doorway, "antennas", line)
    doorways = school.doorways | {doorway: msgspec.structs.replace(named, antennas=wanted)}
    return _if_it_says(changed, msgspec.structs.replace(school, doorways=doorways))


def _if_it_says(text: str, wanted: School) -> str | None:
    try:
        return text if parse_school(text) == wanted else None
    except SchoolError:
        return None


def _with_line(text: str, table: str, name: str, key: str, line: str) -> str:
    header = re.compile(rf'\[\s*{table}\s*\.\s*"?{re.escape(name)}"?\s*\]')
    entry = re.compile(rf"{key}\s*=\s*\{{[^}}]*\}}")
    lines = text.splitlines(keepends=True)
    inside = False
    for number, old in enumerate(lines):
        if old.lstrip().startswith("["):
            inside = header.match(old.strip()) is not None
        elif inside and (found := entry.match(old.lstrip())):
            indent = old[: len(old) - len(old.lstrip())]
            lines[number] = f"{indent}{line}{old.lstrip()[found.end() :]}"
    return "".join(lines)


def _table(entries: Mapping[int, str]) -> str:
    return "{ " + ", ".join(f"{n} = {value}" for n, value in entries.items()) + " }"
