"""Numbers what the engine says: ids are the row's position, a dot, and the count within it."""

import msgspec

from edge.contracts.events import (
    Alert,
    Closed,
    Crossed,
    Docked,
    Event,
    Located,
    Retracted,
    Undocked,
)

_NOT_KEPT: dict[str, object] = {}


class Speaker:
    """Collects the events of one row. `decided` is the engine's time, Unix seconds."""

    def __init__(self) -> None:
        self.decided = 0.0
        self._pos: int | None = None
        self._count = 0
        self._events: list[Event] = []

    def begin(self, pos: int) -> None:
        """Number from 0 for a new row; rows of one position (a batch) go on counting."""
        if pos != self._pos:
            self._pos = pos
            self._count = 0

    def taken(self) -> list[Event]:
        """Hand over what was said since last."""
        said = self._events
        self._events = []
        return said

    def crossed(
        self,
        at_ms: int,
        epc: str,
        doorway: str,
        from_room: str,
        to_room: str,
        confidence: float,
        why: dict[str, object],
    ) -> Crossed:
        """Say that a tag went through a doorway.

        Returned is what may be taken back: without `why`, half a KiB that is never asked for again.
        """
        event = Crossed(
            id=self._id(),
            t=at_ms / 1000,
            decided=self.decided,
            epc=epc,
            doorway=doorway,
            from_room=from_room,
            to_room=to_room,
            confidence=confidence,
            why=why,
        )
        self._events.append(event)
        return msgspec.structs.replace(event, why=_NOT_KEPT)

    def located(self, at_ms: int, epc: str, room: str | None, confidence: float) -> None:
        """Say where a tag is from a time on."""
        at = at_ms / 1000
        self._events.append(Located(self._id(), at, self.decided, epc, room, confidence))

    def docked(self, at_ms: int, epc: str, cart: str, confidence: float) -> Docked:
        """Say that a tag lies in a cart."""
        event = Docked(self._id(), at_ms / 1000, self.decided, epc, cart, confidence)
        self._events.append(event)
        return event

    def undocked(self, at_ms: int, epc: str, cart: str, confidence: float) -> Undocked:
        """Say that a tag no longer lies in a cart."""
        event = Undocked(self._id(), at_ms / 1000, self.decided, epc, cart, confidence)
        self._events.append(event)
        return event

    def alert(
        self,
        rule: str,
        at: float,
        late: bool,
        epc: str | None,
        doorway: str | None,
        gateway: str | None,
        why: dict[str, object],
    ) -> Alert:
        """Raise an alert."""
        event = Alert(
            id=self._id(),
            t=at,
            decided=self.decided,
            rule=rule,
            late=late,
            epc=epc,
            doorway=doorway,
            gateway=gateway,
            why=why,
        )
        self._events.append(event)
        return event

    def closed(self, at: float, alert: Alert, reason: str) -> Closed:
        """Close an alert."""
        event = Closed(self._id(), at, self.decided, alert.id, reason)
        self._events.append(event)
        return event

    def retracted(self, event: Event) -> None:
        """Take an event back."""
        self._events.append(Retracted(self._id(), event.t, self.decided, event.id))

    def _id(self) -> str:
        name = f"{self._pos}.{self._count}"
        self._count += 1
        return name
