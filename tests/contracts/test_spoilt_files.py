"""Files that a school writes: however spoilt, they are taken, or refused in plain sentences."""

import json
import random
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge.agent.link.publisher import config_payloads
from edge.contracts.devices import DevicesError, read_devices
from edge.contracts.school_file import SchoolError, load_school
from edge.contracts.settings import SettingsError, load_settings
from edge.custody.loans_csv import NoLoans, parse_loans
from tests.support.counts import count, seeded
from tests.support.mutations import DEEP, change_value, mutated_bytes

FILES = count(200, 8_000)  # of each kind
LINCOLN = tomllib.loads(Path(__file__).with_name("lincoln.toml").read_text())
SETTINGS: dict[str, Any] = {
    "school": "school.toml",
    "devices": "devices.csv",
    "data": "data",
    "mqtt": {"url": "mqtts://rollcall.local:8883", "ca": "ca.crt", "username": "agent"},
    "http": {"host": "0.0.0.0", "port": 80, "public_url": "https://rollcall.school.example"},
    "notify": {"addresses": "urls", "quiet": ["18:00", "06:30"], "contact": "front office"},
    "retention": {"reads_days": 14},
    "backup": {"every_hours": 24},
    "single_sign_on": {
        "provider": "https://accounts.school.example",
        "client_id": "rollcall",
        "client_secret_file": "secret",
        "domain": "school.example",
    },
}
DEVICES = [
    ["epc", "asset_tag", "serial", "number", "cart", "colour"],
    ["3414257BF400000000000001", "LIN-0001", "5CD1", "1", "c3", "blue"],
    ["3414257BF400000000000002", "LIN-0002", "", "2", "c3", ""],
]
LOANS = [
    ["asset_tag", "name", "taken", "due", "returned"],
    ["LIN-0001", "Somebody of Grade 5", "2026-11-02", "2026-11-27", ""],
    ["LIN-0002", "Somebody of Grade 6", "2026-11-02T08:30", "", "2026-11-03T15:00:00+01:00"],
]
CELLS = ["", " ", '"', "\x00", "\ud7ff", "0" * 200, "-1", "2026-13-01", "9999-12-31", "0001-01-01"]


def as_toml(value: Any) -> str:
    """A value as TOML writes it; what TOML cannot write it refuses itself."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {as_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(as_toml(each) for each in value) + "]"
    if value == DEEP:
        return "[" * 3000 + "]" * 3000
    return str(value) if isinstance(value, float) else json.dumps(value)


def spoilt_toml(rng: random.Random, good: dict[str, Any]) -> bytes:
    tables = json.loads(json.dumps(good, default=str))
    for _ in range(rng.randrange(4)):
        change_value(rng, tables)
    lines = [f"{json.dumps(key)} = {as_toml(value)}" for key, value in tables.items()]
    return mutated_bytes(rng, "\n".join(lines).encode())


def spoilt_csv(rng: random.Random, good: list[list[str]]) -> bytes:
    table = [list(row) for row in good]
    for _ in range(rng.randrange(4)):
        row = rng.choice(table)
        if row:
            row[rng.randrange(len(row))] = rng.choice(CELLS)
            if rng.random() < 0.3:
                del row[rng.randrange(len(row))]
    return mutated_bytes(rng, "\r\n".join(",".join(row) for row in table).encode())


def take_school(file: Path) -> None:
    school = load_school(file)
    config_payloads(school)
    assert school.zone and school.places is not None


def take_settings(file: Path) -> None:
    assert load_settings(file).http.serves_tls in (True, False)


def take_devices(file: Path) -> None:
    devices, problems = read_devices(file)
    assert all(len(device.epc) % 4 == 0 and device.label for device in devices)
    assert_plain([str(problem) for problem in problems])


def take_loans(file: Path) -> None:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise NoLoans("not UTF-8 text") from error  # as the command says
    loans, problems = parse_loans(text, ZoneInfo("America/Denver"))
    assert all(loan.device and (loan.holder or loan.name) for loan in loans)
    assert_plain([str(problem) for problem in problems])


KINDS: dict[str, tuple[Callable[[random.Random], bytes], Callable[[Path], None]]] = {
    "school": (lambda rng: spoilt_toml(rng, LINCOLN), take_school),
    "settings": (lambda rng: spoilt_toml(rng, SETTINGS), take_settings),
    "devices": (lambda rng: spoilt_csv(rng, DEVICES), take_devices),
    "loans": (lambda rng: spoilt_csv(rng, LOANS), take_loans),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_spoilt_file_is_taken_or_refused_in_plain_sentences(kind: str, tmp_path: Path) -> None:
    rng = seeded("spoilt", kind)
    spoil, take = KINDS[kind]
    file = tmp_path / kind
    taken = refused = 0
    for _ in range(FILES):
        file.write_bytes(spoil(rng))
        try:
            take(file)
            taken += 1
        except (SchoolError, SettingsError) as error:
            assert_plain(error.problems)
            refused += 1
        except (DevicesError, NoLoans) as error:
            assert_plain([str(error)])
            refused += 1
    assert taken > FILES / 20 and refused > FILES / 20


def assert_plain(sentences: list[str]) -> None:
    """They say something, each in one line of a length that somebody reads."""
    for sentence in sentences:
        assert sentence.strip() and sentence.isprintable() and len(sentence) < 500, sentence
