"""Where one EPC was: the likeliest way through the building that explains its passes.

Each pass, and each stay in a cart, is a node: which room the tag was in before it and after it,
each pair with a log-likelihood. Between nodes a tag may have gone through doorways unseen, at a
price for each. The likeliest sequence (Viterbi) is kept up as nodes come; what it says of a node
is open until `HORIZON` more nodes have come, then fixed. All of it is a function of the nodes in
order of time, not of the order in which they became known.
"""

from bisect import insort
from math import exp, inf

from edge.agent.engine.building import Building
from edge.agent.engine.doors import Doors
from edge.agent.engine.node import Came, Choice, Node, Way
from edge.agent.engine.passes import Pass
from edge.agent.engine.silence import TOLD_MS, between, since_seen

HORIZON = 3  # later passes of the device that may still change what is thought of one

# Going through a doorway that no reader noticed, and each further one on the same way.
_UNSEEN = -2.4
_UNSEEN_MORE = -1.8
# Out by an exit at which its one side saw it last: that was the exit, rather than a later one that
# neither side saw. Beyond other doorways others hear a tag, and tell more.
_AFTER_ALL = -1.5
_NO_WAY = -12.0
_HURRY = -3.0  # more doorways than a walker passes in the time
_FASTEST_DOORWAY_MS = 1_500
_HOME = 1.9  # an unknown start is likelier in the device's home room
_IN_PASSING = -0.6  # and less likely in a hall
# Seen by one side between two other passes at the same door, and at no other door of its hall.
_LINGERS = -2.0
_APART_MS = 30_000  # passes by both sides closer together are parts of one walk
_BRISK_MS = 12_000  # who stands in a doorway for longer is no walker
_HOPELESS = 10.0  # rooms less likely than the best by so much are given up
_MOST_ROOMS = 5
# By how much a hall leads its rooms where no silence turns that: the longest costs it 3.0.
_SURE_OF_ROOM = -1.5
_SURE_OF_HALL = 4.5


_AT_FIRST: dict[str | None, float] = {None: 0.0}  # scores before the first node


class Whereabouts:
    """The nodes of one EPC and the likeliest way through them.

    `anchor` is the last node that was forgotten: what was thought of it stands. `moved`: where
    the tag is thought to have been may differ from what was thought when it was last cleared.
    `taught_to`: what was fixed up to then, ms, the doors have learnt from.
    """

    __slots__ = ("anchor", "doors", "home", "moved", "nodes", "taught_to")

    def __init__(self, home: str | None, doors: Doors) -> None:
        self.home = home
        self.doors = doors
        self.taught_to = -1
        self.nodes: list[Node] = []
        self.anchor: Node | None = None
        self.moved = False

    def belongs_in(self, home: str | None) -> None:
        """The device's home is another room."""
        self.home = home
        self.think_anew()

    def think_anew(self) -> None:
        """Take nothing for known that was worked out from the nodes: home or building changed."""
        for node in self.nodes:
            node.stepped_from = None

    def put(self, node: Node) -> int:
        """Add a node; return its place among the nodes (past the last: too old, not added)."""
        if self.anchor is not None and node < self.anchor:
            return len(self.nodes)
        self.moved = True
        if not self.nodes or self.nodes[-1] < node:
            self.nodes.append(node)
            return len(self.nodes) - 1
        insort(self.nodes, node)
        return self.place_of(node)

    def remove(self, node: Node) -> int:
        """Take a node out; return the place where it stood (past the last: it was forgotten)."""
        at = self.place_of(node)
        del self.nodes[at : at + 1]
        self.moved = True
        return at

    def place_of(self, node: Node) -> int:
        """Return the place of a node, past the last if it was forgotten."""
        nodes = self.nodes
        for at in range(len(nodes) - 1, -1, -1):  # it is nearly always one of the last
            if nodes[at] is node:
                return at
        return len(nodes)

    def decide(
        self, start: int, building: Building, unheard_to: int, dark_since: dict[str, int]
    ) -> int:
        """Think again from place `start` on; return the first place whose choice may differ.

        `unheard_to`: after the last node the tag was not heard up to then, ms; `dark_since`:
        gateways that are offline since then, ms.
        """
        nodes = self.nodes
        last = len(nodes) - 1
        if start > 0 and self._compare(start - 1, building):
            start -= 1
        for k in range(start, last + 1):
            self._compare(k, building)
            self._step(k, building)
            if k < last and k - HORIZON >= 0:
                told = dict.fromkeys(nodes[k].scores, 0.0)
                self._choose(k - HORIZON, k - HORIZON, k, told, building)
        open_from = max(0, last - HORIZON)
        if last >= 0:
            silence = _silence(nodes[last], unheard_to, dark_since, building)
            self._choose(open_from, last, last, silence, building)
        return max(0, min(start - HORIZON, open_from))

    def listens(self, building: Building) -> tuple[int, bool] | None:
        """Until when silence could tell more of the last node, ms, and whether it could turn
        what is thought of it. None where it tells nothing.
        """
        if not self.nodes:
            return None
        last = self.nodes[-1]
        halls = [s for room, s in last.scores.items() if building.is_walked_along(room)]
        if not 0 < len(halls) < len(last.scores):
            return None
        rooms = [s for room, s in last.scores.items() if not building.is_walked_along(room)]
        lead = max(halls) - max(rooms)
        return last.last + TOLD_MS, _SURE_OF_ROOM < lead < _SURE_OF_HALL

    def teach(self, building: Building, until_ms: int) -> bool:
        """Let the doors learn from the nodes that were fixed by `until_ms`; say whether more
        will be so without any that are new.

        A node is fixed when `HORIZON` later ones are over.
        """
        nodes = self.nodes
        k = len(nodes)
        while k and nodes[k - 1].at_ms > self.taught_to:
            k -= 1
        while k + HORIZON < len(nodes) and nodes[k + HORIZON].last <= until_ms:
            self._teach(k, building)
            self.taught_to = nodes[k].at_ms
            k += 1
        return k + HORIZON < len(nodes)

    def before(self, place: int) -> Node | None:
        """Return the node before a place."""
        return self.nodes[place - 1] if place else self.anchor

    def forget_before(self, at_ms: int) -> None:
        """Drop nodes that ended before, save the last ones: those may still change."""
        nodes = self.nodes
        drop = 0
        while drop < len(nodes) - HORIZON - 2 and nodes[drop].last < at_ms:
            drop += 1
        if drop:
            self.anchor = nodes[drop - 1]
            del nodes[:drop]

    def _left(self, place: int) -> tuple[dict[str | None, float], int]:
        """Scores by room after the node before a place, and the ms since it."""
        earlier = self.before(place)
        if earlier is None:
            return _AT_FIRST, 0
        return earlier.scores, self.nodes[place].first - earlier.last

    def _compare(self, k: int, building: Building) -> bool:
        """Note whether the tag lingers at a node's place; say whether that is news."""
        node = self.nodes[k]
        if node.alone is None:
            return False
        earlier = self.before(k)
        later = self.nodes[k + 1] if k + 1 < len(self.nodes) else None
        lingers = (
            _is_on_a_hall(node, building)
            and _is_another_look(node, earlier, 0 if earlier is None else node.first - earlier.last)
            and _is_another_look(node, later, 0 if later is None else later.first - node.last)
        )
        if lingers == node.lingers:
            return False
        node.lingers = lingers
        node.stepped_from = None
        return True

    def _step(self, k: int, building: Building) -> None:
        node = self.nodes[k]
        before, _ = self._left(k)
        if node.stepped_from is before:
            return
        node.stepped_from = before
        node.ways = None
        scores, node.came = self._forward(k, building)
        best = max(scores.values())
        ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0] or ""))
        node.scores = {
            room: score - best for room, score in ranked[:_MOST_ROOMS] if score >= best - _HOPELESS
        }

    def _forward(self, k: int, building: Building) -> tuple[dict[str | None, float], Came]:
        """The best way's score by the room after the node at place `k`, and that way."""
        before, _ = self._left(k)
        scores: dict[str | None, float] = {}
        came: Came = {}
        known = scores.get
        for left, entered, after, way_score in self._ways(k, building):
            score = before[left] + way_score
            if score > known(after, -inf):
                scores[after] = score
                came[after] = (entered, left)
        return scores, came

    def _ways(self, k: int, building: Building) -> list[Way]:
        """All ways through the node at place `k`; kept while its choice is open."""
        node = self.nodes[k]
        if node.ways is None:
            before, since = self._left(k)
            earlier = self.before(k)
            evidence = node.evidence
            lean = self._lean(node)
            node.ways = []
            for room in before:
                node.ways.append((room, room, room, evidence.stray))
                dwelt = between(since) if building.is_walked_along(room) else 0.0
                for option in evidence.options:
                    if option.before == room:
                        way = dwelt
                    else:
                        way = self._unseen_way(room, option.before, since, node, earlier, building)
                    if option.before != option.after:
                        way += lean
                    node.ways.append((room, option.before, option.after, way + option.score))
        return node.ways

    def _lean(self, node: Node) -> float:
        """What the doorway taught of passes that only this side, or both, saw: log-odds of going
        through.
        """
        source, side = node.source, node.alone
        if source is None or source.still or source.spot.faced < 2:
            return 0.0
        spot = source.spot
        if side is None:
            return -self.doors.turning(spot.id, node.at_ms)
        lean = self.doors.one_sided(spot.id, side, side in spot.passages, node.at_ms)
        return lean + _LINGERS if node.lingers else lean

    def _unseen_way(
        self,
        room: str | None,
        goal: str,
        since_ms: int,
        node: Node,
        earlier: Node | None,
        building: Building,
    ) -> float:
        if room is None:
            if goal == self.home:
                return _HOME
            return _IN_PASSING if building.is_passage(goal) else 0.0
        steps = building.steps(room, goal)
        if steps is None:
            return _NO_WAY
        misses = self.doors.misses
        score = _UNSEEN + _UNSEEN_MORE * (len(steps) - 1)
        score += sum(max(misses(doorway, node.at_ms) for doorway in step) for step in steps)
        if building.is_outside(goal) and _was_seen_by(room, steps[0], earlier):
            score += _AFTER_ALL
        return score + _HURRY if since_ms < len(steps) * _FASTEST_DOORWAY_MS else score

    def _teach(self, k: int, building: Building) -> None:
        node, earlier = self.nodes[k], self.before(k)
        source = node.source
        if source is None or source.still or source.spot.kind != "doorway":
            return
        left = None if earlier is None or earlier.source is None else earlier.choice.after
        entered = node.choice.before
        if left is not None and entered is not None:  # a cart's metal hides what it carries
            for step in building.steps(left, entered) or ():
                self.doors.missed(step[0], node.choice.crossing)
        through = node.choice.through
        self.doors.saw(source.spot.id, through)
        if node.alone is None:
            if _tells_of_turning(node, source, building):
                self.doors.both_sides_saw(source.spot.id, through)
        else:
            passage = node.alone in source.spot.passages
            expected = self._expected(k, building)
            self.doors.one_side_saw(source.spot.id, node.alone, passage, through, expected)

    def _expected(self, k: int, building: Building) -> float:
        """Probability of having gone through by what was known before, and by nothing learnt."""
        lean = self._lean(self.nodes[k])
        outcomes, _ = self._outcomes(k, dict.fromkeys(self.nodes[k].scores, 0.0), building)
        best = max(outcomes.values())
        through = past = 0.0
        for (before, after), total in outcomes.items():
            if before != after:
                through += exp(total - best - lean)
            else:
                past += exp(total - best)
        return through / (through + past)

    def _choose(
        self,
        start: int,
        stop: int,
        horizon: int,
        ahead: dict[str | None, float],
        building: Building,
    ) -> None:
        """Choose for the nodes `start`..`stop`, knowing the nodes up to `horizon`.

        `ahead`: log-likelihood of what followed the horizon, by the room after it.
        """
        nodes = self.nodes
        scores = nodes[horizon].scores
        room = max(scores, key=lambda r: scores[r] + ahead[r])
        for k in range(horizon, start - 1, -1):
            node = nodes[k]
            if not node.came:
                _, node.came = self._forward(k, building)
            entered, left = node.came[room]
            outcomes, ahead = self._outcomes(k, ahead, building)
            if k <= stop:
                thought = node.choice
                node.choice = choice = _weighed(outcomes, entered, room)
                if choice.before != thought.before or choice.after != thought.after:
                    self.moved = True
            room = left
        if start:
            nodes[start - 1].close()

    def _outcomes(
        self, k: int, ahead: dict[str | None, float], building: Building
    ) -> tuple[dict[tuple[str | None, str | None], float], dict[str | None, float]]:
        """Best total by the rooms before and after the node at place `k`.

        `ahead`: best score of what follows, by the room after the node. With the outcomes comes
        the same for the node before.
        """
        before, _ = self._left(k)
        outcomes: dict[tuple[str | None, str | None], float] = {}
        earlier_ahead: dict[str | None, float] = dict.fromkeys(before, -inf)
        known = outcomes.get
        for left, entered, after, score in self._ways(k, building):
            follows = ahead.get(after)
            if follows is None:
                continue
            value = score + follows
            if value > earlier_ahead[left]:
                earlier_ahead[left] = value
            total = before[left] + value
            pair = (entered, after)
            if total > known(pair, -inf):
                outcomes[pair] = total
        return outcomes, earlier_ahead


def _was_seen_by(room: str, doorways: tuple[str, ...], last: Node | None) -> bool:
    """Whether a tag was last seen by a room's side alone, at one of some doorways."""
    if last is None or last.source is None or last.alone != room:
        return False
    return last.source.spot.id in doorways


def _is_another_look(node: Node, other: Node | None, apart_ms: int) -> bool:
    """Whether another node shows the tag at the same place, and not in the course of one walk."""
    if other is None or other.key != node.key:
        return False
    return apart_ms >= _APART_MS or other.alone == node.alone


def _tells_of_turning(node: Node, source: Pass, building: Building) -> bool:
    """Whether a pass that is no crossing is a turn: who goes through is heard at other doors."""
    if source.spot.faced < 2 or not source.has_rssi or node.last - node.first >= _BRISK_MS:
        return False
    return _is_on_a_hall(node, building)


def _is_on_a_hall(node: Node, building: Building) -> bool:
    """Whether a doorway leads to a hall, where who goes through is heard on at other doors."""
    source = node.source
    return source is not None and any(building.is_walked_along(r) for r in source.spot.rooms)


def _silence(
    last: Node, unheard_to: int, dark_since: dict[str, int], building: Building
) -> dict[str | None, float]:
    """Log-likelihood of the silence since the last node, by the room after it.

    Nothing is heard at the doors of a gateway that is offline: there silence ends when it went.
    """
    told = dict.fromkeys(last.scores, 0.0)
    for hall in last.scores:
        if hall is None or not building.is_walked_along(hall):
            continue
        dark = [at for g, at in dark_since.items() if building.looks_into(g, hall)]
        told[hall] = since_seen(min([unheard_to, *dark]) - last.last)
    return told


def _weighed(
    outcomes: dict[tuple[str | None, str | None], float], entered: str | None, after: str | None
) -> Choice:
    """The choice with its probabilities among all that the node could mean."""
    best = max(outcomes.values())
    every = stay = through = 0.0
    for (before, behind), total in outcomes.items():
        likely = exp(total - best)
        every += likely
        if behind == after:
            stay += likely
        if before != behind:
            through += likely
    crossing = exp(outcomes[entered, after] - best)
    return Choice(entered, after, crossing / every, stay / every, through / every)
