"""Faults: each changes what it is to change, at its place in the chain, and nothing else."""

import numpy as np
import pytest
from msgspec.structs import replace

from simulator.air.docked import Stay
from simulator.air.radio import Radio, Stretch
from simulator.faults.clocks import Drifting, Jumping, NeverSet, WrongClocks
from simulator.faults.faults import Faults
from simulator.faults.network import Disorder, Outage
from simulator.faults.radio import Deaf, Paused
from simulator.faults.windows import HOUR_MS, Windows
from simulator.faults.wiring import Crossed, Exchanged
from simulator.gateways.batching import Notice, SentBatch
from tests.simulator.demo_school import SCHOOL

ALWAYS = Windows("always", 1, 1.0, 3600, 3600)  # the whole of every hour
READ = (0, 1, -500, 0, 1, 0, 0)
BATCH = SentBatch("gw-d101", "b", 0, 0, 20, {1: (1, 70), 2: (2, 140)}, [READ], sent_ms=10)


def _batches(count: int, gateway: str = "gw-d101") -> list[SentBatch]:
    return [
        replace(BATCH, gateway=gateway, seq=seq, up_ms=seq * 1000, rx_ms=seq * 1000 + 20)
        for seq in range(count)
    ]


def _stretch() -> tuple[Radio, Stretch]:
    radio = Radio(SCHOOL, 30, {}, 1)
    stays = [Stay(i, "c1", i, 0.0, float("inf")) for i in range(30)]
    return radio, radio.stretch(0, 20_000, [], stays, 0.0)


def test_windows_are_the_same_however_they_are_asked_for_and_stay_within_their_hour() -> None:
    windows = Windows("w", 3, 0.5, 60, 2400)
    whole = windows.touching(0, 40 * HOUR_MS)
    assert 10 < len(whole) < 30
    again = Windows("w", 3, 0.5, 60, 2400)
    parts = [w for at in range(0, 40 * HOUR_MS, 20_000) for w in again.touching(at, at + 20_000)]
    assert sorted(set(parts)) == whole
    for begin_ms, end_ms in whole:
        assert begin_ms // HOUR_MS == (end_ms - 1) // HOUR_MS
        assert windows.at(begin_ms) == (begin_ms, end_ms) != windows.at(end_ms)


def test_a_deaf_antenna_looks_on_and_a_paused_module_does_not() -> None:
    radio, stretch = _stretch()
    antenna = radio.antennas.of_place[True, "c1"][0]
    on = radio.antennas
    deaf = Deaf(on, {antenna.index: ALWAYS}).hear(stretch, 0, 20_000)
    paused = Paused(on, [([antenna.index], ALWAYS)]).hear(stretch, 0, 20_000)
    for after in (deaf, paused):
        mine = after.reads.gateway == on.gateway[antenna.index]
        assert not (mine & (after.reads.antenna == on.number[antenna.index])).any()
        assert 0 < len(after.reads.at_ms) < len(stretch.reads.at_ms)
        assert len(after.walk) == len(after.reads.at_ms)
    assert (deaf.rounds == stretch.rounds).all()
    assert not paused.rounds[antenna.index].any()
    others = np.arange(len(on.all)) != antenna.index
    assert (paused.rounds[others] == stretch.rounds[others]).all()


def test_a_cable_that_takes_some_db_costs_twice_that_in_level() -> None:
    weak = Radio(SCHOOL, 30, {}, 1)
    weak.loss_db += 3.0
    stays = [Stay(i, "c1", i, 0.0, float("inf")) for i in range(30)]
    after = weak.stretch(0, 20_000, [], stays, 0.0)
    _, before = _stretch()
    drop = np.median(before.reads.rssi_tenths) - np.median(after.reads.rssi_tenths)
    assert drop / 10 == pytest.approx(6.0, abs=1.5)


def test_an_outage_holds_batches_and_lets_them_out_in_order_when_it_is_over() -> None:
    windows = Windows("o", 1, 1.0, 600, 1200)
    (begin_ms, end_ms) = windows.touching(0, HOUR_MS)[0]
    faults = Faults(on_way=[Outage({"gw-d101": windows}, {"gw-d101": "b"})])
    batches = _batches(3600)
    arrived, told = [], []
    for at in range(0, HOUR_MS, 20_000):
        came = [b for b in batches if at <= b.rx_ms < at + 20_000]
        arrived += faults.carry(came, at + 20_000)
        told += faults.tell([], at + 20_000)
    assert [b.seq for b in arrived] == list(range(3600))
    assert [b.rx_ms for b in arrived] == sorted(b.rx_ms for b in arrived)
    assert not any(begin_ms <= b.rx_ms < end_ms for b in arrived)
    late = [b for b in arrived if b.rx_ms > b.up_ms + 45_000]
    assert len(late) > 500 and max(b.rx_ms for b in late) < end_ms + 20_000
    assert [(notice.online, notice.rx_ms > end_ms) for notice in told] == [
        (False, False),
        (True, True),
    ]


def test_a_disorderly_network_loses_nothing_brings_some_twice_and_some_out_of_order() -> None:
    faults = Faults(on_way=[Disorder(1, 0.1, 0.05, 20_000)])
    arrived = faults.carry(_batches(1000), 2_000_000)
    seqs = [batch.seq for batch in arrived]
    assert set(seqs) == set(range(1000)) and 1020 < len(seqs) < 1100
    assert seqs != sorted(seqs)


def test_crossed_antennas_change_numbers_in_reads_and_looks() -> None:
    (batch,) = Crossed({"gw-d101": {1: 2, 2: 1}}).carry(BATCH)
    assert batch.reads[0][1] == 2 and batch.looks == {1: (2, 140), 2: (1, 70)}
    other = replace(BATCH, gateway="gw-d102")
    assert Crossed({"gw-d101": {1: 2, 2: 1}}).carry(other) == [other]


def test_exchanged_gateways_speak_for_each_other_from_a_moment_on() -> None:
    exchanged = Exchanged("gw-d101", "gw-d102", 5000)
    names = [exchanged.carry(batch)[0].gateway for batch in _batches(7)]
    assert names == ["gw-d101"] * 5 + ["gw-d102"] * 2
    assert exchanged.notice(Notice(6000, "gw-d102", True, "b")).gateway == "gw-d101"


def test_clocks_are_as_wrong_as_they_are_said_to_be() -> None:
    jumping = Jumping(ALWAYS, 1)
    clocks = {"a": Drifting(off_ms=-3000), "b": Drifting(ppm=100.0), "c": jumping, "d": NeverSet()}
    wrong = WrongClocks(clocks)
    at_hour = {name: replace(BATCH, gateway=name, up_ms=1_000_000) for name in "abcde"}
    told = {name: wrong.carry(batch)[0] for name, batch in at_hour.items()}
    assert told["a"].ahead_ms == -3000 and told["b"].ahead_ms == 100
    assert abs(told["c"].ahead_ms) >= HOUR_MS
    assert told["d"].ahead_ms == 10 and told["d"].sync_s is None  # on the way for so long
    assert told["e"].ahead_ms == 0 and told["e"].sync_s == 1000
    assert all(batch.tells_up for batch in told.values())
