"""Finding a module of the UHFReader18 family on its line, and asking it things."""

from drivers.errors import LinkLost, ModuleFault, WrongAnswer
from drivers.uhfreader18.frames import ANYBODY, build
from drivers.uhfreader18.status import OK, UNKNOWN_COMMAND, fault

_INFO, _WORK_MODE_18, _WORK_MODE = 0x21, 0x35, 0x76

_READER18 = 0x09
_MODELS = {
    _READER18: "UHFReader18",
    0x0C: "UHFReader288M",
    0x0F: "UHFReader86",
    0x10: "UHFReader86",
    0x20: "UHFReader288MP",
}

_BAUDS = (57600, 115200, 38400, 19200, 9600)  # as shipped, as newer ones are, and the others
_PROBE_S = 0.3  # longer than the 175 ms that an inventory left under way may still take
_REPLY_S = 1.0
_TRIES = 2
_ANSWER_18 = b"\x00\x06\x04\x00\x01\x00"  # answer mode; output by wire, without the beeper


class Talk:
    """The command side of one module; `model` and `is_18` are known once it was found."""

    def __init__(self, link, parser):
        self.model = "uhfreader18"
        self.is_18 = False
        self._link = link
        self._parser = parser
        self._address = ANYBODY

    async def find(self):
        """Find the module's rate, address and model; returns its information."""
        await self._link.open(_BAUDS[0])
        for baud in _BAUDS if self._link.has_baud else _BAUDS[:1]:
            self._link.set_baud(baud)
            for _ in range(_TRIES):
                info = await self._probe()
                if info:
                    return info
        raise LinkLost("no answer on {} at any rate".format(self._link.name))

    async def silence(self):
        """Answer mode: the module reads only when told to."""
        if self.is_18:
            await self.ask(_WORK_MODE_18, _ANSWER_18)
        else:
            await self.ask_if_known(_WORK_MODE, b"\x00")

    async def info(self):
        """Firmware (2), type, protocols, highest and lowest frequency, power, scan time, and of
        later models antennas, beep, output, antenna check."""
        info = await self.ask(_INFO)
        if len(info) < 8:
            raise WrongAnswer("reader information {}".format(info))
        return info

    async def ask(self, command, data=b""):
        """Send a command, again where nothing comes; return the data of its answer."""
        for _ in range(_TRIES):
            reply = await self.exchange(command, data, _REPLY_S)
            if reply is not None:
                return _good("command {:02X}".format(command), reply)
        raise self.unanswered(_REPLY_S)

    async def ask_once(self, command, data, doing, seconds):
        """For what may not be done twice; `doing` names it in an error."""
        reply = await self.exchange(command, data, seconds)
        if reply is None:
            raise self.unanswered(seconds)
        return _good(doing, reply)

    async def ask_if_known(self, command, data):
        """For what only some models have."""
        try:
            await self.ask(command, data)
        except ModuleFault as refused:
            if refused.code != UNKNOWN_COMMAND:
                raise

    def exchange(self, command, data, seconds):
        """One command and its reply as (status, data), or None when none came in time."""
        return self._link.exchange(self.frame(command, data), command, seconds)

    def frame(self, command, data=b""):
        """A command to this module."""
        return build(self._address, command, data)

    def is_mute(self, seconds):
        """Whether nothing came since a command that had so long for its answer: else it was
        damaged. A list of many tags is one long frame, so on a bad line most of them are."""
        return self._link.quiet_ms() > 900 * seconds  # nine tenths of it: two clocks round

    def unanswered(self, seconds):
        """The error for a command that had so long for its answer."""
        if self.is_mute(seconds):
            return LinkLost("{} is mute".format(self._link.name))
        return WrongAnswer("answers on {} come damaged".format(self._link.name))

    async def _probe(self):
        """Ask whoever is there; None where nobody answers."""
        self._address = ANYBODY
        self._parser.listen_to(ANYBODY)
        reply = await self.exchange(_INFO, b"", _PROBE_S)
        if reply is None or reply[0] != OK or len(reply[1]) < 8:
            return None
        self._address = self._parser.sender
        self._parser.listen_to(self._address)
        kind = reply[1][2]
        self.is_18 = kind == _READER18
        self.model = _MODELS.get(kind, "UHFReader type {:02X}".format(kind))
        return reply[1]


def _good(doing, reply):
    status, data = reply
    if status != OK:
        raise fault(doing, status, data)
    return data
