"""One reader on this machine for whoever writes JSON lines: `desk.py --data DIR`.

Runs on MicroPython and CPython. A line on standard input asks, a line on standard output
answers; the end of the input closes the reader and ends the program.

    {"do":"open","family":"m100","port":"/dev/ttyUSB0","region":"US","power_dbm":15}
                                            -> {"ok":true,"version":".."}
    {"do":"look","ms":300}                  -> {"ok":true,"epcs":["..",".."]}
    {"do":"read_tid","epc":".."}            -> {"ok":true,"tid":".."}
    {"do":"write_epc","epc":"..","tid":"..","new":"..","password":0}    -> {"ok":true}

What goes wrong answers {"ok":false,"error":"TagFault","text":".."}, with the class of the error
that a driver raised, or "BadRequest"; where the port cannot be opened with its "errno".
"""

import asyncio
import json
import sys

import board.compact  # noqa: F401 - before all others, for what it does when imported
from board.host import TICKS_PERIOD, Board
from drivers.errors import LinkLost, NotSupported, ReaderError
from drivers.families import NAMES, driver_of
from drivers.reader import Radio, by_epc, by_tid
from gateway.clock import Clock

_ANTENNA = 1


class BadRequest(Exception):
    """A request that cannot be understood or comes at the wrong time."""


class Tags:
    """The sink: which EPCs answered."""

    def __init__(self):
        self.epcs = []

    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        epc = bytes(buf[start : start + length])
        if epc not in self.epcs:
            self.epcs.append(epc)

    def looked(self, antenna, rounds, on_air_ms):
        """How often it looked is of no interest here."""


class Desk:
    """Does what is asked with the one reader it was told to open."""

    def __init__(self, board):
        self._board = board
        self._reader = None
        self._tags = Tags()
        self._work = {
            "open": self._open,
            "look": self._look,
            "read_tid": self._read_tid,
            "write_epc": self._write_epc,
        }

    async def do(self, request):
        """The answer to one request; raises `ReaderError`, OSError or `BadRequest`."""
        work = self._work.get(request.name)
        if work is None:
            raise BadRequest("cannot do {}".format(request.name))
        if self._reader is None and request.name != "open":
            raise BadRequest("no reader is open")
        return await work(request)

    async def close(self):
        """Silence the module, as far as it still listens, and give its port back."""
        if self._reader is None:
            return
        try:
            await self._reader.stop()
        except ReaderError:
            pass  # it is gone; whoever asked has been told
        await self._reader.close()
        self._reader = None

    async def _open(self, request):
        await self.close()
        family, region = request.text("family"), request.text("region")
        power = request.number("power_dbm")
        if family not in NAMES:
            raise BadRequest("no driver for family {}".format(family))
        driver = driver_of(family)
        least, most = driver.power_range_dbm
        if not least <= power <= most:
            raise NotSupported("{} has {} to {} dBm".format(family, least, most))
        clock = Clock(self._board.ticks_ms, TICKS_PERIOD)
        port = self._board.port(request.text("port"))
        reader = driver(port, [_ANTENNA], self._tags, clock)
        try:
            version = await reader.open()
            await reader.configure(Radio(region, {_ANTENNA: power}))
        except (ReaderError, OSError):
            await reader.close()
            raise
        self._reader = reader
        return {"version": version}

    async def _look(self, request):
        self._tags.epcs = []
        await self._reader.stream(request.number("ms"))
        return {"epcs": [epc.hex().upper() for epc in self._tags.epcs]}

    async def _read_tid(self, request):
        tid = await self._reader.read_tid(by_epc(request.bytes("epc")))
        return {"tid": tid.hex().upper()}

    async def _write_epc(self, request):
        """To the tag with this TID: a copy of its EPC may lie somewhere near."""
        epc, tid, new = request.bytes("epc"), request.bytes("tid"), request.bytes("new")
        password = request.number("password")
        try:
            await self._reader.write_epc(by_tid(tid), new, password)
        except NotSupported:  # such a module finds tags by their EPC alone
            await self._reader.write_epc(by_epc(epc), new, password)
        return {}


class Request:
    """One line, and its fields checked as they are asked for."""

    def __init__(self, line):
        try:
            self._fields = json.loads(line)
            self.name = self._fields.get("do")
        except (ValueError, AttributeError):
            raise BadRequest("not a JSON object: {}".format(line.strip())) from None

    def text(self, name):
        return self._field(name, str)

    def number(self, name):
        return self._field(name, (int, float))

    def bytes(self, name):
        try:
            return bytes.fromhex(self._field(name, str))
        except ValueError:
            raise BadRequest("{} is not hex".format(name)) from None

    def _field(self, name, kind):
        value = self._fields.get(name)
        if not isinstance(value, kind):
            raise BadRequest("{} is missing or wrong".format(name))
        return value


async def _serve(desk):
    # Waiting for a line blocks the loop. That is meant: between requests the module is silent,
    # and what a board's loop cannot do here (read standard input) need not be done twice.
    while True:
        line = sys.stdin.readline()
        if not line:
            break
        answer = await _answer(desk, line)
        sys.stdout.write(json.dumps(answer) + "\n")
        if hasattr(sys.stdout, "flush"):
            sys.stdout.flush()
    await desk.close()


async def _answer(desk, line):
    try:
        answer = await desk.do(Request(line))
    except OSError as error:  # the port cannot be opened; interpreters word it differently
        refusal = _refusal(LinkLost.__name__, error)
        refusal["errno"] = error.errno
        return refusal
    except (BadRequest, ReaderError) as error:
        return _refusal(type(error).__name__, error)
    answer["ok"] = True
    return answer


def _refusal(name, error):
    return {"ok": False, "error": name, "text": str(error)}


def main(arguments):
    """Exit status: 0 when the input ended, 2 wrong usage."""
    if len(arguments) != 2 or arguments[0] != "--data":
        sys.stderr.write("usage: desk.py --data DIR\n")
        return 2
    asyncio.run(_serve(Desk(Board(arguments[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
