"""The tasks that look after the data by themselves, beside the way of a batch."""

import asyncio
from collections.abc import Callable

from edge.agent.journal.packing import keep_packed
from edge.agent.process.clock import Clock
from edge.agent.storage.database import FILE_NAME
from edge.agent.upkeep.retention import keep_retention
from edge.agent.upkeep.scheduled_backups import keep_backups
from edge.contracts.school import School
from edge.contracts.settings import AgentSettings
from edge.notify.notifier import Notifier


def housekeeping(
    settings: AgentSettings, clock: Clock, school: Callable[[], School]
) -> list["asyncio.Task[None]"]:
    """Start them; each runs until it is cancelled and opens the database for itself."""
    database = settings.data / FILE_NAME

    def trusted() -> bool:
        return clock.trusted

    kept = keep_retention(database, settings.retention, clock.now, trusted)
    backups = settings.data / "backups"
    kept_copies = keep_backups(database, backups, settings.backup, clock.now, trusted)
    notifier = Notifier(database, settings.notify, school, clock.now)
    return [
        asyncio.create_task(notifier.run(), name="notify"),
        asyncio.create_task(kept, name="retention"),
        asyncio.create_task(keep_packed(database, clock.now), name="packing"),
        asyncio.create_task(kept_copies, name="backups"),
    ]
