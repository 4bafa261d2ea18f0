"""`rollcall user`: accounts made and shut from the command line, passwords never on it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.agent.schools import TEXT

GOOD = "a long enough word"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "school.toml").write_text(TEXT)
    (tmp_path / "rollcall.toml").write_text("")
    return tmp_path


def user(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge.cli", "user", *words]
    return subprocess.run(
        command, cwd=folder, input=stdin, capture_output=True, text=True, timeout=60, check=False
    )


def test_from_made_to_shut(folder: Path) -> None:
    made = user(folder, "add", "Desk", "--role", "office", stdin=f"{GOOD}\n")
    assert (made.returncode, made.stdout) == (0, "Desk: office\n"), made.stderr
    assert user(folder, "list").stdout == "desk\toffice\t-\n"
    assert user(folder, "disable", "desk").returncode == 0
    assert "disabled since" in user(folder, "list").stdout
    with closing(sqlite3.connect(folder / "data" / "rollcall.db")) as connection:
        (kept,) = connection.execute("SELECT password FROM accounts").fetchone()
    assert kept.startswith("$argon2id$") and GOOD not in kept


@pytest.mark.parametrize(
    ("words", "stdin", "why"),
    [
        (("add", "desk", "--role", "office"), "short\n", "at least 10 characters"),
        (("add", "desk", "--role", "office"), "", "at least 10 characters"),
        (("add", "longdeskname", "--role", "office"), "longdeskname1\n", "easy to guess"),
        (("add", "t", "--role", "teacher", "--rooms", "r999"), f"{GOOD}\n", "no room r999"),
        (("add", "wall", "--role", "board"), f"{GOOD}\n", "needs no account"),
        (("disable", "nobody"), "", "no account"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    folder: Path, words: tuple[str, ...], stdin: str, why: str
) -> None:
    done = user(folder, *words, stdin=stdin)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert why in line


def test_a_password_cannot_be_given_on_the_command_line(folder: Path) -> None:
    done = user(folder, "add", "desk", "--role", "office", "--password", GOOD)
    assert done.returncode == 2


def test_a_token_is_shown_once_and_can_be_revoked(folder: Path) -> None:
    user(folder, "add", "desk", "--role", "office", stdin=f"{GOOD}\n")
    made = user(folder, "token", "desk", "--scope", "devices:read")
    about, secret = made.stdout.splitlines()
    listed = user(folder, "tokens").stdout
    assert secret.startswith("rollcall_") and secret not in listed
    token = about.split(":")[0]
    assert listed.startswith(f"{token}\tdesk\tdevices:read\t")
    assert user(folder, "revoke", token).returncode == 0
    assert user(folder, "tokens").stdout == ""
    assert user(folder, "revoke", token).returncode == 1
