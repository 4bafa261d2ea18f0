"""`rollcall simulate school`: a simulated school as a log with its truth, or live over MQTT."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.commands.devices_argument import devices_or_failure
from edge.commands.failure import Failure
from edge.commands.progress import progress_bar
from edge.commands.school_argument import school_or_failure
from edge.commands.stop_flag import stop_flag
from edge.contracts.devices import write_devices
from edge.contracts.school import School
from edge.contracts.school_file import parse_school

if TYPE_CHECKING:  # numpy and networkx take longer to load than most commands to run
    from simulator.run import Run
    from simulator.school_log import Statistics


def _list_scenarios(name: str) -> str:
    if name == "help":
        from simulator.scenarios import listing

        typer.echo(listing())
        raise typer.Exit
    return name


def school(
    hours: Annotated[float, typer.Option(help="How long, in hours of school time.", min=0.0)],
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.", min=0)],
    school: Annotated[
        Path | None,
        typer.Option(help="The school file; needed unless the scenario brings its own."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for reads.jsonl, truth.jsonl and what was made.")
    ] = None,
    devices: Annotated[
        Path | None, typer.Option(help="CSV of devices; without it they are made.")
    ] = None,
    scenario: Annotated[
        str,
        typer.Option(
            help="What kind of day; `help` lists them.", callback=_list_scenarios, is_eager=True
        ),
    ] = "demo-day",
    start: Annotated[
        str | None,
        typer.Option(help="ISO time (school time without an offset) or Unix seconds."),
    ] = None,
    mqtt: Annotated[
        str | None,
        typer.Option(help="Publish to this broker in real time instead: mqtt://HOST:PORT."),
    ] = None,
) -> None:
    """Simulate a school: what its gateways report, and what really happened."""
    from simulator.people.devices import make_devices
    from simulator.run import plan_run
    from simulator.settings import SimulatorError

    if (out is None) == (mqtt is None):
        raise typer.BadParameter("give either --out DIR or --mqtt URL")
    try:
        text, checked = _school(school, scenario)
        start_s = None if start is None else _parse_start(start, checked)
        known = make_devices(checked, seed) if devices is None else devices_or_failure(devices)[0]
        run = plan_run(checked, text, known, scenario, hours, seed, start_s)
        if out is not None:
            _write(run, out, devices_made=devices is None, school_made=school is None)
        elif mqtt is not None:
            _publish(run, mqtt)
    except SimulatorError as error:
        raise Failure(f"{school or scenario}: {error}") from error
    except OSError as error:
        raise Failure(f"{error.filename or out}: {error.strerror or error}") from error


def _school(path: Path | None, scenario: str) -> tuple[str, School]:
    """Return the school file that was given, or that of the scenario; its text and what it says."""
    from simulator.scenarios import find_scenario

    make_text = find_scenario(scenario).school_text
    if path is not None and make_text is None:
        checked = school_or_failure(path)
        return path.read_text(encoding="utf-8"), checked
    if path is None and make_text is not None:
        text = make_text()
        return text, parse_school(text)
    wrong = "brings its own" if path is not None else "needs one"
    raise typer.BadParameter(f"the scenario {scenario} {wrong}", param_hint="--school")


def _write(run: Run, folder: Path, devices_made: bool, school_made: bool) -> None:
    from simulator.school_log import write_log

    folder.mkdir(parents=True, exist_ok=True)
    if school_made:
        (folder / "school.toml").write_text(run.school_text, encoding="utf-8")
    if devices_made:
        (folder / "devices.csv").write_text(write_devices(run.devices), encoding="utf-8")
    began = time.monotonic()
    reached_s = 0.0

    with stop_flag() as stopped, progress_bar("simulating", run.length_ms / 1000) as show:

        def progress(simulated_s: float) -> bool:
            nonlocal reached_s
            reached_s = simulated_s
            show(simulated_s)
            return not stopped.is_set()

        statistics = write_log(run, folder, progress)
    _say(run, statistics, reached_s, time.monotonic() - began)
    if stopped.is_set() and reached_s < run.length_ms / 1000:
        raise Failure(f"stopped after {reached_s / 3600:.2f} h; {folder} holds what was until then")


def _publish(run: Run, url: str) -> None:
    from simulator.mqtt.publish import MqttError, publish

    with stop_flag() as stopped:
        try:
            told = publish(run, url, stopped, lambda line: typer.echo(line, err=True))
        except MqttError as error:
            raise Failure(str(error)) from error
    typer.echo(told.line(), err=True)


def _say(run: Run, statistics: Statistics, simulated_s: float, took_s: float) -> None:
    times = simulated_s / took_s if took_s else float("inf")
    typer.echo(
        f"{simulated_s / 3600:.1f} h of {len(run.devices)} devices in {took_s:.1f} s: "
        f"{times:,.0f} times real time\n"
        f"{statistics.crossing_line()}\n"
        f"{statistics.raw_reads:,} raw reads in {statistics.records:,} records "
        f"and {statistics.batches:,} batches",
        err=True,
    )


def _parse_start(text: str, school: School) -> float:
    try:
        return float(text)
    except ValueError:
        pass  # then it is an ISO time
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f'"{text}" is neither Unix seconds nor an ISO time such as 2026-09-14T07:50',
            param_hint="--start",
        ) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=school.zone)).timestamp()
