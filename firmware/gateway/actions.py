"""What each command does, its arguments checked first. Loaded when the first command comes.

An action takes the command's `args` and returns the reply's fields, or a `Later` that finds them;
it raises ValueError with the reason where an argument is not what it must be.
"""

import asyncio

from drivers.errors import NotSupported, ReaderError
from drivers.reader import by_epc, by_tid

from gateway.commands import Later
from gateway.config import parse_radio

MOST_SWEEP_S = 60
MOST_IDENTIFY_S = 300
MOST_TRIED_S = 3600
MOST_SWEPT = 60  # tags in a reply: 60 x 80 bytes of at most 6 KiB
_EPC_BYTES = (2, 62)
_TID_BYTES = (4, 64)
_MOST_PASSWORD = 0xFFFFFFFF


class Actions:
    """`gateway` has `radio`, `use(radio)`, `readers` (settings), `stations`, `turns`, `intake`,
    `identify(seconds)`, `reboot()`, `self_test()` and what gateway/update.py
    asks for."""

    def __init__(self, gateway):
        self._gateway = gateway
        self._updating = False
        self._tried = TriedPower(gateway, self._use)
        self._table = {
            "set_power": self.set_power,
            "set_region": self.set_region,
            "sweep": self.sweep,
            "identify": self.identify,
            "read_tid": self.read_tid,
            "write_epc": self.write_epc,
            "selftest": self.selftest,
            "reboot": self.reboot,
            "update": self.update,
        }

    def get(self, name):
        """The action of this name, or None."""
        return self._table.get(name)

    def set_power(self, args):
        """{antenna, dbm, seconds}: until the next `config` or start; with `seconds` (absent: None)
        on trial, and back to what it was after the seconds of the last such command."""
        antenna = _whole(args, "antenna", 0, 31)
        seconds = args.get("seconds")
        own = self._tried.own()
        power = dict(own)
        if seconds is not None:
            _whole(args, "seconds", 1, MOST_TRIED_S)
            if antenna not in own:
                raise ValueError("seconds: antenna {} has no power to go back to".format(antenna))
            power = dict(self._gateway.radio.power_dbm)
        power[antenna] = args.get("dbm")
        self._use({"power_dbm": {str(number): dbm for number, dbm in power.items()}})
        reply = {"antenna": antenna, "dbm": args["dbm"]}
        if seconds is not None:
            self._tried.last(own, seconds)
            reply["seconds"] = seconds
        return reply

    def set_region(self, args):
        """{region}: until the next `config` or start; null takes the readers off the air."""
        if "region" not in args:
            raise ValueError("region: missing")
        self._use({"region": args["region"]})
        return {"region": args["region"]}

    def sweep(self, args):
        """{seconds}: which of our tags each antenna reads in that time, how often, how strongly."""
        seconds = _whole(args, "seconds", 1, MOST_SWEEP_S)
        if self._gateway.radio.region is None:
            raise ValueError("no region set: the readers stay off the air")
        return Later(lambda: self._sweep(seconds))

    def identify(self, args):
        """{seconds}: show which gateway this is."""
        seconds = _whole(args, "seconds", 1, MOST_IDENTIFY_S)
        self._gateway.identify(seconds)
        return {"seconds": seconds}

    def read_tid(self, args):
        """{epc}: the TID of the tag that has this EPC, by the first reader that hears it.

        {}: EPC and TID of the one tag at a desk's antenna, the school's or not.
        """
        if "epc" not in args:
            if not self._gateway.radio.desk:
                raise ValueError("epc: missing, and there is no desk here")
            return Later(self._read_lone_tag)
        mask = by_epc(_hex(args, "epc", _EPC_BYTES))
        return Later(lambda: self._read_tid(mask))

    def write_epc(self, args):
        """{tid or old_epc, new_epc, password}: `password` 0 to 2^32 - 1, absent for none.

        With both, by the EPC only where the module cannot find a tag by its TID.
        """
        new = _hex(args, "new_epc", _EPC_BYTES)
        masks = []
        if "tid" in args:
            masks.append(by_tid(_hex(args, "tid", _TID_BYTES)))
        if "old_epc" in args:
            masks.append(by_epc(_hex(args, "old_epc", _EPC_BYTES)))
        if not masks:
            raise ValueError("tid or old_epc: one of them is needed")
        password = 0 if args.get("password") is None else args["password"]
        password = _whole({"password": password}, "password", 0, _MOST_PASSWORD)
        return Later(lambda: self._write_epc(masks, new, password))

    def selftest(self, args):
        """{}: what this gateway can say of its parts."""
        return self._gateway.self_test()

    def reboot(self, args):
        """{}: in order, so that nothing held is lost."""
        self._gateway.reboot()
        return {}

    def update(self, args):
        """{url, manifest}: another firmware, on trial until the agent confirms a batch from it."""
        from gateway.update import prepared

        if self._updating:
            raise ValueError("an update is under way")
        work = prepared(self._gateway, args)
        self._updating = True
        return Later(lambda: self._update(work))

    async def _update(self, work):
        try:
            return await work()
        finally:
            self._updating = False

    def _use(self, fields):
        gateway = self._gateway
        gateway.use(parse_radio(fields, gateway.readers, gateway.radio))

    async def _sweep(self, seconds):
        swept = Sweep()
        await self._gateway.watch(swept, seconds)
        return swept.fields()

    async def _read_tid(self, mask):
        tid = await self._by_some_reader(lambda reader: reader.read_tid(mask))
        return {"tid": _upper(tid)}

    async def _read_lone_tag(self):
        from gateway.lone_tag import read_lone_tag

        gateway = self._gateway
        desk = gateway.radio.desk
        found = await self._by_some_reader(
            lambda reader: read_lone_tag(reader, gateway.intake, desk),
            lambda reader: any(antenna in desk for antenna in reader.antennas),
        )
        if isinstance(found, int):
            return {"tags": found}
        return {"tags": 1, "epc": _upper(found[0]), "tid": _upper(found[1])}

    async def _write_epc(self, masks, new, password):
        """Written, and read back by its new EPC."""

        async def work(reader):
            try:
                await reader.write_epc(masks[0], new, password)
            except NotSupported:
                if len(masks) == 1:
                    raise
                await reader.write_epc(masks[1], new, password)
            return await reader.read_tid(by_epc(new))

        tid = await self._by_some_reader(work)
        return {"epc": _upper(new), "tid": _upper(tid)}

    async def _by_some_reader(self, work, serves=None):
        """What the first reader answers that `serves` and can; else the last one's trouble.

        At a desk it may be a tag that is not the school's yet.
        """
        trouble = NotSupported("no reader is ready")
        radio = None
        if self._gateway.radio.desk:
            from gateway.lone_tag import open_to_all

            radio = open_to_all(self._gateway.radio)
        for station in self._gateway.stations:
            if station.may_transmit and (serves is None or serves(station.reader)):
                try:
                    return await self._gateway.turns.alone(lambda s=station: s.access(work, radio))
                except ReaderError as error:
                    trouble = error
        raise trouble


class TriedPower:
    """Powers on trial: they end by themselves, so that whoever asked may die or walk away.

    `use(fields)` brings settings into force. A `config` or command that sets powers of its own
    ends the trial: the dict of powers in force is another then.
    """

    def __init__(self, gateway, use):
        self._gateway = gateway
        self._use = use
        self._own = None
        self._powers = None  # those on trial
        self._left_s = 0
        self._waiting = False

    def own(self):
        """{antenna: dBm} as they are without a trial."""
        return self._own if self._is_on() else self._gateway.radio.power_dbm

    def last(self, own, seconds):
        """What is in force now is on trial for so long; then `own` again."""
        self._own = own
        self._powers = self._gateway.radio.power_dbm
        self._left_s = seconds
        if not self._waiting:
            self._waiting = True
            asyncio.create_task(self._end())

    def _is_on(self):
        return self._powers is not None and self._powers is self._gateway.radio.power_dbm

    async def _end(self):
        while self._is_on() and self._left_s > 0:
            await asyncio.sleep(1)
            self._left_s -= 1
        self._waiting = False
        if self._is_on():
            self._use({"power_dbm": {str(number): dbm for number, dbm in self._own.items()}})
        self._powers = None


class Sweep:
    """A tap on the intake: counts reads of each tag and antenna."""

    def __init__(self):
        self._seen = {}  # (EPC, antenna) -> [reads, strongest in tenths of dBm or None]
        self.more = 0  # reads of tags beyond what a reply can hold

    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        key = (bytes(buf[start : start + length]), antenna)
        seen = self._seen.get(key)
        if seen is None:
            if len(self._seen) >= MOST_SWEPT:
                self.more += 1
                return
            seen = self._seen[key] = [0, rssi_tenths]
        seen[0] += 1
        if rssi_tenths is not None and (seen[1] is None or rssi_tenths > seen[1]):
            seen[1] = rssi_tenths

    def fields(self):
        """`tags`: [EPC, antenna, reads, strongest dBm or null], the most read first."""
        rows = [
            [_upper(epc), antenna, count, None if best is None else best / 10]
            for (epc, antenna), (count, best) in self._seen.items()
        ]
        rows.sort(key=lambda row: -row[2])
        return {"tags": rows, "more": self.more}


def _whole(args, name, least, most):
    value = args.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError("{}: {} is not a whole number {} to {}".format(name, value, least, most))
    return value


def _hex(args, name, limits):
    """Whole words from hexadecimal text."""
    text = args.get(name)
    least, most = limits
    if not isinstance(text, str) or len(text) % 4 or not 2 * least <= len(text) <= 2 * most:
        raise ValueError("{}: {} to {} bytes in hex, in whole words".format(name, least, most))
    for digit in text:
        if digit not in "0123456789abcdefABCDEF":
            raise ValueError("{}: {} is not hexadecimal".format(name, text))
    return bytes.fromhex(text)


def _upper(data):
    return "".join(["{:02X}".format(byte) for byte in data])
