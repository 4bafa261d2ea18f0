"""Follows the visits of tags to carts: says docked and undocked, and where a docked tag is."""

from collections.abc import Mapping
from math import inf

from edge.agent.engine.building import Building, Spot
from edge.agent.engine.cart import SILENT_S, WALKED_PAST_S, CartLevel, Visit
from edge.agent.engine.habit import Habit
from edge.agent.engine.looking import Looking
from edge.agent.engine.speaker import Speaker
from edge.agent.engine.tag import Tag
from edge.contracts.devices import Device
from edge.contracts.readlog import GatewayRow, LooksRow, ReadRow

# Looks come at most 10 s late: so long after an answer it is known whether others followed.
_QUIET_S = WALKED_PAST_S + 12.0
# A record that came just now may have others of the same time behind it.
_ARRIVING_S = 15.0

# A class takes its devices out one after the other: who falls silent with so many others is out.
_COMPANY = 2
_COMPANY_S = 12.0
# The last of a class take longer: so many left within so long.
_WAVE = 4
_WAVE_S = 45.0
# Alone, the tags of a full cart fall silent ten times as often without leaving it: fades last.
# Only a silence that should have held so many answers is believed then,
_MISSED = 12.0
_WRONG = 2  # and none where more such reports of the cart's tags were wrong before.
_NEXT_RECORD_S = 44.0  # a still record's 30 s, its batch's 5 s, the way, and a fade before
# One that so many came to is being filled.
_MANY = 3
_FILLING_S = 300.0
# Nobody takes most of a cart out at once: it is the reader, or its cable. Only where it lasts, and
# the gateway goes on looking, the cart is empty after all.
_MANY_AT_ONCE = 5
_AT_ONCE_MS = 2_000
_MOST = 0.6
_COMMON_FOR_S = 300.0
_WAIT_AGAIN_S = 2.0
_LOOK_AGAIN_S = 5.0  # how often a silence is looked at while nobody can tell what it means


class Carts:
    """The carts of a school, and of which devices by EPC belong in them.

    `row_now`: the latest arrival, in s; gateways look no further.
    """

    def __init__(self, devices: Mapping[str, Device]) -> None:
        self.row_now = 0.0
        self._devices = devices
        self._looking: dict[str, Looking] = {}
        self._levels: dict[str, CartLevel] = {}
        self._rooms: dict[str, str] = {}  # where carts were seen to stand; else they are at home
        self._silences: dict[str, dict[Tag, float]] = {}  # by cart: when tags last fell silent
        self._inside: dict[str, dict[Tag, Visit]] = {}
        self._most: dict[str, int] = {}  # that ever lay in each cart
        self._habits: dict[str, dict[Tag, Habit]] = {}

    def looked(self, row: LooksRow) -> None:
        """Take in a gateway's looks."""
        self._gateway(row.gateway).looked(row)

    def came(self, row: GatewayRow) -> None:
        """Take in that a gateway came online or went."""
        self._gateway(row.gateway).came(row.rx, row.online)

    def answer(self, tag: Tag, spot: Spot, row: ReadRow, start: int, end: int) -> None:
        """Take in a tag's answer to a cart's antenna, from `start` to `end` (ms)."""
        looked = self._gateway(row.gateway).total(self.row_now)
        for visit in reversed(tag.visits):
            if visit.cart == spot.id and visit.takes(start, end):
                break
        else:
            if row.n == 0:
                return
            habits = self._habits.setdefault(spot.id, {})
            habit = habits.get(tag)
            if habit is None:
                habit = habits[tag] = Habit()
            visit = Visit(spot.id, row.gateway, start, habit)
            tag.visits.append(visit)
        visit.add(start, end, row.n, row.rssi, looked)
        if row.n == 0:
            self._silences.setdefault(spot.id, {})[tag] = self.row_now
        else:
            visit.touched = self.row_now

    def settle(self, tag: Tag, building: Building, speaker: Speaker) -> None:
        """Say what a tag's visits tell now."""
        for visit in tag.visits:
            self._settle(tag, visit, building, speaker)

    def next_due(self, tag: Tag) -> float | None:
        """Return when a silence of this tag could be long enough, in s of arrival."""
        due: float | None = None
        for visit in tag.visits:
            if visit.docked is None and self.row_now < visit.touched + _QUIET_S:
                due = min(due or inf, visit.touched + _QUIET_S)
            if visit.is_open:
                at = self.row_now + (_WAIT_AGAIN_S if visit.silent else _LOOK_AGAIN_S)
                if not visit.silent and not self._may_have_crossed(tag, visit):
                    at = max(at, visit.touched + SILENT_S)
                if due is None or at < due:
                    due = at
        return due

    def moved(self, cart: str, tag: Tag, from_ms: int) -> list[Tag]:
        """A cart's own tag is elsewhere from a time on: so is what lies in it. Return whom."""
        inside = self._inside.get(cart, {})
        stays = tag.stays_from(from_ms)
        if stays and stays[-1].room is not None:
            self._rooms[cart] = stays[-1].room
        for other, visit in inside.items():
            kept = []
            for node in visit.pins:
                if node.at_ms >= from_ms and node is not visit.pins[0]:
                    other.unpin(node)
                else:
                    kept.append(node)
            visit.pins = kept
            for stay in stays:
                at = max(stay.at_ms, visit.first + 1)
                if stay.room is not None and at >= from_ms:
                    key = f"cart/{cart}/moved"
                    visit.pins.append(other.pin(key, at, stay.room, came_then=True))
        return list(inside)

    def holds(self, visit: Visit) -> bool:
        """Whether a visit's answers are those of a tag inside, whatever another cart hears."""
        level = self._levels.get(visit.cart)
        return visit.docked is not None or (level is not None and visit.is_as_loud_as(level))

    def room_of(self, cart: str) -> str | None:
        """Where a cart was seen to stand; None: it never moved."""
        return self._rooms.get(cart)

    def _settle(self, tag: Tag, visit: Visit, building: Building, speaker: Speaker) -> None:
        cart = building.school.carts.get(visit.cart)
        if cart is None:
            return
        level = self._levels.setdefault(visit.cart, CartLevel())
        if visit.docked is None:
            is_latest = visit is tag.visits[-1]
            is_filling = is_latest and visit.habit.is_dead and self._is_filling(visit)
            is_awaited = is_latest and self._is_awaited(tag, visit)
            looked = self._gateway(visit.gateway).total(self.row_now)
            is_in = visit.is_in(level, is_filling, is_awaited, looked)
            if not is_in or visit.is_carried_off(tag) or self._lies_elsewhere(tag, visit):
                return
            visit.habit.begin()
            visit.habit.learn(visit.answers, (visit.last - visit.first) / 1000)
            if visit.is_seldom_heard:
                visit.habit.presume_dead()
            level.learn(visit.mean_dbm())
            room = self._rooms.get(visit.cart, cart.home)
            visit.pins = [tag.pin(f"cart/{visit.cart}/in", visit.first, room)]
            visit.docked = speaker.docked(visit.first, tag.epc, visit.cart, visit.confidence())
            inside = self._inside.setdefault(visit.cart, {})
            inside[tag] = visit
            self._most[visit.cart] = max(self._most.get(visit.cart, 0), len(inside))
        elif visit.first < round(visit.docked.t * 1000):
            speaker.retracted(visit.docked)
            visit.docked = speaker.docked(visit.first, tag.epc, visit.cart, visit.confidence())
        self._settle_end(tag, visit, cart.home, speaker)

    def _settle_end(self, tag: Tag, visit: Visit, home: str, speaker: Speaker) -> None:
        over = self._is_over(tag, visit) and not self._is_common(tag, visit)
        said = visit.undocked
        if said is not None:
            if over and round(said.t * 1000) == visit.last:
                return
            speaker.retracted(said)
            visit.undocked = None
            tag.unpin(visit.pins.pop())
            self._inside.setdefault(visit.cart, {})[tag] = visit
        if over:
            room = self._rooms.get(visit.cart, home)
            visit.pins.append(tag.pin(f"cart/{visit.cart}/out", visit.last, room))
            visit.undocked = speaker.undocked(visit.last, tag.epc, visit.cart, visit.confidence())
            self._inside[visit.cart].pop(tag, None)

    def _is_over(self, tag: Tag, visit: Visit) -> bool:
        if visit.undocked is not None and self._came_again(tag, visit):
            return True
        if visit.silent and not visit.habit.is_dead:
            if visit.undocked is not None:
                return True
            if visit.missed >= _MISSED and self._keeps_its_word(visit):
                return True
            return (
                visit.is_carried_off(tag)
                or self._falls_silent_in_company(tag, visit)
                or self.row_now - visit.last / 1000 >= _NEXT_RECORD_S
            )
        looked = self._gateway(visit.gateway).total(self.row_now)
        if self._has_crossed(tag, visit):
            return True
        left = self._left_since(visit) if visit.habit.is_dead else 0
        stay = len(self._inside.get(visit.cart, {}))
        return visit.is_over(looked, left, stay) and self.row_now - visit.touched >= _ARRIVING_S

    def _has_crossed(self, tag: Tag, visit: Visit) -> bool:
        """Whether a tag is said to have crossed a doorway since, and its cart did not.

        A cart that rolled off with it, unplugged, hears nobody any more.
        """
        if not self._may_have_crossed(tag, visit):
            return False
        heard = max((v.last for v in self._inside.get(visit.cart, {}).values()), default=0)
        return any(p.said is not None and p.last < heard for p in visit.elsewhere(tag))

    def _may_have_crossed(self, tag: Tag, visit: Visit) -> bool:
        """Whether a tag is said to have crossed a doorway since, with or without its cart."""
        return visit.is_told_at_once and any(p.said is not None for p in visit.elsewhere(tag))

    def _is_common(self, tag: Tag, visit: Visit) -> bool:
        """Whether most of the cart fell silent with this tag: that is the reader, or its cable."""
        if not visit.silent or self.row_now - visit.last / 1000 > _COMMON_FOR_S:
            return False
        silences = self._silences.get(visit.cart, {})
        late = [other for other, at in silences.items() if self.row_now - at <= _COMMON_FOR_S]
        at_once = sum(
            v.silent and v.cart == visit.cart and abs(v.last - visit.last) <= _AT_ONCE_MS
            for other in late
            for v in other.visits[-1:]
        )
        lay_there = len(set(late) | set(self._inside.get(visit.cart, {})))
        return at_once >= max(_MANY_AT_ONCE, _MOST * lay_there)

    def _keeps_its_word(self, visit: Visit) -> bool:
        """Whether ends of answers that were reported of this cart were nearly always true."""
        habits = self._habits[visit.cart].values()
        wrong = sum(habit.false_ends for habit in habits if not habit.is_dead)
        return not visit.habit.false_ends and wrong <= _WRONG

    def _came_again(self, tag: Tag, visit: Visit) -> bool:
        """Whether a later visit to the same cart is known."""
        return any(v.cart == visit.cart and v.first > visit.last for v in tag.visits)

    def _falls_silent_in_company(self, tag: Tag, visit: Visit) -> bool:
        silences = self._silences.get(visit.cart, {})
        company = sum(
            other is not tag and self.row_now - at <= _COMPANY_S for other, at in silences.items()
        )
        return company >= _COMPANY or self._left_of_late(visit) >= _WAVE

    def _left_of_late(self, visit: Visit) -> int:
        """How many left the cart shortly before, and are out."""
        inside = self._inside.get(visit.cart, {})
        return sum(
            self.row_now - at <= _WAVE_S and other not in inside
            for other, at in self._silences.get(visit.cart, {}).items()
        )

    def _left_since(self, visit: Visit) -> int:
        """How many left the cart since this one answered, and went through no door either."""
        inside = self._inside.get(visit.cart, {})
        return sum(
            1000 * at > visit.last
            and other not in inside
            and not any(v.cart == visit.cart and v.is_carried_off(other) for v in other.visits[-1:])
            for other, at in self._silences.get(visit.cart, {}).items()
        )

    def _is_filling(self, visit: Visit) -> bool:
        """Whether others were put in about when this one answered."""
        since = visit.last - 1000 * _FILLING_S
        inside = self._inside.get(visit.cart, {})
        return sum(other.first >= since for other in inside.values()) >= _MANY

    def _is_awaited(self, tag: Tag, visit: Visit) -> bool:
        """Whether the tag belongs in the cart, and most of those that ever lay there are in."""
        device = self._devices.get(tag.epc)
        if device is None or device.cart != visit.cart:
            return False
        inside = len(self._inside.get(visit.cart, {}))
        return inside >= _MANY and 2 * inside >= self._most[visit.cart]

    def _lies_elsewhere(self, tag: Tag, visit: Visit) -> bool:
        """Whether another cart holds the tag and hears it as well: this one hears it through."""
        mine = visit.mean_dbm()
        for other in tag.visits:
            if other.is_open and other.cart != visit.cart:
                theirs = other.mean_dbm()
                if mine is None or theirs is None:
                    return other.answers >= visit.answers
                return theirs >= mine
        return False

    def _gateway(self, gateway: str) -> Looking:
        looking = self._looking.get(gateway)
        if looking is None:
            looking = self._looking[gateway] = Looking(self.row_now)
        return looking
