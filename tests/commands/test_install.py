"""`rollcall install` and `upgrade` in a fresh root: what is written, with which permissions."""

import os
import re
import stat
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from edge.agent.storage.database import FILE_NAME, prepare
from edge.agent.upkeep.backup import inspect
from edge.contracts.settings import load_settings
from edge.provision.machine import machine_plan, unit
from tests.agent.schools import TEXT
from tests.support.broker import Broker
from tests.support.files import ROOT
from tests.support.ports import free_port
from tests.support.tools import find_program, required

PROGRAM = Path("/opt/rollcall/.venv/bin/rollcall")
MODES = {
    "etc/sysusers.d/rollcall.conf": 0o644,
    "etc/rollcall/rollcall.toml": 0o640,
    "var/lib/rollcall/school.toml": 0o640,
    "etc/systemd/system/rollcall.service": 0o644,
    "etc/mosquitto/conf.d/rollcall.conf": 0o644,
    "etc/mosquitto/rollcall/passwords": 0o600,
    "etc/mosquitto/rollcall/acl": 0o600,
    "etc/mosquitto/rollcall/broker.key": 0o600,
    "etc/mosquitto/rollcall/broker.crt": 0o644,
    "etc/mosquitto/rollcall/ca.crt": 0o644,
    "etc/chrony/conf.d/rollcall.conf": 0o644,
    "etc/avahi/services/rollcall.service": 0o644,
    "var/lib/rollcall": 0o750,
    "var/lib/rollcall/broker": 0o700,
    "var/lib/rollcall/broker/ca.key": 0o600,
    "var/lib/rollcall/broker/users/agent": 0o600,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "school.toml").write_text(TEXT)
    return tmp_path / "root"


def rollcall(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "edge.cli", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def install(root: Path, *words: str) -> str:
    school = root.parent / "school.toml"
    made = rollcall("install", "--root", root, "--school", school, "--program", PROGRAM, *words)
    assert made.returncode == 0, made.stderr
    return made.stdout


def contents(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_a_dry_run_names_everything_and_writes_nothing(root: Path) -> None:
    said = install(root, "--dry-run")
    assert not root.exists()
    for path in MODES:
        if not path.startswith(("var/", "etc/mosquitto/rollcall")):
            assert f"write  {root / path}" in said
    assert "run    systemctl enable rollcall: start it with the machine" in said
    assert "run    hostnamectl set-hostname rollcall: be http://rollcall.local" in said


def test_everything_is_written_with_its_permissions_and_again_nothing_changes(root: Path) -> None:
    old = os.umask(0o077)  # what a careful administrator has
    try:
        said = install(root)
    finally:
        os.umask(old)
    assert {p: stat.S_IMODE((root / p).stat().st_mode) for p in MODES} == MODES
    assert "to run systemctl enable rollcall" in said  # another root is not this machine
    before = contents(root)
    assert "wrote" not in install(root)
    assert contents(root) == before


def test_settings_that_are_there_stay_and_another_school_file_is_taken(root: Path) -> None:
    install(root)
    settings = root / "etc/rollcall/rollcall.toml"
    settings.write_text("# mine\n")
    (root.parent / "school.toml").write_text(TEXT.replace("gw-c1", "gw-c9"))
    install(root)
    assert settings.read_text() == "# mine\n"
    assert "gw-c9" in (root / "var/lib/rollcall/school.toml").read_text()
    assert "gw-c9:" in (root / "etc/mosquitto/rollcall/passwords").read_text()
    again = rollcall("install", "--root", root, "--program", PROGRAM)  # without naming it
    assert again.returncode == 0, again.stderr


def test_the_settings_are_good_and_name_files_that_are_there(root: Path) -> None:
    install(root)
    text = (root / "etc/rollcall/rollcall.toml").read_text()
    config = root.parent / "moved.toml"
    config.write_text(text)
    settings = load_settings(config)
    assert settings.mqtt.username == "agent"
    for path in (settings.school, settings.mqtt.ca, settings.mqtt.password_file):
        assert path is not None and (root / path.relative_to("/")).is_file()
    assert tomllib.loads(text)["http"] == {"host": "0.0.0.0", "port": 80, "tls_port": 443}


def test_mosquitto_starts_with_its_copies(root: Path, mosquitto_binary: str) -> None:
    install(root)
    port = free_port()
    text = (root / "etc/mosquitto/conf.d/rollcall.conf").read_text()
    moved = re.sub(r" (/etc/mosquitto/)", rf" {root}\1", text)
    moved = moved.replace("listener 8883", f"listener {port} 127.0.0.1")
    moved = moved.replace("listener 8884", f"listener {free_port()}")
    with Broker(mosquitto_binary, root.parent, moved, port):
        pass  # it took every file


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    program = required("systemd-analyze", find_program("systemd-analyze"))
    file = tmp_path / "rollcall.service"
    file.write_text(unit(Path(sys.executable)))  # it must be there
    checked = subprocess.run(
        [program, "verify", "--man=no", "--recursive-errors=no", str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_unit_waits_for_ready_and_watches_and_may_do_little() -> None:
    lines = unit(PROGRAM).splitlines()
    assert f"ExecStart={PROGRAM} agent --config /etc/rollcall/rollcall.toml" in lines
    for line in ("Type=notify", "WatchdogSec=30", "User=rollcall", "ProtectSystem=strict"):
        assert line in lines


def test_avahi_is_given_xml() -> None:
    plan = machine_plan(PROGRAM, b"", "rollcall", replace_school=False)
    (service,) = [file for file in plan.files if "avahi" in str(file.path)]
    ports = [port.text for port in ElementTree.fromstring(service.content).iter("port")]
    assert ports == ["80", "8883"]


def test_an_upgrade_keeps_database_and_unit_and_names_the_new_program(root: Path) -> None:
    install(root)
    database = root / "var/lib/rollcall" / FILE_NAME
    prepare(database)
    unit_file = root / "etc/systemd/system/rollcall.service"
    before = unit_file.read_bytes()
    new = Path("/opt/rollcall-2/.venv/bin/rollcall")
    done = rollcall("upgrade", "--root", root, "--program", new)
    assert done.returncode == 0, done.stderr
    (copy,) = database.parent.glob("backups/before-upgrade-*.db")
    (kept,) = unit_file.parent.glob("rollcall.service.before-*")
    assert inspect(copy).batches == 0
    assert kept.read_bytes() == before
    assert unit_file.read_text() == unit(new)
    assert f"the environment of {PROGRAM} stays" in done.stdout


def test_an_upgrade_in_place_is_refused_since_nothing_would_be_left_of_before(root: Path) -> None:
    install(root)
    before = contents(root)
    done = rollcall("upgrade", "--root", root, "--program", PROGRAM)
    assert done.returncode == 1 and "into a folder of its own" in done.stderr
    assert contents(root) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["install"], "name the school file: --school school.toml"),
        (["upgrade"], "nothing is installed here; use `rollcall install`"),
        (
            ["install", "--program", str(Path("/", "home", "pi", "rollcall"))],
            "put Rollcall into /opt",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path: Path, words: list[str], says: str) -> None:
    done = rollcall(*words, "--root", tmp_path)
    assert done.returncode == 1 and says in done.stderr


def test_the_page_of_installing_names_every_file_that_is_written() -> None:
    page = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    plan = machine_plan(PROGRAM, b"", "rollcall", replace_school=False)
    assert [str(file.path) for file in plan.files if f"`{file.path}`" not in page] == []
