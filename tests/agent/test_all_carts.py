"""All carts asked at once say what each says that is asked alone."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from edge.agent.gateways.known import Gateways
from edge.agent.gateways.rate_book import RateBook
from edge.agent.intake.queue import Intake
from edge.agent.journal.store import load_sorter
from edge.agent.live import Live
from edge.agent.shown.queries import LedgerQueries
from edge.agent.storage.database import FILE_NAME, open_reader
from edge.contracts.readlog import ReadRow
from edge.contracts.school_file import parse_school
from edge.contracts.topics import Topics
from edge.contracts.wire import Batch, Looks
from tests.agent.schools import SITE, TEXT
from tests.agent.scripted_ledger import ledger

pytestmark = pytest.mark.anyio

TWO_CARTS = TEXT + '[carts.c2]\nhome = "hall"\ngateway = "gw-c2"\nantennas = [1]\n'

NOW = 100.0
LOOKS = {"1": Looks(14, 980), "2": Looks(13, 910)}
LOOKED = Batch(v=1, t=0, up=0, sent=0, sync=0, base=0, looks=LOOKS, reads=[])

# epc, recorded, cart, number, in cart, room, seen by
DEVICES = [
    ("E1", 1, "c1", "10", "c1", "r1", "gw-c1"),
    ("E2", 1, "c1", "2", None, "hall", "gw-d1"),  # taken out
    ("E3", 1, "c1", "3", "c2", "r1", "gw-c2"),  # in the other
    ("E4", 1, "c1", "4", None, None, None),  # never seen
    ("E5", 1, "c2", "1", "c2", "hall", "gw-c2"),
    ("E6", 0, None, None, "c2", "hall", "gw-c2"),  # a tag without a record
    ("E7", 1, None, None, None, "r1", "gw-d1"),  # of no cart
    ("E8", 1, "gone", "1", "c1", "r1", "gw-c1"),  # of a cart that the school file no longer has
]


async def test_all_at_once_is_each_alone(tmp_path: Path) -> None:
    async with asking(tmp_path) as queries:
        together = await queries.carts(NOW)
        assert together == [await queries.cart(cart, NOW) for cart in ("c1", "c2")]
    first, second = together
    assert (first.expected, first.present, first.extra) == (4, 1, ["1"])
    assert [(m.number, m.last_room, m.last_seen) for m in first.missing] == [
        ("2", "hall", 50.0),  # seen again since, which is not in the database yet
        ("3", "r1", 5.0),
        ("4", None, None),
    ]
    assert (second.expected, second.present) == (1, 1)


@asynccontextmanager
async def asking(folder: Path) -> AsyncIterator[LedgerQueries]:
    """The reading side over a database of these devices, both gateways heard just now."""
    gateways = Gateways()
    for gateway in ("gw-c1", "gw-c2"):
        for at in (NOW - 60.0, NOW - 1.0):
            gateways.batch(gateway, LOOKED, round(at * 1000), at)
    async with ledger(folder, {}) as books:
        database = folder / "data" / FILE_NAME
        fill(database)
        seen = ReadRow(rx=50.0, gateway="gw-d1", antenna=1, epc="E2", t=50.0)
        books.sightings["E2"] = seen
        reader = await open_reader(database)
        try:
            yield LedgerQueries(
                connection=reader,
                school=lambda: parse_school(TWO_CARTS),
                gateways=gateways,
                sorter=await load_sorter(reader, Topics(SITE)),
                ledger=books,
                intake=Intake(lambda: NOW),
                live=Live(),
                rates=RateBook(database),
                now=lambda: NOW,
            )
        finally:
            await reader.close()


def fill(database: Path) -> None:
    with closing(sqlite3.connect(database)) as c, c:
        for n, (epc, recorded, cart, number, inside, room, gateway) in enumerate(DEVICES):
            c.execute(
                "INSERT INTO devices (epc, recorded, asset_tag, cart, number) VALUES (?,?,?,?,?)",
                (epc, recorded, f"T-{n}", cart, number),
            )
            if gateway is not None:
                c.execute("INSERT INTO presence VALUES (?,?,1.0,0.9)", (epc, inside))
                c.execute("INSERT INTO whereabouts VALUES (?,?,1.0,0.9)", (epc, room))
                c.execute("INSERT INTO observed VALUES (?,5.0,?,1)", (epc, gateway))
