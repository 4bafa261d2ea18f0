"""When what waits is to be sent: bundled, not in quiet hours, later again where it failed. Pure."""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

BUNDLE_S = 120.0  # what comes with the first goes with it: a cart that leaves is thirty alerts
AGAIN_S = 60.0
AGAIN_AT_MOST_S = 3600.0


def is_quiet(now: float, zone: ZoneInfo, quiet: tuple[time, time] | None) -> bool:
    """Whether nobody is to be told now; quiet hours may go over midnight."""
    if quiet is None or quiet[0] == quiet[1]:
        return False
    at, (start, end) = datetime.fromtimestamp(now, zone).time(), quiet
    return start <= at < end if start < end else at >= start or at < end


def is_due(now: float, waiting_since: Sequence[float], tries: int, tried_at: float | None) -> bool:
    """Whether what waits is to be sent now, after `tries` that failed, the last at `tried_at`."""
    if not waiting_since:
        return False
    if tried_at is not None and tries:
        wait_s = min(AGAIN_S * 2.0 ** min(tries - 1, 16), AGAIN_AT_MOST_S)
        return now - tried_at >= wait_s
    return now - min(waiting_since) >= BUNDLE_S
