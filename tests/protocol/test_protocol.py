"""In whatever order things happen and fail, nothing is lost, nothing counts twice, all is told."""

import random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from edge.contracts.wire import Ack
from tests.protocol.model import LONG_MS, Agent, Gateway, lost_by_definition
from tests.support.counts import count

GATEWAYS = 2
ROUNDS = 300  # of sending and confirming; a full outbox needs some ten

which = st.integers(0, GATEWAYS - 1)


class Protocol(RuleBasedStateMachine):
    """`up` and `down` are on their way; `ever` was sent at some time and may come again."""

    def __init__(self) -> None:
        super().__init__()
        self.gateways = [Gateway(number) for number in range(GATEWAYS)]
        self.agent = Agent()
        self.up: list[tuple[str, bytes]] = []
        self.ever: list[tuple[str, bytes]] = []
        self.down: list[tuple[str, Ack]] = []
        self.backup = self.agent.back_up()
        self.gone: set[tuple[str, int]] = set()  # confirmed, and then taken by a restore
        self.garbled: set[tuple[str, int]] = set()
        self.exact = True  # whether the agent can know of every batch that was given up

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.agent.forget(self.backup)
            self.agent.close()

    # What parts do. Few rules with many choices: hypothesis gives each rule the same chance.

    @rule(
        number=which,
        batches=st.sampled_from([3, 1, 12, 40]),
        reads=st.sampled_from([0, 3, 20]),
        later_ms=st.sampled_from([10, 2_500, 11_000]),
        confirming=st.booleans(),
    )
    def gateway_works(
        self, number: int, batches: int, reads: int, later_ms: int, confirming: bool
    ) -> None:
        gateway = self.gateways[number]
        gateway.clock.ms += later_ms
        for _ in range(batches):
            gateway.put(reads)
        gateway.outbox.tick(confirming)
        self._sent(gateway.send())

    @rule(
        order=st.randoms(use_true_random=False),
        most=st.sampled_from([3, 40]),
        dies=st.sampled_from([None, None, None, None, "before", "after"]),
        full=st.sampled_from([False, False, True]),
        confirmed=st.sampled_from(["now", "now", "late", "never"]),
    )
    def agent_takes_over(
        self, order: random.Random, most: int, dies: str | None, full: bool, confirmed: str
    ) -> None:
        """What the network brings, with gaps and out of order; `most` of it in one commit."""
        if order.random() < 0.3:
            order.shuffle(self.up)
        for topic, payload in self.up:
            if order.random() < 0.8:
                self.agent.receive(topic, payload)
        self.up.clear()
        acks = self.agent.commit(most, dies, full)
        if confirmed == "late":
            self.down += acks
        elif confirmed == "now":
            self._confirmed(acks)

    # What goes wrong

    @rule(
        what=st.sampled_from(["replay", "garble", "late acks", "new broker", "agent dies", "cut"]),
        number=which,
        at=st.integers(0, 10_000),
    )
    def something_happens(self, what: str, number: int, at: int) -> None:
        gateway = self.gateways[number]
        if what == "replay":
            self.up += self.ever[at % (len(self.ever) or 1) :][:20]
        elif what == "garble" and self.up:
            self._garble(at % len(self.up))
        elif what == "late acks":
            self._confirmed(self.down)
            self.down.clear()
        elif what == "new broker":
            self.up.clear()
            self.down.clear()
            for each in self.gateways:
                each.uplink.link_is_new()
        elif what == "agent dies":
            self.agent.start()
        elif what == "cut":
            gateway.power_cut()

    @rule()
    def backup_is_made(self) -> None:
        self.agent.forget(self.backup)
        self.backup = self.agent.back_up()

    @precondition(lambda self: len(self.agent.arrivals) > 10)
    @rule()
    def backup_is_put_back(self) -> None:
        self.down.clear()  # none is under way for as long as a restore takes
        self.agent.restore(self.backup)
        freed = {name for gateway in self.gateways for name in gateway.freed}
        self.gone |= freed - self.agent.known()
        self.exact = False

    # What holds always

    @invariant()
    def what_was_freed_is_in_the_journal(self) -> None:
        known = self.agent.known()
        for gateway in self.gateways:
            assert gateway.freed <= known | self.gone

    @invariant()
    def nothing_counts_twice(self) -> None:
        journaled = self.agent.journaled()
        said = {name: n for gateway in self.gateways for name, n in gateway.said.items()}
        counters = self.agent.counters()
        assert len(journaled) == len(set(journaled)) == counters["batches"]
        assert counters["sum_n"] == sum(said[name] for name in journaled)
        assert self.agent.quarantined() <= self.garbled

    @invariant()
    def the_books_of_loss_are_right(self) -> None:
        lost = self.agent.lost()
        assert lost == lost_by_definition(self.agent.arrivals)
        known = self.agent.known()
        given_up = {name for gateway in self.gateways for name in gateway.given_up}
        assert lost <= len((given_up | self.gone) - known)

    # Once the faults have stopped

    def settle(self) -> None:
        """Every outbox empties, and the agent knows of everything that was given up."""
        for _ in range(ROUNDS):
            for gateway in self.gateways:
                gateway.clock.ms += LONG_MS
                if gateway.outbox.untold(1):
                    gateway.put(0)
                self._sent(gateway.send())
            for topic, payload in self.up:
                self.agent.receive(topic, payload)
            self.up.clear()
            self._confirmed([*self.down, *self.agent.commit(512, None, False)])
            self.down.clear()
            if all(gateway.silent for gateway in self.gateways):
                break
        assert all(gateway.silent for gateway in self.gateways), "an outbox does not empty"
        self.what_was_freed_is_in_the_journal()
        self.nothing_counts_twice()
        self.the_books_of_loss_are_right()
        known = self.agent.known()
        for gateway in self.gateways:
            missing = set(gateway.said) - known - self.gone - gateway.given_up
            assert not missing or gateway.cut, "it is neither here nor lost"
        if self.exact and not any(gateway.forgot for gateway in self.gateways):
            given_up = {name for gateway in self.gateways for name in gateway.given_up}
            assert self.agent.lost() == len(given_up - known)

    def _sent(self, messages: list[tuple[str, bytes]]) -> None:
        self.up += messages
        self.ever += messages

    def _confirmed(self, acks: list[tuple[str, Ack]]) -> None:
        for to, ack in acks:
            for gateway in self.gateways:
                if gateway.id == to:
                    gateway.acked(ack)

    def _garble(self, at: int) -> None:
        topic, payload = self.up[at]
        self.up[at] = (topic, payload[: len(payload) // 2])
        *_, boot, seq = topic.split("/")
        self.garbled.add((boot, int(seq)))
        self.exact = False  # it may have told of losses


TestProtocol = Protocol.TestCase
TestProtocol.settings = settings(
    max_examples=count(30, 1000),
    stateful_step_count=80,  # what matters takes several of each rule
)
