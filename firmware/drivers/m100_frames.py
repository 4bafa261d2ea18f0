"""Frames of the M100 family: building commands, and an incremental parser on one buffer.

HEAD TYPE CMD PLhi PLlo params[PL] CHK END; CHK is the low byte of the sum TYPE..last param.
Nothing is escaped, so HEAD and END occur inside params and only PL tells where a frame ends.
Two dialects differ in HEAD and END alone: BB..7E (M100, YRM100, JRD-4035) and AA..DD (YPD-R200).
"""

BB_7E = (0xBB, 0x7E)
AA_DD = (0xAA, 0xDD)

COMMAND, RESPONSE, NOTICE = 0, 1, 2

_AROUND = 7  # bytes of a frame around its params
_MAX_PARAMS = 128  # the longest real ones: 19 + mask of a select, 5 + 62 of a notice, 64 of a read
_MAX_FRAME = _MAX_PARAMS + _AROUND
_STEP = 32  # the offsets at which a view of the buffer stands ready
_SIZE = 1024  # 89 ms at 115200 baud: more than a slot's hiccup of the loop


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


class FrameParser:
    """Finds frames in a byte stream; `handler.frame(kind, command, start, length)` gets each.

    The params of the frame are `parser.buf[start:start + length]` during that call. Read into
    `space()`, then call `feed(count)`. Nothing is allocated after construction. `crc_errors`
    counts frames with a bad checksum or end, `resyncs` the runs of bytes skipped to find a head.
    """

    def __init__(self, framing, handler):
        self.buf = bytearray(_SIZE)
        view = memoryview(self.buf)
        # Ready-made, because slicing a memoryview for each read would allocate.
        self._views = [view[at:] for at in range(0, _MAX_FRAME + _STEP, _STEP)]
        self._handler = handler
        self._start = self._end = 0
        self._lost = False
        self.crc_errors = 0
        self.resyncs = 0
        self.speak(framing)

    def speak(self, framing):
        """Take this dialect from now on; what is half received is forgotten."""
        self._head, self._tail = framing
        self._start = self._end = 0
        self._lost = False

    def space(self):
        """A view to read the next bytes into, behind the frame that is half received."""
        buf = self.buf
        kept = self._end - self._start  # always less than _MAX_FRAME
        offset = (kept + _STEP - 1) // _STEP * _STEP
        source, target = self._start, offset - kept
        if target < source:
            for at in range(kept):
                buf[target + at] = buf[source + at]
        elif target > source:
            for at in range(kept - 1, -1, -1):
                buf[target + at] = buf[source + at]
        self._start, self._end = target, offset
        return self._views[offset // _STEP]

    def feed(self, count):
        """Parse after `count` bytes were read into the last `space()`."""
        self._end += count
        self._scan(False)

    def settle(self):
        """Nothing more is coming: what waits for its end is no frame; look behind its head."""
        self._scan(True)

    def _scan(self, no_more):
        buf = self.buf
        start, end = self._start, self._end
        while start < end:
            if buf[start] != self._head:
                start = self._skip(start)
                continue
            if end - start >= 5:
                length = buf[start + 3] << 8 | buf[start + 4]
                if buf[start + 1] > NOTICE or length > _MAX_PARAMS:
                    start = self._skip(start)
                    continue
                total = length + _AROUND
                if end - start >= total:
                    whole = buf[start + total - 1] == self._tail
                    if whole and buf[start + total - 2] == _checksum(buf, start, length):
                        self._lost = False
                        self._handler.frame(buf[start + 1], buf[start + 2], start + 5, length)
                        start += total
                    else:
                        self.crc_errors += 1
                        start = self._skip(start)
                    continue
            if not no_more:
                break
            start = self._skip(start)
        self._start = start

    def _skip(self, start):
        if not self._lost:
            self._lost = True
            self.resyncs += 1
        return start + 1


def _checksum(buf, start, length):
    total = 0
    for at in range(start + 1, start + 5 + length):
        total += buf[at]
    return total & 0xFF
