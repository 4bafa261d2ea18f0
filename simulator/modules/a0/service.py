"""What else an A0 reader does with its radio: 7E measures a port, B0-B4 look for ISO 18000-6B tags.

Nobody has 18000-6B tags any more; the reader looks, and says that there are none.
"""

from __future__ import annotations

from simulator.modules.a0.air import Air, Job, Step
from simulator.modules.a0.frames import Code, CommandError, demand
from simulator.modules.a0.spectrum import INDEX_COUNT, mhz_of

RETURN_LOSS = 0x7E
ISO_INVENTORY, ISO_READ, ISO_WRITE, ISO_LOCK, ISO_QUERY_LOCK = range(0xB0, 0xB5)
SERVICE_COMMANDS = frozenset((RETURN_LOSS, *range(0xB0, 0xB5)))
MEASURE_S = 0.050
ISO_LOOK_S = 0.060
UID_BYTES = 8
# A patch antenna: best at the middle of its band. An open port sends nearly all back.
BEST_DB, BEST_MHZ, DB_PER_MHZ, LEAST_DB = 22.0, 915.0, 0.35, 8.0
OPEN_DB = 1


def service(air: Air, command: int, data: bytes, at_s: float) -> Job:
    """Return the job of a command of `SERVICE_COMMANDS`; raises `CommandError` for its data."""
    if command == RETURN_LOSS:
        demand(len(data) == 1)
        demand(data[0] < INDEX_COUNT, Code.FREQUENCY_RANGE)
        return _measure(air, data[0], at_s)
    if command == ISO_READ:
        demand(len(data) == UID_BYTES + 2)
    elif command == ISO_WRITE:
        demand(len(data) > UID_BYTES + 2 and len(data) == UID_BYTES + 2 + data[UID_BYTES + 1])
    elif command in (ISO_LOCK, ISO_QUERY_LOCK):
        demand(len(data) == UID_BYTES + 1)
    return _look_for_iso(air, command, at_s)


def return_loss_db(index: int) -> int:
    """Return what an antenna at a port sends back, in dB below what it gets."""
    return round(max(LEAST_DB, BEST_DB - DB_PER_MHZ * abs(mhz_of(index) - BEST_MHZ)))


def _measure(air: Air, index: int, at_s: float) -> Job:
    port = air.settings.port
    if "low-power" in air.quirks:
        yield Step(at_s + MEASURE_S, bytes((Code.RETURN_LOSS_FAILED,)))
        return
    loss = return_loss_db(index) if air.wired(port) else OPEN_DB
    yield Step(at_s + MEASURE_S, bytes((loss,)))


def _look_for_iso(air: Air, command: int, at_s: float) -> Job:
    """An inventory ends with its port and the count of tags; the others name a tag and miss it."""
    at_s = yield Step(at_s + ISO_LOOK_S)
    if command != ISO_INVENTORY:
        raise CommandError(Code.NO_TAG)
    yield Step(at_s, bytes((air.settings.port - 1, 0)))
