"""Read `school.toml` and refuse a bad one with all its errors at once, each with table and key."""

import tomllib
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from edge.contracts.bells import Bells, Day
from edge.contracts.devices import MAX_EPC_HEX, normal_epc
from edge.contracts.ids import id_problem
from edge.contracts.plain import plain
from edge.contracts.school import Cart, Desk, Doorway, Gateway, Region, Room, Rules, School
from edge.contracts.school_rules import cross_problems

T = TypeVar("T", bound=msgspec.Struct)

# Stands for a required value that was missing or wrong; `cross_problems` passes it over.
_NEUTRAL: dict[str, Any] = {
    "name": "",
    "site": "",
    "timezone": "",
    "between": ("", ""),
    "gateway": "",
    "antennas": {},
    "home": "",
    "room": "",
    "days": [],
    "lessons": [],
}


class SchoolError(ValueError):
    """A school file that is refused; `problems` are sentences, each with table and key."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = [plain(problem) for problem in problems]
        super().__init__("; ".join(self.problems))


class _Head(msgspec.Struct):
    name: Annotated[str, msgspec.Meta(min_length=1)]
    site: str
    timezone: str
    epc_prefixes: list[str] = []
    region: Region | None = None


class _RawBells(msgspec.Struct):
    days: list[Day]
    lessons: list[tuple[str, str]]
    closed: list[str] = []


def load_school(path: Path) -> School:
    """Read and check a school file.

    Raises:
        SchoolError: it cannot be read or is wrong; `problems` says all of it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SchoolError([f"cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        raise SchoolError(["not UTF-8 text"]) from error
    return parse_school(text)


def parse_school(text: str) -> School:
    """Check the text of a school file; see `load_school`."""
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number or a nesting without end
        raise SchoolError([f"not TOML: {error}"]) from error
    problems: list[str] = []
    tables = {name: raw.pop(name, {}) for name in ("rooms", "doorways", "carts", "desks")}
    gateways, simulator, bells = (raw.pop(n, None) for n in ("gateways", "simulator", "bells"))
    rules = raw.pop("rules", {})
    head = _struct(_Head, raw, "", problems)
    school = School(
        name=head.name,
        site=head.site,
        timezone=head.timezone,
        epc_prefixes=_prefixes(head.epc_prefixes, problems),
        region=head.region,
        bells=_bells(bells, problems),
        rules=_rules(rules, problems),
        rooms=_table(Room, "rooms", tables["rooms"], problems, _named),
        doorways=_table(Doorway, "doorways", tables["doorways"], problems, _named),
        carts=_table(Cart, "carts", tables["carts"], problems, _cart),
        desks=_table(Desk, "desks", tables["desks"], problems, _named),
        gateways=_table(Gateway, "gateways", gateways or {}, problems, _named),
        raw_simulator=_simulator(simulator, problems),
    )
    _check_head(head, problems)
    problems.extend(cross_problems(school))
    if problems:
        raise SchoolError(problems)
    return school


def _check_head(head: _Head, problems: list[str]) -> None:
    if head.site and (wrong := id_problem(head.site)):
        problems.append(f"site: {wrong}")
    try:
        ZoneInfo(head.timezone or "UTC")
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        problems.append(f'timezone: "{head.timezone}" is not known; write e.g. "America/Denver"')


def _prefixes(prefixes: list[str], problems: list[str]) -> tuple[str, ...]:
    good = []
    for prefix in prefixes:
        upper = prefix.upper()
        if not upper or len(upper) > MAX_EPC_HEX or set(upper) - set("0123456789ABCDEF"):
            problems.append(f'epc_prefixes: "{prefix}" is not hex')
        else:
            good.append(upper)
    return tuple(good)


def _bells(raw: Any, problems: list[str]) -> Bells | None:
    if raw is None:
        return None
    if not isinstance(raw, dict):
        problems.append("bells: must be a table")
        return None
    checked = _struct(_RawBells, raw, "bells", problems)
    lessons = []
    for start, end in checked.lessons:
        try:
            lesson = (time.fromisoformat(start), time.fromisoformat(end))
        except ValueError:
            problems.append(f'bells.lessons: "{start}" to "{end}" is not a time; write "08:00"')
            continue
        if lesson[0] >= lesson[1]:
            problems.append(f"bells.lessons: {start} to {end} ends before it begins")
        else:
            lessons.append(lesson)
    for day in checked.closed:
        try:
            date.fromisoformat(day)
        except ValueError:
            problems.append(f'bells.closed: "{day}" is not a date; write "2026-11-26"')
    return Bells(tuple(checked.days), tuple(sorted(lessons)), frozenset(checked.closed))


def _rules(raw: Any, problems: list[str]) -> Rules:
    if not isinstance(raw, dict):
        problems.append("rules: must be a table")
        return Rules()
    clock = raw.pop("back_by", None)
    rules = _struct(Rules, raw, "rules", problems)
    if clock is None:
        return rules
    try:
        return msgspec.structs.replace(rules, back_by=time.fromisoformat(clock))
    except (TypeError, ValueError):
        problems.append(f'rules.back_by: "{clock}" is not a time; write "08:30"')
        return rules


def _simulator(raw: Any, problems: list[str]) -> dict[str, Any]:
    if raw is None or isinstance(raw, dict):
        return raw or {}
    problems.append("simulator: must be a table")
    return {}


def _named(entry: dict[str, Any], key: str, where: str, problems: list[str]) -> None:
    entry.setdefault("name", key)


def _cart(entry: dict[str, Any], key: str, where: str, problems: list[str]) -> None:
    _named(entry, key, where, problems)
    epc = entry.get("epc")
    if isinstance(epc, str):
        normal = normal_epc(epc)
        if normal is None:
            problems.append(f'{where}.epc: "{epc}" is not hex of whole 16-bit words')
        entry["epc"] = normal


def _table(
    kind: type[T],
    name: str,
    raw: Any,
    problems: list[str],
    prepare: Callable[[dict[str, Any], str, str, list[str]], None],
) -> dict[str, T]:
    if not isinstance(raw, dict):
        problems.append(f"{name}: must be a table of tables, as in [{name}.some-id]")
        return {}
    good = {}
    for key, entry in raw.items():
        where = f"{name}.{key}"
        if wrong := id_problem(key):
            problems.append(f"{where}: {wrong}")
        if not isinstance(entry, dict):
            problems.append(f"{where}: must be a table")
            continue
        if "id" in entry:
            problems.append(f'{where}.id: unknown key "id"')
        entry = {**entry, "id": key}
        prepare(entry, key, where, problems)
        good[key] = _struct(kind, entry, where, problems)
    return good


def _struct(kind: type[T], raw: dict[str, Any], where: str, problems: list[str]) -> T:
    """Convert key by key, so that every wrong key is told and not the first alone.

    A wrong value is replaced by a neutral one (see `_NEUTRAL`), so that what must hold between
    the tables can still be checked and told in the same breath.
    """
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    values = {}
    for key in raw:
        if key not in fields:
            known = ", ".join(name for name in fields if name != "id")
            problems.append(f'{_at(where, key)}: unknown key "{key}"; known here: {known}')
    for name, field in fields.items():
        if name in raw:
            try:
                values[name] = msgspec.convert(raw[name], field.type, str_keys=True)
                if field.required and values[name] == "":
                    problems.append(f"{_at(where, name)}: must not be empty")
                continue
            except msgspec.ValidationError as error:
                problems.append(f"{_at(where, name)}: {error}")
        elif field.required:
            problems.append(f"{_at(where, name)}: missing")
        if field.required:
            values[name] = _NEUTRAL[name]
    return kind(**values)


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
