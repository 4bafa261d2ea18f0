"""What a gateway shows, from its state, the school file and the books of loss. Pure."""

from edge.agent.gateways.known import GatewayState
from edge.agent.gateways.rates import AntennaRate
from edge.agent.link.publisher import config_mark
from edge.agent.shown import views
from edge.contracts.school import School


def gateway_view(
    school: School,
    state: GatewayState,
    config: bytes | None,
    lost: int,
    now: float,
    rates: list[AntennaRate],
) -> views.GatewayView:
    """Show a gateway; `config` is what is published for it, `lost` its batches gone for good."""
    named = school.gateways.get(state.id)
    status = state.status
    places = {place.id: None for (g, _), place in school.places.items() if g == state.id}
    said = status.config if status else None
    return views.GatewayView(
        id=state.id,
        name=(named.name if named else "") or state.id,
        known=config is not None,
        state=_shown(state, now),
        state_since=state.since,
        places=list(places),
        last_batch=state.last_batch,
        boot=state.online_boot,
        reset=status.reset if status else None,
        hw=status.hw if status else None,
        conflict=sorted(state.boards) if len(state.boards) > 1 else [],
        firmware=status.firmware if status else None,
        readers=(status.readers or []) if status else [],
        config_current=None if said is None or config is None else said == config_mark(config),
        clock_set=state.clock_set,
        health=state.health,
        health_at=state.health_at,
        antennas=[
            views.AntennaView(
                antenna=number,
                place=place.id if (place := school.place_of(state.id, number)) else None,
                rounds=antenna.rounds,
                on_air_ms=antenna.on_air_ms,
            )
            for number, antenna in sorted(state.antennas.items())
        ],
        last_log=state.last_log,
        lost=lost,
        clock_odd=state.clock_odd,
        rates=rates,
        crash=state.crash,
    )


def _shown(state: GatewayState, now: float) -> views.GatewayState:
    if state.online is False:
        return "offline"
    if state.last_batch is None and state.online is None:
        return "never heard"
    return "silent" if state.is_silent(now) else "online"
