"""The window, the resends, and what is frozen at the first sending."""

import json

from gateway.outbox import Outbox
from gateway.packed import pack
from gateway.uplink import Uplink

from tests.firmware.fakes import FakeClient, FakeClock

BOOT = "0000001f9a3c12e4"
READS = "rollcall/lincoln/gw-d101/reads/"
TOPIC = READS + BOOT + "/"
SMALL = pack(1000, {1: (1, 1)}, [(b"\x34" * 12, 1, -500, 0, 1, 0, 0)], [])
LARGE = pack(1000, {1: (1, 1)}, [(bytes([at] * 62), 1, -505, 0, 1, 0, 0) for at in range(20)], [])


class Bench:
    def __init__(self, batches, packed=SMALL, broker_confirms=False, unix=None):
        self.clock = FakeClock(5000, unix)
        self.outbox = Outbox(BOOT, 1 << 20, self.clock)
        for _ in range(batches):
            self.outbox.put(packed)
        self.client = FakeClient()
        self.uplink = Uplink(self.outbox, self.client, self.clock, READS, broker_confirms)

    def step(self, after_ms=0):
        """Seqs sent by a step so much later."""
        self.clock.ms += after_ms
        self.uplink.step()
        return [int(topic[len(TOPIC) :]) for topic, _ in self.client.take()]


def test_at_most_16_batches_are_on_the_wire_first_sent_in_order():
    bench = Bench(40)
    assert bench.step() == list(range(16))
    assert bench.step() == []
    bench.uplink.acked(BOOT, 3, 4)
    assert bench.step() == [16, 17]


def test_at_most_16_kib_are_on_the_wire():
    bench = Bench(16, LARGE)
    sent = bench.step()
    sizes = [entry.json_bytes for entry in bench.outbox.entries if entry.on_wire]
    assert 3 <= len(sent) < 16 and sum(sizes) <= 16 * 1024
    assert bench.step(100) == []


def test_what_is_not_named_is_sent_again_after_10_s_with_backoff_to_60():
    bench = Bench(1)
    assert bench.step() == [0]
    times = []
    for at in range(400):
        if bench.step(1000):
            times.append(at + 1)
    assert times[:6] == [10, 30, 70, 130, 190, 250]


def test_everything_on_the_wire_goes_again_on_a_new_link():
    bench = Bench(3)
    bench.step()
    bench.uplink.acked(BOOT, 1, 1)
    bench.client.connected = False
    assert bench.step(1) == []
    bench.client.connected = True
    bench.uplink.link_is_new()
    assert bench.step(1) == [0, 2]


def test_everything_on_the_wire_goes_again_when_the_agent_is_new():
    bench = Bench(2)
    bench.step()
    bench.uplink.agent_is(True, "a", True)
    bench.uplink.agent_is(True, "a", False)
    assert bench.step(1) == []
    bench.uplink.agent_is(True, "b", False)
    assert bench.step(1) == [0, 1]
    bench.uplink.agent_is(False, "b", False)
    assert bench.step(1) == []
    bench.uplink.agent_is(True, "b", False)
    assert bench.step(1) == [0, 1]


def test_the_first_agent_to_come_online_is_sent_everything_again():
    bench = Bench(2)
    bench.step()
    bench.uplink.agent_is(True, "a", False)
    assert bench.step(1) == [0, 1]


def test_a_full_queue_sends_later_and_loses_nothing():
    bench = Bench(2)
    bench.client.accepts = False
    assert bench.step() == []
    assert not bench.outbox.entries[0].on_wire
    bench.client.accepts = True
    assert bench.step() == [0, 1]


def test_base_and_sent_are_new_at_each_sending_and_t_is_frozen_at_the_first():
    bench = Bench(2)
    bench.uplink.step()
    first = json.loads(bench.client.take()[1][1])
    assert (first["t"], first["sync"], first["base"], first["sent"]) == (None, None, 0, 5000)
    bench.clock.unix = 1763900000000
    bench.uplink.acked(BOOT, 0, 0)
    bench.clock.ms += 10000
    bench.uplink.step()
    again = json.loads(bench.client.take()[0][1])
    assert (again["t"], again["sync"], again["base"], again["sent"]) == (None, None, 1, 15000)


def test_t_may_be_filled_in_up_to_the_first_sending():
    bench = Bench(1)
    bench.client.accepts = False
    bench.step()
    bench.client.accepts = True
    bench.clock.unix = 1763900000000
    bench.uplink.step()
    payload = json.loads(bench.client.take()[0][1])
    assert payload["t"] == 1763900001000 and payload["up"] == 1000 and payload["sync"] == 12


def test_a_puback_that_confirms_is_followed_by_the_next_batch_at_once():
    for broker_confirms, sent in ((False, 0), (True, 1)):
        bench = Bench(20, broker_confirms=broker_confirms)
        bench.step()
        bench.uplink.broker_acked(2)
        assert len(bench.client.take()) == sent


def test_a_puback_confirms_only_where_the_gateway_is_set_to_it():
    for broker_confirms, left in ((False, 3), (True, 2)):
        bench = Bench(3, broker_confirms=broker_confirms)
        bench.step()
        bench.uplink.broker_acked(2)
        bench.uplink.broker_acked(99)
        assert len(bench.outbox) == left
