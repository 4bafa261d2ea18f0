"""`rollcall import`: records into the ledger, whether the agent runs or not."""

import asyncio
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from edge.commands.devices_argument import devices_or_failure
from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure
from edge.commands.settings_argument import settings_or_failure

app = typer.Typer(help="Take records into the ledger.", no_args_is_help=True)


@app.command()
def devices(
    file: Annotated[Path, typer.Argument(help="A CSV of devices; its header names the columns.")],
    config: Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")],
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Take none if one line is wrong.")
    ] = False,
) -> None:
    """Take the devices of a CSV into the ledger; wrong lines are listed and left out."""
    from edge.agent.inbox import leave
    from edge.agent.intake.rows import device_row
    from edge.agent.storage.database import FILE_NAME, DatabaseError

    settings = settings_or_failure(config)
    good, problems = devices_or_failure(file)
    refused = sum(problem.refused for problem in problems)
    if refused and (all_or_nothing or not good):
        raise Failure(f"{file}: nothing imported: {_lines(refused)} wrong")
    now = time.time()
    try:
        asyncio.run(leave(settings.data / FILE_NAME, [device_row(d, now) for d in good]))
    except DatabaseError as error:
        raise Failure(str(error)) from error
    print(f"{file}: {len(good)} devices imported, {_lines(refused)} wrong")


@app.command()
def loans(
    file: Annotated[Path, typer.Argument(help="A CSV of loans; its header names the columns.")],
    config: Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")],
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Take none if one line is wrong.")
    ] = False,
) -> None:
    """Take the loans of a CSV; wrong lines are listed and left out."""
    from edge.agent.storage.database import FILE_NAME, DatabaseError, prepare
    from edge.custody.loans_csv import NoLoans, parse_loans
    from edge.custody.store import Custody

    settings = settings_or_failure(config)
    zone = school_or_failure(settings.school).zone
    try:
        good, problems = parse_loans(file.read_text(encoding="utf-8"), zone)
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Failure(f"{file}: not UTF-8 text; save it as CSV UTF-8") from error
    except NoLoans as error:
        raise Failure(f"{file}: {error}") from error
    stop = all_or_nothing and any(problem.refused for problem in problems)
    custody = Custody(settings.data / FILE_NAME, time.time)
    try:
        prepare(settings.data / FILE_NAME)
        if not stop:
            work = custody.import_lines(good, all_or_nothing=all_or_nothing)
            problems += asyncio.run(work)
    except DatabaseError as error:
        raise Failure(str(error)) from error
    for problem in sorted(problems, key=lambda each: each.line):
        print(f"{file}: {problem}", file=sys.stderr)
    refused = sum(problem.refused for problem in problems)
    taken = len(good) - sum(problem.line in {g.line for g in good} for problem in problems)
    if refused and (all_or_nothing or not taken):
        raise Failure(f"{file}: nothing imported: {_lines(refused)} wrong")
    print(f"{file}: {taken} loans imported, {_lines(refused)} wrong")


def _lines(count: int) -> str:
    return f"{count} {'line' if count == 1 else 'lines'}"
