"""Put the demo together: which processes, in which order, and what to tell the user."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from edge.contracts.devices import write_devices
from edge.contracts.school_file import load_school
from edge.firmware import firmware_command
from simulator.demo.child import Child
from simulator.demo.control import DEMO_SOCKET, Refused, Request, Switch, serve_control
from simulator.demo.files import DEMO_DESK, DEMO_SCHOOL, DemoFolder, without_bells
from simulator.demo.supervisor import Supervisor
from simulator.people.devices import make_devices

BROKER_HOST = "127.0.0.1"
SEED = 1  # the same devices every time, so that a developer finds tag 14 again


async def run_demo(
    path: Path,
    listen: str,
    port: int,
    broker_port: int,
    lesson_s: int,
    say: Callable[[str], None],
) -> None:
    """Run the demo in the folder `path` until SIGINT or SIGTERM.

    Raises:
        DemoError: a process that cannot be done without ended or did not come up.
    """
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    folder = DemoFolder(path)
    folder.school.write_text(without_bells(DEMO_SCHOOL.read_text()) + DEMO_DESK)
    school = load_school(folder.school)
    devices = make_devices(school, SEED)
    folder.devices.write_text(write_devices(devices))
    folder.write_agent(f"mqtt://{BROKER_HOST}:{broker_port}", listen, port)

    def python(name: str, *args: str) -> Child:
        return Child(name, [sys.executable, "-m", *args], folder.log(name))

    broker = python("broker", "simulator.demo.broker", BROKER_HOST, str(broker_port))
    modules = python(
        "modules", "simulator.demo.modules", str(path), BROKER_HOST, str(broker_port), str(lesson_s)
    )
    agent = python("agent", "edge.cli", "agent", "--config", str(folder.settings))
    gateways = [
        Child(
            gateway,
            [*firmware_command(folder.gateway(gateway), folder.flash(gateway)), "--until-eof"],
            folder.log(gateway),
            until_eof=True,
        )
        for gateway in school.gateway_ids
    ]

    def ready(child: Child) -> bool:
        if child is agent:
            return _answers(listen, port)
        return child in gateways or folder.log(child.name).read_text().startswith("ready")

    say(
        f"A school of {len(devices)} devices, {len(school.carts)} carts, "
        f"{len(school.doorways)} doorways; {len(gateways)} gateways on "
        f"{Path(gateways[0].argv[0]).name}; lessons of {lesson_s} s."
    )
    say(f"Page: http://{listen}:{port}/   (Ctrl-C stops everything)")
    supervisor = Supervisor([[broker, modules], [agent], gateways], say)
    control = await serve_control(path / DEMO_SOCKET, lambda request: _act(supervisor, request))
    if control is None:
        say(f"Nothing can be moved by hand: {path} is too long a path; set TMPDIR to a shorter one")
    else:
        say(f"By hand: rollcall simulate move c1/17 --to outside   (this demo is {path})")
    try:
        await supervisor.run(stop, ready)
    finally:
        if control is not None:
            control.close()
    say("Stopped.")


def _act(supervisor: Supervisor, request: Request) -> str:
    """Switch a gateway; return what was done."""
    if not isinstance(request, Switch):
        raise Refused("here one can switch gateways only")
    if not supervisor.is_up:
        raise Refused("the demo is still starting; ask again in a moment")
    if request.gateway not in supervisor.gateways:
        known = ", ".join(supervisor.gateways)
        raise Refused(f'no gateway "{request.gateway}"; there are {known}')
    state = "on" if request.on else "off"
    if supervisor.is_on(request.gateway) == request.on:
        raise Refused(f"{request.gateway} is {state} already")
    supervisor.switch(request.gateway, request.on)
    return f"{request.gateway} is {state}"


def _answers(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=0.2):
            return True
    except OSError:
        return False
