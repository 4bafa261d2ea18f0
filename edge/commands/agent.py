"""`rollcall agent`: the agent and its page, in one process."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.commands.devices_argument import devices_or_failure
from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure
from edge.commands.settings_argument import settings_or_failure

if TYPE_CHECKING:
    from edge.agent.service import Agent
    from edge.contracts.settings import AgentSettings


def agent(
    config: Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")],
    check: Annotated[
        bool, typer.Option("--check", help="Only check settings, school file and devices.")
    ] = False,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Become the active agent in place of another.")
    ] = False,
) -> None:
    """Take batches from the broker, keep the books, serve the page; runs until stopped."""
    settings = settings_or_failure(config)
    school = school_or_failure(settings.school)
    if check:
        if settings.devices is not None:
            devices_or_failure(settings.devices, on_stderr=False)
        print(f"{config}: good: {school.name}, {len(school.carts)} carts,", end=" ")
        print(f"{len(school.doorways)} doorways, {len(school.gateway_ids)} gateways")
        return
    asyncio.run(_run(settings, take_over))


async def _run(settings: AgentSettings, take_over: bool) -> None:
    from edge.agent.process.logs import configure_logs
    from edge.agent.service import Agent, TaskDied
    from edge.agent.storage.database import DatabaseError
    from edge.agent.storage.lock import AlreadyRunning

    configure_logs()
    try:
        running = Agent(settings, take_over=take_over)
        await _serve(running, settings)
    except (DatabaseError, AlreadyRunning, TaskDied) as error:
        cause = f": {error.__cause__!r}" if error.__cause__ is not None else ""
        raise Failure(f"{error}{cause if isinstance(error, TaskDied) else ''}") from error


async def _serve(running: Agent, settings: AgentSettings) -> None:
    from edge.agent.systemd import Systemd
    from edge.api.server import CannotListen
    from edge.commands.front_door import Page

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.stop)
    loop.add_signal_handler(signal.SIGHUP, running.reload_school)
    page = Page()
    running.let_go = page.stop
    agent_task = asyncio.create_task(running.run(), name="agent")
    systemd = asyncio.create_task(Systemd().follow(running), name="systemd")
    opened = asyncio.create_task(running.opened.wait(), name="opened")
    try:
        await asyncio.wait([agent_task, opened], return_when=asyncio.FIRST_COMPLETED)
        if running.opened.is_set():
            await page.start(running, settings)
        await running.asked_to_stop()
    except CannotListen as error:
        raise Failure(str(error)) from error
    finally:
        opened.cancel()
        running.stop()
        await asyncio.wait([agent_task])
        systemd.cancel()
        await page.stop()  # where the agent never came to let it go
    agent_task.result()
