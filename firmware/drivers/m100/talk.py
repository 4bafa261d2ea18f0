"""Commands to an M100 and their answers: finding it, asking again, waking it."""

from drivers.errors import LinkLost, WrongAnswer
from drivers.m100 import codes as codes
from drivers.m100.frames import AA_DD, BB_7E, build

_BAUDS = (115200, 9600)  # R200 and YRM100 as shipped; what the old M100 manual says
_PROBE_S = 0.3  # the module answers within 20 ms; the rest is for a loaded host
_PROBES = 2  # of each framing: for 0.5 s after power, and once after sleep, none is answered
_REPLY_S = 0.5  # at 9600 baud 300 ms of notices may stand before the answer
_TRIES = 3  # an answer may be hit on the line; a mute module is known after 1.5 s
_WAKE_TRIES = 4  # a woken module was seen to answer the second or third command


class Talk:
    """One module at the other end of `link`. Whoever gets its frames answers `link.awaited`, a
    tuple of good codes, with (code, params)."""

    def __init__(self, link, parser):
        self.baud = _BAUDS[0]
        self._link = link
        self._parser = parser
        self._framing = BB_7E
        self.asleep = False

    async def find(self):
        """Open the port and find the module's rate and framing; returns its version text."""
        self.asleep = False
        link = self._link
        await link.open(_BAUDS[0])
        for self.baud in _BAUDS if link.has_baud else _BAUDS[:1]:
            link.set_baud(self.baud)
            for framing in (BB_7E, AA_DD) * _PROBES:
                version = await self._probe(framing)
                if version is not None:
                    await self.halt()
                    return version
        raise LinkLost("no answer on {} at any rate, BB or AA".format(link.name))

    async def halt(self):
        """Stop polling and wait until the module says so: what it sent before has then arrived."""
        await self.ask(codes.STOP)

    async def sleep(self):
        await self.set(codes.SLEEP)
        self.asleep = True

    async def set_and_check(self, command, getter, params):
        """Change a setting and read it back; a module may fill what it holds up with zeros."""
        await self.set(command, params)
        back = await self.ask(getter)
        if back[: len(params)] != params:
            raise WrongAnswer("command {:02X}: {} set, {} read back".format(command, params, back))

    async def set(self, command, params=b"", answers_as=None):
        """Send a command whose good answer is 00; `answers_as` is a second good code."""
        reply = await self.ask(command, params, answers_as)
        if reply != b"\x00":
            raise WrongAnswer("command {:02X}: answer {}".format(command, reply))

    async def ask(self, command, params=b"", answers_as=None, doing=None, seconds=_REPLY_S):
        """Send a command, return the params of its answer; `doing` says what failed if it does."""
        if self.asleep:
            await self._wake()
        for _ in range(_TRIES):
            reply = await self._exchange(command, params, answers_as or command, seconds)
            if reply is None:
                continue
            code, answer = reply
            if code == codes.FAILED:
                raise codes.fault(doing or "command {:02X}".format(command), answer[0])
            return answer
        raise LinkLost("{} is mute".format(self._link.name))

    def send(self, command, params=b""):
        """Send a command that is not answered at once, or not waited for."""
        self._link.send(build(self._framing, command, params))

    async def _probe(self, framing):
        self._framing = framing
        self._parser.speak(framing)
        self.send(codes.STOP)  # it may still be polling for a gateway that died
        reply = await self._exchange(codes.VERSION, b"\x00", codes.VERSION, _PROBE_S)
        return _text(reply[1]) if reply and reply[0] == codes.VERSION else None

    async def _wake(self):
        self.asleep = False
        for _ in range(_WAKE_TRIES):
            if await self._exchange(codes.STOP, b"", codes.STOP, _PROBE_S):
                return

    def _exchange(self, command, params, answers_as, seconds):
        """One command and its reply as (code, params), or None when none came in time."""
        frame = build(self._framing, command, params)
        return self._link.exchange(frame, (command, answers_as), seconds)


def _text(version):
    """The ASCII of a version answer behind its type byte; a module may send any byte."""
    return "".join(chr(byte) for byte in version[1:] if 32 <= byte < 127)
