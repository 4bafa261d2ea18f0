"""A gateway in slots on MicroPython, a real agent and mosquitto with TLS: updates and trials."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.agent.link.updating import update_gateway
from edge.contracts.settings import load_settings
from edge.provision.application import FOLDER, Application, compile_application
from edge.provision.broker import password_of, provision_broker
from edge.provision.mosquitto import Listeners
from edge.provision.updates import update_key
from tests.agent.schools import PREFIX, SITE, school
from tests.chain.modules import Modules
from tests.commands.test_agent import running
from tests.firmware.host.compiled import heap_bytes
from tests.support.broker import Broker
from tests.support.ports import free_port
from tests.support.waiting import wait_for

GATEWAY = "gw-d1"
HEAP = "100k"
START = "import sys; sys.path.insert(0, {0!r}); import boot; boot.start({0!r}, {1!r})"


class Board:
    """A folder as a board's flash, and MicroPython that starts from it again and again."""

    def __init__(self, micropython: list[str], folder: Path) -> None:
        self.folder = folder
        self._micropython = micropython
        self._heap = heap_bytes(micropython, HEAP)
        self._settings = folder / "settings.json"

    def install(self, application: Application) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "boot.py").write_bytes((FOLDER / "boot.py").read_bytes())
        for path, content in [*application.files, ("manifest", application.manifest(bytes(32)))]:
            target = self.folder / "a" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def settle(self, fields: dict[str, Any]) -> None:
        self._settings.write_text(json.dumps(fields))

    @property
    def slots(self) -> dict[str, Any]:
        if not (self.folder / "slots").exists():  # it has not begun yet
            return {"starts": None}
        return json.loads((self.folder / "slots").read_text())

    @contextmanager
    def powered(self) -> Iterator["subprocess.Popen[bytes]"]:
        """One start; a board would begin the next by itself."""
        arguments = [str(self._settings), "--data", str(self.folder / "data"), "--until-eof"]
        words = [
            *self._micropython,
            "-X",
            f"heapsize={self._heap}",
            "-c",
            START.format(str(self.folder), arguments),
        ]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            assert process.stdin is not None
            process.stdin.close()


class Pi:
    """Where agent and mosquitto run, provisioned; `key` seals the gateway's updates."""

    def __init__(self, mosquitto: str, folder: Path) -> None:
        self.data = folder / "data"
        self.port, agent_port, self.page, self.tls_port = (free_port() for _ in range(4))
        at = Listeners(port=self.port, bind="127.0.0.1", agent_port=agent_port)
        made = provision_broker(school(), self.data / "broker", at=at)
        self.config = _settings(folder, agent_port, self.page, self.tls_port)
        self.key = update_key(self.data, GATEWAY, make=True)
        text = made.configuration.read_text()
        self.broker = Broker(mosquitto, folder, text, self.port, agent_port)

    def agent(self) -> AbstractContextManager[object]:
        return running(self.config, self.page)

    def settings(self, reader: str) -> dict[str, Any]:
        return _gateway(self.data, self.port, [reader], self.key)


@pytest.fixture
def pi(mosquitto_binary: str, tmp_path: Path) -> Pi:
    return Pi(mosquitto_binary, tmp_path)


@pytest.fixture(scope="module")
def application() -> Application:
    return compile_application("host")


def test_an_update_is_fetched_tried_and_kept_once_the_agent_confirmed(
    application: Application,
    pi: Pi,
    micropython_binary: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    board = Board(micropython_binary, tmp_path / "board")
    board.install(application)
    newer = msgspec.structs.replace(application, version="9.9.9")
    monkeypatch.setattr("edge.agent.link.updating.compile_application", lambda: newer)
    with pi.broker, Modules(1, 5, 5, PREFIX) as modules, pi.agent():
        board.settle(pi.settings(modules.paths[0]))

        def asked(place: str | None = None) -> dict[str, Any]:
            return asyncio.run(update_gateway(load_settings(pi.config), SITE, GATEWAY, place))

        with board.powered() as process:
            wait_for(lambda: board.slots["starts"] == 0, 30.0, "the first confirmation")
            refused = asked(f"https://:{free_port()}/")
            assert not refused["ok"] and board.slots["trial"] is None, refused
            assert asked() | {"id": ""} == {"id": "", "ok": True, "version": "9.9.9"}
            assert process.wait(30.0) == 3
        log = pi.broker.log.read_text()  # its link made way for each fetch, and came back
        assert log.count(f"as {GATEWAY} ") == 3
        assert board.slots["trial"] == "b"
        assert b"9.9.9" in (board.folder / "b" / "manifest").read_bytes()
        with board.powered():
            wait_for(lambda: board.slots["good"] == "b", 30.0, "the trial's confirmation")
        assert board.slots["trial"] is None


def test_a_new_firmware_that_does_not_even_begin_gives_way_to_the_old_one(
    application: Application, micropython_binary: list[str], tmp_path: Path
) -> None:
    board = Board(micropython_binary, tmp_path)
    board.install(application)
    (tmp_path / "data").mkdir()
    bad = tmp_path / "b"
    bad.mkdir()
    (bad / "manifest").write_text("there")
    (bad / "main.py").write_text("import no_such_module")
    (tmp_path / "slots").write_text('{"good": "a", "trial": "b"}')
    board.settle(_gateway(tmp_path, free_port(), ["socket://127.0.0.1:1"], bytes(32), tls=False))
    for tries in (1, 2, 3):
        with board.powered() as process:
            assert process.wait(10.0) == 1
        assert board.slots["tries"] == tries
        assert b"no_such_module" in (tmp_path / "data" / "crash").read_bytes()
    with board.powered():
        wait_for(lambda: re.search("broker 127.0.0.1", _log(tmp_path)), 20.0, "the old firmware")
    assert board.slots["good"] == "a" and board.slots["trial"] is None


def test_starts_that_end_early_lead_to_one_that_only_obeys(
    application: Application, micropython_binary: list[str], tmp_path: Path
) -> None:
    board = Board(micropython_binary, tmp_path)
    board.install(application)
    (tmp_path / "slots").write_text('{"good": "a", "starts": 5}')
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "crash").write_text("MemoryError: of the start before")
    board.settle(_gateway(tmp_path, free_port(), ["socket://127.0.0.1:1"], bytes(32), tls=False))
    with board.powered() as process:
        wait_for(lambda: "safe mode: starts that ended early" in _log(tmp_path), 20.0, "safe mode")
        assert "MemoryError: of the start before" in _log(tmp_path)
        wait_for(lambda: "broker: " in _log(tmp_path), 20.0, "its attempts to be heard")
        assert process.poll() is None
    assert "outbox" not in {path.name[:6] for path in (tmp_path / "data").iterdir()}


def test_the_command_line_updates_a_gateway_even_in_safe_mode(
    application: Application, pi: Pi, micropython_binary: list[str], tmp_path: Path
) -> None:
    board = Board(micropython_binary, tmp_path / "board")
    board.install(application)
    board.settle(pi.settings("socket://127.0.0.1:1"))
    (board.folder / "slots").write_text('{"good": "a", "starts": 5}')
    words = ["-m", "edge.cli", "gateway", "update", GATEWAY, "--config", str(pi.config)]

    def updated() -> bool:
        """Refused until the agent has told the gateway the time."""
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0 or "the clock was never set" in done.stderr, done.stderr
        return f"{GATEWAY} starts {application.version} now, on trial" in done.stdout

    with pi.broker, board.powered() as process:
        wait_for(lambda: "safe mode" in _log(board.folder), 20.0, "safe mode")
        with pi.agent():
            wait_for(updated, 60.0, "the update")
            assert process.wait(30.0) == 3
    assert board.slots["trial"] == "b"
    assert (board.folder / "b" / "manifest").read_bytes().count(b"\n") > 50


def _log(folder: Path) -> str:
    return (folder / "log").read_text()


def _settings(folder: Path, port: int, page: int, tls_port: int) -> Path:
    from tests.agent.schools import TEXT

    broker = folder / "data" / "broker"
    (folder / "school.toml").write_text(TEXT)
    path = folder / "rollcall.toml"
    path.write_text(
        f'[mqtt]\nurl = "mqtts://127.0.0.1:{port}"\nca = "{broker / "ca.crt"}"\n'
        f'username = "agent"\npassword_file = "{password_of(broker, "agent")}"\n'
        f"[http]\nport = {page}\ntls_port = {tls_port}\n"
    )
    return path


def _gateway(
    data: Path, port: int, paths: list[str], key: bytes, tls: bool = True
) -> dict[str, Any]:
    mqtt: dict[str, Any] = {"host": "127.0.0.1", "port": port}
    if tls:
        broker = data / "broker"
        password = password_of(broker, GATEWAY).read_text().strip()
        mqtt |= {"user": GATEWAY, "password": password, "ca": str(broker / "ca.der")}
    readers = [{"family": "m100", "port": paths[0], "antennas": [1]}]
    fields = {"id": GATEWAY, "site": SITE, "mqtt": mqtt, "readers": readers, "region": "US"}
    return {**fields, "update_key": key.hex()}
