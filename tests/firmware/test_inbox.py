"""Messages from the agent reach who they are for; bad ones are refused and cost nothing."""

from gateway.clock import Clock
from gateway.inbox import Inbox
from gateway.log import Log

from tests.firmware.fakes import FakeClient, FakeClock

OWN = "rollcall/lincoln/gw-d101/"
AGENT = "rollcall/lincoln/agent/status"
BOOT = "0000001f9a3c12e4"


class Bench:
    """An inbox and everything it may call, as lists of calls."""

    def __init__(self):
        self.clock = FakeClock(1000)
        self.acks = []
        self.agents = []
        self.configs = []
        self.replies = []
        self.said = []
        self.inbox = Inbox(
            "lincoln",
            "gw-d101",
            self.clock,
            self,
            self,
            self.configs.append,
            lambda level, text: self.said.append(text),
        )

    def acked(self, boot, first, last):
        self.acks.append((boot, first, last))

    def agent_is(self, online, boot, retained):
        self.agents.append((online, boot))

    def take(self, payload):
        if payload != b"known":
            raise ValueError("a command without an id")
        self.replies.append(payload)


def test_an_ack_names_ranges_and_sets_the_clock():
    bench = Bench()
    payload = '{"v":1,"agent":"x","now":1763900000456,"got":[["%s",38,41],["%s",43,43]]}'
    bench.inbox.message(OWN + "ack", (payload % (BOOT, BOOT)).encode(), False)
    assert bench.acks == [(BOOT, 38, 41), (BOOT, 43, 43)]
    assert bench.clock.unix_ms() == 1763900000456


def test_a_retained_or_doubted_time_sets_no_clock():
    bench = Bench()
    online = '{"v":1,"online":true,"id":"x","boot":"b1","now":%s}'
    bench.inbox.message(AGENT, (online % "1763900000456").encode(), True)
    bench.inbox.message(AGENT, (online % "null").encode(), False)
    assert bench.clock.unix_ms() is None
    assert bench.agents == [(True, "b1")] * 2
    bench.inbox.message(AGENT, (online % "1763900000456").encode(), False)
    assert bench.clock.unix_ms() == 1763900000456


def test_a_bad_message_is_refused_counted_and_said():
    bench = Bench()
    bad = (
        b"{",
        b"[]",
        b"{}",
        b'{"got":[["x"]]}',
        b'{"got":[["x","y",1]]}',
        b'{"got":[]',
        b"\xff\xff",
        b"null",
        b'{"got":[["x",1,1e999]]}',  # a number without end
        b'{"got":' + b"[" * 3000 + b"]" * 3000 + b"}",
    )
    for payload in bad:
        bench.inbox.message(OWN + "ack", payload, False)
    assert bench.inbox.refused == len(bad) == len(bench.said)
    assert bench.acks == []


def test_an_ack_with_one_bad_range_frees_nothing():
    bench = Bench()
    bench.inbox.message(OWN + "ack", b'{"got":[["%s",1,2],["x"]]}' % BOOT.encode(), False)
    assert bench.acks == []


def test_config_and_commands_are_handed_on_and_a_cleared_topic_is_not():
    bench = Bench()
    bench.inbox.message(OWN + "config", b"{}", True)
    bench.inbox.message(OWN + "config", b"", True)
    bench.inbox.message(OWN + "cmd", b"known", False)
    bench.inbox.message(OWN + "cmd", b"known", True)
    bench.inbox.message(OWN + "cmd", b"unknown", False)
    bench.inbox.message("rollcall/lincoln/other/cmd", b"known", False)
    assert bench.configs == [b"{}"] and bench.replies == [b"known"]
    assert bench.inbox.refused == 1


def test_log_lines_wait_for_the_broker_and_the_oldest_go_first():
    client = FakeClient()
    client.connected = False
    log = Log(OWN + "log", FakeClock(0, 1763900000000), lambda text: None)
    log.say("info", "before there was a client")
    log.client = client
    for number in range(40):
        log.say("warning", str(number), "trace" if number == 39 else None)
    client.connected = True
    log.link_is_new()
    sent = client.take()
    assert len(sent) == 32 and b'"8"' in sent[0][1]
    assert b'"traceback"' in sent[-1][1] and b'"dropped"' in sent[-1][1]
    log.published(1)
    log.link_is_new()
    assert len(client.take()) == 31


def test_an_absurd_time_is_refused_and_said_once_and_its_ack_counts():
    bench = Bench()
    bench.clock = Clock(lambda: 0, 1000)
    bench.inbox._clock = bench.clock
    for _ in range(3):
        payload = '{"v":1,"agent":"x","now":12,"got":[["%s",1,1]]}' % BOOT
        bench.inbox.message(OWN + "ack", payload.encode(), False)
    assert bench.acks == [(BOOT, 1, 1)] * 3 and not bench.clock.is_set
    assert bench.inbox.refused == 3 and len(bench.said) == 1
