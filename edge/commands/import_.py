"""`rollcall import`: records into the ledger, whether the agent runs or not."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from edge.commands.devices_argument import devices_or_failure
from edge.commands.failure import Failure
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
    from edge.agent.database import FILE_NAME, DatabaseError
    from edge.agent.inbox import leave
    from edge.agent.rows import device_row

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


def _lines(count: int) -> str:
    return f"{count} {'line' if count == 1 else 'lines'}"
