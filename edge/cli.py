"""The `rollcall` command: mounts what `edge/commands/` holds and turns failures into one line."""

import os
import sys

import typer

from edge.commands import broker, export, gateway, import_, notify, tag, user
from edge.commands.agent import agent
from edge.commands.backup import backup, restore
from edge.commands.demo import demo
from edge.commands.doctor import doctor
from edge.commands.failure import Failure
from edge.commands.install import install, upgrade
from edge.commands.replay import replay
from edge.commands.score import score
from edge.commands.simulate_by_hand import move, switch_gateway
from edge.commands.simulate_module import module
from edge.commands.simulate_school import school

app = typer.Typer(
    name="rollcall",
    help="Takes the roll of a school's devices.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
simulate = typer.Typer(
    help="A simulated school, or one simulated reader module; things to try on a running demo.",
    no_args_is_help=True,
)
simulate.command()(school)
simulate.command()(module)
simulate.command()(move)
simulate.command("gateway")(switch_gateway)

app.command()(demo)
app.command()(agent)
app.command()(backup)
app.command()(restore)
app.command()(doctor)
app.command()(install)
app.command()(upgrade)
app.add_typer(simulate, name="simulate")
app.command()(replay)
app.command()(score)
app.add_typer(import_.app, name="import")
app.add_typer(export.app, name="export")
app.add_typer(gateway.app, name="gateway")
app.add_typer(broker.app, name="broker")
app.add_typer(notify.app, name="notify")
app.add_typer(tag.app, name="tag")
app.add_typer(user.app, name="user")


def run() -> None:
    """Run the command line: exit status 0, 1 for a failure said in one line, 2 for wrong usage."""
    try:
        app()
    except Failure as failure:
        _fail(str(failure))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads any more
        sys.exit(1)
    except Exception as error:
        if os.environ.get("ROLLCALL_DEBUG"):
            raise
        _fail(f"internal error: {error!r} (ROLLCALL_DEBUG=1 shows where)")


def _fail(sentence: str) -> None:
    print(f"rollcall: {' '.join(sentence.split())}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    run()
