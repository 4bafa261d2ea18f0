"""Whatever lies between gateway and broker, each read arrives, and none counts twice."""

from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.chain.modules import Modules
from tests.firmware.host.agent import GATEWAY, SITE, FakeAgent
from tests.firmware.host.process import firmware, stop
from tests.support.broker import Broker
from tests.support.counts import SOAK, count, seeded
from tests.support.hostile_proxy import HostileProxy
from tests.support.waiting import wait_for

LONG_S = 60.0  # a link that is silent is given up after 15 s, then there is a backoff
GROUP, GROUPS = 6, 40  # tags that come and go together; none comes again within a minute


class Trial:
    """A gateway behind the proxy, and each thing that can be done to it."""

    def __init__(
        self, proxy: HostileProxy, broker: Broker, agent: FakeAgent, modules: Modules
    ) -> None:
        self.proxy, self.broker, self.agent, self.modules = proxy, broker, agent, modules

        self.groups = 0

    def tags_come_by(self, reads: int = 20) -> None:
        """Others than before: for them a record is due each 250 ms."""
        wanted = self.modules.notices_sent() + reads
        first = self.groups % GROUPS * GROUP
        self.groups += 1
        self.modules.hear_only(slice(first, first + GROUP))
        wait_for(lambda: self.modules.notices_sent() >= wanted, LONG_S, "reads")
        self.modules.take_tags_away()

    def a_batch_arrives(self) -> None:
        before = len(self.agent.arrivals)
        wait_for(lambda: len(self.agent.arrivals) > before, LONG_S, "a batch meanwhile")

    def all_reads_arrive(self) -> None:
        wait_for(self.is_complete, 2 * LONG_S, "all reads")

    def is_complete(self) -> bool:
        return self.agent.sum_n() == self.modules.notices_sent()

    def reconnects(self, since: int) -> None:
        wait_for(lambda: self.proxy.connections > since, LONG_S, "another connection")

    # Quick ones

    def broker_dies_and_forgets(self) -> None:
        self.broker.kill9()
        self.tags_come_by()
        self.broker.start()

    def freezes(self) -> None:
        before = self.proxy.taken
        self.proxy.frozen = True
        self.tags_come_by()
        wait_for(lambda: self.proxy.taken > before + 200, LONG_S, "a batch on its way")

    def is_reset(self) -> None:
        for _ in range(3):
            self.proxy.reset()
            self.tags_come_by(5)

    def is_slow(self) -> None:
        self.proxy.bytes_s = 1000
        self.tags_come_by()
        self.a_batch_arrives()

    def is_late(self) -> None:
        self.proxy.delay_s = 0.5
        self.tags_come_by()
        self.a_batch_arrives()

    def pubacks_are_swallowed(self) -> None:
        self.proxy.swallow = "puback"
        self.tags_come_by()
        wait_for(lambda: self.proxy.swallowed > 0, LONG_S, "a swallowed acknowledgement")

    def a_session_is_present(self) -> None:
        before = self.proxy.connections
        self.proxy.session_present = True
        self.proxy.reset()
        self.reconnects(before)
        self.tags_come_by()

    def another_takes_its_name(self) -> None:
        before = self.proxy.connections
        twin = paho.Client(CallbackAPIVersion.VERSION2, f"rollcall-{SITE}-{GATEWAY}")
        twin.connect("127.0.0.1", self.broker.port)
        twin.loop()  # CONNECT goes out, and the broker puts the other one out
        self.reconnects(before)
        twin.disconnect()

    # Those that only time ends

    def is_half_open(self) -> None:
        before = self.proxy.connections
        self.proxy.deaf = True
        self.tags_come_by()
        self.reconnects(before)

    def is_later_than_any_patience(self) -> None:
        before = self.proxy.connections
        self.proxy.delay_s = 30.0
        self.tags_come_by()
        self.reconnects(before)

    def confirmations_are_swallowed(self) -> None:
        before = len(self.agent.repeats())
        self.proxy.swallow = "ack"
        self.tags_come_by()
        wait_for(lambda: self.proxy.swallowed > 2, LONG_S, "swallowed confirmations")
        self.proxy.calm()  # what they named goes again after 10 s
        wait_for(lambda: len(self.agent.repeats()) > before, LONG_S, "repeats")


QUICK = (
    Trial.broker_dies_and_forgets,
    Trial.freezes,
    Trial.is_reset,
    Trial.is_slow,
    Trial.is_late,
    Trial.pubacks_are_swallowed,
    Trial.a_session_is_present,
    Trial.another_takes_its_name,
)
SLOW = (
    Trial.is_half_open,
    Trial.is_later_than_any_patience,
    Trial.confirmations_are_swallowed,
)


@pytest.fixture
def trial(broker: Broker) -> Iterator[Trial]:
    with (
        HostileProxy(broker.port) as proxy,
        FakeAgent(broker.port) as agent,
        Modules(1, GROUPS * GROUP, 5, "3414257BF4") as modules,
    ):
        modules.take_tags_away()
        yield Trial(proxy, broker, agent, modules)


def troubles() -> list[Callable[[Trial], None]]:
    """In an order of chance: four quick ones, or in a soak all of them, again and again."""
    rng = seeded("hostile network")
    if not SOAK:
        return rng.sample(QUICK, 4)
    every = QUICK + SLOW
    return [each for _ in range(count(1, 5)) for each in rng.sample(every, len(every))]


def test_as_many_reads_arrive_as_went_in_whatever_the_network_does(
    trial: Trial, tmp_path: Path, micropython_binary: list[str]
) -> None:
    with firmware(micropython_binary, tmp_path, trial.modules.paths, trial.proxy.port) as process:
        trial.tags_come_by()
        trial.all_reads_arrive()
        for trouble in troubles():
            trouble(trial)
            trial.proxy.calm()
            trial.all_reads_arrive()
        assert stop(process) == 0
    wait_for(trial.is_complete, 10, "the last reads")
    assert trial.agent.seqs() == list(range(len(trial.agent.seqs())))
