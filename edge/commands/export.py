"""`rollcall export`: the journal as a read log, the ledger's events."""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from edge.commands.failure import Failure
from edge.commands.settings_argument import settings_or_failure

app = typer.Typer(help="Write out what the agent holds.", no_args_is_help=True)

Config = Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")]
Out = Annotated[Path, typer.Option(help="The file to write (JSON lines).")]
Export = Callable[[Path, BinaryIO], Awaitable[int]]


@app.command()
def reads(config: Config, out: Out) -> None:
    """Write the whole journal as a read log, whether the agent runs or not."""
    from edge.agent.export import export_reads

    _export(export_reads, config, out, "lines")


@app.command()
def events(config: Config, out: Out) -> None:
    """Write the ledger's events, whether the agent runs or not."""
    from edge.agent.export import export_events

    _export(export_events, config, out, "events")


def _export(export: Export, config: Path, out: Path, what: str) -> None:
    from edge.agent.storage.database import FILE_NAME, DatabaseError

    database = settings_or_failure(config).data / FILE_NAME
    # A file of the wanted name is always whole; a device or a pipe is written as it is.
    whole = not out.exists() or out.is_file()
    part = out.with_name(out.name + ".part") if whole else out
    try:
        count = asyncio.run(_write(export, database, part))
        if whole:
            os.replace(part, out)
    except (DatabaseError, sqlite3.Error) as error:
        raise Failure(_sentence(database, error)) from error
    except OSError as error:
        raise Failure(f"{out}: {error.strerror}; name a file that can be written") from error
    finally:
        if whole:
            part.unlink(missing_ok=True)
    print(f"{out}: {count} {what}")


def _sentence(database: Path, error: Exception) -> str:
    if isinstance(error, sqlite3.Error):
        return f"{database}: cannot be read: {error}; is it a database of rollcall?"
    return str(error)


async def _write(export: Export, database: Path, part: Path) -> int:
    with part.open("wb", buffering=1 << 20) as stream:
        return await export(database, stream)
