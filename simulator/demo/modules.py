"""All reader modules of a simulated school in one process, each on a TCP port of its own.

Writes the settings of each gateway when its modules are up, and `ready` when all are; then moves
tags when asked to.
"""

import asyncio
import random
import sys
import time
from pathlib import Path

from edge.contracts.devices import read_devices
from edge.contracts.gateway_settings import GatewayMqtt, GatewaySettings
from edge.contracts.school import Reader
from edge.contracts.school_file import load_school
from edge.contracts.wire import ReaderConfig
from simulator.air.antennas import readers_of
from simulator.demo.child import stopped
from simulator.demo.control import SCHOOL_SOCKET, Move, Refused, Request, serve_control
from simulator.demo.desk import DeskField
from simulator.demo.files import DemoFolder
from simulator.demo.mover import Mover
from simulator.live import live_short_day
from simulator.modules.field import TagField
from simulator.modules.module import EmulatedModule
from simulator.modules.port import TcpPort, serve_tcp


async def serve(folder: DemoFolder, broker: GatewayMqtt, lesson_s: float) -> None:
    """Serve the modules of the folder's school, whose first lesson begins soon, until stopped."""
    school = load_school(folder.school)
    devices, _ = read_devices(folder.devices)
    live = live_short_day(school, devices, lesson_s, time.time(), time.monotonic)
    ports: list[TcpPort] = []
    desks = {desk.id: DeskField(random.Random(desk.id)) for desk in school.desks.values()}
    fields = {desk.gateway: desks[desk.id] for desk in school.desks.values()}
    for gateway in school.gateway_ids:
        readers = []
        for reader in readers_of(school, gateway):
            field = fields.get(gateway) or live.field(gateway)
            port = await _serve_reader(field, gateway, reader)
            ports.append(port)
            readers.append(ReaderConfig(reader.family, reader.antennas, port.address))
        folder.write_gateway(GatewaySettings(gateway, school.site, broker, readers))
    mover = Mover(live, school, devices, desks)

    def act(request: Request) -> str:
        if not isinstance(request, Move):
            raise Refused("here one can move devices only")
        return mover.move(request)

    control = await serve_control(folder.path / SCHOOL_SOCKET, act)
    print("ready", flush=True)
    await stopped()
    if control is not None:
        control.close()
    for port in ports:
        port.close()


async def _serve_reader(field: TagField, gateway: str, reader: Reader) -> TcpPort:
    module = EmulatedModule(
        reader.family,
        field,
        antennas=reader.antennas,
        rng=random.Random(f"{gateway} {reader.antennas[0]}"),
        quirks=_wiring(reader),
    )
    return await serve_tcp(module)


def _wiring(reader: Reader) -> tuple[str, ...]:
    """What such a module needs for more antennas than it has ports."""
    return ("multiplexer",) if reader.family == "m6e" and len(reader.antennas) > 1 else ()


if __name__ == "__main__":
    path, host, port, lesson_s = sys.argv[1:]
    asyncio.run(serve(DemoFolder(Path(path)), GatewayMqtt(host, int(port)), float(lesson_s)))
