"""Frames of the M100 family: building commands and finding answers.

HEAD TYPE CMD PLhi PLlo params[PL] CHK END; CHK is the low byte of the sum TYPE..last param.
Nothing is escaped, so HEAD and END occur inside params and only PL tells where a frame ends.
Two dialects differ in HEAD and END alone: BB..7E (M100, YRM100, JRD-4035) and AA..DD (YPD-R200).
"""

from drivers.framing import FrameParser

BB_7E = (0xBB, 0x7E)
AA_DD = (0xAA, 0xDD)

COMMAND, RESPONSE, NOTICE = 0, 1, 2

_AROUND = 7  # bytes of a frame around its params
_MAX_PARAMS = 128  # the longest real ones: 19 + mask of a select, 5 + 62 of a notice, 64 of a read
_MAX_FRAME = _MAX_PARAMS + _AROUND


def build(framing, command, params=b""):
    """A command frame as bytes."""
    head, end = framing
    frame = bytearray(len(params) + _AROUND)
    frame[0] = head
    frame[2] = command
    frame[3] = len(params) >> 8
    frame[4] = len(params) & 0xFF
    frame[5 : 5 + len(params)] = params
    frame[-2] = _checksum(frame, 0, len(params))
    frame[-1] = end
    return bytes(frame)


class M100Parser(FrameParser):
    """Gives `handler.frame(kind, command, start, length)` each frame of the dialect it listens to.

    The params of the frame are `parser.buf[start:start + length]` during that call.
    """

    def __init__(self, framing, handler):
        super().__init__(_MAX_FRAME)
        self._handler = handler
        self.speak(framing)

    def speak(self, framing):
        """Take this dialect from now on; what is half received is forgotten."""
        self._head, self._tail = framing
        self.forget()

    def _measure(self, start, have):
        buf = self.buf
        if buf[start] != self._head:
            return -1
        if have < 5:
            return 0
        length = buf[start + 3] << 8 | buf[start + 4]
        if buf[start + 1] > NOTICE or length > _MAX_PARAMS:
            return -1
        return length + _AROUND

    def _take(self, start, total):
        buf = self.buf
        length = total - _AROUND
        if buf[start + total - 1] != self._tail:
            return False
        if buf[start + total - 2] != _checksum(buf, start, length):
            return False
        self._handler.frame(buf[start + 1], buf[start + 2], start + 5, length)
        return True


def _checksum(buf, start, length):
    total = 0
    for at in range(start + 1, start + 5 + length):
        total += buf[at]
    return total & 0xFF
