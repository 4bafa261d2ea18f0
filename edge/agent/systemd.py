"""What systemd is told: ready, alive, stopping (sd_notify(3)); nothing where it is not there."""

import asyncio
import os
import socket

from edge.agent.service import Agent


class Systemd:
    """The notify socket of this process, if it has one."""

    def __init__(self, environment: dict[str, str] | None = None) -> None:
        found = dict(os.environ) if environment is None else environment
        self._address = found.get("NOTIFY_SOCKET", "")
        usec = found.get("WATCHDOG_USEC", "")
        # Half of what it waits, as sd_watchdog_enabled(3) advises.
        self.alive_every_s = int(usec) / 2e6 if usec.isdecimal() and int(usec) else None

    def tell(self, state: str) -> None:
        """Send a state; a socket that is gone is systemd's affair, not ours."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            try:
                out.sendto(state.encode(), address)
            except OSError:
                return

    async def follow(self, agent: Agent) -> None:
        """Tell when the agent takes batches, then that its loop turns, until cancelled."""
        alive = asyncio.create_task(self._keep_alive(), name="watchdog")
        try:
            await agent.ready.wait()
            self.tell("READY=1")
            await agent.asked_to_stop()
            self.tell("STOPPING=1")
            await alive
        finally:
            alive.cancel()

    async def _keep_alive(self) -> None:
        while self.alive_every_s is not None:
            self.tell("WATCHDOG=1")
            await asyncio.sleep(self.alive_every_s)
