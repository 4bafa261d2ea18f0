"""Whatever comes down to a gateway: nothing raises; it is taken, or refused in one sentence."""

import asyncio
import contextlib
import json
import random
from typing import Any

import pytest
from drivers.reader import Radio
from gateway.actions import Actions
from gateway.clock import Clock
from gateway.commands import Commands
from gateway.config import BadSettings, ReaderSettings, parse_config, parse_settings
from gateway.inbox import Inbox
from gateway.outbox import Outbox
from gateway.packed import pack
from gateway.uplink import Uplink

from tests.firmware.fakes import FakeClient
from tests.firmware.test_actions import EPC, TID, Gateway, Tag
from tests.firmware.test_config import FILE
from tests.support.counts import count, seeded
from tests.support.mutations import mutated

MESSAGES = count(2_000, 250_000)  # of each channel: a million in all
BOOT = "0000001f9a3c12e4"
NOW = 1_763_900_000_000
OWN = "rollcall/lincoln/gw-d101/"
AGENT = "rollcall/lincoln/agent/status"
BATCH = pack(0, {}, [(b"\x34" * 12, 1, None, 0, 1, 0, 0)], [])
HELD = 10  # of a window
READERS = [ReaderSettings("m100", "uart1", [1]), ReaderSettings("m100", "uart2", [2])]

ARGUMENTS: dict[str, dict[str, Any]] = {
    "set_power": {"antenna": 1, "dbm": 20},
    "set_region": {"region": "US"},
    "sweep": {"seconds": 5},
    "identify": {"seconds": 30},
    "read_tid": {"epc": EPC},
    "write_epc": {"tid": TID.hex(), "new_epc": EPC, "password": 0},
    "selftest": {},
    "update": {"url": "https://rollcall.local/updates/0", "manifest": "00"},
}
GOOD: dict[str, list[Any]] = {
    "ack": [{"v": 1, "agent": "x", "now": NOW, "got": [[BOOT, 3, 9], ["0000001e00000000", 0, 7]]}],
    "agent": [{"v": 1, "online": True, "id": "x", "boot": "b1", "now": NOW, "take_over": None}],
    "config": [{name: FILE[name] for name in ("region", "power_dbm", "session", "epc_prefixes")}],
    "cmd": [
        {"id": "1", "exp": NOW + 60_000, "do": do, "args": args} for do, args in ARGUMENTS.items()
    ],
}


class Board(Gateway):
    """A gateway's parts from the broker on, its readers' answers and its flash left out."""

    def __init__(self) -> None:
        super().__init__(Tag())
        self.said: list[str] = []
        self.bugs: list[Exception] = []
        self.replies: list[dict[str, Any]] = []
        self.configured = 0
        self.clock = Clock(lambda: 0, 1000)
        self.clock.set_unix_ms(NOW)
        self.send_batches()
        commands = Commands(
            self.clock,
            Actions(self).get,
            lambda reply: self.replies.append(json.loads(reply)),
            lambda name, error: self.bugs.append(error),
        )
        self.inbox = Inbox(
            "lincoln", "gw-d101", self.clock, self, commands, self.configure, self.say
        )

    def send_batches(self) -> None:
        """Have a window of new batches on the wire."""
        self.outbox = Outbox(BOOT, 100_000, self.clock)
        self.uplink = Uplink(self.outbox, FakeClient(), self.clock, OWN + "reads/")
        for _ in range(HELD):
            self.outbox.put(BATCH)
        self.uplink.step()

    def acked(self, boot: str, first: int, last: int) -> None:
        self.uplink.acked(boot, first, last)

    def agent_is(self, online: bool, boot: object, retained: bool) -> None:
        self.uplink.agent_is(online, boot, retained)

    def say(self, level: str, text: str) -> None:
        self.said.append(text)

    def configure(self, payload: bytes) -> None:
        self.radio, _ = parse_config(payload, READERS, Radio("US", {1: 20}, 0, ["34"]))
        self.configured += 1

    @property
    def held(self) -> set[int]:
        return {entry.seq for entry in self.outbox.entries}


def named_in(payload: bytes) -> set[int]:
    """What an `ack` names of this boot, read without mercy."""
    with contextlib.suppress(ValueError, KeyError, TypeError, OverflowError):
        got = json.loads(payload)["got"]
        ranges = [(int(first), int(last)) for boot, first, last in got if boot == BOOT]
        return {seq for seq in range(HELD) for first, last in ranges if first <= seq <= last}
    return set()


@pytest.mark.parametrize("channel", list(GOOD))
def test_no_message_stops_a_gateway_and_none_frees_what_it_does_not_name(channel: str) -> None:
    rng = seeded("downlink", channel)
    asyncio.run(hear(rng, channel))


async def hear(rng: random.Random, channel: str) -> None:
    board = Board()
    topic = AGENT if channel == "agent" else OWN + channel
    freed = 0
    for number in range(MESSAGES):
        if len(board.held) < HELD:
            board.send_batches()
        message = dict(rng.choice(GOOD[channel]))
        if channel == "cmd":
            message["id"] = str(number)
        payload = mutated(rng, message)
        before = board.held
        board.inbox.message(topic, payload, rng.random() < 0.1)
        gone = before - board.held
        assert not gone or gone <= named_in(payload), payload
        freed += len(gone)
        assert all("\n" not in text for text in board.said), board.said
        board.said.clear()
        if number % 100 == 99:
            await done_with_commands()
    await done_with_commands()
    assert board.bugs == []
    assert board.inbox.refused or channel == "agent"
    assert channel != "ack" or freed > MESSAGES
    assert channel != "config" or board.configured > MESSAGES / 4
    assert channel != "cmd" or len(board.replies) > MESSAGES / 4
    assert all("id" in reply and "ok" in reply for reply in board.replies)


async def done_with_commands() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others)


def test_the_gateways_own_file_is_taken_or_refused_in_a_sentence() -> None:
    rng = seeded("own file")
    said = []
    for _ in range(MESSAGES):
        try:
            parse_settings(mutated(rng, FILE))
        except BadSettings as error:
            said.append(str(error))
    assert MESSAGES / 10 < len(said) < MESSAGES * 0.9
    assert all(said)
