"""`rollcall gateway update`: have a gateway fetch this version's firmware, and say what came."""

import asyncio
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure
from edge.commands.settings_argument import settings_or_failure

WAIT_S = 630.0  # a gateway gives up after 600


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
    from edge.agent.ask_gateway import NoReply, ask_gateway
    from edge.agent.mqtt_link import LinkError
    from edge.provision.application import CannotCompile, compile_application
    from edge.provision.updates import NoKey, put_update, update_key

    settings = settings_or_failure(config)
    school = school_or_failure(settings.school)
    if gateway not in school.gateway_ids:
        raise Failure(f"the school file names no gateway {gateway}")
    if url is None and not settings.http.serves_tls:
        raise Failure("http: HTTPS is not served; set tls_port, or host to more than this machine")
    place = _place(url) if url else f"https://:{settings.http.tls_port}/"
    try:
        key = update_key(settings.data, gateway)
        application = compile_application()
        digest = put_update(settings.data, application, key)
        args = {"url": f"{place}updates/{digest}/", "manifest": digest}
        reply = asyncio.run(
            ask_gateway(settings.mqtt, school.site, gateway, "update", args, WAIT_S)
        )
    except (NoKey, CannotCompile, LinkError, NoReply) as error:
        raise Failure(str(error)) from error
    except OSError as error:
        raise Failure(f"{error.filename or settings.data}: {error.strerror}") from error
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
