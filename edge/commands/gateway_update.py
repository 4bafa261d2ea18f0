"""`rollcall gateway update`: have a gateway fetch this version's firmware, and say what came."""

import asyncio
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure
from edge.commands.settings_argument import settings_or_failure


def update(
    gateway: Annotated[str, typer.Argument(help="The gateway's id in the school file.")],
    config: Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")],
    url: Annotated[
        str | None,
        typer.Option(
            metavar="https://HOST:PORT/",
            help="The agent, as the gateway reaches it; else by its broker's name and tls_port.",
        ),
    ] = None,
) -> None:
    """Send a gateway this version's firmware; it keeps it once the agent confirmed a batch."""
    from edge.agent.link.updating import CannotUpdate, update_gateway

    settings = settings_or_failure(config)
    school = school_or_failure(settings.school)
    if gateway not in school.gateway_ids:
        raise Failure(f"the school file names no gateway {gateway}")
    place = _place(url) if url else None
    try:
        reply = asyncio.run(update_gateway(settings, school.site, gateway, place))
    except CannotUpdate as error:
        raise Failure(str(error)) from error
    if not reply.get("ok"):
        raise Failure(f"{gateway} refuses: {reply.get('error', 'without a reason')}")
    print(
        f"{gateway} starts {reply.get('version')} now, on trial until the agent confirmed a batch"
    )


def _place(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.path.strip("/") or parts.query:
        raise typer.BadParameter(f"{url} is not https://HOST:PORT/", param_hint="--url")
    return f"https://{parts.netloc}/"
