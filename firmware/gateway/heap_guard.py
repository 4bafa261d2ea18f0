"""When too little memory is left to go on: a pure rule over what is free.

Free bytes alone say too little: a heap may have enough in pieces too small for one payload. Both
must be low at several looks in a row, each after a collection, before the gateway is started
again in order; and not soon after a boot, since one that begins so low does not get better by it.
"""

PERIOD_S = 5
LOOKS = 12  # a minute
YOUNG_MS = 600_000


class HeapGuard:
    """`least_free` and `least_block` in bytes."""

    def __init__(self, least_free, least_block):
        self._least_free = least_free
        self._least_block = least_block
        self._low = 0
        self.least_ever = None  # (free, largest block) at their lowest

    def look(self, up_ms, free, block):
        """The reason to start again, or None. What is unknown is None, and never low."""
        self._note(free, block)
        low = None
        if free is not None and free < self._least_free:
            low = "{} bytes free".format(free)
        elif block is not None and block < self._least_block:
            low = "no free block above {} bytes".format(block)
        self._low = self._low + 1 if low else 0
        if self._low < LOOKS or up_ms < YOUNG_MS:
            return None
        return "heap: " + low

    def _note(self, free, block):
        if free is None:
            return
        before = self.least_ever or (free, block)
        self.least_ever = (min(free, before[0]), None if block is None else min(block, before[1]))
