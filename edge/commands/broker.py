"""`rollcall broker provision`: certificates, passwords and rights for mosquitto."""

from pathlib import Path
from typing import Annotated

import typer

from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure
from edge.commands.settings_argument import settings_or_failure

app = typer.Typer(help="The school's MQTT broker.", no_args_is_help=True)


@app.callback()
def _broker() -> None:
    """The school's MQTT broker."""  # keeps `provision` a command of its own


@app.command()
def provision(
    config: Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")],
    host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|ADDRESS", help="What gateways call this machine (repeatable; kept)."
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Where it listens for gateways, TLS only.")] = 8883,
    bind: Annotated[
        str | None, typer.Option(help="For gateways at this address only, not at all of them.")
    ] = None,
    agent_port: Annotated[int, typer.Option(help="Where it listens for the agent.")] = 8884,
    agent_bind: Annotated[
        str, typer.Option(help="At which address; this machine's own is enough.")
    ] = "127.0.0.1",
    out: Annotated[
        Path | None, typer.Option(help="The folder; `broker` in the data folder unless given.")
    ] = None,
    renew: Annotated[
        bool, typer.Option("--renew", help="Make a new server certificate in any case.")
    ] = False,
) -> None:
    """Make, or bring up to the school file, everything mosquitto needs; passwords stay."""
    from edge.provision.authority import AuthorityError
    from edge.provision.broker import password_of, provision_broker
    from edge.provision.mosquitto import AGENT, Listeners

    settings = settings_or_failure(config)
    school = school_or_failure(settings.school)
    folder = (out or settings.data / "broker").resolve()
    try:
        made = provision_broker(
            school,
            folder,
            host or (),
            at=Listeners(port=port, bind=bind, agent_port=agent_port, agent_bind=agent_bind),
            renew=renew,
            home_assistant=settings.home_assistant.discovery,
        )
    except AuthorityError as error:
        raise Failure(str(error)) from error
    print(f"{made.configuration}: start mosquitto with -c and this file, or include it")
    fresh = "new" if made.new_certificate else "kept"
    print(f"certificate: {fresh}, good until {made.good_until:%Y-%m-%d}, for", end=" ")
    print(", ".join(made.hosts))
    print(f"users: {_listed(made.new_users)} new, {_listed(made.dropped_users)} gone")
    print(
        f'the agent: url = "mqtts://{made.hosts[0]}:{agent_port}", ca = "{made.authority}",',
        end=" ",
    )
    print(f'username = "{AGENT}", password_file = "{password_of(folder, AGENT)}"')


def _listed(users: list[str]) -> str:
    return ", ".join(users) or "none"
