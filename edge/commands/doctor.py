"""`rollcall doctor`: everything that can be wrong with an installation, looked at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.commands.settings_argument import settings_or_failure

if TYPE_CHECKING:
    from edge.contracts.settings import AgentSettings
    from edge.doctor.finding import Finding

_MARKS = {"good": "ok", "odd": "look", "bad": "WRONG"}


def doctor(
    config: Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")],
    verify_log: Annotated[
        bool, typer.Option("--verify-log", help="Only check the log of looks at names.")
    ] = False,
) -> None:
    """Look at files, database, disk, clock, broker and gateways; 1 when something is wrong."""
    settings = settings_or_failure(config)
    if asyncio.run(_tell(_log(settings) if verify_log else _findings(settings))):
        raise typer.Exit(1)


async def _tell(findings: AsyncIterator[Finding]) -> bool:
    wrong = False
    async for found in findings:
        print(f"{_MARKS[found.verdict]:6} {found.subject}: {found.says}", flush=True)
        wrong = wrong or found.verdict == "bad"
    return wrong


async def _log(settings: AgentSettings) -> AsyncIterator[Finding]:
    from edge.doctor import data

    yield data.check_log(settings.data)


async def _findings(settings: AgentSettings) -> AsyncIterator[Finding]:
    from edge.doctor import broker, data, files

    about_school, school = files.check_school(settings.school)
    yield about_school
    if settings.devices is not None:
        yield files.check_devices(settings.devices)
    yield data.check_agent(settings.data)
    for found in data.check_database(settings.data, time.time()):
        yield found
    yield data.check_log(settings.data)
    yield data.check_disk(settings.data)
    if school is not None:
        for found in await broker.check_broker(settings.mqtt, school):
            yield found
    certificate = await broker.check_certificate(settings.mqtt)
    if certificate is not None:
        yield certificate
