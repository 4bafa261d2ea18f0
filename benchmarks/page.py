"""How soon a page answers and changes: a large school beside a small one, tabs open on both.

The agent is real (database, queries, HTTP); its devices come from a CSV, and where they are is
written into the ledger's tables as its commit would. First each page is asked for while nothing
else happens: the time to its first byte. Then tabs are open on the carts' page, in a process of
their own; each change is written, told to the live side, and timed until the last tab has it.

    .venv/bin/python -m benchmarks.page [--devices 400 40000] [--tabs 50] [--changes 20]
"""

import argparse
import asyncio
import http.client
import json
import multiprocessing
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.queues import Queue
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge.agent.live import Change
from edge.agent.service import Agent
from edge.agent.shown.cart_views import SETTLE_S
from edge.agent.storage.database import FILE_NAME
from edge.api.app import create_app
from edge.api.server import PageServer
from edge.contracts.settings import AgentSettings, MqttSettings
from tests.support.broker import Broker
from tests.support.loop_thread import LoopThread
from tests.support.tools import find_program
from tests.support.waiting import wait_for

IN_A_CART = 40
CARTS_AT_MOST = 200  # on the page; a larger district has more schools, not longer pages
PAGES = ("/", "/carts/c0", "/map", "/devices", "/devices?q=17", "/alerts")
HERE = re.compile(rb"id=..cart-c0.*?class=..here..>(\d+)<")  # in the JSON of a patch
ASKED = 15  # times for each page
PREFIX = "3414257BF4"
SPAWN = multiprocessing.get_context("spawn")


def main() -> None:
    """Measure and print a table: a row a page, a column a size, and the ratio of the last two."""
    args = _arguments()
    binary = find_program("mosquitto")
    if binary is None:
        sys.exit("benchmarks/page.py: mosquitto is not installed; run `make tools`")
    found = []
    for devices in args.devices:
        with tempfile.TemporaryDirectory() as name, Broker(binary, Path(name)) as broker:
            found.append(_measure(Path(name), broker, devices, args.tabs, args.changes))
    sizes = "".join(f"{devices:>15,} devices" for devices in args.devices)
    print(f"{'median / slowest of ' + str(ASKED) + ', ms':42}{sizes}    ratio of medians")
    for line in found[0]:
        cells = "".join(f"{times[line][0]:14.1f} /{times[line][1]:7.1f}" for times in found)
        print(f"{line:42}{cells}    {found[-1][line][0] / found[0][line][0]:.1f}")


def _measure(
    folder: Path, broker: Broker, devices: int, tabs: int, changes: int
) -> dict[str, tuple[float, float]]:
    carts = min(CARTS_AT_MOST, max(1, devices // IN_A_CART))
    (folder / "school.toml").write_text(_school(carts), encoding="utf-8")
    (folder / "devices.csv").write_text(_devices(devices, carts), encoding="utf-8")
    settings = AgentSettings(
        school=folder / "school.toml",
        devices=folder / "devices.csv",
        data=folder / "data",
        mqtt=MqttSettings(url=broker.url),
    )
    agent = Agent(settings)
    server = PageServer(create_app(agent), "127.0.0.1", 0)
    database = folder / "data" / FILE_NAME
    with LoopThread("agent") as thread:
        running = thread.call(_start(agent, server))
        wait_for(lambda: _count(database) == devices, 300.0, "all devices")
        _place(database)
        _hear(broker, carts, 0)
        time.sleep(SETTLE_S + 2)  # carts that are just heard change by themselves
        times = {f"first byte of {path}": _first_byte(server.port, path) for path in PAGES}

        _hear(broker, carts, 1)  # so that none falls silent in what follows
        time.sleep(2)

        def tell() -> None:
            thread.call(_tell(agent))

        times[f"a change on {tabs} open tabs"] = _patches(
            server.port,
            tell,
            lambda seq: _hear(broker, 1, seq),
            database,
            devices // carts,
            tabs,
            changes,
        )
        thread.call(_stop(agent, server, running))
    return times


async def _start(agent: Agent, server: PageServer) -> "asyncio.Task[None]":
    running = asyncio.create_task(agent.run())
    await agent.ready.wait()
    await server.start()
    return running


async def _stop(agent: Agent, server: PageServer, running: "asyncio.Task[None]") -> None:
    await server.stop()
    agent.stop()
    await running


async def _tell(agent: Agent) -> None:
    agent.live.publish([Change("cart", "c0")])


def _first_byte(port: int, path: str) -> tuple[float, float]:
    times = []
    for _ in range(ASKED):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        began = time.monotonic()
        connection.request("GET", path, headers={"accept": "text/html"})
        answer = connection.getresponse()
        times.append((time.monotonic() - began) * 1000)
        if answer.status != 200:
            sys.exit(f"{path} answered {answer.status}")
        answer.read()
        connection.close()
    return statistics.median(times), max(times)


def _patches(
    port: int,
    tell: Callable[[], None],
    hear: Callable[[int], None],
    database: Path,
    in_cart: int,
    tabs: int,
    changes: int,
) -> tuple[float, float]:
    told: Queue[tuple[int, float]] = SPAWN.Queue()
    watching = SPAWN.Process(target=_watch, args=(port, tabs, told), daemon=True)
    watching.start()
    _until_all_have(told, in_cart, tabs)
    times = []
    with sqlite3.connect(database, isolation_level=None) as connection:
        for number in range(changes):
            hear(number + 2)  # a cart whose gateway fell silent shows no count
            time.sleep(0.7)  # past the pause of half a second, after which a change goes at once
            _take_out(connection, number)
            began = time.monotonic()
            tell()
            times.append((_until_all_have(told, in_cart - number - 1, tabs) - began) * 1000)
    connection.close()
    watching.terminate()
    watching.join(10)
    return statistics.median(times), max(times)


def _until_all_have(told: "Queue[tuple[int, float]]", here: int, tabs: int) -> float:
    """Wait until every tab showed so many in the first cart; return when the last one did."""
    last, missing = 0.0, tabs
    while missing:
        shown, at = told.get(timeout=60)
        if shown == here:
            last, missing = max(last, at), missing - 1
    return last


def _watch(port: int, tabs: int, told: "Queue[tuple[int, float]]") -> None:
    """Open tabs, and tell how many each shows in the first cart, and when (`time.monotonic`)."""

    async def tab() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
        writer.write(f"GET /live/carts HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode())
        while line := await reader.readline():
            shown = HERE.search(line) if line.startswith(b"data:") else None
            if shown is not None:
                told.put((int(shown[1]), time.monotonic()))

    async def all_tabs() -> None:
        await asyncio.gather(*(tab() for _ in range(tabs)))

    asyncio.run(all_tabs())


def _hear(broker: Broker, carts: int, seq: int) -> None:
    """Let each cart's gateway send a batch that looked and read nothing."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    now = round(time.time() * 1000)
    body = {"v": 1, "t": now, "up": 9000, "sent": 9100, "sync": 1, "base": 0, "reads": []}
    looks = {"1": [14, 980], "2": [13, 910]}
    payload = json.dumps({**body, "looks": looks})
    sent = [
        client.publish(f"rollcall/bench/gw-c{cart}/reads/0000000100000001/{seq}", payload, qos=1)
        for cart in range(carts)
    ]
    for one in sent:
        one.wait_for_publish(30)
    client.disconnect()
    client.loop_stop()


def _count(database: Path) -> int:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        (count,) = connection.execute("SELECT count(*) FROM devices").fetchone()
    connection.close()
    return int(count)


def _place(database: Path) -> None:
    """Put every device where it belongs, as the ledger would have."""
    now = time.time()
    with sqlite3.connect(database, timeout=30) as connection:
        connection.execute(
            "INSERT INTO presence SELECT epc, cart, ?, 0.99 FROM devices", (now - 60,)
        )
        connection.execute(
            "INSERT INTO whereabouts SELECT epc, home, ?, 0.97 FROM devices", (now - 60,)
        )
        connection.execute(
            "INSERT INTO observed SELECT epc, ?, 'gw-' || cart, 1 FROM devices", (now - 5,)
        )
    connection.close()


def _take_out(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("UPDATE presence SET cart = NULL WHERE epc = ?", (_epc(number, 0),))


def _epc(number: int, cart: int) -> str:
    return f"{PREFIX}{cart:06X}{number:08X}"


def _school(carts: int) -> str:
    rooms = "".join(f'[rooms.r{n}]\nname = "Room {n}"\nkind = "classroom"\n' for n in range(carts))
    text = "".join(
        f'[carts.c{n}]\nname = "Cart {n}"\nhome = "r{n}"\ngateway = "gw-c{n}"\n'
        f"capacity = {IN_A_CART}\nantennas = [1, 2]\n"
        for n in range(carts)
    )
    head = f'name = "Bench"\nsite = "bench"\ntimezone = "UTC"\nepc_prefixes = ["{PREFIX}"]\n'
    return f"{head}{rooms}{text}"


def _devices(devices: int, carts: int) -> str:
    lines = ["epc,asset_tag,home,cart,number"]
    for n in range(devices):
        cart, number = n % carts, n // carts
        lines.append(f"{_epc(number, cart)},BE-{n:06},r{cart},c{cart},{number + 1}")
    return "\n".join(lines) + "\n"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="First byte and live change of the pages.")
    parser.add_argument("--devices", type=int, nargs="+", default=[400, 40_000])
    parser.add_argument("--tabs", type=int, default=50)
    parser.add_argument("--changes", type=int, default=20)
    return parser.parse_args()


if __name__ == "__main__":
    main()
