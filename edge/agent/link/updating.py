"""Sends a gateway this version's firmware: laid out to be fetched, then told by one command."""

from typing import Any

from edge.agent.link.ask_gateway import NoReply, ask_gateway
from edge.agent.link.mqtt_link import LinkError
from edge.agent.process.in_thread import in_thread
from edge.contracts.settings import AgentSettings
from edge.provision.application import CannotCompile, compile_application
from edge.provision.updates import NoKey, put_update, update_key

WAIT_S = 630.0  # a gateway gives up after 600


class CannotUpdate(Exception):
    """Nothing was sent, or no answer came; the text says why."""


async def update_gateway(
    settings: AgentSettings, site: str, gateway: str, place: str | None = None
) -> dict[str, Any]:
    """Have a gateway take this version's firmware; return its reply once it has it, or refuses it.

    `place` is where it reaches the agent, https://HOST:PORT/; None: at its broker's name.

    Raises:
        CannotUpdate: no HTTPS is served, it has no key, the firmware cannot be compiled or laid
            out, the broker is away, or nothing came within ten minutes.
    """
    if place is None and not settings.http.serves_tls:
        raise CannotUpdate(
            "http: HTTPS is not served; set tls_port, or host to more than this machine"
        )
    place = place or f"https://:{settings.http.tls_port}/"

    def lay_out() -> str:
        key = update_key(settings.data, gateway)
        return put_update(settings.data, compile_application(), key)

    try:
        digest = await in_thread(lay_out, "update")
        args = {"url": f"{place}updates/{digest}/", "manifest": digest}
        return await ask_gateway(settings.mqtt, site, gateway, "update", args, WAIT_S)
    except (NoKey, CannotCompile, LinkError, NoReply) as error:
        raise CannotUpdate(str(error)) from error
    except OSError as error:
        raise CannotUpdate(f"{error.filename or settings.data}: {error.strerror}") from error
