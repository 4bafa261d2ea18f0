"""What lies on a desk: put down, still there, taken away, and never what only passed elsewhere."""

from edge.agent.gateways.lying import GONE_AFTER_S, Lying
from edge.contracts.school import Desk
from edge.contracts.wire import Batch, WireRead

DESK = Desk(id="front", room="office", gateway="gw-desk", antennas=[1, 2])
ONE, TWO = "3414257BF400000000000001", "3414257BF400000000000002"


def read(epc, dt=0, *, antenna=1, n=3, span=200):
    return WireRead(epc=epc, antenna=antenna, rssi=-50.0, dt=dt, n=n, span=span, peak=0)


def told(lying, at_s, *reads, gateway="gw-desk"):
    batch = Batch(v=1, t=0, up=0, sent=0, sync=1, base=0, looks={}, reads=list(reads))
    lying.batch(gateway, batch, round(at_s * 1000))


def test_what_was_put_down_last_comes_first_and_each_but_once():
    lying = Lying(lambda: [DESK])
    told(lying, 100.0, read(ONE), read(ONE, antenna=2))
    told(lying, 101.0, read(TWO), read(ONE))
    assert lying.on(DESK, 102.0) == [TWO, ONE]


def test_a_still_tag_stays_between_its_rare_records():
    lying = Lying(lambda: [DESK])
    told(lying, 100.0, read(ONE))
    assert lying.on(DESK, 144.0) == [ONE]
    told(lying, 130.0, read(ONE, span=30_000))
    assert lying.on(DESK, 160.0 + GONE_AFTER_S) == [ONE]
    assert lying.on(DESK, 161.0 + GONE_AFTER_S) == []


def test_a_tag_that_stopped_answering_is_gone_at_once():
    lying = Lying(lambda: [DESK])
    told(lying, 100.0, read(ONE), read(TWO))
    told(lying, 103.5, read(ONE, dt=-3300, n=0, span=3300))
    assert lying.on(DESK, 104.0) == [TWO]
    told(lying, 105.0, read(ONE))
    assert lying.on(DESK, 106.0) == [ONE, TWO]


def test_silence_that_is_told_late_takes_nothing_away_that_answered_since():
    lying = Lying(lambda: [DESK])
    told(lying, 110.0, read(ONE))
    told(lying, 100.0, read(ONE, n=0, span=3000))
    assert lying.on(DESK, 111.0) == [ONE]


def test_other_gateways_other_antennas_and_batches_without_a_time_lay_nothing_down():
    lying = Lying(lambda: [DESK])
    told(lying, 100.0, read(ONE), gateway="gw-front")
    told(lying, 100.0, read(ONE, antenna=3))
    lying.batch(
        "gw-desk",
        Batch(v=1, t=None, up=0, sent=0, sync=None, base=0, looks={}, reads=[read(ONE)]),
        None,
    )
    assert lying.on(DESK, 100.0) == []
