"""One inventory on the air: rounds on each antenna until no tag is left, or the time is over."""

from __future__ import annotations

from simulator.modules.field import TagAnswer
from simulator.modules.inventory import Query, Round
from simulator.modules.tag import Tag
from simulator.modules.transmitter import Transmitter
from simulator.modules.uhfreader18.frames import Status, rssi_byte
from simulator.modules.uhfreader18.inventory import Inventory, Seen, listed
from simulator.modules.uhfreader18.settings import Settings

# The chip adapts Q by itself within a round; a host's Q 15 does not make 32,768 slots of air.
LARGEST_FIRST_Q = 5
SWITCH_S = 0.002  # from one antenna to the next, without carrier
CHECK_S = 0.01  # a look whether there is an antenna at all
NO_LIMIT_S = 25.5  # "no limit" is the longest scan time there is


class Scan:
    """An inventory that goes on whenever `step` is called at `due_s`.

    `status` stays None until it is over. A tag is given out once for each antenna, with what its
    list says of it; `read_s` is when it was read, `seen` are all of them. With `whole_time` it
    lasts as long as it may, found tags or not; without `with_rssi` the RSSI is always 0.
    """

    def __init__(
        self,
        plan: Inventory,
        radio: Transmitter,
        settings: Settings,
        at_s: float,
        *,
        whole_time: bool = False,
        with_rssi: bool = True,
    ) -> None:
        self.plan = plan
        self.status: Status | None = None
        self.seen: list[Seen] = []
        self.reads = 0
        self.read_s = at_s
        self.began_s = self.due_s = at_s
        self.port = plan.ports[0]
        self._radio = radio
        self._settings = settings
        self._ports = list(plan.ports[1:])
        self._end_s = at_s + (NO_LIMIT_S if plan.scan_s is None else plan.scan_s)
        self._whole_time = whole_time
        self._with_rssi = with_rssi
        self._round: Round | None = None
        self._place = 0
        self._q = min(plan.query.q, LARGEST_FIRST_Q)
        self._given: set[int] = set()
        if settings.antenna_check and not any(map(radio.connected, plan.ports)):
            self.status = Status.ANTENNA
            self.due_s += CHECK_S

    def step(self) -> tuple[Seen, Tag] | None:
        """Do what is due: begin a round, take its next read, or end it. Returns a tag found."""
        current = self._round
        if current is None:
            self._begin(self.due_s)
        elif self._place < len(current.reads):
            read_s, answer = current.reads[self._place]
            self._place += 1
            self._plan_next(current)
            return self._take(answer, read_s)
        else:
            self._end(current)
        return None

    def cut(self, at_s: float) -> None:
        """Switch the carrier off; what was found is all there is."""
        if self._round is not None:
            self._round.cut(at_s)
            self._round = None
        self.due_s = at_s
        self.status = Status.DONE

    def _begin(self, at_s: float) -> None:
        plan, settings = self.plan, self._settings
        asked = plan.query
        query = Query(asked.session, asked.target_b, asked.sel, self._q)
        power_dbm, channels = settings.power(self.port), settings.frequencies()
        current = self._radio.round(self.port, query, plan.selects, power_dbm, channels, at_s)
        self._round, self._place = current, 0
        self._plan_next(current)

    def _plan_next(self, current: Round) -> None:
        reads = current.reads
        self.due_s = reads[self._place][0] if self._place < len(reads) else current.end_s

    def _take(self, answer: TagAnswer, at_s: float) -> tuple[Seen, Tag] | None:
        tag = answer.tag
        tag.inventoried(self.plan.query.session, at_s)
        self.read_s = at_s
        self.reads += 1
        if id(tag) in self._given:
            return None
        self._given.add(id(tag))
        rssi = rssi_byte(answer.rssi_dbm) if self._with_rssi else 0
        self.seen.append(listed(self.plan, tag, self.port, rssi))
        return self.seen[-1], tag

    def _end(self, current: Round) -> None:
        """Decide what follows a round: another one, the next antenna, the end.

        Collisions tell of tags that are left. A round without any answer ends it; where a rate is
        set rounds are for reads alone, and the last tag does.
        """
        self._round = None
        query = self.plan.query
        left = sum(
            answer.heard and answer.tag.takes_part(query.session, query.target_b, query.sel)
            for answer in current.powered
        )
        rated = self._radio.timing.rate_hz is not None
        self._q = left.bit_length()
        if self.due_s >= self._end_s:
            self.status = Status.TIME_OVER
        elif left or self._whole_time or (current.reads and not rated):
            return
        elif self._ports:
            self.port = self._ports.pop(0)
            self._given.clear()
            self._q = min(query.q, LARGEST_FIRST_Q)
            self.due_s += SWITCH_S
        else:
            self.status = Status.DONE
