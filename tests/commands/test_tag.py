"""`rollcall tag` as a process, at an emulated reader of each family."""

import os
import pty
import signal
import subprocess
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from edge.commands.failure import Failure
from edge.commands.tag import app
from simulator.modules.families import FAMILIES
from simulator.modules.tag import Tag
from tests.commands.tag_desk import (
    FACTORY,
    LOCK_EPC,
    TAG,
    TID,
    CuttingTag,
    TagDesk,
    factory_tag,
    tag,
)
from tests.support.counts import SOAK
from tests.support.waiting import wait_for

EPC = "3414257BF4000000000DBBB1"
URI = "urn:epc:id:giai:0614141.900017"
EVERY = pytest.mark.parametrize("family", sorted(FAMILIES))
ONE = pytest.mark.parametrize("family", sorted(FAMILIES) if SOAK else ["m100"])


def said(done: "subprocess.CompletedProcess[str]") -> str:
    """The one line on stderr of a command that failed."""
    assert done.returncode == 1, (done.stdout, done.stderr)
    (line,) = done.stderr.splitlines()
    assert line.startswith("rollcall: ")
    return line


@EVERY
def test_every_family_writes_a_tag_and_reads_it_back(family: str) -> None:
    one = factory_tag()
    with TagDesk(family, [one]) as desk:
        done = tag("write", "--reader", desk.reader, "--region", "US", "--epc", EPC.lower())
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"EPC {EPC}",
        f"URI {URI}",
        f"TID {TID.hex().upper()}",
        f"before: EPC {FACTORY.hex().upper()}",
    ]
    assert done.stderr == ""
    assert one.epc.hex().upper() == EPC


@ONE
def test_a_foreign_tag_is_read_as_well(family: str) -> None:
    with TagDesk(family, [factory_tag()]) as desk:
        done = tag("read", "--reader", desk.reader, "--region", "US")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"EPC {FACTORY.hex().upper()}",
        f"URI urn:epc:raw:96.x{FACTORY.hex().upper()}",
        f"TID {TID.hex().upper()}",
    ]


@pytest.mark.parametrize("interpreter", ["micropython", "cpython"])
def test_either_interpreter_writes_an_epc_of_another_length(interpreter: str) -> None:
    epc = {"micropython": "3414257BF40000AB", "cpython": "3414257BF4000000000000000000000C"}
    one = factory_tag()
    words = ["--region", "US", "--interpreter", interpreter, "--epc", epc[interpreter]]
    with TagDesk("m100", [one]) as desk:
        done = tag("write", "--reader", desk.reader, *words)
    assert done.returncode == 0, done.stderr
    assert one.epc.hex().upper() == epc[interpreter]


@ONE
def test_two_tags_are_named_and_neither_is_written(family: str) -> None:
    other = bytes.fromhex("E28011606000020000000002")
    tags = [factory_tag(), Tag(other, tid=TID[:-1] + b"\x01")]
    with TagDesk(family, tags) as desk:
        line = said(tag("write", "--reader", desk.reader, "--region", "US", "--epc", EPC))
    assert "2 tags" in line and FACTORY.hex().upper() in line and other.hex().upper() in line
    assert [one.epc for one in tags] == [FACTORY, other]


@ONE
def test_where_no_tag_lies_it_says_so_in_time(family: str) -> None:
    with TagDesk(family, []) as desk:
        words = ["--reader", desk.reader, "--region", "US", "--timeout", "0.5"]
        assert "no tag answered within 0.5 s" in said(tag("read", *words))


@ONE
def test_a_locked_tag_says_that_it_is_locked_and_takes_its_password(family: str) -> None:
    one = factory_tag(access_password=0x12345678)
    one.lock(LOCK_EPC, secured=True)
    with TagDesk(family, [one]) as desk:
        words = ["write", "--reader", desk.reader, "--region", "US", "--epc", EPC]
        line = said(tag(*words))
        assert "tag error" in line and "lock" in line
        assert one.epc == FACTORY
        done = tag(*words, ROLLCALL_TAG_PASSWORD="12345678")
        assert done.returncode == 0, done.stderr
    assert one.epc.hex().upper() == EPC


@ONE
def test_a_cable_that_comes_off_while_writing_leaves_the_tag_in_doubt(family: str) -> None:
    one = CuttingTag(FACTORY, tid=TID)
    with TagDesk(family, [one]) as desk:
        one.desk = desk
        line = said(tag("write", "--reader", desk.reader, "--region", "US", "--epc", EPC))
        assert desk.path in line and "unknown" in line


def test_a_reader_that_goes_while_it_waits_is_named() -> None:
    with TagDesk("m100", []) as desk:
        words = ["--reader", desk.reader, "--region", "US", "--timeout", "30"]
        with subprocess.Popen([*TAG, "read", *words], stderr=subprocess.PIPE, text=True) as waiting:
            try:
                wait_for(lambda: _program_of(waiting), 10, "the reader program")
                desk.unplug()
                _, stderr = waiting.communicate(timeout=15)
            finally:
                waiting.kill()
        assert waiting.returncode == 1
        assert desk.path in stderr and len(stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_wait_and_leaves_nothing_behind(number: signal.Signals) -> None:
    ignored = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    with TagDesk("m100", []) as desk:
        words = ["--reader", desk.reader, "--region", "US", "--timeout", "30"]
        with subprocess.Popen(
            [*TAG, "read", *words], stderr=subprocess.PIPE, text=True, **ignored
        ) as waiting:
            try:
                (program,) = wait_for(lambda: _program_of(waiting), 10, "the reader program")
                waiting.send_signal(number)
                _, stderr = waiting.communicate(timeout=10)
            finally:
                waiting.kill()
        assert (waiting.returncode, stderr) == (1, "rollcall: stopped\n")
        assert not program.is_running()


def test_on_a_terminal_it_says_what_it_does() -> None:
    ours, theirs = pty.openpty()
    with TagDesk("m100", [factory_tag()]) as desk:
        words = ["read", "--reader", desk.reader, "--region", "US"]
        done = subprocess.run(
            [*TAG, *words], stdout=subprocess.PIPE, stderr=theirs, timeout=30, check=False
        )
    os.close(theirs)
    assert done.returncode == 0
    assert b"looking for a tag" in os.read(ours, 65536)
    os.close(ours)


def test_a_port_that_is_not_there_is_named() -> None:
    for interpreter in ("micropython", "cpython"):
        words = ["--reader", "m100,/dev/no-such", "--region", "US", "--interpreter", interpreter]
        line = said(tag("read", *words))
        assert line == "rollcall: /dev/no-such: cannot be opened: No such file or directory"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--region", "JP"], "no region JP"),
        (["--region", "US", "--power", "99"], "0 to 30 dBm"),
    ],
)
def test_what_the_reader_cannot_do_is_a_failure_that_says_why(
    words: list[str], sentence: str
) -> None:
    with TagDesk("m100", [factory_tag()]) as desk:
        assert sentence in said(tag("read", "--reader", desk.reader, *words))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--reader", "m100", "--region", "US"], "FAMILY,PORT"),
        (["--reader", "z80,/dev/x", "--region", "US"], "families are m100"),
        (["--reader", "m100,/dev/x"], "without a region"),
        (["--reader", "m100,/dev/x", "--region", "Mars"], "none of US"),
        (["--reader", "m100,/dev/x", "--region", "US"], "--device with --config"),
        (["--reader", "m100,/dev/x", "--region", "US", "--epc", "34"], "whole 16-bit words"),
        (["--reader", "m100,/dev/x", "--region", "US", "--device", "7"], "needs --config"),
        (["--reader", "m100,/x", "--region", "US", "--epc", EPC, "--interpreter", "z"], "neither"),
    ],
)
def test_wrong_usage_is_said_with_exit_status_2(words: list[str], sentence: str) -> None:
    environment = {"COLUMNS": "300", "TERM": "dumb"}
    done = CliRunner().invoke(app, ["write", *words], env=environment)
    assert done.exit_code == 2, done.output
    assert sentence in " ".join(done.output.replace("│", " ").split())


def test_a_password_that_is_none_is_said() -> None:
    words = ["--reader", "m100,/dev/x", "--region", "US", "--epc", EPC]
    done = CliRunner().invoke(app, ["write", *words], env={"ROLLCALL_TAG_PASSWORD": "secret"})
    assert isinstance(done.exception, Failure) and "8 hex digits" in str(done.exception)


def _program_of(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    try:
        return [child for child in psutil.Process(process.pid).children() if _is_desk(child)]
    except psutil.NoSuchProcess:
        return []


def _is_desk(process: psutil.Process) -> bool:
    return any(Path(word).name == "desk.py" for word in process.cmdline())
