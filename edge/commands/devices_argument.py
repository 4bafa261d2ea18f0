"""Read a list of devices that a command was given, say what is wrong in it, or fail."""

from pathlib import Path

import typer

from edge.commands.failure import Failure
from edge.contracts.csv_lines import LineProblem
from edge.contracts.devices import Device, DevicesError, read_devices


def devices_or_failure(
    path: Path, *, on_stderr: bool = True
) -> tuple[list[Device], list[LineProblem]]:
    """Return the good devices and the problems, each of which is printed in a line of its own.

    Raises:
        Failure: the file is no device list at all.
    """
    try:
        devices, problems = read_devices(path)
    except DevicesError as error:
        raise Failure(str(error)) from error
    for problem in problems:
        typer.echo(f"{path}: {problem}", err=on_stderr)
    return devices, problems
