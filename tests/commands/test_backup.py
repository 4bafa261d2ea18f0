"""`rollcall backup` and `restore` at the command line."""

import subprocess
import sys
from pathlib import Path

import pytest

from edge.agent.storage.database import FILE_NAME, prepare
from tests.agent.schools import TEXT


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "school.toml").write_text(TEXT)
    path = tmp_path / "rollcall.toml"
    path.write_text('[mqtt]\nurl = "mqtt://127.0.0.1:1"\n')
    return path


def rollcall(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_a_backup_has_a_name_of_its_time_and_can_be_put_back(config: Path) -> None:
    data = config.parent / "data"
    prepare(data / FILE_NAME)
    made = rollcall("backup", "--config", config)
    assert made.returncode == 0, made.stderr
    (file,) = (data / "backups").iterdir()
    assert made.stdout.startswith(f"{file}: whole and readable; 0 batches")

    put_back = rollcall("restore", file, "--config", config)
    assert put_back.returncode == 0, put_back.stderr
    assert "restored 0 batches, the newest of never" in put_back.stdout
    (aside,) = data.glob("rollcall.before-restore-*.db")
    assert f"what was there is kept as {aside}" in put_back.stdout


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["backup"], "no database yet; start the agent once to make it"),
        (["restore", "nowhere.db"], "nowhere.db: there is no such file; name a backup"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(config: Path, words: list[str], says: str) -> None:
    done = rollcall(*words, "--config", config)
    assert done.returncode == 1
    assert says in done.stderr and done.stderr.count("\n") == 1
