"""The simulator's coalescer and the firmware's must send the same records, in the same order."""

import numpy as np
import pytest
from gateway.coalescer import Coalescer
from gateway.coalescer_settings import CoalescerSettings as FirmwareSettings
from hypothesis import given
from hypothesis import strategies as st

from simulator.coalescer import NO_RSSI, RawReads, Records, VectorCoalescer

TICK_MS = 250


class Scene:
    """Raw reads and looks of a few gateways, as a small radio would give them."""

    def __init__(self, seed: int, gateways: int = 1, antennas: int = 2) -> None:
        self.random = np.random.default_rng(seed)
        self.gateways = gateways
        self.antennas = antennas
        self.parts: list[np.ndarray] = []
        self.deaf: list[tuple[int, int]] = []

    def hear(
        self,
        tag: int,
        from_ms: int,
        until_ms: int,
        every_ms: float,
        rssi: float | tuple[float, float] | None,
        antenna: int = 0,
        gateway: int = 0,
        noise: float = 12.0,
    ) -> None:
        """A tag is read about every `every_ms`; rssi in tenths, or a slope from one to another."""
        count = max(1, int((until_ms - from_ms) / every_ms))
        at = np.sort(self.random.integers(from_ms, until_ms, count))
        if rssi is None:
            level = np.full(count, NO_RSSI)
        else:
            low, high = rssi if isinstance(rssi, tuple) else (rssi, rssi)
            line = low + (high - low) * (at - from_ms) / (until_ms - from_ms)
            level = np.rint(line + self.random.normal(0, noise, count)).astype(np.int64)
        columns = (np.full(count, gateway), np.full(count, tag), np.full(count, antenna))
        self.parts.append(np.stack([*columns, level, at]))

    def go_deaf(self, from_ms: int, until_ms: int) -> None:
        """No antenna looks in this time."""
        self.deaf.append((from_ms, until_ms))

    def reads(self) -> RawReads:
        if not self.parts:
            return RawReads.empty()
        table = np.concatenate(self.parts, axis=1).astype(np.int64)
        heard = np.ones(table.shape[1], np.bool_)
        for from_ms, until_ms in self.deaf:
            heard &= (table[4] < from_ms) | (table[4] >= until_ms)
        table = table[:, heard]
        return RawReads(*table[:, np.argsort(table[4], kind="stable")])

    def looks(self, until_ms: int, drop: float = 0.0) -> np.ndarray:
        shape = (until_ms // TICK_MS, self.gateways, self.antennas)
        looks = self.random.integers(60, TICK_MS // self.antennas, shape, endpoint=True)
        looks *= self.random.random(shape) >= drop
        for from_ms, until in self.deaf:
            looks[from_ms // TICK_MS : until // TICK_MS] = 0
        return looks


def firmware_records(reads: RawReads, looks: np.ndarray, tags: int) -> list[list[tuple]]:
    """Each gateway's records from the firmware's coalescer, tick by tick, then flushed."""
    ticks, gateways, antennas = looks.shape
    sent: list[list[tuple]] = []
    for gateway in range(gateways):
        records: list[tuple] = []

        def emit(epc, antenna, *rest, records=records):
            records.append((int.from_bytes(epc, "big"), antenna, *rest))

        coalescer = Coalescer(emit, FirmwareSettings(tags=tags + 1, tracks=max(32, tags * 4)))
        mine = np.flatnonzero(reads.gateway == gateway)
        at = 0
        for tick in range(ticks):
            end_ms = (tick + 1) * TICK_MS
            while at < len(mine) and reads.at_ms[mine[at]] < end_ms:
                i = mine[at]
                rssi = int(reads.rssi_tenths[i])
                coalescer.add(
                    int(reads.tag[i]).to_bytes(12, "big"),
                    0,
                    12,
                    int(reads.antenna[i]),
                    None if rssi == NO_RSSI else rssi,
                    int(reads.at_ms[i]),
                )
                at += 1
            for antenna in range(antennas):
                coalescer.looked(antenna, 1, int(looks[tick, gateway, antenna]))
            coalescer.tick(end_ms)
        coalescer.flush()
        assert sum(record[4] for record in records) == len(mine)
        assert coalescer.evicted == 0
        sent.append(records)
    return sent


def simulated_records(
    reads: RawReads, looks: np.ndarray, tags: int, cuts: list[int]
) -> tuple[list[list[tuple]], Records]:
    """The same from the simulator's, given in pieces that end at `cuts` (ticks)."""
    ticks, gateways, antennas = looks.shape
    coalescer = VectorCoalescer(gateways, antennas, tags)
    parts = []
    begin = 0
    for end in [*sorted({c for c in cuts if 0 < c < ticks}), ticks]:
        span = np.searchsorted(reads.at_ms, [begin * TICK_MS, end * TICK_MS])
        piece = reads.between(int(span[0]), int(span[1]))
        parts.append(coalescer.step(piece, looks[begin:end], end * TICK_MS))
        begin = end
    parts.append(coalescer.flush())
    sent: list[list[tuple]] = [[] for _ in range(gateways)]
    for part in parts:
        columns = (
            *(part.gateway, part.tag, part.antenna, part.rssi_tenths, part.first_ms),
            *(part.n, part.span_ms, part.peak_ms, part.coarse),
        )
        for gateway, tag, antenna, rssi, *rest in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            sent[gateway].append((tag, antenna, None if rssi == NO_RSSI else rssi, *rest))
    return sent, parts


def demand_equal(scene: Scene, until_ms: int, tags: int, cuts=(), drop: float = 0.0):
    reads, looks = scene.reads(), scene.looks(until_ms, drop)
    expected = firmware_records(reads, looks, tags)
    got, _ = simulated_records(reads, looks, tags, list(cuts))
    for gateway in range(scene.gateways):
        for i, (ours, theirs) in enumerate(zip(expected[gateway], got[gateway], strict=False)):
            assert theirs == ours, f"gateway {gateway}, record {i}"
        assert len(got[gateway]) == len(expected[gateway])
    return expected


def test_pass_through_a_door():
    scene = Scene(1)
    for tag in range(8):
        at = 1_000 + 700 * tag
        scene.hear(tag, at, at + 2_500, 60, (-720, -480), antenna=0)
        scene.hear(tag, at + 1_500, at + 4_000, 60, (-480, -720), antenna=1)
    demand_equal(scene, 120_000, 8, cuts=(17, 18, 40))


def test_cart_parked_for_an_hour():
    scene = Scene(2)
    for tag in range(6):
        for antenna in (0, 1):
            scene.hear(tag, 1_000, 3_600_000, 700, -500 - 30 * tag, antenna, noise=15 + 4 * tag)
    expected = demand_equal(scene, 3_700_000, 6, cuts=range(100, 14_000, 531))
    assert sum(record[7] for record in expected[0]) > 1_000


def test_cart_door_opened_and_a_tag_taken_out():
    scene = Scene(3)
    for tag in range(5):
        level = -550 - 20 * tag
        scene.hear(tag, 500, 90_000, 150, level)
        scene.hear(tag, 90_000, 130_000 if tag else 93_000, 150, level + 90)
        scene.hear(tag, 400, 93_000, 350, level - 50, antenna=1)
    scene.hear(0, 93_000, 96_000, 80, (-460, -700))
    demand_equal(scene, 260_000, 5, cuts=(359, 360, 365, 371, 372))


@pytest.mark.parametrize("back_at", [1.0, 2.0, 55.0, 59.0, 64.0, 66.0, 90.0])
@pytest.mark.parametrize("shift", [0, 200])
def test_tag_leaves_and_comes_back(back_at, shift):
    scene = Scene(4)
    scene.hear(0, 0, 40_000, 120, -600)
    scene.hear(0, 10, 40_000, 450, -680, antenna=1)
    back = 40_000 + int(1_000 * back_at)
    scene.hear(0, back, back + 30_000, 120, -600 + shift)
    scene.hear(0, back + 5_000, back + 30_000, 300, -680 + shift, antenna=1)
    demand_equal(scene, 220_000, 1, cuts=(170, 240, 400, 402))


def test_without_rssi():
    scene = Scene(5)
    for tag in range(4):
        scene.hear(tag, 0, 100_000, 100 + 90 * tag, None)
        scene.hear(tag, 0, 140_000, 210, None, antenna=1)
        scene.hear(tag, 100_000, 170_000, 400, None)
        scene.hear(tag, 190_000, 220_000, 300, None)
    demand_equal(scene, 320_000, 4, cuts=(401, 402, 500, 801))


def test_antennas_that_give_rssi_and_that_do_not():
    scene = Scene(6)
    for tag in range(3):
        scene.hear(tag, 0, 60_000, 130, -600)
        scene.hear(tag, 20_000, 120_000, 170, None, antenna=1)
        scene.hear(tag, 50_000, 90_000, 200, None)
        scene.hear(tag, 95_000, 150_000, 200, -590)
    demand_equal(scene, 260_000, 3, cuts=(250, 380))


def test_antenna_that_first_hears_a_still_tag():
    scene = Scene(7)
    scene.hear(0, 0, 120_000, 100, -600)
    scene.hear(0, 40_000, 120_000, 900, -700, antenna=1)
    demand_equal(scene, 150_000, 1)


def test_looks_that_are_dropped():
    scene = Scene(8)
    for tag in range(4):
        scene.hear(tag, 0, 80_000, 200 + 400 * tag, -600)
        scene.hear(tag, 30_000, 80_000, 900, -640, antenna=1)
        scene.hear(tag, 130_000, 150_000, 300, -600)
    scene.go_deaf(50_000, 75_000)
    scene.go_deaf(160_000, 200_000)
    demand_equal(scene, 300_000, 4, drop=0.4, cuts=(240, 300))
    demand_equal(scene, 300_000, 4, drop=1.0)


def test_tag_carried_about_meets_the_cap():
    scene = Scene(9)
    for leg in range(20):
        ends = (-700, -450) if leg % 2 else (-450, -700)
        scene.hear(0, 6_000 * leg, 6_000 * leg + 6_000, 70, ends)
        scene.hear(0, 6_000 * leg + 3_000, 6_000 * leg + 6_000, 70, ends, antenna=1)
    scene.hear(0, 120_000, 200_000, 70, -600)
    demand_equal(scene, 260_000, 1, cuts=range(3, 900, 17))


def test_a_day_of_several_gateways_with_everything_at_once():
    demand_equal(random_scene(11, 900_000), 900_000, 12, cuts=(1_000, 1_001, 2_500), drop=0.05)


def random_scene(seed: int, until_ms: int, gateways: int = 3, tags: int = 12) -> Scene:
    scene = Scene(seed, gateways)
    rnd = scene.random
    for _ in range(int(rnd.integers(1, 40))):
        tag, gateway, antenna = rnd.integers(0, (tags, gateways, 2))
        begin = int(rnd.integers(0, until_ms - 1_000))
        length = int(rnd.choice([800, 4_000, 15_000, 45_000, 150_000]))
        end = min(begin + length, until_ms)
        every = float(rnd.choice([15, 60, 300, 900, 2_500, 7_000]))
        low, high = rnd.integers(-750, -400, 2)
        rssi = None if rnd.random() < 0.2 else (low, high if rnd.random() < 0.3 else low)
        noise = float(rnd.choice([0, 10, 25, 45]))
        scene.hear(int(tag), begin, end, every, rssi, int(antenna), int(gateway), noise)
        if rnd.random() < 0.1:
            at = int(rnd.integers(0, until_ms))
            scene.go_deaf(at, at + int(rnd.integers(1_000, 60_000)))
    return scene


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([20_000, 90_000, 240_000]),
    st.lists(st.integers(1, 959), max_size=6),
    st.sampled_from([0.0, 0.0, 0.2, 1.0]),
)
def test_random_scenes(seed, until_ms, cuts, drop):
    demand_equal(random_scene(seed, until_ms), until_ms, 12, cuts, drop)
