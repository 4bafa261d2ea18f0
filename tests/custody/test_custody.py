"""Holders and loans: by API and CSV, into the journal, with the holder left out."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from edge.accounts.roles import Role
from edge.agent.storage.database import FILE_NAME, prepare
from edge.api.access import MACHINE
from edge.api.app import create_app
from edge.custody.store import Custody
from tests.agent.schools import TEXT
from tests.api.fake_agent import FakeAgent
from tests.api.who import a_viewer, always

NOW = 1_763_995_320.0
DAY = 86_400
PERSON = "Somebody of Grade 5"
EPC = "3414257BF4000000000000"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "data" / FILE_NAME
    prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        for number in range(1, 6):
            row = (f"{EPC}{number:02X}", 1, f"LIN-{number:04}", str(number))
            query = "INSERT INTO devices (epc, recorded, asset_tag, number) VALUES (?,?,?,?)"
            connection.execute(query, row)
        connection.commit()
    return path


@pytest.fixture
def app(database: Path) -> FastAPI:
    agent = FakeAgent()
    agent.custody = Custody(database, lambda: NOW)
    return create_app(agent, who=always(a_viewer(Role.ADMIN)))


def ask(app: FastAPI, method: str, path: str, body: Any = None) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://rollcall") as http:
            return await http.request(method, f"/api/v1{path}", json=body)

    return asyncio.run(send())


def inbox(database: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(database)) as connection:
        return [json.loads(body) for (body,) in connection.execute("SELECT body FROM inbox")]


def test_a_loan_and_its_return_reach_the_journal_without_the_holder(
    app: FastAPI, database: Path
) -> None:
    lent = ask(app, "POST", "/loans", {"device": "lin-0001", "name": PERSON, "due": NOW + DAY})
    assert lent.status_code == 201, lent.text
    loan = lent.json()
    assert loan["holder"].startswith("cust_") and loan["returned"] is None
    back = ask(app, "POST", f"/loans/{loan['id']}/return", {})
    assert back.json()["returned"] == NOW
    again = ask(app, "POST", f"/loans/{loan['id']}/return", {"returned": NOW + 60})
    assert again.json() == back.json()
    row = {"kind": "loan", "rx": NOW, "epc": f"{EPC}01", "from": NOW, "due": NOW + DAY}
    assert inbox(database) == [row, {**row, "ended": NOW}]


def test_the_same_name_is_the_same_holder_and_no_answer_but_one_tells_it(app: FastAPI) -> None:
    one = ask(app, "POST", "/loans", {"device": "LIN-0001", "name": PERSON}).json()
    two = ask(app, "POST", "/loans", {"device": "LIN-0002", "name": f" {PERSON.upper()} "}).json()
    three = ask(app, "POST", "/loans", {"device": "LIN-0003", "holder": one["holder"]}).json()
    assert one["holder"] == two["holder"] == three["holder"]
    listed = ask(app, "GET", "/loans")
    assert [loan["epc"][-2:] for loan in listed.json()["items"]] == ["03", "02", "01"]
    assert PERSON not in listed.text


def test_a_name_is_told_for_a_reason_and_the_look_is_written_down(app: FastAPI) -> None:
    holder = ask(app, "POST", "/loans", {"device": "LIN-0001", "name": PERSON}).json()["holder"]
    assert ask(app, "POST", f"/holders/{holder}/name", {"reason": "x"}).status_code == 422
    assert ask(app, "POST", f"/holders/{holder}/name", {"reason": "       "}).status_code == 409
    assert ask(app, "GET", "/looks").json() == []
    told = ask(app, "POST", f"/holders/{holder}/name", {"reason": "overdue since Friday"})
    assert told.json() == {"holder": holder, "name": PERSON}
    (look,) = ask(app, "GET", "/looks").json()
    assert look == {
        "number": 1,
        "at": NOW,
        "account": "someone",
        "holder": holder,
        "reason": "overdue since Friday",
    }


def test_a_look_from_this_machine_is_written_down_too(database: Path) -> None:
    agent = FakeAgent()
    agent.custody = Custody(database, lambda: NOW)
    app = create_app(agent, who=always(MACHINE))
    holder = ask(app, "POST", "/loans", {"device": "LIN-0001", "name": PERSON}).json()["holder"]
    ask(app, "POST", f"/holders/{holder}/name", {"reason": "overdue since Friday"})
    assert [look["account"] for look in ask(app, "GET", "/looks").json()] == ["this machine"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"device": "LIN-0009", "name": PERSON}, 404, "No device has the EPC or asset tag"),
        ({"device": "LIN-0001", "holder": "cust_0"}, 404, "There is no holder"),
        ({"device": "LIN-0001"}, 409, "A loan needs a holder or a name"),
        ({"device": "LIN-0001", "name": PERSON, "due": NOW - 1}, 409, "due before it is taken"),
        ({"device": "LIN-0005", "name": PERSON}, 409, "is on loan already"),
        ({"device": "LIN-0001", "name": PERSON, "due": NOW * 1000}, 422, "less than or equal"),
    ],
)
def test_what_cannot_be_lent_is_one_sentence_and_changes_nothing(
    app: FastAPI, database: Path, body: Any, status: int, says: str
) -> None:
    ask(app, "POST", "/loans", {"device": "LIN-0005", "name": "Another"})
    before = inbox(database)
    refused = ask(app, "POST", "/loans", body)
    assert refused.status_code == status and says in refused.text
    assert inbox(database) == before


def test_the_file_holds_a_name_in_one_table_alone(app: FastAPI, database: Path) -> None:
    ask(app, "POST", "/loans", {"device": "LIN-0001", "name": PERSON})
    with closing(sqlite3.connect(database)) as connection:
        tables = [
            t for (t,) in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'")
        ]
        holding = [
            table
            for table in tables
            if any(PERSON in str(row) for row in connection.execute(f"SELECT * FROM {table}"))
        ]
    assert holding == ["holder_names"]


CSV = f"""asset_tag,name,taken,due,returned,colour
LIN-0001,{PERSON},2025-11-20,2025-11-28,,red
LIN-0002,{PERSON},2025-11-20T08:30,,2025-11-21T08:30,
LIN-0003,,2025-11-20,,,
LIN-0004,{PERSON},yesterday,,,
LIN-0009,{PERSON},2025-11-20,,,
"""


def rollcall(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_loans_come_from_a_csv_and_wrong_lines_are_named(database: Path, tmp_path: Path) -> None:
    (tmp_path / "school.toml").write_text(TEXT)
    config, file = tmp_path / "rollcall.toml", tmp_path / "loans.csv"
    config.write_text("")
    file.write_text(CSV)
    none = rollcall("import", "loans", file, "--config", config, "--all-or-nothing")
    assert none.returncode == 1 and "nothing imported" in none.stderr
    assert inbox(database) == []
    some = rollcall("import", "loans", file, "--config", config)
    assert some.returncode == 0, some.stderr
    assert some.stdout.endswith("2 loans imported, 3 lines wrong\n")
    assert "line 1: columns ignored: colour" in some.stderr
    assert "line 4: neither holder nor name" in some.stderr
    assert 'line 5: taken "yesterday" is no time' in some.stderr
    assert 'line 6: no device has the EPC or asset tag "LIN-0009"' in some.stderr
    rows = inbox(database)
    assert [row["epc"][-2:] for row in rows] == ["01", "02", "02"]
    assert rows[0]["due"] - rows[0]["from"] == pytest.approx(9 * DAY, abs=1)  # the day's end
    assert rows[2]["ended"] - rows[2]["from"] == DAY
    rollcall("import", "loans", file, "--config", config)
    assert inbox(database) == rows  # the same file again changes nothing

    checked = rollcall("doctor", "--config", config, "--verify-log")
    assert (checked.returncode, checked.stdout) == (0, "ok     log of looks: whole, up to 0\n")
