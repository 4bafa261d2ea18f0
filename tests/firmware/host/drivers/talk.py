"""One visit to a reader, under MicroPython: `talk.py ROOT FAMILY PORT ANTENNAS OLD NEW`.

Reads for a second, writes the EPC NEW into the tag OLD, reads again, reads its TID by the new
EPC. Prints a JSON object; every failure is a traceback and an exit status.
"""

import asyncio
import json
import sys

root, family, address, antennas, old, new = sys.argv[1:]
sys.path[:] = [root + "/firmware", root] + sys.path[1:]

from board.host import TICKS_PERIOD, Board  # noqa: E402
from drivers.families import driver_of  # noqa: E402
from drivers.reader import Radio, by_epc  # noqa: E402
from gateway.clock import Clock  # noqa: E402

SLOT_MS = 100


class Tally:
    """How often each EPC was heard at each antenna, and the rounds made."""

    def __init__(self):
        self.reads = {}
        self.rounds = 0

    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        name = "{}@{}".format(bytes(buf[start : start + length]).hex(), antenna)
        self.reads[name] = self.reads.get(name, 0) + 1

    def looked(self, antenna, rounds, on_air_ms):
        self.rounds += rounds


async def visit():
    board = Board("/")
    tally = Tally()
    numbers = [int(word) for word in antennas.split("+")]
    clock = Clock(board.ticks_ms, TICKS_PERIOD)
    driver = driver_of(family)(board.port(address), numbers, tally, clock)
    version = await driver.open()
    await driver.configure(Radio("US", dict.fromkeys(numbers, 20)))
    before = await read_for_a_second(driver, tally)
    await driver.write_epc(by_epc(bytes.fromhex(old)), bytes.fromhex(new))
    after = await read_for_a_second(driver, tally)
    tid = await driver.read_tid(by_epc(bytes.fromhex(new)))
    await driver.stop()
    await driver.close()
    result = {"version": version, "before": before, "after": after, "tid": tid.hex()}
    result["rounds"] = tally.rounds
    result["damaged"] = driver.crc_errors
    print(json.dumps(result))


async def read_for_a_second(driver, tally):
    tally.reads = {}
    for _ in range(1000 // SLOT_MS):
        await driver.stream(SLOT_MS)
    return tally.reads


asyncio.run(visit())
