"""What every baseline says once it knows at which antenna a tag is: the engine's kind of events.

A baseline only decides where a tag is. Here it becomes rooms, crossings (the room changed by a
read at the doorway between the two), carts, and `left-building` alerts on exits that nothing
allows; loans and calendar are looked up as the engine does, so no baseline suffers from them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from edge.agent.engine.rules.permissions import Permissions
from edge.contracts.events import Alert, Crossed, Docked, Event, Located, Undocked
from edge.contracts.readlog import CalendarRow, LoanRow, Row
from edge.contracts.school import Place, School

# A still tag is reported once in 30 s, in a batch that may wait 5 s more: that long a silence says
# nothing (docs/coalescing.md).
REPORT_GAP_S = 36.0
SURE = 1.0  # baselines do not know how sure they are


@dataclass
class _Tag:
    room: str | None = None
    cart: str | None = None


@dataclass
class Statements:
    """The events of one log, in the order of saying. Times are Unix seconds."""

    school: School
    events: list[Event] = field(default_factory=list)
    _tags: dict[str, _Tag] = field(default_factory=dict)
    _permissions: Permissions = field(default_factory=Permissions)

    def learn(self, row: Row) -> None:
        """Take in what a row says of permissions."""
        if isinstance(row, LoanRow):
            self._permissions.lend(row)
        elif isinstance(row, CalendarRow):
            self._permissions.plan(row)

    def place(self, gateway: str, antenna: int) -> Place | None:
        """Return what an antenna serves, None where the school does not name it."""
        return self.school.places.get((gateway, antenna))

    def docked(self) -> Iterator[str]:
        """Yield the tags that are said to be in a cart, as a copy."""
        yield from [epc for epc, tag in self._tags.items() if tag.cart is not None]

    def at(self, epc: str, place: Place, t: float, now: float) -> None:
        """Say that a tag is at a place since `t`, decided `now`; nothing where that is known."""
        tag = self._tags.get(epc)
        if tag is None:
            tag = self._tags[epc] = _Tag()
        cart = place.id if place.kind == "cart" else None
        if cart != tag.cart:
            self._change_cart(tag, epc, cart, t, now)
        if place.side != tag.room:
            self._change_room(tag, epc, place, t, now)

    def away(self, epc: str, t: float, now: float) -> None:
        """Say that a tag has not been heard since `t`; its room stays the last known."""
        tag = self._tags.get(epc)
        if tag is not None and tag.cart is not None:
            self._change_cart(tag, epc, None, t, now)

    def _change_cart(self, tag: _Tag, epc: str, cart: str | None, t: float, now: float) -> None:
        if tag.cart is not None:
            self.events.append(Undocked(self._id(), t, now, epc, tag.cart, SURE))
        if cart is not None:
            self.events.append(Docked(self._id(), t, now, epc, cart, SURE))
        tag.cart = cart

    def _change_room(self, tag: _Tag, epc: str, place: Place, t: float, now: float) -> None:
        before, tag.room = tag.room, place.side
        through = place.kind == "doorway" and before in self.school.doorways[place.id].between
        if before is not None and through:
            self.events.append(Crossed(self._id(), t, now, epc, place.id, before, place.side, SURE))
            if self.school.is_outside(place.side) and not self._permissions.allow(epc, t):
                self.events.append(
                    Alert(
                        id=self._id(),
                        t=t,
                        decided=now,
                        rule="left-building",
                        late=False,
                        epc=epc,
                        doorway=place.id,
                    )
                )
        self.events.append(Located(self._id(), t, now, epc, place.side, SURE))

    def _id(self) -> str:
        return f"0.{len(self.events)}"
