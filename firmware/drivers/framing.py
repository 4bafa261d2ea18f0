"""What every family's frame parser shares: one buffer, a search for frames, counters.

A family says how long the frame at a place is (`_measure`) and takes it when it is whole
(`_take`). After a frame that fails its check the search goes on at the very next byte, so noise
costs only the frames that it hit.
"""

_STEP = 32  # the offsets at which a view of the buffer stands ready
_SIZE = 1024  # 89 ms at 115200 baud: more than a slot's hiccup of the loop


class FrameParser:
    """Finds frames in a byte stream; nothing is allocated after construction.

    Read into `space()`, then call `feed(count)`. A frame's bytes are in `buf` while its handler
    runs, and no longer. `max_frame` is the longest frame in bytes. `crc_errors` counts frames
    that failed their check, `resyncs` the runs of bytes skipped to find the next frame.
    """

    def __init__(self, max_frame, size=_SIZE):
        self.buf = bytearray(size)
        view = memoryview(self.buf)
        # Ready-made, because slicing a memoryview for each read would allocate.
        self._views = [view[at:] for at in range(0, max_frame + _STEP, _STEP)]
        self._start = self._end = 0
        self._lost = False
        self.crc_errors = 0
        self.resyncs = 0

    def space(self):
        """A view to read the next bytes into, behind the frame that is half received."""
        buf = self.buf
        kept = self._end - self._start  # always less than the longest frame
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
        """Parse after `count` bytes were read into the last `space()`; whether any was parsed."""
        before = self._start
        self._end += count
        self._scan(False)
        return self._start != before

    def is_waiting(self):
        """Whether a frame is half received."""
        return self._end > self._start

    def resync(self):
        """What is half received stays so: it is no frame, look behind its head."""
        self._start = self._skip(self._start)
        self._scan(False)

    def settle(self):
        """Nothing more is coming: what waits for its end is no frame; look behind its head."""
        self._scan(True)

    def forget(self):
        """Drop what is half received: the link is new, or speaks another dialect."""
        self._start = self._end = 0
        self._lost = False

    # What a family implements:
    #
    # _measure(start, have)  the length of the frame at buf[start], of which `have` bytes (one at
    #                        least) are here; 0: more are needed to tell; -1: none begins here
    # _take(start, total)    the frame is whole: check it and hand it on; False if the check fails

    def _scan(self, no_more):
        start, end = self._start, self._end
        while start < end:
            total = self._measure(start, end - start)
            if total < 0:
                start = self._skip(start)
            elif 0 < total <= end - start:
                if self._take(start, total):
                    self._lost = False
                    start += total
                else:
                    self.crc_errors += 1
                    start = self._skip(start)
            elif no_more:
                start = self._skip(start)
            else:
                break
        self._start = start

    def _skip(self, start):
        if not self._lost:
            self._lost = True
            self.resyncs += 1
        return start + 1
