"""The looks of a module that says neither when a round ends nor which port it is on."""

from drivers.rounds import RoundCounter

# A Nano reads a lone tag 18 to 31 times a second (captures); how long a round takes in which
# nothing answers is published nowhere. The longer time counts too few rounds, not too many.
_EMPTY_ROUND_MS = 40


class Looks:
    """Rounds made and time on air at each of `ports` ports; allocates nothing in a slot.

    A round with tags ends where one of them answers again, or another port does. Time in which
    nothing answers counts as empty rounds, and what no port can be named for is shared out evenly.
    """

    def __init__(self, ports):
        self._rounds = [RoundCounter() for _ in range(ports)]
        self._at = 0  # the port heard last, from 0
        self._quiet_rounds = 0
        self._last_ms = 0  # the last answer, or when it went on air
        self._on_air = False
        self._since_ms = 0
        self._on_air_ms = 0

    def begin(self, now_ms):
        """The module is on air."""
        if not self._on_air:
            self._on_air = True
            self._since_ms = self._last_ms = now_ms

    def heard(self, at, number, times, now_ms):
        """A tag answered so many times at port `at`, from 0; `number` is its CRC."""
        self._pass_quiet(now_ms)
        if at != self._at:
            self._rounds[self._at].end()
            self._at = at
        counter = self._rounds[at]
        counter.heard(number)
        if times > counter.rounds + 1:
            counter.rounds = times - 1  # the one under way comes to it

    def end(self, now_ms, found=False):
        """The module is no longer on air, and was not quiet if it has `found` tags."""
        if self._on_air:
            if not found:
                self._pass_quiet(now_ms)
            self._on_air = False
            self._on_air_ms += now_ms - self._since_ms

    def tell(self, sink, antennas):
        """Hand over what came together since the last call."""
        ports = len(antennas)
        for at, antenna in enumerate(antennas):
            rounds = self._rounds[at].take() + (self._quiet_rounds + at) // ports
            sink.looked(antenna, rounds, (self._on_air_ms + at) // ports)
        self._quiet_rounds = self._on_air_ms = 0

    def _pass_quiet(self, now_ms):
        quiet_ms = now_ms - self._last_ms
        if self._on_air and quiet_ms >= 2 * _EMPTY_ROUND_MS:
            self._rounds[self._at].end()
            self._quiet_rounds += quiet_ms // _EMPTY_ROUND_MS - 1  # one may be the tag's own
        self._last_ms = now_ms
