"""The engine: journal rows in, events out. Pure: no clock, no input or output, no logging.

All thinking is done at whole seconds of the engine's time, which is the latest arrival it was
given: a row first advances that time, then waits with its second's other rows for the next one.
So events depend on the rows alone, not on how they were handed over.
"""

from collections import Counter
from collections.abc import Iterable
from heapq import heappop, heappush
from math import ceil, floor

from edge.agent.engine.alerts import Alerts
from edge.agent.engine.building import Building, Spot
from edge.agent.engine.carts import Carts
from edge.agent.engine.dark import Dark
from edge.agent.engine.doors import Doors
from edge.agent.engine.health.health import Health
from edge.agent.engine.rules.rules import Rules
from edge.agent.engine.speaker import Speaker
from edge.agent.engine.tag import HISTORY_MS, Tag
from edge.agent.engine.wiring import Wiring
from edge.contracts.devices import Device
from edge.contracts.events import Event
from edge.contracts.readlog import (
    CalendarRow,
    DeviceRow,
    GatewayRow,
    LoanRow,
    LooksRow,
    ReadRow,
    Row,
    SchoolRow,
)
from edge.contracts.school import School
from edge.contracts.school_file import SchoolError, parse_school

LAG_S = 45.0  # a row that comes later after its `t` is late: a still tag's takes up to 30 s
HISTORY_S = HISTORY_MS / 1000
FLUSH_S = 24 * 3600  # how far `flush` advances time at most
_FORGET_EVERY_S = 600
_LEARN_EVERY_S = 60
# What is learnt from must stand in whatever order rows came: a pass of up to 60 s, its last rows
# 45 s late.
_STANDS_AFTER_S = 120


class Engine:
    """Turns rows into events.

    `now` is the latest arrival given, Unix seconds, None before the first; `pending` says that
    advancing time alone will bring a decision. `dropped` counts the reads that moved nothing, by
    reason: "foreign", "unknown antenna", "no time", "in the future", "too old" (past mending),
    "odd span or peak"; and school rows that could not be read ("bad school").
    """

    def __init__(self, school: School | None = None, devices: Iterable[Device] = ()) -> None:
        self.now: float | None = None
        self.dropped: Counter[str] = Counter()
        self._building: Building | None = None
        self._speaker = Speaker()
        self._alerts = Alerts(self._speaker)
        self._health = Health(self._alerts)
        self._wiring = Wiring(self._alerts)
        self._spots: dict[tuple[str, int], Spot] = {}
        self._devices = {device.epc.upper(): device for device in devices}
        self._carts = Carts(self._devices)
        self._dark = Dark()
        self._doors = Doors()
        self._learns: dict[Tag, None] = {}  # whose passes the doors have yet to learn from
        self._learn_at = 0
        self._tags: dict[str, Tag] = {}
        self._rules = Rules(self._alerts, self._tags, self._devices, self._carts)
        if school is not None:
            self._use(school)
        self._fresh: dict[Tag, None] = {}  # with an inbox, or something else to think about
        self._open: dict[Tag, None] = {}  # with passes that time will end
        self._due: dict[int, list[Tag]] = {}
        self._seconds: list[int] = []  # heap of the keys of `_due`
        self._arrived = 0.0  # the latest arrival; `flush` goes on from there
        self._pos = 0  # of the last row
        self._next_second = 0
        self._origin_ms = 0
        self._forget_at = 0

    @property
    def school(self) -> School | None:
        """The school file in force, None before the first."""
        return None if self._building is None else self._building.school

    @property
    def pending(self) -> bool:
        """Whether something waits for time alone."""
        return bool(
            self._fresh
            or self._open
            or self._alerts.due is not None
            or self._wiring.due is not None
        )

    def feed(self, row: Row) -> list[Event]:
        """Take in one row; return the events that advancing time to it brought."""
        rx = row.rx
        if self.now is None:
            self._begin(rx)
        elif rx > self.now:
            self.now = self._arrived = rx
        self._pos = row.pos
        said: list[Event] = []
        if rx >= self._next_second:
            said = self._advance(floor(rx))
        if type(row) is ReadRow:
            self._take_read(row)
        else:
            self._take(row)
        return said

    def flush(self) -> list[Event]:
        """Advance time until nothing is pending, at most 24 h; return the events of that."""
        said: list[Event] = []
        until = self._next_second + FLUSH_S
        while self.pending and self._next_second <= until:
            second = self._next_second
            if not self._fresh:
                second = max(second, self._next_thought() or 0)
            said += self._advance(second)
            self.now = max(self.now or 0.0, float(second))
        return said

    def _begin(self, at: float) -> None:
        self.now = self._arrived = at
        self._next_second = floor(at) + 1
        self._origin_ms = int(at * 1000)
        self._learn_at = (self._next_second // _LEARN_EVERY_S + 1) * _LEARN_EVERY_S
        self._forget_at = self._next_second + _FORGET_EVERY_S
        self._rules.begin(at)
        self._health.begin(at)

    # Rows in

    def _take(self, row: Row) -> None:
        self._carts.row_now = self._arrived
        match row:
            case LooksRow():
                self._carts.looked(row)
                self._health.looked(row)
            case GatewayRow():
                self._carts.came(row)
                self._fresh.update(dict.fromkeys(self._dark.came(row)))
                self._health.came(row)
                self._rules.came(row)
            case SchoolRow():
                self._take_school(row)
            case DeviceRow():
                self._take_device(row)
            case LoanRow():
                self._rules.lend(row)
                tag = self._tags.get(row.epc.upper())
                if tag is not None:
                    self._fresh[tag] = None
            case CalendarRow():
                self._rules.plan(row)
                watched = (tag for tag in self._tags.values() if tag.exits.are_watched)
                self._fresh.update(dict.fromkeys(watched))
            case _:
                pass  # boots and time say nothing else

    def _take_read(self, row: ReadRow) -> None:
        spot = self._spots.get((row.gateway, row.antenna))
        if spot is None or self._building is None:
            self.dropped["unknown antenna"] += 1
            return
        t = row.t
        if t is None or self.now is None:
            self.dropped["no time"] += 1
            return
        age = self.now - t
        if not -LAG_S <= age <= HISTORY_S:
            self.dropped["in the future" if age < 0 else "too old"] += 1
            return
        if not (0 <= row.span <= HISTORY_S and 0 <= row.peak <= HISTORY_S):
            self.dropped["odd span or peak"] += 1
            return
        tag = self._tags.get(row.epc) or self._meet(row.epc, self._building)
        if tag is None:
            self.dropped["foreign"] += 1
            return
        if row.tid is not None:
            self._rules.told_tid(row, spot)
        if not tag.inbox:
            self._fresh[tag] = None
        tag.inbox.append((spot, row, age > LAG_S))

    def _meet(self, epc: str, building: Building) -> Tag | None:
        upper = epc.upper()
        tag = self._tags.get(upper)
        if tag is None and building.school.accepts(upper):
            tag = Tag(upper, self._home(upper, building), self._doors)
            self._tags[upper] = tag
        if tag is not None:
            self._tags[epc] = tag
        return tag

    def _home(self, epc: str, building: Building) -> str | None:
        """The room a device belongs to: a hint where it begins, never a statement."""
        device = self._devices.get(epc)
        if device is None:
            return None
        cart = building.school.carts.get(device.cart or "")
        return cart.home if cart is not None else device.home

    def _take_school(self, row: SchoolRow) -> None:
        try:
            self._use(parse_school(row.text))
        except SchoolError:
            self.dropped["bad school"] += 1

    def _use(self, school: School) -> None:
        self._building = Building(school)
        self._spots = self._building.spots
        self._health.use(self._building)
        self._wiring.use(self._building)
        self._rules.use(self._building)
        if self.now is not None:
            self._rules.begin(self.now)
            self._health.begin(self.now)
        for tag in self._tags.values():
            tag.whereabouts.think_anew()

    def _take_device(self, row: DeviceRow) -> None:
        epc = row.epc.upper()
        self._rules.recorded(row)
        if row.removed:
            self._devices.pop(epc, None)
        else:
            self._devices[epc] = Device(
                epc, row.asset_tag, row.serial, row.model, row.home, row.cart, row.number
            )
        tag = self._tags.get(epc)
        if tag is not None and self._building is not None:
            tag.whereabouts.belongs_in(self._home(epc, self._building))

    # Time

    def _advance(self, until: int) -> list[Event]:
        """Think at each whole second up to `until` at which there is something to think about."""
        self._speaker.begin(self._pos)
        while self._next_second <= until:
            second = self._next_second
            if not self._fresh:
                thought = self._next_thought()
                if thought is None or thought > until:
                    self._next_second = until + 1
                    break
                second = max(second, thought)
            self._next_second = second + 1
            self._think(second)
        return self._speaker.taken()

    def _next_thought(self) -> int | None:
        """The second at which something is due by itself, None where nothing is."""
        due, later = self._alerts.due, self._alerts.later
        if later is not None and later <= self._arrived and (due is None or later < due):
            due = later
        dues = [due, self._wiring.due, self._seconds[0] if self._seconds else None]
        return min((at for at in dues if at is not None), default=None)

    def _think(self, second: int) -> None:
        building = self._building
        if building is None:
            self._fresh.clear()
            return
        while second >= self._learn_at:
            self._learn(self._learn_at * 1000, building)
            self._learn_at += _LEARN_EVERY_S
        self._speaker.decided = float(second)
        self._carts.row_now = min(self._arrived, float(second))
        self._alerts.settle(second, self._arrived)
        for doorway in self._wiring.settle(second):
            for tag in dict.fromkeys(self._tags.values()):
                tag.weigh_again(doorway, self._wiring)
                self._fresh[tag] = None
        tags = self._fresh
        self._fresh = {}
        woken: dict[Tag, None] = {}
        while self._seconds and self._seconds[0] <= second:
            for tag in self._due.pop(heappop(self._seconds)):
                tag.wake = None
                woken[tag] = None
        for tag in woken | tags:
            was_heard = bool(tag.inbox)
            if was_heard:
                tag.take_in(self._carts)
                due_ms = tag.next_due()
                if tag not in woken and tag.only_waits(due_ms, second * 1000):
                    self._plan(tag, second, due_ms)
                    continue
            self._settle(tag, second, building, was_heard)
            self._plan(tag, second, tag.next_due())
        if second >= self._forget_at:
            self._forget(second)

    def _settle(self, tag: Tag, second: int, building: Building, was_heard: bool) -> None:
        if tag.visits:
            self._carts.settle(tag, building, self._speaker)
        if tag.changed:
            self._health.passed(tag, second * 1000)
        if was_heard or tag.changed:
            self._rules.heard(tag, second * 1000)
            self._health.heard(tag, second)
        self._dark.note(tag)
        self._learns[tag] = None
        concerned = self._rules.concern(tag)
        if not concerned and tag.has_nothing_to_judge(second * 1000):
            return
        changed_from = tag.settle(
            second * 1000,
            self._origin_ms,
            building,
            self._dark.since_ms,
            self._rules.permissions,
            self._alerts,
            self._wiring,
            self._speaker,
        )
        if concerned or changed_from is not None:
            self._rules.settled(tag)
        if changed_from is not None and tag.epc in building.cart_of:
            cart = building.cart_of[tag.epc].id
            self._fresh.update(dict.fromkeys(self._carts.moved(cart, tag, changed_from)))

    def _plan(self, tag: Tag, second: int, due_ms: int | None) -> None:
        """Put a tag on the list of the second at which it must be thought of again."""
        due: float | None = None
        if due_ms is not None:
            self._open[tag] = None
            due = due_ms / 1000
        else:
            self._open.pop(tag, None)
        if tag.visits:
            silent = self._carts.next_due(tag)
            if silent is not None and (due is None or silent < due):
                due = silent
        if due is None:
            return
        wake = max(second + 1, ceil(due))
        if tag.wake is not None and tag.wake <= wake:
            return
        tag.wake = wake
        if wake in self._due:
            self._due[wake].append(tag)
        else:
            self._due[wake] = [tag]
            heappush(self._seconds, wake)

    def _learn(self, from_ms: int, building: Building) -> None:
        """Let what happens from a time on be judged by what was fixed before."""
        until_ms = from_ms - _STANDS_AFTER_S * 1000
        waiting = self._learns
        self._learns = {tag: None for tag in waiting if tag.whereabouts.teach(building, until_ms)}
        self._doors.in_force(from_ms)

    def _forget(self, second: int) -> None:
        self._forget_at = second + _FORGET_EVERY_S
        self._wiring.forget_before(second * 1000 - HISTORY_MS)
        self._doors.forget_before(second * 1000 - HISTORY_MS)
        for epc, tag in self._tags.items():
            if tag.epc == epc:
                tag.forget_before(second * 1000 - HISTORY_MS)
