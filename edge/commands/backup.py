"""`rollcall backup` and `rollcall restore`: the agent's database, copied and put back."""

import datetime
import sqlite3
from pathlib import Path
from typing import Annotated

import typer

from edge.commands.failure import Failure
from edge.commands.progress import progress_bar
from edge.commands.settings_argument import settings_or_failure

Config = Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")]


def backup(
    config: Config,
    out: Annotated[
        Path | None,
        typer.Option(help="The file to write; without it one named for the time, in `backups`."),
    ] = None,
) -> None:
    """Copy the database, whether the agent runs or not, and check the copy."""
    from edge.agent.storage.database import FILE_NAME, DatabaseError
    from edge.agent.upkeep.backup import back_up

    settings = settings_or_failure(config)
    if out is None:
        now = datetime.datetime.now(datetime.UTC)
        out = settings.data / "backups" / f"rollcall-{now:%Y%m%dT%H%M%SZ}.db"
        _make_folder(out.parent)
    try:
        with progress_bar("Copying", 1.0) as progress:
            made = back_up(settings.data / FILE_NAME, out, progress)
    except (DatabaseError, sqlite3.Error) as error:
        raise Failure(str(error)) from error
    print(f"{out}: whole and readable; {made.batches} batches, {made.events} events,", end=" ")
    print(f"the newest batch of {_time(made.newest)}, {made.size / 1e6:.1f} MB")


def restore(
    backup_file: Annotated[Path, typer.Argument(metavar="BACKUP", help="The file to put back.")],
    config: Config,
) -> None:
    """Put a backup in the place of the database; the agent must be stopped."""
    from edge.agent.storage.database import DatabaseError
    from edge.agent.storage.lock import AlreadyRunning
    from edge.agent.upkeep.backup import restore as put_back

    settings = settings_or_failure(config)
    try:
        with progress_bar("Restoring", 1.0) as progress:
            held, aside = put_back(backup_file, settings.data, progress)
    except (DatabaseError, AlreadyRunning, sqlite3.Error) as error:
        raise Failure(str(error)) from error
    print(f"{settings.data}: restored {held.batches} batches, the newest of {_time(held.newest)}")
    if aside is not None:
        print(f"what was there is kept as {aside}")
    print("start the agent: what the gateways still hold comes by itself, the rest is counted lost")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"{folder}: {error.strerror}; name a file with --out") from error


def _time(unix_s: float | None) -> str:
    if unix_s is None:
        return "never"
    return f"{datetime.datetime.fromtimestamp(unix_s).astimezone():%Y-%m-%d %H:%M:%S %Z}"
