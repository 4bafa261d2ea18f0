"""`rollcall score`: hold events against truth."""

from pathlib import Path
from typing import Annotated

import typer

from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure


def score(
    events: Annotated[Path, typer.Argument(help="What the engine said (JSON lines).")],
    truth: Annotated[Path, typer.Argument(help="What really happened (JSON lines).")],
    school: Annotated[Path, typer.Option(help="The school file of the log.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Hold events against truth: crossings, rooms, exits, carts, delay."""
    import msgspec

    from simulator.score import load
    from simulator.score import score as score_log
    from simulator.score.report import BadFile

    try:
        said, true = load(events, truth)
    except BadFile as error:
        raise Failure(str(error)) from error
    result = score_log(said, true, school_or_failure(school))
    if json:
        typer.echo(msgspec.json.encode(result))
        return
    for name, group in msgspec.to_builtins(result).items():
        typer.echo(name)
        for figure, value in group.items():
            shown = "-" if value is None else f"{value:.4f}" if isinstance(value, float) else value
            typer.echo(f"  {figure:<20} {shown}")
