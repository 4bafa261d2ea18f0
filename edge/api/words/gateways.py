"""What a gateway's row and page say."""

from collections.abc import Callable

from edge.agent.views import GatewayView
from edge.api.words.language import gettext as _


def state(view: GatewayView) -> str:
    """Say how a gateway is, with what is odd about it."""
    said = [
        {
            "online": _("online"),
            "offline": _("offline"),
            "silent": _("silent"),
            "never heard": _("never heard"),
        }[view.state]
    ]
    if not view.known:
        said.append(_("new"))
    if view.conflict:
        said.append(_("two boards under one id"))
    if view.clock_odd:
        said.append(_("its clock is wrong"))
    elif view.clock_set is False:
        said.append(_("its clock was never set"))
    if view.config_current is False:
        said.append(_("not with the settings of the school file"))
    return ", ".join(said)


def facts(view: GatewayView, moment: Callable[[float], str]) -> list[tuple[str, str]]:
    """Name what is known of a gateway; what it does not tell is left out."""
    health = view.health
    known: list[tuple[str, object]] = [
        (_("Serves"), ", ".join(view.places)),
        (_("Last batch"), None if view.last_batch is None else moment(view.last_batch)),
        (_("Readers"), ", ".join(view.readers)),
        (_("Firmware"), view.firmware),
        (_("Board"), ", ".join(view.conflict) or view.hw),
        (_("Last start"), view.reset),
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
