"""A real ledger over an engine that says what a test told it to say."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from edge.agent.ledger.store import Ledger
from edge.agent.storage.database import FILE_NAME, open_writer, prepare
from edge.contracts.events import Event
from edge.contracts.readlog import Row, TimeRow


class Script:
    """An engine that says what it was told to say, at each position."""

    def __init__(self, said: dict[int, list[Event]]) -> None:
        self.pending = False
        self._said = said

    def feed(self, row: Row) -> Sequence[Event]:
        return self._said.get(row.pos, [])


@asynccontextmanager
async def ledger(folder: Path, said: dict[int, list[Event]]) -> AsyncIterator[Ledger]:
    path = folder / "data" / FILE_NAME
    prepare(path)
    connection = await open_writer(path)
    try:
        made = Ledger(connection, Script(said))
        await made.open()
        yield made
    finally:
        await connection.close()


async def say(folder: Path, *events: Event) -> None:
    """Each event at its own position, all in one commit."""
    async with ledger(folder, {n: [event] for n, event in enumerate(events, 1)}) as made:
        for pos in range(1, len(events) + 1):
            made.feed(pos, [TimeRow(rx=float(pos), pos=pos)])
        await made.commit()
