"""What the API needs of the agent, and no more."""

from collections.abc import Sequence
from typing import Any, Protocol

from edge.agent.gateways.listening import Listening
from edge.agent.live import Live
from edge.agent.school.school_book import SchoolBook
from edge.agent.shown.views import Queries
from edge.agent.tags.tag_book import TagBook
from edge.contracts.commands import Command, TagCommand
from edge.contracts.devices import Device
from edge.contracts.school import School
from edge.custody.store import Custody
from edge.notify.desk import NoticeDesk


class Agent(Protocol):
    """The agent as the API sees it."""

    @property
    def queries(self) -> Queries:
        """Its reading side."""

    @property
    def custody(self) -> Custody:
        """Holders and loans."""

    @property
    def tags(self) -> TagBook:
        """Which EPC a device's tag gets."""

    @property
    def notices(self) -> NoticeDesk:
        """How telling people of alerts stands."""

    @property
    def live(self) -> Live:
        """Its changes."""

    @property
    def listening(self) -> Listening:
        """What its gateways report, row by row."""

    @property
    def school(self) -> School:
        """The school file in force; another object after each change of the file."""

    @property
    def school_book(self) -> SchoolBook:
        """The school file, to be shown and changed, and its versions."""

    async def allow_exits(self, epcs: Sequence[str], start: float, until: float) -> None:
        """Let these devices leave the building from `start` until `until`, Unix seconds."""

    async def keep_records(self, devices: Sequence[Device]) -> None:
        """Take these records of devices in, each in place of the one it has, all or none."""

    async def acknowledge(self, alerts: Sequence[str], account: str | None, note: str) -> bool:
        """Note that somebody has seen to these alerts; False, and none, where one is not there."""

    async def command(self, gateway: str, command: Command | TagCommand) -> dict[str, Any]:
        """Have a gateway do something; its reply. Raises `LinkError`, `NoReply`."""

    async def update(self, gateway: str) -> dict[str, Any]:
        """Have a gateway take this version's firmware; its reply. Raises `CannotUpdate`."""

    @property
    def not_ready_because(self) -> str | None:
        """One sentence while it cannot answer yet (still starting, stopping, passive), or None."""

    @property
    def cannot_write(self) -> str | None:
        """Why nothing can be written now (disk full, database locked), or None."""

    @property
    def broker_connected(self) -> bool:
        """Whether it is connected to the broker; a broker away does not make the agent unready."""
