"""An A0 reader's radio at work: looks for tags on one port, told as steps in time.

A job on the air (an inventory, an access) is a generator: it yields what comes next and when, and
is sent the time at which that was done. So its owner decides how fast time goes, what else is
answered in between, and may end it at any step.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from simulator.modules.a0.frames import Code, CommandError
from simulator.modules.a0.records import Sighting, backscatter, noise_record
from simulator.modules.a0.settings import Settings
from simulator.modules.core import Surroundings
from simulator.modules.inventory import AirTiming, Query, Round
from simulator.modules.select import Select
from simulator.modules.tag import Tag
from simulator.modules.transmitter import Transmitter

# A look takes SETUP_S until its first Query (synthesizer, carrier, Selects), after that the slots
# decide. With one tag that gives the 25-27 looks a second that readers report, with fifty tags
# what their makers state: R2000 200-400 reads a second, E310 about half, E710 up to 700.
R2000 = AirTiming(0.001, empty_s=0.0003, collision_s=0.0008, read_s=0.0022, carrier_off_s=0.0)
E310 = AirTiming(0.001, empty_s=0.0006, collision_s=0.0018, read_s=0.0050, carrier_off_s=0.0)
E710 = AirTiming(0.0005, empty_s=0.00015, collision_s=0.0004, read_s=0.0009, carrier_off_s=0.0)
SETUP_S = 0.030
CARRIER_OFF_S = 0.001  # between looks: S0 flags fall back to A
RATED_OFF_S = 1e-6  # where --rate decides the time
FIRST_Q = 4
RATED_Q = 15  # with --rate, slots cost nothing
LEAST_Q = 3  # for what collided: a few empty slots cost less than another collision
MAX_ROUNDS = 12  # of one look, while tags are left that collided
SAG_S = 0.005  # from carrier on to the supply's collapse
NOISE_CHANCE = 0.05
NO_PORT = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What a job does at `at_s`: sends `data` if there is any; `is_tag` for a record of a tag.

    `needs_room` waits until the UART's buffer has room for what follows. At `dies` the supply
    gives way and the processor starts anew.
    """

    at_s: float
    data: bytes | None = None
    is_tag: bool = False
    needs_room: bool = False
    dies: bool = False


Job = Generator[Step, float, None]


@dataclass(frozen=True, slots=True)
class Ask:
    """Which tags a look is for: session, target, SL, and Selects sent beside the masks."""

    session: int = 0
    target_b: bool = False
    sel: int = 0
    selects: tuple[Select, ...] = ()


ALL_TAGS = Ask()


class Air:
    """The radio of one reader, and what its quirks do to it."""

    def __init__(self, around: Surroundings, settings: Settings, timing: AirTiming) -> None:
        self.settings = settings
        self.rng = around.rng
        self.quirks = around.quirks
        self._transmitter = Transmitter(around, timing)
        rated = around.rate_hz is not None
        self._setup_s, self._off_s = (0.0, RATED_OFF_S) if rated else (SETUP_S, CARRIER_OFF_S)
        self._first_q, self._least_q = (RATED_Q, RATED_Q) if rated else (FIRST_Q, LEAST_Q)
        self._round: Round | None = None

    def look(
        self, port: int, ask: Ask, at_s: float, heard: Callable[[Sighting, Tag], bytes | None]
    ) -> Generator[Step, float, float]:
        """Switch the carrier on, read the tags that `ask` wants once each, switch it off.

        `heard` is told of each read and returns the record to send of it, or None. Returns when
        the carrier is off. Raises `CommandError` where the amplifier does not do it.
        """
        at_s = yield Step(at_s, needs_room=True)
        self._check_amplifier(port)
        if "brown-out" in self.quirks and self._power(port) >= (self.quirks["brown-out"] or 30):
            yield Step(at_s + SAG_S, dies=True)
        selects = self.settings.masks.selects + ask.selects
        q, at_s = self._first_q, at_s + self._setup_s
        for _ in range(MAX_ROUNDS):
            query = Query(ask.session, ask.target_b, ask.sel, q)
            current, index = self._run(port, query, selects, at_s)
            for read_s, answer in current.reads:
                seen = backscatter(answer.tag, self.settings.fast_tid)
                data = heard(Sighting(seen, port, index, answer.rssi_dbm), answer.tag)
                yield Step(read_s, data, is_tag=data is not None)
                answer.tag.inventoried(ask.session, read_s)
            at_s = yield Step(current.end_s)
            left = sum(
                answer.heard and answer.tag.takes_part(ask.session, ask.target_b, ask.sel)
                for answer in current.powered
            )
            if not left:
                break
            selects = ()
            q = max(self._least_q, left.bit_length())
        self.off(at_s)
        if "zero-epc" in self.quirks and self.rng.random() < NOISE_CHANCE:
            yield Step(at_s, noise_record(Sighting(b"", port, index, 0.0)))
        return at_s + self._off_s

    def off(self, at_s: float) -> None:
        """Switch the carrier off, also in the middle of a look."""
        if self._round is not None:
            self._round.cut(at_s)
            self._round = None

    def wired(self, port: int) -> bool:
        """Tell whether an antenna hangs on the port."""
        if "missing-antenna" in self.quirks and (self.quirks["missing-antenna"] or 1) == port:
            return False
        return self._transmitter.connected(port)

    def misses(self, port: int) -> bool:
        """Tell whether the antenna detector says that no antenna hangs on the port."""
        return self.settings.detector_db > 0 and not self.wired(port)

    def _power(self, port: int) -> int:
        return self.settings.power_dbm(port)

    def _check_amplifier(self, port: int) -> None:
        power, quirks = self._power(port), self.quirks
        if "low-power" in quirks and power < (quirks["low-power"] or 10):
            raise CommandError(Code.POWER_TOO_LOW)
        if "weak-amplifier" in quirks and power > (quirks["weak-amplifier"] or 27):
            raise CommandError(Code.POWER_NOT_REACHED)

    def _run(
        self, port: int, query: Query, selects: tuple[Select, ...], at_s: float
    ) -> tuple[Round, int]:
        spectrum = self.settings.spectrum
        frequencies = spectrum.frequencies()
        index = spectrum.index_of(self._transmitter.frequency(frequencies, at_s))
        wired = port if self.wired(port) else NO_PORT
        self._round = self._transmitter.round(
            wired, query, selects, self._power(port), frequencies, at_s
        )
        return self._round, index
