"""The sink of every reader: counts, filters, and passes on to the coalescer and the batches."""


class Intake:
    """What drivers call for each record; `take` allocates nothing of its own."""

    def __init__(self, foreign_filter, coalescer, batches):
        self._filter = foreign_filter
        self._coalescer = coalescer
        self._batches = batches
        self.reads = 0  # valid records of any tag
        self.tap = None  # who else is shown the reads of our tags, for a while
        self.foreign = 0  # of these, tags that are not ours
        self.foreign_tap = None  # who is shown those, while a desk asks for the tag on it

    def take(self, buf, start, length, antenna, rssi_tenths, at_ms):
        self.reads += 1
        if self._filter.accepts(buf, start, length):
            self._coalescer.add(buf, start, length, antenna, rssi_tenths, at_ms)
            if self.tap is not None:
                self.tap.take(buf, start, length, antenna, rssi_tenths, at_ms)
        else:
            self.foreign += 1
            if self.foreign_tap is not None:
                self.foreign_tap.take(buf, start, length, antenna, rssi_tenths, at_ms)

    def looked(self, antenna, rounds, on_air_ms):
        self._coalescer.looked(antenna, rounds, on_air_ms)
        self._batches.looked(antenna, rounds, on_air_ms)
