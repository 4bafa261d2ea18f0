"""`rollcall notify test`: does a notice arrive?"""

from pathlib import Path
from typing import Annotated

import typer

from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure
from edge.commands.settings_argument import settings_or_failure

app = typer.Typer(help="Notices of alerts to people.", no_args_is_help=True)


@app.callback()
def _notices() -> None:
    """Notices of alerts to people."""  # keeps `test` a command of its own


@app.command()
def test(
    config: Annotated[Path, typer.Option(help="The agent's settings (rollcall.toml).")],
) -> None:
    """Send a notice to every address, and say which of them did not take it."""
    import asyncio

    from edge.agent.storage.database import FILE_NAME
    from edge.notify.desk import NoticeDesk
    from edge.notify.sending import NoticeError

    settings = settings_or_failure(config)
    if settings.notify.addresses is None:
        raise Failure(f"{config}: name a file of addresses: [notify] addresses")
    name = school_or_failure(settings.school).name
    desk = NoticeDesk(settings.data / FILE_NAME, settings.notify, lambda: name)
    try:
        asyncio.run(desk.test())
    except NoticeError as error:
        raise Failure(str(error)) from error
    print("sent; see whether it arrived")
