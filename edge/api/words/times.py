"""When something was, and how long ago, as a person says it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from edge.api.words.language import gettext as _
from edge.api.words.language import language


def age_words() -> dict[str, str]:
    """Return the sentences of an age: said by the server first, then counted on in the browser."""
    return {
        "seconds": _("updated {n} s ago"),
        "minutes": _("updated {n} min ago"),
        "hours": _("updated {n} h ago"),
        "days": _("updated {n} d ago"),
    }


def quiet_words() -> str:
    """Return what a page says when no news came."""
    return _("No news since {time} – trying again")


def age(seconds: float) -> str:
    """Say how long ago something was updated; `ages.js` counts on from here."""
    whole = max(0, int(seconds))
    words = age_words()
    for name, limit, unit in _UNITS:
        if whole < limit:
            return words[name].replace("{n}", str(whole // unit))
    return words["days"].replace("{n}", str(whole // 86400))


def moment(t: float, now: float, zone: ZoneInfo) -> str:
    """Say when, in the school's time: "10:42" today, else with its date: "Nov 21, 10:42"."""
    at, today = datetime.fromtimestamp(t, zone), datetime.fromtimestamp(now, zone)
    if at.date() == today.date():
        return f"{at:%H:%M}"
    return f"{_date(at, today)}, {at:%H:%M}"


def start_of_day(now: float, zone: ZoneInfo) -> float:
    """Return when the school's day began, in Unix seconds."""
    today = datetime.fromtimestamp(now, zone).date()
    return datetime.combine(today, time(), zone).timestamp()


def start_of_tomorrow(now: float, zone: ZoneInfo) -> float:
    """Return when the school's day ends, in Unix seconds; a day may have 23 or 25 hours."""
    tomorrow = datetime.fromtimestamp(now, zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).timestamp()


def clock(t: float, zone: ZoneInfo) -> str:
    """Say the time of day to the second."""
    return f"{datetime.fromtimestamp(t, zone):%H:%M:%S}"


def day(t: float, now: float, zone: ZoneInfo) -> str:
    """Say the day: "Today", "Yesterday", else its date."""
    at, today = datetime.fromtimestamp(t, zone), datetime.fromtimestamp(now, zone)
    days = (today.date() - at.date()).days
    if days == 0:
        return _("Today")
    return _("Yesterday") if days == 1 else _date(at, today)


def _date(at: datetime, today: datetime) -> str:
    skeleton = "MMMd" if at.year == today.year else "yMMMd"
    return format_skeleton(skeleton, at, locale=language())


_UNITS = (("seconds", 60, 1), ("minutes", 3600, 60), ("hours", 86400, 3600))
