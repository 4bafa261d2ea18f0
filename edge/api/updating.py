"""Updates that were sent from a page: each runs by itself, and is told on the gateway's page."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import structlog

from edge.agent.link.updating import CannotUpdate
from edge.agent.shown.views import GatewayView

log = structlog.get_logger()


class Sent(msgspec.Struct):
    """An update of one gateway: `version` sent at `at` (Unix s), while it ran its `boot`.

    `reason` is there once it was refused or came to nothing; `taken` once it has all of it.
    """

    version: str
    at: float
    boot: str | None
    reason: str | None = None
    taken: bool = False

    @property
    def under_way(self) -> bool:
        """Whether there is no answer yet."""
        return self.reason is None and not self.taken


class Updates:
    """The last update of each gateway since the agent's start.

    `update` has a gateway fetch it and returns its reply; `clock` gives Unix seconds; `changed` is
    told the gateway of one that has an answer.
    """

    def __init__(
        self,
        update: Callable[[str], Awaitable[dict[str, Any]]],
        clock: Callable[[], float],
        changed: Callable[[str], None],
    ) -> None:
        self._update = update
        self._clock = clock
        self._changed = changed
        self._sent: dict[str, Sent] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, gateway: str) -> Sent | None:
        """Return the last update of a gateway."""
        return self._sent.get(gateway)

    def begin(self, view: GatewayView, version: str) -> None:
        """Send it, unless one is under way."""
        before = self._sent.get(view.id)
        if before is not None and before.under_way:
            return
        sent = self._sent[view.id] = Sent(version, self._clock(), view.boot)
        task = asyncio.create_task(self._run(view.id, sent), name=f"update {view.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Wait for none any more: the agent stops. A gateway goes on with what it was told."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, gateway: str, sent: Sent) -> None:
        try:
            reply = await self._update(gateway)
        except CannotUpdate as error:
            sent.reason = str(error)
        except Exception as error:  # a bug: logged, and told on the page
            log.exception("update failed", gateway=gateway)
            sent.reason = repr(error)
        else:
            if reply.get("ok") is True:
                sent.taken = True
            else:
                sent.reason = str(reply.get("error") or "?")
        log.info("update", gateway=gateway, version=sent.version, refused=sent.reason)
        self._changed(gateway)
