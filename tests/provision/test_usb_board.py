"""A board over USB, by mpremote's own code on a pty with a real MicroPython behind it."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.commands.gateway import app
from edge.provision import usb_board
from edge.provision.application import FOLDER, Application
from edge.provision.board_files import install
from edge.provision.broker import provision_broker
from tests.agent.schools import TEXT, school
from tests.provision.pty_board import PtyBoard

SMALL = Application(
    "0.2.0", [("main.mpy", b"M\x06" * 900), ("gateway/mqtt.mpy", bytes(range(256)))]
)


@pytest.fixture
def board(micropython_binary: list[str], tmp_path: Path) -> Iterator[PtyBoard]:
    flash = tmp_path / "flash"
    flash.mkdir()
    with PtyBoard(micropython_binary, flash) as running:
        yield running


def config(folder: Path) -> Path:
    (folder / "school.toml").write_text(TEXT)
    path = folder / "rollcall.toml"
    path.write_text("")
    return path


def rollcall(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output, str(done.exception or "")


def test_the_application_stands_whole_in_slot_a_and_nothing_of_before(board: PtyBoard) -> None:
    for path in ("a/old.mpy", "b/manifest", "b/drivers/old.mpy", "slots"):
        (board.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (board.folder / path).write_text("old")
    (board.folder / "settings.json").write_text("kept")
    with usb_board.usb_board(board.port) as there:
        install(there, SMALL)
    for path, content in SMALL.files:
        assert (board.folder / "a" / path).read_bytes() == content
    assert (board.folder / "boot.py").read_bytes() == (FOLDER / "boot.py").read_bytes()
    assert (board.folder / "main.py").read_text() == "import boot\n\nboot.start()\n"
    files = {path.relative_to(board.folder).as_posix() for path in board.folder.rglob("*.*")}
    assert files == {"a/main.mpy", "a/gateway/mqtt.mpy", "boot.py", "main.py", "settings.json"}
    assert (board.folder / "a" / "manifest").exists() and not (board.folder / "slots").exists()
    assert board.restarts == 1


def test_a_board_becomes_the_gateway_that_the_school_file_names(
    board: PtyBoard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.config import parse_settings  # the firmware's own

    monkeypatch.setenv("ROLLCALL_WIFI_PASSWORD", "not telling")
    provision_broker(school(), tmp_path / "data" / "broker")
    words = ["provision", "gw-d1", "--config", str(config(tmp_path)), "--host", "192.0.2.10"]
    words += ["--uart", "uart1:17,16", "--uart", "uart2:25,26", "--port", board.port]
    status, said, _ = rollcall(*words, "--ssid", "Lincoln")
    assert status == 0 and "not telling" not in said
    settings = parse_settings((board.folder / "settings.json").read_bytes())
    assert (settings.gateway, settings.site, len(settings.update_key)) == ("gw-d1", "test", 32)
    assert [reader.port for reader in settings.readers] == ["uart1:17,16", "uart2:25,26"]
    assert settings.mqtt["ca"] == "/ca.der" and settings.mqtt["user"] == "gw-d1"
    ca = (tmp_path / "data" / "broker" / "ca.der").read_bytes()
    assert (board.folder / "ca.der").read_bytes() == ca
    wifi = json.loads((board.folder / "data" / "wifi.json").read_text())
    assert wifi == {"ssid": "Lincoln", "password": "not telling"}
    before = (board.folder / "settings.json").read_bytes()
    assert rollcall(*words)[0] == 0
    assert (board.folder / "settings.json").read_bytes() == before  # keys and Wi-Fi stay
    for said_led, led in (("2", 2), ("ws2812:48", "ws2812:48")):
        assert rollcall(*words, "--led", said_led)[0] == 0
        assert parse_settings((board.folder / "settings.json").read_bytes()).led == led
    assert rollcall(*words, "--led", "ws2812:49")[0] == 2
    assert json.loads((board.folder / "data" / "wifi.json").read_text()) == wifi


def test_what_comes_first_is_said_before_a_board_is_looked_for(tmp_path: Path) -> None:
    words = ["--config", str(config(tmp_path)), "--host", "192.0.2.10", "--port", "/dev/none"]
    pins = ["--uart", "uart1:17,16", "--uart", "uart2:25,26"]
    assert "no password yet" in rollcall("provision", "gw-d1", *words, *pins)[2]
    assert "--uart for each" in rollcall("provision", "gw-d1", *words, *pins[:2])[2]
    assert "gateways.gw-c1.readers" in rollcall("provision", "gw-c1", *words, *pins)[2]
    assert "no gateway gw-x" in rollcall("provision", "gw-x", *words, *pins)[2]


def test_without_a_board_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usb_board.list_ports, "comports", list)
    for command in ("flash", "logs", "selftest"):
        status, _, why = rollcall(command)
        assert status == 1 and "no board on USB" in why
        status, _, why = rollcall(command, "--port", "/dev/none")
        assert status == 1 and "/dev/none" in why


def test_of_two_boards_one_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Found:
        vid = 0x303A

        def __init__(self, device: str) -> None:
            self.device = device

    monkeypatch.setattr(usb_board.list_ports, "comports", lambda: [Found("p1"), Found("p2")])
    with pytest.raises(usb_board.BoardError, match="p1 or p2"):
        usb_board.find_port(None)


def test_what_does_not_speak_micropython_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    master, slave = os.openpty()
    enter = usb_board.SerialTransport.enter_raw_repl
    monkeypatch.setattr(
        usb_board.SerialTransport,
        "enter_raw_repl",
        lambda self, soft_reset: enter(self, soft_reset, timeout_overall=0.2),
    )
    monkeypatch.setattr(usb_board, "_ANSWER_S", 0.1)
    try:
        assert "no MicroPython answers" in rollcall("selftest", "--port", os.ttyname(slave))[2]
    finally:
        os.close(slave)
        os.close(master)


def test_selftest_says_what_the_board_holds(board: PtyBoard) -> None:
    (board.folder / "settings.json").write_text('{"id": "gw-d1", "mqtt": {"host": "192.0.2.10"}}')
    (board.folder / "slots").write_text('{"good": "a", "trial": null}')
    status, said, why = rollcall("selftest", "--port", board.port)
    assert status == 0, why
    assert "id: gw-d1" in said and "broker: 192.0.2.10" in said and "wifi: -" in said
    assert "'good': 'a'" in said and "update key: False" in said


def test_logs_are_shown_line_by_line(board: PtyBoard) -> None:
    lines: list[str] = []

    class Enough(Exception):
        pass

    def show(line: str) -> None:
        lines.append(line)
        if len(lines) == 2:
            raise Enough

    over = threading.Event()

    def talk() -> None:
        while not over.wait(0.05):  # what is said before the port is opened is nobody's
            board.say(b"warning: no region set\r\n")

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        with pytest.raises(Enough):
            usb_board.follow(board.port, show)
    finally:
        over.set()
        talker.join()
    assert lines == ["warning: no region set"] * 2
