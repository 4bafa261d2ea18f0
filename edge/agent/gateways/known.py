"""What is known of each gateway now: online or not, its board, its health, what it looks at."""

import msgspec

from edge.agent.gateways.lying import Lying
from edge.agent.intake.rows import length_ms
from edge.contracts.readlog import GatewayRow
from edge.contracts.wire import Batch, Health, LogMessage, Status

# A gateway sends at least every 10 s: three missed are silence.
SILENT_AFTER_S = 30.0


class Antenna(msgspec.Struct):
    """One antenna: its last looks, and when it last made a round or read a tag (Unix s)."""

    rounds: int = 0
    on_air_ms: int = 0
    looked_at: float = 0.0


class Crash(msgspec.Struct, frozen=True):
    """What ended a start of a gateway, as it told afterwards `at` (Unix s)."""

    at: float
    traceback: str


class GatewayState(msgspec.Struct):
    """One gateway. `online` is None until it has said so; times are Unix s, the agent's clock.

    `first_batch` is the first of this run of the agent: shortly after it little is known.
    """

    id: str
    online: bool | None = None
    since: float | None = None
    online_boot: str | None = None
    status: Status | None = None
    boards: set[str] = msgspec.field(default_factory=set)
    health: Health | None = None
    health_at: float | None = None
    last_batch: float | None = None
    first_batch: float | None = None
    clock_set: bool | None = None
    clock_odd: str | None = None
    antennas: dict[int, Antenna] = msgspec.field(default_factory=dict)
    last_log: str | None = None
    crash: Crash | None = None

    def is_silent(self, now: float) -> bool:
        """Whether nothing has come for longer than a gateway that works ever waits."""
        return self.last_batch is None or now - self.last_batch > SILENT_AFTER_S


class Gateways:
    """All gateways that were heard, and what lies on those of `lying`'s desks."""

    def __init__(self, lying: Lying | None = None) -> None:
        self.lying = lying or Lying()
        self._states: dict[str, GatewayState] = {}

    def get(self, gateway: str) -> GatewayState:
        """The state of a gateway; an empty one when it was never heard."""
        return self._states.get(gateway) or GatewayState(gateway)

    def heard(self) -> list[str]:
        """The ids of all that were heard."""
        return sorted(self._states)

    def status(self, gateway: str, status: Status, now: float) -> GatewayRow | None:
        """Take a status or a will; return the row to journal when the gateway came or went.

        An `online` false whose boot is not the last seen online is the late will of an earlier
        connection and changes nothing.
        """
        state = self._state(gateway)
        if not status.online:
            if status.boot != state.online_boot or not state.online:
                return None
            return GatewayRow(rx=now, gateway=gateway, online=False, boot=status.boot)
        state.status = status
        if state.online and state.online_boot == status.boot:
            return None
        return GatewayRow(rx=now, gateway=gateway, online=True, boot=status.boot)

    def new_board(self, gateway: str, status: Status) -> list[str] | None:
        """Return all hardware ids seen under this id when the status brings a new one."""
        boards = self._state(gateway).boards
        if not status.online or status.hw is None or status.hw in boards:
            return None
        boards.add(status.hw)
        return sorted(boards)

    def remember_board(self, gateway: str, hw: str) -> None:
        """A board that was seen in an earlier run."""
        self._state(gateway).boards.add(hw)

    def came_or_went(self, row: GatewayRow) -> None:
        """The row is on its way into the journal, or was read back from it."""
        state = self._state(row.gateway)
        state.online = row.online
        state.since = row.rx
        if row.online:
            state.online_boot = row.boot

    def health(self, gateway: str, health: Health, now: float) -> None:
        """Keep the latest."""
        state = self._state(gateway)
        state.health, state.health_at = health, now

    def log(self, gateway: str, message: LogMessage, now: float) -> None:
        """Keep the latest line, and the latest traceback."""
        state = self._state(gateway)
        state.last_log = f"{message.level}: {message.text}"
        if message.traceback:
            state.crash = Crash(now, message.traceback)

    def batch_of_earlier_run(self, gateway: str, rx: float) -> None:
        """A batch was read back from the journal."""
        self._state(gateway).last_batch = rx

    def batch(self, gateway: str, batch: Batch, place_ms: int | None, rx: float) -> None:
        """A new batch was journaled. Looks of long ago say nothing of now."""
        state = self._state(gateway)
        state.last_batch = rx
        if state.first_batch is None:
            state.first_batch = rx
        if batch.sent is not None:
            state.clock_set = batch.t is not None
        state.clock_odd = None
        self.lying.batch(gateway, batch, place_ms)
        if place_ms is None or rx - (place_ms + length_ms(batch)) / 1000 > SILENT_AFTER_S:
            return
        for name, look in batch.looks.items():
            antenna = state.antennas.setdefault(int(name), Antenna())
            antenna.rounds, antenna.on_air_ms = look.rounds, look.on_air_ms
            if look.rounds:
                antenna.looked_at = rx
        for number in {read.antenna for read in batch.reads if read.n}:
            state.antennas.setdefault(number, Antenna()).looked_at = rx

    def odd_time(self, gateway: str, reason: str) -> None:
        """Its newest batch had a time that could not be right."""
        self._state(gateway).clock_odd = reason

    def _state(self, gateway: str) -> GatewayState:
        state = self._states.get(gateway)
        if state is None:
            state = self._states[gateway] = GatewayState(gateway)
        return state
