"""What keeps the watchdog fed, and what does not."""

from gateway.outbox import Outbox
from gateway.packed import pack
from gateway.progress import AGENT_MS, READER_MS, stuck
from gateway.uplink import Uplink

from tests.firmware.fakes import FakeClient, FakeClock


def test_readers_that_finish_things_are_progress():
    assert stuck(500_000, {"uart1": 500_000 - READER_MS, "uart2": 499_000}, None) is None
    assert "uart1" in stuck(500_000, {"uart1": 499_999 - READER_MS, "uart2": 499_000}, None)


def test_a_gateway_without_readers_that_hang_or_an_agent_gets_on():
    assert stuck(1 << 40, {}, None) is None


def test_an_agent_that_confirms_nothing_for_half_an_hour_is_no_progress():
    assert stuck(AGENT_MS, {}, 0) is None
    assert "agent" in stuck(AGENT_MS + 1, {}, 0)


def test_a_confirmation_is_owed_only_by_an_agent_that_is_online():
    clock, client = FakeClock(1000), FakeClient()
    outbox = Outbox("0000001f9a3c12e4", 10_000, clock)
    uplink = Uplink(outbox, client, clock, "reads/")
    outbox.put(pack(0, {}, [], []))
    uplink.step()
    assert uplink.owed_since_ms() is None
    uplink.agent_is(True, "a", False)
    clock.ms = 5000
    uplink.step()
    assert uplink.owed_since_ms() == 1000
    clock.ms = 9000
    assert uplink.owed_since_ms() == 1000
    uplink.acked(outbox.boot, 0, 0)
    assert uplink.owed_since_ms() is None
    outbox.put(pack(0, {}, [], []))
    uplink.step()
    assert uplink.owed_since_ms() == 9000
    uplink.agent_is(False, "a", False)
    assert uplink.owed_since_ms() is None
    client.connected = False
    uplink.agent_is(True, "a", False)
    assert uplink.owed_since_ms() is None
