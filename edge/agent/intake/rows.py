"""From a row of the journal to the rows of the read log that the engine and `export` see.

One function for both, so that a replay of the export is fed what the live engine was fed.
"""

import msgspec

from edge.contracts.devices import Device
from edge.contracts.readlog import DeviceRow, LooksRow, ReadRow, Row, decode_row
from edge.contracts.wire import Batch, decode_batch

BATCH = "batch"


class StoredRow(msgspec.Struct, frozen=True):
    """A journal row as it stands in the database, its origin's gateway and boot with it."""

    pos: int
    rx: float
    kind: str
    gateway: str | None
    boot: str | None
    seq: int | None
    place_ms: int | None
    body: bytes


def expand_stored(stored: StoredRow) -> list[Row]:
    """Return the read log's rows of one journal row, each with its position."""
    if stored.kind == BATCH:
        if stored.gateway is None or stored.boot is None or stored.seq is None:
            raise ValueError(f"journal row {stored.pos} is a batch without a name")
        batch, _ = decode_batch(stored.body)
        return expand_batch(
            batch,
            stored.pos,
            stored.rx,
            stored.gateway,
            stored.boot,
            stored.seq,
            stored.place_ms,
        )
    row = decode_row(stored.body, stored.pos)
    if row is None:
        raise ValueError(f"journal row {stored.pos} is of unknown kind {stored.kind}")
    return [at_pos(row, stored.pos)]


def expand_batch(
    batch: Batch,
    pos: int,
    rx: float,
    gateway: str,
    boot: str,
    seq: int,
    place_ms: int | None,
) -> list[Row]:
    """Return the looks and reads of a batch whose zero was placed at `place_ms` (Unix ms).

    The looks go first: a tag that answered in these rounds is not one that missed them. They
    hold up to the last moment that a read of the batch tells of.
    """
    rows: list[Row] = []
    up, sync = batch.up, batch.sync
    off = None  # s that the gateway's own clock is ahead, where it is not believed
    if batch.t is not None and place_ms is not None and batch.t != place_ms:
        off = (batch.t - place_ms) / 1000
    if batch.looks:
        rows.append(
            LooksRow(
                rx=rx,
                pos=pos,
                gateway=gateway,
                looks={int(a): (look.rounds, look.on_air_ms) for a, look in batch.looks.items()},
                t=None if place_ms is None else (place_ms + length_ms(batch)) / 1000,
                boot=boot,
                seq=seq,
                up=up,
                sync=sync,
                off=off,
            )
        )
    rows.extend(
        [
            ReadRow(
                rx=rx,
                pos=pos,
                gateway=gateway,
                antenna=read.antenna,
                epc=read.epc,
                t=None if place_ms is None else (place_ms + read.dt) / 1000,
                rssi=read.rssi,
                n=read.n,
                span=read.span / 1000,
                peak=read.peak / 1000,
                boot=boot,
                seq=seq,
                up=up,
                sync=sync,
                off=off,
            )
            for read in batch.reads
        ]
    )
    return rows


def length_ms(batch: Batch) -> int:
    """From the batch's zero to the last moment that a read of it tells of."""
    return max([read.dt + read.span for read in batch.reads], default=0)


def device_row(device: Device, rx: float) -> DeviceRow:
    """The journal's row of a device record."""
    return DeviceRow(
        rx=rx,
        epc=device.epc,
        asset_tag=device.asset_tag,
        serial=device.serial,
        model=device.model,
        home=device.home,
        cart=device.cart,
        number=device.number,
    )


def at_pos(row: Row, pos: int) -> Row:
    """The row at its journal position."""
    return msgspec.structs.replace(row, pos=pos)
