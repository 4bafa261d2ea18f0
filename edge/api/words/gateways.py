"""What a gateway's row and page say."""

from collections.abc import Callable, Sequence

from edge.agent.gateways.rates import KNOWN_DAYS, AntennaRate
from edge.agent.shown.views import GatewayView
from edge.api.words.language import gettext as _
from edge.api.words.language import ngettext


def state(view: GatewayView) -> str:
    """Say how a gateway is, with what is odd about it."""
    heard = {
        "online": _("online"),
        "offline": _("offline"),
        "silent": _("silent"),
        "never heard": _("never heard"),
    }[view.state]
    return ", ".join([heard, *_oddities(view)])


def _oddities(view: GatewayView) -> list[str]:
    said = []
    if view.reset == "safe mode" and view.state != "never heard":
        said.append(_("safe mode"))
    if not view.known:
        said.append(_("new"))
    if view.conflict:
        said.append(_("two boards under one id"))
    if view.clock_odd:
        said.append(_("its clock is wrong"))
    elif view.clock_set is False:
        said.append(_("its clock was never set"))
    low = [one.antenna for one in view.rates if one.low]
    if low:
        words = ngettext("antenna {n} hears little", "antennas {n} hear little", len(low))
        said.append(words.format(n=", ".join(map(str, low))))
    if view.config_current is False:
        said.append(_("not with the settings of the school file"))
    return said


def needs_a_look(view: GatewayView) -> bool:
    """Whether anything but "online" is said of it."""
    return view.state != "online" or bool(_oddities(view))


def summary(views: Sequence[GatewayView]) -> str:
    """Say in one sentence how the gateways of the school are."""
    odd = sum(map(needs_a_look, views))
    if not odd:
        return _("All are online, and nothing is odd about them.")
    words = ngettext(
        "{odd} of {of} needs a look; it stands first.",
        "{odd} of {of} need a look; they stand first.",
        odd,
    )
    return words.format(odd=odd, of=len(views))


def away(view: GatewayView, moment: Callable[[float], str], contact: str) -> str:
    """Say since when a gateway is away and who looks; "" for one that is there or never was."""
    if view.state == "offline" and view.state_since is not None:
        said = _("Offline since {time}.").format(time=moment(view.state_since))
    elif view.state == "silent" and view.last_batch is not None:
        said = _("Nothing came from it since {time}.").format(time=moment(view.last_batch))
    else:
        return ""
    if not contact:
        return said
    look = _("To look: %(who)s.") % {"who": contact}
    return f"{said} {look}"


def facts(
    view: GatewayView, moment: Callable[[float], str], odd_start: tuple[float, str] | None
) -> list[tuple[str, str]]:
    """Name what is known of a gateway; what it does not tell is left out.

    `odd_start` is when it last started after no ordinary end, and its word for why.
    """
    health = view.health
    known: list[tuple[str, object]] = [
        (_("Serves"), ", ".join(view.places)),
        (_("Last batch"), None if view.last_batch is None else moment(view.last_batch)),
        (_("Readers"), ", ".join(view.readers)),
        (_("Clock"), _clock(view)),
        (_("Firmware"), view.firmware),
        (_("Board"), ", ".join(view.conflict) or view.hw),
        (_("Last start"), view.reset),
        (_("Last start after a fault"), odd_start and f"{odd_start[1]}, {moment(odd_start[0])}"),
        (_("It last said"), view.last_log),
        (_("In its outbox"), health.outbox if health else None),
        (_("Lost batches"), view.lost),
        (_("Wi-Fi, dBm"), health.rssi_wifi if health else None),
        (_("Free memory, bytes"), health.heap_free if health else None),
    ]
    return [(name, str(value)) for name, value in known if value not in (None, "")]


def antennas(view: GatewayView) -> list[str]:
    """Say what each antenna did in the last batch."""
    said = _("Antenna {antenna} ({place}): {rounds} rounds, {on_air_ms} ms on the air")
    return [
        said.format(
            antenna=one.antenna, place=one.place or "–", rounds=one.rounds, on_air_ms=one.on_air_ms
        )
        for one in view.antennas
    ]


def rates(view: GatewayView, clock: Callable[[float], str]) -> list[str]:
    """Say how much each antenna reads, beside what is usual for it; `clock` tells the time."""
    return [_rate(one, clock) for one in view.rates]


def _rate(one: AntennaRate, clock: Callable[[float], str]) -> str:
    said = _("Antenna {antenna}, {start} to {end}: {rate} reads a minute on the air.").format(
        antenna=one.antenna, start=clock(one.start), end=clock(one.end), rate=f"{one.rate:.3g}"
    )
    if one.usual is None and one.days < KNOWN_DAYS:
        words = _("What is usual for it at this hour is known after {of} days; {days} are.")
        return f"{said} {words.format(of=KNOWN_DAYS, days=one.days)}"
    if one.usual is None:
        return said + " " + _("It usually hears too little at this hour to tell anything.")
    said += " " + _("Usual at this hour: {usual}.").format(usual=f"{one.usual:.3g}")
    if one.low:
        words = _("That is {percent} % of its usual, and the others hear as they do: its cable?")
        said += " " + words.format(percent=round(100 * one.rate / one.usual))
    return said


def _clock(view: GatewayView) -> str | None:
    if view.clock_odd:
        return _("wrong: {why}").format(why=view.clock_odd)
    return None if view.clock_set is None else (_("set") if view.clock_set else _("never set"))
