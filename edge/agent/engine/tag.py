"""One EPC: its reads of the last 24 h in compact form, and what was said of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from edge.agent.engine.alerts import Alerts
from edge.agent.engine.building import Building, Spot
from edge.agent.engine.cart import Visit
from edge.agent.engine.crossing import Evidence, Option, weigh
from edge.agent.engine.doors import Doors
from edge.agent.engine.node import Node
from edge.agent.engine.passes import GAP_MS, LONGEST_MS, STILL_SPAN_S, Pass, Passes
from edge.agent.engine.record import corrections
from edge.agent.engine.rules.exits import Exits
from edge.agent.engine.rules.permissions import Permissions
from edge.agent.engine.speaker import Speaker
from edge.agent.engine.stays import Stay, stays
from edge.agent.engine.whereabouts import Whereabouts
from edge.agent.engine.wiring import Wiring
from edge.contracts.events import Crossed
from edge.contracts.readlog import ReadRow

if TYPE_CHECKING:
    from edge.agent.engine.carts import Carts

HISTORY_MS = 24 * 3_600_000  # late reads still mend so much of the past

# A crossing is said when it is likelier than that.
_SURE_ENOUGH = 0.55
# A pass is judged while it lasts when both sides' strongest moments are over for so long: what
# comes then is walking away, or lingering.
_PEAKS_OVER_MS = 1_500
_CLEAR_LOG_ODDS = 3.0
_LISTEN_MS = 1_000  # how often silence is weighed
_IN_CART = -8.0  # log-likelihood that a tag answering inside a cart is elsewhere


class Tag:
    """What the engine holds of one EPC. `inbox`: (spot, row, is late) not yet taken in."""

    __slots__ = (
        "_gone",
        "_listens_at",
        "_lost",
        "_open",
        "_passes",
        "_said",
        "_start",
        "changed",
        "epc",
        "exits",
        "inbox",
        "visits",
        "wake",
        "walked_to",
        "was_at",
        "whereabouts",
    )

    def __init__(self, epc: str, home: str | None, doors: Doors) -> None:
        self.epc = epc
        self.inbox: list[tuple[Spot, ReadRow, bool]] = []
        self.wake: int | None = None  # the second for which it is on the engine's list
        self.changed: dict[Pass, None] = {}  # passes that whereabouts was not told of yet
        self.whereabouts = Whereabouts(home, doors)
        self.visits: list[Visit] = []
        self.walked_to = -1  # the end of its last pass that is over, ms
        self.was_at: tuple[str, int] | None = None  # place (key) of its last sure pass, its end
        self.exits = Exits()
        self._open: dict[str, Pass] = {}  # by place: where the last moving read went
        self._passes: dict[tuple[str, bool], Passes] = {}
        self._said: list[Stay] = []
        self._start: int | None = None  # first node of which something else may be thought now
        self._gone: list[Crossed] = []  # said of passes that are no more
        self._lost: list[Node] = []  # of passes that are no more, or others
        self._listens_at: int | None = None  # when silence will have told more, ms

    # Reads in

    def take_in(self, carts: "Carts") -> None:
        """Put the reads of the inbox in their places."""
        for spot, row, late in self.inbox:
            if row.t is None:
                continue
            start = int(row.t * 1000 + 0.5)
            end = start + int(row.span * 1000 + 0.5)
            if spot.kind == "cart":
                carts.answer(self, spot, row, start, end)
                continue
            if row.n == 0:
                continue  # at a doorway a silence says nothing: tags walk on
            still = row.span > STILL_SPAN_S
            p = None if still else self._open.get(spot.key)
            if (
                p is None
                or start > p.last + GAP_MS
                or start < p.first
                or start > p.first + LONGEST_MS
            ):
                p = self._pass(spot, start, end, still)
            peak = start + int(row.peak * 1000 + 0.5) if row.peak else start
            p.add(row.antenna, spot.side, start, end, peak, row.n, row.rssi)
            if late:
                p.late = True
            self.changed[p] = None
        self.inbox.clear()

    def next_due(self) -> int | None:
        """Return the time in ms at which to think of this tag again: a pass is over or may be
        clear, or silence tells more. None when only new rows can change anything.
        """
        if not self.changed:
            return self._listens_at
        due = min(map(_due, self.changed))
        if self._listens_at is not None and self._listens_at < due:
            return self._listens_at
        return due

    def only_waits(self, due_ms: int | None, now_ms: int) -> bool:
        """Whether nothing can be said before `due_ms`, which is when a pass may be clear."""
        return (
            due_ms is not None
            and due_ms > now_ms
            and self._start is None
            and not self._gone
            and not self.visits
        )

    def has_nothing_to_judge(self, now_ms: int) -> bool:
        """Whether its passes tell nothing new: most tags lie in a cart and answer now and then."""
        return not (
            self.changed
            or self._start is not None
            or self._gone
            or self.exits.are_watched
            or (self._listens_at is not None and self._listens_at <= now_ms)
        )

    def listen_again(self) -> None:
        """Weigh the silence after the last node anew, soon."""
        if self.whereabouts.nodes:
            self._listens_at = 0

    def weigh_again(self, doorway: str, wiring: Wiring) -> None:
        """Judge the passes at a doorway anew, of whose wiring something else is thought now."""
        for still in (False, True):
            for p in self._passes.get((f"doorway/{doorway}", still), ()):
                p.weighed = None
                if p.node is not None:
                    p.weighed = weigh(p, wiring.known(doorway, p.first))
                    self._tell(p, p.weighed)

    def pin(self, key: str, at_ms: int, room: str, *, came_then: bool = False) -> Node:
        """Note that the tag is certainly in a room at a time, or came there at that time."""
        evidence = Evidence(at_ms, (Option(room, room, 0.0),), _IN_CART, 0.0)
        node = Node(key, at_ms, at_ms, evidence, None)
        node.came_then = came_then
        self._touch(self.whereabouts.put(node))
        return node

    def unpin(self, node: Node) -> None:
        """Take such a note back."""
        self._touch(self.whereabouts.remove(node))

    # Statements out

    def settle(
        self,
        now_ms: int,
        origin_ms: int,
        building: Building,
        dark_since: dict[str, int],
        permissions: Permissions,
        alerts: Alerts,
        wiring: Wiring,
        speaker: Speaker,
    ) -> int | None:
        """Judge the passes that are over and say what changed.

        `dark_since`: the gateways that are offline, by the ms since when.
        Return the time in ms from which on the record was changed, None if it was not.
        """
        for p in list(self.changed):
            self._judge(p, now_ms, wiring)
        if self._listens_at is not None and self._listens_at <= now_ms:
            self._touch(len(self.whereabouts.nodes) - 1)
        new: list[tuple[Crossed, bool]] = []
        gone = self._gone
        self._gone = []
        for crossed in gone:
            speaker.retracted(crossed)
        changed_from = None
        if self._start is not None:
            start = self.whereabouts.decide(
                self._start, building, self._unheard_to(now_ms), dark_since
            )
            wiring.heard(self.epc, self._lost, self.whereabouts.nodes, self._start, now_ms // 1000)
            self._lost.clear()
            self._start = None
            self._listen(now_ms, building)
            for node in self.whereabouts.nodes[start:]:
                self._say_crossing(node, building, new, gone, speaker)
            if self.whereabouts.moved:
                self.whereabouts.moved = False
                changed_from = self._say_stays(
                    start, max(origin_ms, now_ms - HISTORY_MS), building, speaker
                )
        if new or gone or self.exits.are_watched:
            self.exits.judge(new, gone, self._back_at(building), permissions, alerts)
        return changed_from

    def room_at(self, at_ms: int) -> str | None:
        """The room last said for a time."""
        room = None
        for stay in self._said:
            if stay.at_ms > at_ms:
                break
            room = stay.room
        return room

    def last_stay(self) -> Stay | None:
        """What is thought of it now: in which room since when."""
        return self._said[-1] if self._said else None

    def last_heard_ms(self) -> int | None:
        """When it last answered a reader."""
        heard = [visit.last for visit in self.visits] + [
            n.last for n in self.whereabouts.nodes[-1:]
        ]
        return max(heard, default=None)

    def passes_within(self, start: int, end: int) -> Iterator[Pass]:
        """Give its passes that touch a time, in ms."""
        for passes in self._passes.values():
            yield from passes.within(start, end)

    def passes_new_since(self, first: int, last: int) -> Iterator[Pass]:
        """Give its passes after `last` (ms) at the places that did not hear it from `first` on."""
        for passes in self._passes.values():
            if not passes.still and next(passes.within(first, last), None) is None:
                yield from passes.within(last + 1, last + HISTORY_MS)

    def stays_from(self, at_ms: int) -> list[Stay]:
        """What is said of the time from `at_ms` on: the stay then, and those that follow."""
        before = [stay for stay in self._said if stay.at_ms <= at_ms]
        return before[-1:] + [stay for stay in self._said if stay.at_ms > at_ms]

    def forget_before(self, at_ms: int) -> None:
        """Let go of what late reads can no longer change."""
        self.whereabouts.forget_before(at_ms)
        for passes in self._passes.values():
            passes.forget_before(at_ms)
        self.visits = [v for v in self.visits if v.last >= at_ms or v.is_open]
        self.exits.forget_before(at_ms / 1000)
        old = [stay for stay in self._said if stay.at_ms < at_ms]
        self._said = old[-1:] + self._said[len(old) :]

    def _pass(self, spot: Spot, start: int, end: int, still: bool) -> Pass:
        """Find or begin the pass of a record that the open pass at its place does not take."""
        passes = self._passes.get((spot.key, still))
        if passes is None:
            passes = self._passes[spot.key, still] = Passes(spot, still)
        found, joined = passes.take(start, end)
        for gone in joined:
            self._drop(gone)
        if not still:
            self._open[spot.key] = found
        return found

    def _drop(self, p: Pass) -> None:
        self.changed.pop(p, None)
        if p.node is not None:
            self._touch(self.whereabouts.remove(p.node))
            self._lost.append(p.node)
        if p.said is not None:
            self._gone.append(p.said)

    def _judge(self, p: Pass, now_ms: int, wiring: Wiring) -> None:
        """Tell whereabouts of a pass that is over, or clear while it lasts."""
        if _due(p) > now_ms:
            return
        over = p.still or p.last + GAP_MS <= now_ms
        evidence = p.weighed
        if evidence is None:
            evidence = p.weighed = weigh(p, wiring.known(p.spot.id, p.first))
        if not over and abs(evidence.log_odds) < _CLEAR_LOG_ODDS:
            return
        if over:
            del self.changed[p]
            self.walked_to = max(self.walked_to, p.last)
        self._tell(p, evidence)

    def _tell(self, p: Pass, evidence: Evidence) -> None:
        node = p.node
        if node is not None:
            if (node.first, node.last) == (p.first, p.last) and node.evidence == evidence:
                self._touch(self.whereabouts.place_of(node))
                return
            self._touch(self.whereabouts.remove(node))
            self._lost.append(node)
        p.node = Node(p.spot.key, p.first, p.last, evidence, p)
        self._touch(self.whereabouts.put(p.node))

    def _unheard_to(self, now_ms: int) -> int:
        """Until when the tag was not heard at any door: a pass may be on."""
        return min((p.first for p in self.changed), default=now_ms)

    def _listen(self, now_ms: int, building: Building) -> None:
        """Plan to think again when silence, or what is heard, will have told more.

        Where it can turn nothing, its end is soon enough for how sure that is.
        """
        listens = self.whereabouts.listens(building)
        self._listens_at = None
        if listens is None or self.changed:
            return
        until, is_open = listens
        if now_ms < until:
            self._listens_at = now_ms + _LISTEN_MS if is_open else until

    def _touch(self, place: int) -> None:
        self._start = place if self._start is None else min(self._start, place)

    def _say_crossing(
        self,
        node: Node,
        building: Building,
        new: list[tuple[Crossed, bool]],
        gone: list[Crossed],
        speaker: Speaker,
    ) -> None:
        p = node.source
        if p is None or p.spot.kind != "doorway":
            return
        before, after = node.choice.before, node.choice.after
        crosses = before != after and node.choice.crossing >= _SURE_ENOUGH
        if p.said is not None:
            if crosses and (p.said.from_room, p.said.to_room, round(p.said.t * 1000)) == (
                before,
                after,
                node.at_ms,
            ):
                return
            speaker.retracted(p.said)
            gone.append(p.said)
            p.said = None
        if crosses and before is not None and after is not None:
            p.said = speaker.crossed(
                node.at_ms,
                self.epc,
                p.spot.id,
                before,
                after,
                round(node.choice.crossing, 3),
                _why(p, node.evidence),
            )
            if building.is_outside(after):
                new.append((p.said, p.late))

    def _say_stays(
        self, start: int, origin_ms: int, building: Building, speaker: Speaker
    ) -> int | None:
        earlier = self.whereabouts.before(start)
        wanted = stays(self.whereabouts.nodes[start:], earlier, building, origin_ms)
        after_ms = origin_ms - 1 if earlier is None else earlier.at_ms
        lines = corrections(self._said, after_ms, wanted)
        for stay in lines:
            speaker.located(stay.at_ms, self.epc, stay.room, stay.confidence)
        return lines[0].at_ms if lines else None

    def _back_at(self, building: Building) -> list[float]:
        """When the tag came into the building, as said now."""
        return [
            stay.at_ms / 1000
            for stay in self._said
            if stay.room is not None and not building.is_outside(stay.room)
        ]


def _due(p: Pass) -> int:
    """When to judge a pass, in ms: as soon as it may be clear, else when it is over."""
    if p.still:
        return p.first
    over = p.last + GAP_MS
    if p.node is not None or p.spot.faced == 1:
        return over
    last: dict[str, int] = {}
    peak = p.first
    for sums in p.antennas.values():
        if sums.side not in last or sums.last > last[sums.side]:
            last[sums.side] = sums.last
        if sums.peak_at > peak:
            peak = sums.peak_at
    if len(last) == 1:
        return over
    if p.has_rssi:
        return min(over, peak + _PEAKS_OVER_MS)
    return min(last.values()) + GAP_MS  # one side has fallen silent


def _why(p: Pass, evidence: Evidence) -> dict[str, object]:
    """The evidence in a form that a page can show."""
    return {
        "reads": {str(antenna): sums.n for antenna, sums in sorted(p.antennas.items())},
        "seconds": round((p.last - p.first) / 1000, 3),
        "log_odds": round(evidence.log_odds, 2),
    }
