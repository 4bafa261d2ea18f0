"""What came and went at a cart, asked of a real database."""

import asyncio

from edge.agent.ledger.docking import docking
from edge.agent.storage.database import open_reader, open_writer, prepare
from edge.contracts.events import Docked, Undocked, encode_event

OLD = Docked("1.0", 5.0, 6.0, "E1", "c1", 0.9)
LEFT = Undocked("2.0", 20.0, 21.0, "E1", "c1", 0.9)
BACK = Docked("3.0", 15.0, 31.0, "E2", "c1", 0.9)
WRONG = Docked("4.0", 25.0, 31.0, "E3", "c1", 0.9)
OTHER = Docked("5.0", 25.0, 31.0, "E3", "c2", 0.9)


async def asked(path, cart, since):
    prepare(path)
    writer = await open_writer(path)
    try:
        for pos, event in enumerate((OLD, LEFT, BACK, WRONG, OTHER)):
            kind = "docked" if isinstance(event, Docked) else "undocked"
            await writer.execute(
                "INSERT INTO events VALUES (?, 0, ?, ?, ?, ?, ?, ?)",
                (pos, event.t, event.decided, kind, event.epc, event is WRONG, encode_event(event)),
            )
    finally:
        await writer.close()
    reader = await open_reader(path)
    try:
        return await docking(reader, cart, since)
    finally:
        await reader.close()


def test_what_stands_of_a_cart_since_then_comes_in_order_of_time(tmp_path):
    assert asyncio.run(asked(tmp_path / "rollcall.db", "c1", 10.0)) == [BACK, LEFT]
