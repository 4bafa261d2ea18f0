"""Commands to an A0 module and their replies, at the address that it answers from."""

from drivers.a0.codes import BAD_PARAMETER, BAD_WORDS, OK, fault
from drivers.a0.frames import BROADCAST, build, epc_length
from drivers.crc16 import crc16
from drivers.errors import LinkLost, ModuleFault, WrongAnswer

READ, WRITE, LOCK = 0x81, 0x82, 0x83  # answered by a frame for each tag, or by a code
BAD_FORM = (BAD_PARAMETER, BAD_WORDS)  # how a module refuses arguments that it does not know

_REPLY_S, _TRIES = 0.5, 4  # it answers within 20 ms, or 200 when it writes its flash
_TAGS_S, _TAGS_TRIES = 2.5, 2  # 32 words are written in 0.7 s, and it tries each several times


class TagReply:
    """What one tag said to READ, WRITE or LOCK: `data` of READ, else `code`."""

    def __init__(self, pc, epc, data, code):
        self.pc = pc
        self.epc = epc
        self.data = data
        self.code = code


class Talk:
    """`address` is the module's, BROADCAST until `find` has learned it."""

    def __init__(self, link, parser):
        self.address = BROADCAST
        self._link = link
        self._parser = parser
        self._tags = []  # the replies of tags to the command under way
        self._from = BROADCAST

    def forget(self):
        """Listen to every address again."""
        self.address = BROADCAST

    async def find(self, command, seconds):
        """Ask whoever listens, and speak to who answers from then on; None when nobody does."""
        reply = await self._link.exchange(build(BROADCAST, command), command, seconds)
        if reply is not None:
            self.address = self._from
        return reply

    def send(self, command, data=b""):
        self._link.send(build(self.address, command, data))

    async def ask(self, command, data=b""):
        """The data of the reply."""
        for _ in range(_TRIES):
            reply = await self.once(command, data, _REPLY_S)
            if reply is not None:
                return reply
        raise LinkLost("{} is mute".format(self._link.name))

    async def once(self, command, data, seconds):
        """The data of the reply, or None when none came in time."""
        return await self._link.exchange(build(self.address, command, data), command, seconds)

    async def set(self, command, data):
        """A command that is answered by a code; raises `ModuleFault` on any but OK."""
        code = await self.ask(command, data)
        if len(code) != 1:
            raise WrongAnswer("command {:02X}: answer {}".format(command, code))
        if code[0] != OK:
            raise fault("command {:02X}".format(command), code[0])

    async def refusal(self, command, data, codes):
        """As `set`, but returns the `ModuleFault` where its code is one of these, else None."""
        try:
            await self.set(command, data)
        except ModuleFault as error:
            if error.code in codes:
                return error
            raise
        return None

    async def ask_tags(self, doing, command, data):
        """READ, WRITE or LOCK: a list of `TagReply`; raises what a lone code stands for."""
        for _ in range(_TAGS_TRIES):
            self._tags = []
            reply = await self.once(command, data, _TAGS_S)
            if reply is None:
                continue
            if reply:
                raise fault(doing, reply[0])
            return self._tags
        raise LinkLost("{} is mute".format(self._link.name))

    def take(self, address, command, start, length):
        """A frame that is of no inventory came; False if it is not what it claims to be."""
        if command != self._link.awaited:
            return True  # late, or of another host: whole, but nobody's
        buf = self._parser.buf
        self._from = address
        if not READ <= command <= LOCK or length == 1:
            self._link.answer(bytes(buf[start : start + length]))
            return True
        tag = _tag(buf, command, start, length)
        if tag is None:
            return False
        self._tags.append(tag)
        if len(self._tags) >= buf[start] << 8 | buf[start + 1]:
            self._link.answer(b"")
        return True


def _tag(buf, command, start, length):
    """Count u16, length, PC, EPC, CRC and data; then data length or code, port, times read."""
    if length < 10 or buf[start + 2] != length - 6:
        return None
    epc_at = start + 5
    epc_bytes = epc_length(buf, start + 3)
    data_at, data_end = epc_at + epc_bytes + 2, start + length - 3
    if data_at > data_end or data_end - data_at != (buf[data_end] if command == READ else 0):
        return None
    if crc16(buf, start + 3, epc_bytes + 2) != buf[data_at - 2] << 8 | buf[data_at - 1]:
        return None
    return TagReply(
        buf[start + 3] << 8 | buf[start + 4],
        bytes(buf[epc_at : epc_at + epc_bytes]),
        bytes(buf[data_at:data_end]),
        OK if command == READ else buf[data_end],
    )
