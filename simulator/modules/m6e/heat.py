"""How warm a module gets on the air, for its thermometer and its over-temperature stop."""

from __future__ import annotations

ROOM_C, LIMIT_C = 35.0, 85.0  # captured at rest; the sensor limit of the data sheet
WARM_C = 62.0  # where a module with a heat sink levels off
RESUME_C = 80.0
_COOLING_S = 20.0  # from the limit back to where it goes on
_WARMING_S = 240.0


class Heat:
    """The module's temperature; it reaches its limit after `limit_s` on the air, None: never."""

    def __init__(self, limit_s: float | None) -> None:
        self._rate = (LIMIT_C - ROOM_C) / limit_s if limit_s else (WARM_C - ROOM_C) / _WARMING_S
        self._top_c = LIMIT_C if limit_s else WARM_C
        self._celsius = ROOM_C
        self._known_s: float | None = None
        self._hot = False

    def celsius(self, at_s: float) -> float:
        """Return the temperature, nothing having been on the air since the last `on_air`."""
        if self._known_s is not None and at_s > self._known_s:
            fall = (LIMIT_C - RESUME_C) / _COOLING_S * (at_s - self._known_s)
            self._celsius = max(ROOM_C, self._celsius - fall)
        self._known_s = at_s
        return self._celsius

    def on_air(self, from_s: float, until_s: float) -> None:
        """Note that the carrier was on."""
        self.celsius(from_s)
        self._celsius = min(self._top_c, self._celsius + self._rate * (until_s - from_s))
        self._known_s = max(until_s, from_s)
        self._hot = self._hot or self._celsius >= LIMIT_C

    def is_hot(self, at_s: float) -> bool:
        """Tell whether the module must stay off the air until it has cooled."""
        if self.celsius(at_s) <= RESUME_C:
            self._hot = False
        return self._hot
