"""What one LED says: light with a wink is well, a count of flashes is what to look for.

The first trouble on a read's way counts: a person mends that, and then sees the next.
"""

GREEN, RED, BLUE = (0, 20, 0), (30, 0, 0), (0, 0, 60)  # of 255: it is looked at from near by

WELL, NO_WIFI, NO_BROKER, NO_AGENT, NO_READER, NO_REGION = range(6)
FLASH_MS = 200
ROUND_MS = 3_000  # five flashes take 1.8 s, and the pause tells where the count begins


def state(wifi, broker, agent, readers, region):
    """Each argument says whether that is as it should be."""
    for at, is_well in enumerate((wifi, broker, agent, readers, region)):
        if not is_well:
            return at + 1
    return WELL


def is_lit(shown, now_ms, identifies=False):
    """Whether the LED is on now."""
    if identifies:
        return now_ms // 100 % 2 == 0
    at = now_ms % ROUND_MS
    if shown == WELL:
        return at >= FLASH_MS  # a wink: a program that hangs cannot wink
    return at < shown * 2 * FLASH_MS and at // FLASH_MS % 2 == 0


def colour(shown, identifies=False):
    """(red, green, blue) of an LED that has colours; the pattern alone tells as much."""
    if identifies:
        return BLUE
    return GREEN if shown == WELL else RED
