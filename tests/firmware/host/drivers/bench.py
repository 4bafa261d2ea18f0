"""A driver on an emulated module in virtual time, before tags whose EPCs the test knows."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from drivers.families import driver_of
from drivers.reader import Radio
from gateway.station import Station
from gateway.turns import Turns

from simulator.modules.faults import NO_FAULTS, Faults
from simulator.modules.field import FixedField, TagAnswer
from simulator.modules.module import EmulatedModule
from simulator.modules.tag import Tag
from tests.firmware.fakes import Sink
from tests.firmware.host.drivers.cases import NO_ANTENNA_AT_PORT_1, antennas_of, region_of
from tests.firmware.host.module_port import LoopClock, ModulePort


class PlacedField:
    """Tags that lie each before one antenna. `rounds` counts those it was asked about."""

    def __init__(self, tags: dict[int, list[Tag]], rng: random.Random) -> None:
        self.rounds = 0
        self._fields = {antenna: FixedField(here, rng) for antenna, here in tags.items()}

    def answer(
        self, antenna: int, at_s: float, power_dbm: float, frequency_mhz: float
    ) -> Sequence[TagAnswer]:
        self.rounds += 1
        return self._fields[antenna].answer(antenna, at_s, power_dbm, frequency_mhz)


class ListeningPort(ModulePort):
    """Gives the bytes in pieces of any size, as a UART does, and keeps all that it gave, to judge
    what the driver made of it."""

    def __init__(self, module: EmulatedModule, rng: random.Random) -> None:
        super().__init__(module)
        self.heard = bytearray()
        self._rng = rng

    async def readinto(self, view: memoryview) -> int:
        count = await super().readinto(view[: self._rng.randint(1, 64)])
        self.heard += view[:count]
        return count


class Bench:
    """`driver` on `port` on an emulated `module`; what it hears is in `sink`.

    Made while a loop runs. `epcs` are dealt out to the antennas in turn, or all lie before the
    first one; `tags` are theirs.
    """

    def __init__(
        self,
        family: str,
        epcs: Sequence[bytes],
        *,
        at_first_antenna: bool = False,
        quirks: Sequence[str] = (),
        faults: Faults = NO_FAULTS,
        rng: random.Random | None = None,
    ) -> None:
        rng = rng or random.Random(1)
        self.clock = LoopClock()
        self.region = region_of(family, quirks)
        self.antennas = antennas_of(family, quirks)
        self.tags = [Tag(epc, tid=bytes.fromhex("E2806995") + rng.randbytes(8)) for epc in epcs]
        step = len(self.antennas)
        placed = {number: self.tags[i::step] for i, number in enumerate(self.antennas)}
        if at_first_antenna:
            placed = {number: [] for number in self.antennas}
            placed[self.antennas[0]] = self.tags
        self.field = PlacedField(placed, rng)
        if any((family, quirk) in NO_ANTENNA_AT_PORT_1 for quirk in quirks):
            placed[self.antennas[0]] = []
        self.antenna_of = {tag.epc: number for number, here in placed.items() for tag in here}
        self.module = EmulatedModule(
            family,
            self.field,
            antennas=self.antennas,
            clock=self.clock.seconds,
            rng=rng,
            quirks=quirks,
            faults=faults,
        )
        self.port = ListeningPort(self.module, random.Random(2))
        self.sink = Sink()
        self.driver = self.new_driver()

    def new_driver(self) -> object:
        """A driver that knows nothing yet, as after a restart of the host."""
        return self.driver_class(self.port, list(self.antennas), self.sink, self.clock)

    @property
    def driver_class(self) -> type:
        return driver_of(self.module.family)

    @property
    def epcs_heard(self) -> set[bytes]:
        return {record[0] for record in self.sink.records}

    @property
    def not_heard(self) -> list[str]:
        """Tags that were never read, as hexadecimal."""
        return [epc.hex() for epc in self.antenna_of if epc not in self.epcs_heard]

    async def all_heard(self, limit_s: float) -> None:
        """Wait until every tag was read, and 7 s at least: in that time a mute quirk falls mute."""
        await asyncio.sleep(7)
        end_s = self.clock.seconds() + limit_s
        while self.not_heard and self.clock.seconds() < end_s:
            await asyncio.sleep(1)

    @property
    def wrong_reads(self) -> list[tuple[str, int]]:
        """Reads of EPCs that no tag has, or at an antenna where that tag does not lie."""
        return [
            (epc.hex(), antenna)
            for epc, antenna, _, _ in self.sink.records
            if self.antenna_of.get(epc) != antenna
        ]

    def radio(self, session: int = 0, prefixes: Sequence[str] = ()) -> Radio:
        return Radio(self.region, dict.fromkeys(self.antennas, 20), session, prefixes)


@dataclass
class Told:
    """What a station told of its reader."""

    warnings: list[tuple[float, str]] = field(default_factory=list)  # (s, text)
    bugs: list[BaseException] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.warnings]


class Gateway:
    """A station and its turns around a bench's driver, as the firmware has them."""

    def __init__(self, bench: Bench, radio: Radio | None = None) -> None:
        self.told = Told()
        self.bench = bench
        self.station = Station(
            "bench",
            bench.driver,
            radio or bench.radio(),
            bench.clock,
            lambda _, text: self.told.warnings.append((bench.clock.seconds(), text)),
            lambda _, error: self.told.bugs.append(error),
        )
        self._turns = Turns([self.station])
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Gateway":
        self._tasks = [
            asyncio.create_task(self.station.keep(), name="keep"),
            asyncio.create_task(self._turns.run(), name="turns"),
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._turns.stop()
        keeper, turns = self._tasks
        await turns
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        await self.station.close()
