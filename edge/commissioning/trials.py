"""Keeps the trials under way: gives each its reads and the time, and its gateway the powers.

A power on trial is sent with the time after which the gateway goes back by itself, and again before
that is over: were this program to die, the doorway would not stay deaf.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from edge.agent.gateways.listening import Listening
from edge.agent.link.ask_gateway import NoReply
from edge.agent.link.mqtt_link import LinkError
from edge.commissioning.trial import Trial
from edge.contracts.commands import Command, Power, SetPower
from edge.contracts.readlog import LooksRow, ReadRow, Row
from edge.contracts.school import Doorway, School

STEP_S = 1.0
LEASE_S = 600  # at the gateway; a trial that nobody walks ends after half of it
RENEW_S = 240.0
BACK_S = 1

Ask = Callable[[str, Command], Awaitable[dict[str, Any]]]

log = structlog.get_logger()


class PowerRefused(Exception):
    """The gateway did not take a power on trial; the text says why."""


class Trials:
    """The last trial of each doorway, those under way among them: one for each gateway.

    `ask` sends a command to a gateway, `clock` gives Unix seconds, `changed` is told the gateway of
    a trial that has something new to show.
    """

    def __init__(
        self,
        ask: Ask,
        listening: Listening,
        clock: Callable[[], float],
        changed: Callable[[str], None],
    ) -> None:
        self._ask = ask
        self._listening = listening
        self._clock = clock
        self._changed = changed
        self._trials: dict[str, Trial] = {}
        self._news: dict[str, asyncio.Event] = {}  # by doorway
        self._tasks: set[asyncio.Task[None]] = set()

    def of(self, doorway: str) -> Trial | None:
        """Return the last trial of a doorway."""
        return self._trials.get(doorway)

    def begin(self, school: School, doorway: Doorway, epc: str) -> Trial:
        """Begin a trial; another one at the same gateway ends."""
        for other in self._trials.values():
            if other.doorway.gateway == doorway.gateway:
                other.stop("left")
        trial = Trial(doorway, epc, filed_power(school, doorway), self._clock())
        self._trials[doorway.id] = trial
        self._news[doorway.id] = asyncio.Event()
        task = asyncio.create_task(self._keep(trial), name=f"trial {doorway.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return trial

    def pressed(self, doorway: str) -> None:
        """Somebody pressed a button of a doorway's trial: go on at once."""
        self._news[doorway].set()

    async def close(self) -> None:
        """End all: the agent stops. The gateways go back by themselves."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _keep(self, trial: Trial) -> None:
        try:
            await self._follow(trial)
        except Exception as error:  # a bug: logged, and told on the page
            log.exception("trial failed", doorway=trial.doorway.id)
            trial.stop("trouble", repr(error))
        await self._go_back(trial)
        self._changed(trial.doorway.gateway)

    async def _follow(self, trial: Trial) -> None:
        gateway = trial.doorway.gateway
        news = self._news[trial.doorway.id]
        shown: object = None

        def take(rows: Sequence[Row]) -> None:
            for row in rows:
                if isinstance(row, ReadRow | LooksRow):
                    trial.hear(row)
            news.set()

        with self._listening.to(gateway, take):
            while True:
                trial.pass_time(self._clock())
                if trial.phase == "over":
                    return
                if shown != (shown := trial.progress):
                    self._changed(gateway)
                try:
                    await self._power(trial)
                except (PowerRefused, LinkError, NoReply) as error:
                    trial.stop("trouble", str(error))
                    continue
                await _next(news)

    async def _power(self, trial: Trial) -> None:
        wanted = trial.wants_dbm
        if wanted is None:
            return
        if wanted != trial.powered_dbm or self._clock() - trial.powered_at > RENEW_S:
            await self._send(trial, wanted, LEASE_S)
            trial.powered(wanted, self._clock())

    async def _go_back(self, trial: Trial) -> None:
        """Have the gateway end what is on trial; where it cannot be asked, it does so later."""
        if trial.powered_dbm is not None:
            try:
                await self._send(trial, trial.powered_dbm, BACK_S)
            except (PowerRefused, LinkError, NoReply) as error:
                log.warning("power stays on trial", gateway=trial.doorway.gateway, why=str(error))

    async def _send(self, trial: Trial, dbm: int, seconds: int) -> None:
        for antenna in sorted(trial.doorway.antennas):
            power = Power(antenna=antenna, dbm=dbm, seconds=seconds)
            reply = await self._ask(trial.doorway.gateway, SetPower(do="set_power", args=power))
            if reply.get("ok") is not True:
                raise PowerRefused(str(reply.get("error") or "?"))
            if reply.get("seconds") != seconds:
                raise PowerRefused("its firmware knows no power on trial: update it")


def filed_power(school: School, doorway: Doorway) -> int | None:
    """Return the whole dBm that all antennas of a doorway may have by the school file, or None."""
    gateway = school.gateways.get(doorway.gateway)
    powers = (gateway.power_dbm if gateway else None) or {}
    known = [powers[antenna] for antenna in doorway.antennas if antenna in powers]
    return int(min(known)) if len(known) == len(doorway.antennas) else None


async def _next(news: asyncio.Event) -> None:
    """Wait for the gateway's next batch, or for time to pass."""
    try:
        await asyncio.wait_for(news.wait(), STEP_S)
    except TimeoutError:
        return
    news.clear()
