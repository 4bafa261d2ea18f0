"""Scenarios of an ordinary day on which gateways, antennas, networks or clocks are broken."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np

from edge.contracts.school import School
from simulator.air.antennas import Antennas, readers_of
from simulator.faults.clocks import Clock, Drifting, Jumping, NeverSet, WrongClocks
from simulator.faults.faults import Boots, Faults
from simulator.faults.network import Disorder, Outage
from simulator.faults.radio import Deaf, Paused
from simulator.faults.way import WayFault
from simulator.faults.windows import Windows
from simulator.faults.wiring import Crossed, Exchanged
from simulator.scenarios.scenario import Scenario

OUTAGE_SHARE, OUTAGE_S = 0.3, (30, 2400)  # of a gateway's hours
LATE_SHARE, TWICE_SHARE, LATE_MS = 0.1, 0.05, 20_000  # of batches
DEAF_SHARE, DEAF_S = 0.06, (600, 3300)  # of an antenna's hours
HOT_SHARE, HOT_S = 0.3, (20, 300)  # of a module's hours
WEAK_SHARE, WEAK_DB = 0.25, (2.0, 7.0)  # of antennas; one way
CROSSED_SHARE = 0.3  # of doorways
EXCHANGE_MS, EXCHANGE_TAKES_MS = 5_400_000, 180_000
SWAP_MS = 2_700_000
OFFSET_MS, DRIFT_PPM = (800, 6000), (40, 250)
JUMP_SHARE, JUMP_S = 0.5, (300, 2400)  # of such a gateway's hours


def outage(school: School, antennas: Antennas, boots: Boots, seed: int) -> Faults:
    """Every gateway has hours in which its network is away for a while."""
    when = {
        gateway: Windows(f"outage {gateway}", seed, OUTAGE_SHARE, *OUTAGE_S)
        for gateway in antennas.gateways
    }
    return Faults(on_way=[Outage(when, boots)])


def disorder(school: School, antennas: Antennas, boots: Boots, seed: int) -> Faults:
    """One network for all, on which batches overtake each other and some come twice."""
    return Faults(on_way=[Disorder(seed, LATE_SHARE, TWICE_SHARE, LATE_MS)])


def bad_radio(school: School, antennas: Antennas, boots: Boots, seed: int) -> Faults:
    """Antennas that go deaf for a while, modules that pause when hot, cables that take too much."""
    rng = random.Random(f"bad radio {seed}")
    deaf = {
        antenna.index: Windows(
            f"deaf {antenna.gateway} {antenna.number}", seed, DEAF_SHARE, *DEAF_S
        )
        for antenna in antennas.all
    }
    hot = [
        (
            _indices(antennas, gateway, reader.antennas),
            Windows(f"hot {gateway} {reader.antennas}", seed, HOT_SHARE, *HOT_S),
        )
        for gateway in antennas.gateways
        for reader in readers_of(school, gateway)
    ]
    loss_db = [rng.uniform(*WEAK_DB) if rng.random() < WEAK_SHARE else 0.0 for _ in antennas.all]
    return Faults(on_air=[Deaf(antennas, deaf), Paused(antennas, hot)], loss_db=np.array(loss_db))


def miswired(school: School, antennas: Antennas, boots: Boots, seed: int) -> Faults:
    """Doorways with antennas the wrong way round; two gateways that change places at a time."""
    rng = random.Random(f"miswired {seed}")
    two_sided = [
        door
        for door in school.doorways.values()
        if len(set(door.antennas.values())) == 2 and len(door.antennas) == 2
    ]
    crossed: dict[str, dict[int, int]] = {}
    count = min(len(two_sided), max(1, round(CROSSED_SHARE * len(two_sided))))
    for door in rng.sample(two_sided, count):
        first, second = door.antennas
        crossed.setdefault(door.gateway, {}).update({first: second, second: first})
    return _exchanging(school, antennas, rng, EXCHANGE_MS, [Crossed(crossed)])


def swapped(school: School, antennas: Antennas, boots: Boots, seed: int) -> Faults:
    """Two gateways of doorways that change places at a time; all else is right."""
    return _exchanging(school, antennas, random.Random(f"swapped {seed}"), SWAP_MS, [])


def wrong_clocks(school: School, antennas: Antennas, boots: Boots, seed: int) -> Faults:
    """Clocks set wrong, drifting, jumping or never set, in turn; every fifth one is right.

    Those that the school file names under `clocks_never_set` are never set.
    """
    rng = random.Random(f"clocks {seed}")
    unset = school.raw_simulator.get("clocks_never_set", [])
    clocks: dict[str, Clock] = {gateway: NeverSet() for gateway in unset}
    others = [gateway for gateway in antennas.gateways if gateway not in clocks]
    rng.shuffle(others)
    for place, gateway in enumerate(others):
        sign = rng.choice((-1, 1))
        kind = place % 5
        if kind == 0:
            clocks[gateway] = Drifting(off_ms=sign * rng.randint(*OFFSET_MS))
        elif kind == 1:
            clocks[gateway] = Drifting(ppm=sign * rng.uniform(*DRIFT_PPM))
        elif kind == 2:
            clocks[gateway] = Jumping(Windows(f"jump {gateway}", seed, JUMP_SHARE, *JUMP_S), seed)
        elif kind == 3:
            clocks[gateway] = NeverSet()
    return Faults(on_way=[WrongClocks(clocks)])


BROKEN: Mapping[str, Scenario] = {
    "bad-radio": Scenario(
        "antennas go deaf, modules pause when hot, and some cables take 2 to 7 dB",
        faults=bad_radio,
    ),
    "outage": Scenario(
        "gateways are offline for half a minute to 40 minutes, and then late", faults=outage
    ),
    "disorder": Scenario(
        "batches come out of order, late, and some of them twice", faults=disorder
    ),
    "miswired": Scenario(
        "doorways with antennas the wrong way round; two gateways change places after 90 min",
        faults=miswired,
    ),
    "swapped": Scenario(
        "two gateways of doorways change places after 45 min; nothing else is wrong",
        faults=swapped,
    ),
    "wrong-clocks": Scenario(
        "gateways with clocks set wrong, drifting, jumping by hours, or never set",
        faults=wrong_clocks,
    ),
}


def _indices(antennas: Antennas, gateway: str, numbers: list[int]) -> list[int]:
    return [a.index for a in antennas.all if a.gateway == gateway and a.number in numbers]


def _exchanging(
    school: School,
    antennas: Antennas,
    rng: random.Random,
    off_ms: int,
    others: Sequence[WayFault],
) -> Faults:
    """Return `others`, and two gateways that are put back at each other's place."""
    pairs = [
        (one, other)
        for place, one in enumerate(antennas.gateways)
        for other in antennas.gateways[place + 1 :]
        if _are_alike(school, one, other)
    ]
    if not pairs:
        return Faults(on_way=others)
    one, other = rng.choice(pairs)
    until_ms = off_ms + EXCHANGE_TAKES_MS
    return Faults(
        on_way=[*others, Exchanged(one, other, until_ms)],
        cuts=[(one, off_ms, until_ms), (other, off_ms, until_ms)],
    )


def _are_alike(school: School, one: str, other: str) -> bool:
    """Whether two gateways serve one doorway each, with the same antennas."""
    doors = [
        [door for door in school.doorways.values() if door.gateway == gateway]
        for gateway in (one, other)
    ]
    carts = {cart.gateway for cart in school.carts.values()}
    if one in carts or other in carts or any(len(of) != 1 for of in doors):
        return False
    return set(doors[0][0].antennas) == set(doors[1][0].antennas)
