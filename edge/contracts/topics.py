"""MQTT topics: `rollcall/<site>/<gateway>/<channel>`, built and taken apart in one place."""

import re
from typing import Literal, cast

import msgspec

from edge.contracts.ids import id_problem

UP_CHANNELS = ("reads", "status", "health", "log", "reply")
DOWN_CHANNELS = ("ack", "config", "cmd")

Channel = Literal["reads", "status", "health", "log", "reply", "ack", "config", "cmd"]

_BOOT = re.compile(r"[0-9a-f]{16}")
_SEQ = re.compile(r"0|[1-9][0-9]{0,15}")


class BadTopic(ValueError):
    """A topic that names no channel of this site; its text says why."""


class Topic(msgspec.Struct, frozen=True):
    """One topic taken apart; `boot` and `seq` are set on the `reads` channel only."""

    gateway: str
    channel: Channel
    boot: str | None = None
    seq: int | None = None


class Topics(msgspec.Struct, frozen=True):
    """The topics of one site."""

    site: str

    def reads(self, gateway: str, boot: str, seq: int) -> str:
        """Name one batch for ever."""
        return f"rollcall/{self.site}/{gateway}/reads/{boot}/{seq}"

    def channel(self, gateway: str, channel: Channel) -> str:
        """Any other channel of a gateway."""
        return f"rollcall/{self.site}/{gateway}/{channel}"

    def agent_status(self) -> str:
        """The agent's own retained state."""
        return f"rollcall/{self.site}/agent/status"

    def subscriptions(self) -> list[str]:
        """Return what the agent listens to: each channel that gateways write."""
        return [f"rollcall/{self.site}/+/reads/+/+"] + [
            f"rollcall/{self.site}/+/{channel}" for channel in UP_CHANNELS if channel != "reads"
        ]

    def parse(self, topic: str) -> Topic:
        """Take a topic apart.

        Raises:
            BadTopic: it belongs to another site, names no channel, or its boot or seq is malformed.
        """
        parts = topic.split("/")
        if len(parts) < 4 or parts[0] != "rollcall" or parts[1] != self.site:
            raise BadTopic(f"{topic}: not a channel of site {self.site}")
        gateway, channel = parts[2], parts[3]
        if problem := id_problem(gateway):
            raise BadTopic(f"{topic}: gateway {problem}")
        if channel == "reads":
            return self._parse_reads(topic, gateway, parts[4:])
        if len(parts) != 4 or channel not in UP_CHANNELS + DOWN_CHANNELS:
            raise BadTopic(f"{topic}: no such channel")
        return Topic(gateway, cast(Channel, channel))

    def _parse_reads(self, topic: str, gateway: str, name: list[str]) -> Topic:
        if len(name) != 2:
            raise BadTopic(f"{topic}: a batch is named reads/<boot>/<seq>")
        boot, seq = name
        if not _BOOT.fullmatch(boot):
            raise BadTopic(f'{topic}: boot "{boot}" is not 16 lower-case hex digits')
        if not _SEQ.fullmatch(seq):
            raise BadTopic(f'{topic}: seq "{seq}" is not a whole number')
        return Topic(gateway, "reads", boot, int(seq))
