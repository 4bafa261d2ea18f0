"""The agent whole: opens the database, works the journal through, runs its tasks, stops in order.

Stopping goes with the data: intake, queue, writer, broker's farewell, database. A task that dies
takes the agent down with it, to be started again by whoever watches over it.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from typing import Any

import aiosqlite
import structlog

from edge.agent.engine import Engine
from edge.agent.gateways.known import Gateways
from edge.agent.gateways.listening import Listening
from edge.agent.gateways.lying import Lying
from edge.agent.gateways.rate_book import RateBook
from edge.agent.home_assistant import discovery
from edge.agent.home_assistant.link import HomeLink
from edge.agent.inbox import empty_inbox, leave
from edge.agent.ingest import Ingest
from edge.agent.intake.queue import Fact, Intake
from edge.agent.intake.rows import device_row
from edge.agent.journal.store import load_sorter
from edge.agent.ledger.acknowledging import acknowledge
from edge.agent.ledger.store import EngineLike, Ledger
from edge.agent.link.ask_gateway import ask_gateway
from edge.agent.link.broker import Broker
from edge.agent.link.publisher import Identity
from edge.agent.link.updating import update_gateway
from edge.agent.live import Change, Live
from edge.agent.process.clock import Clock
from edge.agent.process.in_thread import in_thread
from edge.agent.reception import Reception
from edge.agent.school.school_book import SchoolBook
from edge.agent.school.school_in_force import SchoolInForce
from edge.agent.shown.queries import LedgerQueries
from edge.agent.shown.views import Queries
from edge.agent.shown.watch import Watch, watch
from edge.agent.snapshot.snapshots import Snapshots
from edge.agent.start_up import StartUp
from edge.agent.storage.database import FILE_NAME, database_id, open_reader, open_writer, prepare
from edge.agent.storage.lock import data_folder_lock
from edge.agent.tags.tag_book import TagBook
from edge.agent.time_rows import keep_time
from edge.agent.upkeep.housekeeping import housekeeping
from edge.contracts.commands import Command, TagCommand, longest_wait_s
from edge.contracts.devices import Device
from edge.contracts.readlog import CalendarRow
from edge.contracts.school import School
from edge.contracts.settings import AgentSettings
from edge.contracts.topics import Topics
from edge.custody.store import Custody
from edge.notify.desk import NoticeDesk

log = structlog.get_logger()

# Everything must have stopped within 3 s. Writing and the page have this long, at the same time.
DRAIN_S = 1.5


class TaskDied(Exception):
    """A task of the agent ended by itself: a bug. The agent stops, to be started again."""


class Agent:
    """One agent. `run` it once; `stop` makes `run` return, with everything in its place.

    `opened` is set when the queries answer, `ready` when the journal is worked through and the
    agent takes batches. `let_go`, where set, is awaited before the database is closed: it stops
    whoever asks the queries.
    """

    def __init__(
        self,
        settings: AgentSettings,
        *,
        take_over: bool = False,
        clock: Clock | None = None,
        make_engine: Callable[[], EngineLike] = Engine,
    ) -> None:
        """Read the school file; raises `SchoolError` with all that is wrong in it."""
        self.live = Live()
        self.listening = Listening()
        self.opened = asyncio.Event()
        self.ready = asyncio.Event()
        self.let_go: Callable[[], Coroutine[None, None, None]] | None = None
        self._settings = settings
        self._clock = clock or Clock()
        self.custody = Custody(settings.data / FILE_NAME, self._clock.now)
        self.notices = NoticeDesk(
            settings.data / FILE_NAME, settings.notify, lambda: self.school.name
        )
        self.tags = TagBook(settings.data / FILE_NAME, lambda: self.school, self._clock.now)
        self._take_over_ms = round(self._clock.now() * 1000) if take_over else None
        self._make_engine = make_engine
        self._in_force = SchoolInForce(settings.school)
        self.school_book = SchoolBook(
            self._in_force, settings.data / FILE_NAME, self._clock.now, self.reload_school
        )
        self._topics = Topics(self._in_force.school.site)
        self._intake = Intake(self._clock.monotonic)
        self._gateways = Gateways(Lying(lambda: self.school.desks.values()))
        self._stopping = asyncio.Event()
        self._queries: LedgerQueries | None = None
        self._broker: Broker | None = None
        self._ingest: Ingest | None = None
        self._home: HomeLink | None = None

    @property
    def school(self) -> School:
        """The school file in force; another object after each change of the file."""
        return self._in_force.school

    @property
    def queries(self) -> Queries:
        """The reading side; there once `opened` is set."""
        if self._queries is None:
            raise RuntimeError("the agent has not opened its database yet")
        return self._queries

    @property
    def broker_connected(self) -> bool:
        """Whether it is connected to the broker as the active agent."""
        return self._broker is not None and self._broker.active

    @property
    def not_ready_because(self) -> str | None:
        """One sentence while it takes no batches for a reason of its own, or None."""
        if self._stopping.is_set():
            return "The agent is stopping."
        if not self.ready.is_set():
            return "The agent is working its journal through."
        if self._broker is not None and self._broker.passive_because_of is not None:
            other = self._broker.passive_because_of[:8]
            return f"Another agent ({other}) is active; start this one with --take-over."
        if self.cannot_write is not None:
            return f"The database cannot be written: {self.cannot_write}."
        return None

    @property
    def cannot_write(self) -> str | None:
        """Why nothing can be written now (disk full, database locked), or None."""
        return None if self._ingest is None else self._ingest.failing

    def stop(self) -> None:
        """Let `run` come to its end; may be called again."""
        self._stopping.set()

    async def asked_to_stop(self) -> None:
        """Return once it is to stop, or came to its end by itself."""
        await self._stopping.wait()

    def reload_school(self) -> None:
        """Read the school file again; a bad one is refused with all its problems logged."""
        if not self._in_force.reload():
            return
        self._intake.offer_fact(Fact(self._in_force.row(self._clock.now())))
        if self._broker is not None:
            self._broker.publish_config()
        self.live.publish([Change("school", "")])

    async def allow_exits(self, epcs: Sequence[str], start: float, until: float) -> None:
        """Let these devices leave the building from `start` until `until`, Unix seconds.

        Raises:
            DatabaseError: the database stays locked; nothing is changed.
        """
        row = CalendarRow(rx=self._clock.now(), start=start, until=until, epcs=list(epcs))
        await leave(self._settings.data / FILE_NAME, [row])

    async def keep_records(self, devices: Sequence[Device]) -> None:
        """Take these records of devices in, each in place of the one it has, all or none.

        Raises:
            DatabaseError: the database stays locked; nothing is changed.
        """
        now = self._clock.now()
        rows = [device_row(device, now) for device in devices]
        await leave(self._settings.data / FILE_NAME, rows)

    async def acknowledge(self, alerts: Sequence[str], account: str | None, note: str) -> bool:
        """Note that somebody has seen to these alerts; False, and none, where one is not there."""
        database = self._settings.data / FILE_NAME
        found = await acknowledge(database, alerts, account, note, self._clock.now())
        if found:
            self.live.publish([Change("alert", alert) for alert in alerts])
        return found

    async def command(self, gateway: str, command: Command | TagCommand) -> dict[str, Any]:
        """Have a gateway do something; return its reply. Raises `LinkError`, `NoReply`."""
        args, wait_s = command.args.model_dump(exclude_none=True), longest_wait_s(command)
        site = self.school.site
        return await ask_gateway(self._settings.mqtt, site, gateway, command.do, args, wait_s)

    async def update(self, gateway: str) -> dict[str, Any]:
        """Have a gateway take this version's firmware; its reply. Raises `CannotUpdate`."""
        return await update_gateway(self._settings, self.school.site, gateway)

    async def run(self) -> None:
        """Run until `stop`.

        Raises:
            DatabaseError, AlreadyRunning: the data cannot be used; the text says what to do.
            TaskDied: a bug; the text names the task.
        """
        path = self._settings.data / FILE_NAME
        async with AsyncExitStack() as stack:
            stack.callback(self.stop)
            stack.enter_context(data_folder_lock(self._settings.data))
            if not await self._unless_stopped(in_thread(lambda: prepare(path), "prepare")):
                return
            writer = await open_writer(path)
            stack.push_async_callback(writer.close)
            reader = await open_reader(path)
            stack.push_async_callback(reader.close)
            await self._run_on(writer, reader)

    async def _run_on(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        clock = self._clock
        who = Identity(await database_id(writer), secrets.token_hex(8))
        sorter = await load_sorter(writer, self._topics)
        ledger = Ledger(writer, self._make_engine())
        await ledger.open()
        snapshots = Snapshots(self._settings.data, writer, who.id, clock)
        reception = Reception(self._topics, self._intake, self._gateways, ledger, clock)
        self._broker = broker = Broker(
            settings=self._settings.mqtt,
            topics=self._topics,
            who=who,
            school=lambda: self.school,
            receive=self._by_topic(reception),
            clock=clock,
            take_over_ms=self._take_over_ms,
            besides=[discovery.subscription(self.school.site)],
        )
        rates = RateBook(self._settings.data / FILE_NAME)
        self._ingest = ingest = Ingest(
            connection=writer,
            sorter=sorter,
            intake=self._intake,
            ledger=ledger,
            snapshots=snapshots,
            gateways=self._gateways,
            live=self.live,
            listening=self.listening,
            counts=rates.counts,
            clock=clock,
            agent_id=who.id,
            confirm=broker.confirm,
        )
        self._queries = LedgerQueries(
            connection=reader,
            school=lambda: self.school,
            gateways=self._gateways,
            sorter=sorter,
            ledger=ledger,
            intake=self._intake,
            live=self.live,
            now=clock.now,
            rates=rates,
        )
        self._home = HomeLink(
            discovery=self._settings.home_assistant.discovery,
            url=self._settings.http.public_url,
            school=lambda: self.school,
            queries=self._queries,
            line=broker,
            live=self.live,
            clock=clock,
        )
        self.opened.set()
        start_up = StartUp(
            connection=writer,
            ledger=ledger,
            snapshots=snapshots,
            ingest=ingest,
            gateways=self._gateways,
            in_force=self._in_force,
            devices=self._settings.devices,
            clock=clock,
        )
        if not await self._unless_stopped(start_up.know_the_journal(sorter.last_pos)):
            if self.let_go is not None:
                await self.let_go()
            return
        self.ready.set()
        log.info("agent ready", school=self.school.name, id=who.id, journal=sorter.last_pos)
        tasks = [
            asyncio.create_task(broker.run(), name="broker"),
            asyncio.create_task(keep_time(ledger, ingest, self._intake, clock), name="time"),
            asyncio.create_task(empty_inbox(reader, self._intake), name="inbox"),
            asyncio.create_task(self._home.run(), name="home"),
            asyncio.create_task(
                watch(Watch(self._gateways), lambda: self.school, self.live, clock), name="watch"
            ),
            asyncio.create_task(rates.keep(clock.now, lambda: self.school.zone), name="rates"),
            *housekeeping(self._settings, clock, lambda: self.school),
        ]
        writing = asyncio.create_task(ingest.run(), name="ingest")
        try:
            await self._until_stopped([*tasks, writing])
        finally:
            await self._stop_in_order(tasks, writing, broker)

    def _by_topic(self, reception: Reception) -> Callable[[str, bytes], None]:
        site = self.school.site

        def receive(topic: str, payload: bytes) -> None:
            if discovery.is_own(topic, site):
                if self._home is not None:
                    self._home.heard(topic, payload)
            else:
                reception.receive(topic, payload)

        return receive

    async def _unless_stopped(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do what must be done before anything else; False: it is to stop before that is done."""
        doing = asyncio.create_task(work, name="start")
        stop = asyncio.create_task(self._stopping.wait(), name="stop")
        try:
            await asyncio.wait([doing, stop], return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                doing.result()
                return True
            log.info("stopped before the journal was worked through")
            return False
        finally:
            stop.cancel()
            doing.cancel()
            await asyncio.gather(doing, return_exceptions=True)

    async def _until_stopped(self, tasks: list["asyncio.Task[None]"]) -> None:
        stop = asyncio.create_task(self._stopping.wait(), name="stop")
        try:
            done, _ = await asyncio.wait([stop, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            stop.cancel()
        for task in done:
            if task is not stop:
                raise TaskDied(f"task {task.get_name()} ended") from task.exception()

    async def _stop_in_order(
        self, tasks: list["asyncio.Task[None]"], writing: "asyncio.Task[None]", broker: Broker
    ) -> None:
        self._stopping.set()
        self.live.close()
        self._intake.close()
        leaving = [writing]
        if self.let_go is not None:
            leaving.append(asyncio.create_task(self.let_go(), name="let-go"))
        await asyncio.wait(leaving, timeout=DRAIN_S)
        if not writing.done():
            log.warning("not all could be written in time; the gateways still hold it")
        for task in [*leaving, *tasks]:
            task.cancel()
        await asyncio.gather(*leaving, *tasks, return_exceptions=True)
        await broker.close()
        log.info("agent stopped")
