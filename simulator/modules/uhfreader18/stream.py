"""What a UHFReader sends by itself: real-time mode (76 01), fast mode (50), and the UHFReader18's
scan mode (35). All come as command EE."""

from __future__ import annotations

from simulator.modules.special_tags import G2xTag
from simulator.modules.tag import Tag, TagRefused
from simulator.modules.uhfreader18.frames import Reply, Status
from simulator.modules.uhfreader18.inventory import Inventory, Seen, realtime_inventory
from simulator.modules.uhfreader18.settings import REALTIME, Settings

PUSHED = 0xEE
PAUSES_S = (0.010, 0.020, 0.030, 0.050, 0.100)  # between two turns, by ReadPauseTime
HEARTBEAT_S = 30.0  # the unit of command 78
TO_SERIAL = 0x02  # bit of the scan mode's state: RS232 instead of Wiegand
ALARMS = 6  # scan mode: EAS alarms only


def streams(settings: Settings) -> bool:
    """Tell whether the reader inventories by itself. Trigger mode waits for a pin that no one
    pulls."""
    return settings.mode == REALTIME or settings.fast or settings.work_mode[0] & 3 == 1


class Stream:
    """The unsolicited frames of one reader, from the moment that it began to stream."""

    def __init__(self, settings: Settings, at_s: float) -> None:
        self._settings = settings
        self._turn = 0
        self._last_s: dict[bytes, float] = {}
        self._heard_s = at_s
        self._beats = 0
        self._total = 0

    @property
    def _is_scan(self) -> bool:
        settings = self._settings
        return settings.mode != REALTIME and not settings.fast

    @property
    def pause_s(self) -> float:
        """How long the reader rests between two turns."""
        return PAUSES_S[self._settings.realtime[1]]

    def next_plan(self) -> Inventory:
        """Return the next turn: the antennas of the mask one after the other."""
        ports = self._settings.ports
        self._turn = (self._turn + 1) % len(ports)
        return realtime_inventory(self._settings, ports[self._turn - 1])

    def frame(self, seen: Seen, tag: Tag, at_s: float) -> Reply | None:
        """Return the frame for a tag just read; None where it is filtered, or goes elsewhere."""
        settings = self._settings
        filter_s = settings.work_mode[5] if self._is_scan else settings.realtime[2]
        last_s = self._last_s.get(seen.data)
        self._heard_s = at_s
        self._total += 1
        if last_s is not None and at_s - last_s < filter_s:
            return None
        if filter_s:
            self._last_s[seen.data] = at_s
        if self._is_scan:
            return self._scan_frame(seen, tag)
        head = bytes((1 << seen.port - 1 & 0xFF, len(seen.data)))
        return self._push(Status.OK, head + seen.data + bytes((seen.rssi,)))

    @property
    def heartbeat_due_s(self) -> float | None:
        """When a heartbeat is due, unless a tag is read before; None without one."""
        minutes = 0 if self._is_scan else self._settings.heartbeat
        return self._heard_s + minutes * HEARTBEAT_S if minutes else None

    def heartbeat(self, at_s: float) -> Reply:
        """Return the heartbeat: its number, eight bytes of antenna state, tags read in all."""
        self._heard_s = at_s
        self._beats += 1
        antennas = self._settings.antennas.to_bytes(8, "big")
        data = self._beats.to_bytes(4, "big") + antennas + self._total.to_bytes(4, "big")
        return self._push(Status.HEARTBEAT, data)

    def _scan_frame(self, seen: Seen, tag: Tag) -> Reply | None:
        _, state, memory, word, words, _ = self._settings.work_mode
        if not state & TO_SERIAL:
            return None
        if memory == ALARMS:
            alarmed = isinstance(tag, G2xTag) and tag.eas
            return self._push(PUSHED, b"") if alarmed else None
        if memory > 3:
            return self._push(Status.OK, seen.data)
        try:
            return self._push(Status.OK, tag.read(memory, word, words, secured=False))
        except TagRefused:
            return None

    def _push(self, status: int, data: bytes) -> Reply:
        return Reply(self._settings.address, PUSHED, status, data)
