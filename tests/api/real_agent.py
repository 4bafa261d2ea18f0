"""The real agent with its page, in a thread of this process, and a gateway that tells it reads."""

import asyncio
import json
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

import paho.mqtt.client as mqtt

from edge.agent.service import Agent
from edge.agent.storage.database import FILE_NAME
from edge.api.access import Who
from edge.api.app import create_app
from edge.api.server import PageServer
from edge.contracts.settings import load_settings
from tests.support.loop_thread import LoopThread

DEADLINE_S = 20
BOOT = "0000000100000001"

SCHOOL = """\
name = "Lincoln Elementary"
site = "lincoln"
timezone = "America/Denver"
epc_prefixes = ["3414257BF4"]

[rooms.r101]
name = "Room 101"
kind = "classroom"
[rooms.r204]
name = "Room 204"
kind = "classroom"

[carts.c3]
name = "Cart 3"
home = "r101"
gateway = "gw-c3"
antennas = [1]

[carts.c4]
name = "Cart 4"
home = "r204"
gateway = "gw-c4"
antennas = [1]

[desks.front]
name = "Front desk"
room = "r101"
gateway = "gw-desk"
antennas = [1]
"""


def epc_of(number: int) -> str:
    """The EPC of the device with this number."""
    return f"3414257BF4000000{number:08X}"


class RealAgent:
    """A context manager: the agent runs, and serves its page at `url`, while it lasts.

    `who` tells who asks, in place of who does; `app` may be asked too, by `call`.
    """

    def __init__(
        self, folder: Path, broker_url: str, numbers: Iterable[int], who: Who | None = None
    ) -> None:
        rows = [f"{epc_of(n)},LIN-{n:04},c3,{n}" for n in numbers]
        (folder / "school.toml").write_text(SCHOOL)
        (folder / "devices.csv").write_text("\n".join(["epc,asset_tag,cart,number", *rows]))
        config = folder / "rollcall.toml"
        config.write_text(f'devices = "devices.csv"\n[mqtt]\nurl = "{broker_url}"\n')
        self._settings = load_settings(config)
        self._thread = LoopThread("agent")
        self.call = self._thread.call
        self._who = who
        self.database = folder / "data" / FILE_NAME
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.__enter__()
        self._thread.call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.call(self._stop())
        self._thread.__exit__()

    async def _start(self) -> None:
        self._agent = Agent(self._settings)
        self._running = asyncio.create_task(self._agent.run(), name="agent")
        await self._agent.ready.wait()
        self.app = create_app(self._agent, who=self._who)
        self._page = PageServer(self.app, "127.0.0.1", 0)
        await self._page.start()
        self.url = f"http://127.0.0.1:{self._page.port}"

    async def _stop(self) -> None:
        self._agent.stop()
        await self._page.stop()
        await self._running


class CartGateway:
    """The gateway of cart c3, or another: tells every quarter of a second what lies in it."""

    def __init__(self, port: int, gateway: str = "gw-c3") -> None:
        self.inside: set[int] = set()
        self._topic = f"rollcall/lincoln/{gateway}"
        name = f"rollcall-lincoln-{gateway}"
        self._client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, name)
        self._client.connect("127.0.0.1", port)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send_batches, name="gateway")
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._client.loop_start()
        self._status(online=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(DEADLINE_S)
        self._client.disconnect()
        self._client.loop_stop()

    def go_offline(self) -> None:
        """Send nothing more, and let the last will speak."""
        self._ended.set()
        self._thread.join(DEADLINE_S)
        self._status(online=False)

    def _status(self, *, online: bool) -> None:
        status = {"v": 1, "online": online, "boot": BOOT, "hw": "a0b765c1d2e3"}
        payload = json.dumps(status)
        self._client.publish(f"{self._topic}/status", payload, qos=1, retain=True)

    def _send_batches(self) -> None:
        seq = 0
        while not self._ended.wait(0.25):
            up = round((time.monotonic() - self._began) * 1000)
            reads = [[epc_of(n), 1, -50.0, 10 * i, 3, 200, 90] for i, n in enumerate(self.inside)]
            batch = {
                "v": 1,
                "t": round(time.time() * 1000) - 250,
                "up": up,
                "sent": up,
                "sync": 1,
                "base": seq,
                "looks": {"1": [5, 250]},
                "reads": reads,
            }
            topic = f"{self._topic}/reads/{BOOT}/{seq}"
            self._client.publish(topic, json.dumps(batch), qos=1)
            seq += 1
