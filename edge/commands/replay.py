"""`rollcall replay`: run the engine over a read log."""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from threading import Event
from typing import Annotated, BinaryIO

import typer

from edge.commands.devices_argument import devices_or_failure
from edge.commands.failure import Failure
from edge.commands.progress import progress_bar
from edge.commands.school_argument import school_or_failure
from edge.commands.stop_flag import stop_flag
from edge.contracts.readlog import BadLine

_BAD_LINES_SHOWN = 10
_STANDARD = Path("-")
_PROGRESS_EVERY = 20_000  # lines; a bar that moves ten times a second costs nothing


def replay(
    log: Annotated[Path, typer.Argument(help="A read log (JSON lines); - reads stdin.")],
    school: Annotated[Path, typer.Option(help="The school file of the log.")],
    out: Annotated[Path, typer.Option(help="Where the events go (JSON lines); - writes stdout.")],
    devices: Annotated[Path | None, typer.Option(help="The school's devices (CSV).")] = None,
    no_flush: Annotated[
        bool, typer.Option("--no-flush", help="Stop at the last line: decide nothing after it.")
    ] = False,
) -> None:
    """Run the engine over a read log, as fast as it can, and say how fast that was."""
    from edge.agent.engine import Engine
    from edge.agent.replay import replay as replay_lines

    known, _ = devices_or_failure(devices) if devices is not None else ([], [])
    engine = Engine(school_or_failure(school), known)
    bad = _BadLines()
    with stop_flag() as stopped, _source(log) as source, _sink(out) as events:
        lines = _until(stopped, _with_progress(source, log))
        tally = replay_lines(lines, engine, events.write, bad.show, flush=not no_flush)
    bad.sum_up()
    if stopped.is_set():
        raise Failure(f"stopped after {tally.rows} rows; {out} holds what they brought")
    if tally.bad and not tally.rows:
        raise Failure(f"{log}: no line of it is a row of a read log")
    rate = tally.reads / tally.seconds if tally.seconds else 0.0
    _say(f"{tally.reads} reads in {tally.seconds:.2f} s: {rate:.0f} reads/s")
    if engine.dropped:
        reasons = ", ".join(f"{n} {why}" for why, n in sorted(engine.dropped.items()))
        _say(f"moved nothing: {reasons}")
    if tally.repeats:
        _say(f"came twice: {tally.repeats} rows, dropped")
    if tally.unknown_kinds:
        _say(f"passed over: {tally.unknown_kinds} lines of kinds not known here")


class _BadLines:
    """Says which lines are bad: the first of each kind, ten at most, then how many there were."""

    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()

    def show(self, line: BadLine) -> None:
        """Report a line if it is the first of its kind."""
        kind = re.sub(r"\d+", "#", line.reason)  # reasons name the byte they stumbled over
        self._kinds[kind] += 1
        if self._kinds[kind] == 1 and len(self._kinds) <= _BAD_LINES_SHOWN:
            _say(f"{line}; skipped")

    def sum_up(self) -> None:
        """Say how many lines were bad in all."""
        total = self._kinds.total()
        if total:
            _say(f"{total} bad {'line' if total == 1 else 'lines'} skipped")


def _source(log: Path) -> AbstractContextManager[BinaryIO]:
    if log == _STANDARD:
        return nullcontext(sys.stdin.buffer)
    try:
        return log.open("rb", buffering=1 << 20)
    except OSError as error:
        raise Failure(f"{log}: {error.strerror}; name a read log that can be read") from error


def _sink(out: Path) -> AbstractContextManager[BinaryIO]:
    if out == _STANDARD:
        return nullcontext(sys.stdout.buffer)
    try:
        return out.open("wb", buffering=1 << 20)
    except OSError as error:
        raise Failure(f"{out}: {error.strerror}; name a file that can be written") from error


def _until(stopped: Event, lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        if stopped.is_set():
            return
        yield line


def _with_progress(lines: Iterable[bytes], log: Path) -> Iterable[bytes]:
    """Show a bar on a terminal; elsewhere the lines pass as they are."""
    if log == _STANDARD or not sys.stderr.isatty():
        return lines
    return _counted(lines, log.stat().st_size)


def _counted(lines: Iterable[bytes], size: int) -> Iterator[bytes]:
    with progress_bar("replay", size) as show:
        done = 0
        for number, line in enumerate(lines):
            done += len(line)
            if number % _PROGRESS_EVERY == 0:
                show(done)
            yield line


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
