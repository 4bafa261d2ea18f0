"""From mosquitto to committed events: reads a second of the agent, beside a bare subscriber.

Both take the same stream of messages (QoS 1) from the same broker in the same run; the bare one is
paho-mqtt and the wire format's decoder, nothing else. Gateways stand at doorways; each sees twenty
tags of its own over and over. For the agent the stream keeps the gateways' window and goes on as
batches are confirmed; its time ends when the last event is committed and everything is closed.
On a machine of few cores the stream and the broker take their share of them, so the processor time
that agent and bare subscriber need for a message is printed too.

    .venv/bin/python -m benchmarks.agent [--messages 20000] [--gateways 200] [--reads 1 20 50]
"""

import argparse
import asyncio
import json
import multiprocessing
import socket
import struct
import sys
import tempfile
import threading
import time
from multiprocessing.queues import Queue
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge.agent.service import Agent
from edge.contracts.settings import AgentSettings, MqttSettings
from edge.contracts.topics import Topics
from edge.contracts.wire import decode_batch
from tests.support.broker import Broker
from tests.support.tools import find_program
from tests.support.waiting import eventually, wait_for

SITE = "bench"
PREFIX = "3414257BF4"
BOOT = "0000000100000001"
WINDOW = 16  # batches of one gateway on the wire, as in the gateway's uplink
TAGS = 20  # at each doorway
BROKER = "max_queued_messages 0\n"  # the broker shall not be what drops
SPAWN = multiprocessing.get_context("spawn")
TOPICS = Topics(SITE)


def main() -> None:
    """Measure and print one line for each size of message."""
    args = _arguments()
    binary = find_program("mosquitto")
    if binary is None:
        sys.exit("benchmarks/agent.py: mosquitto is not installed; run `make tools`")
    print("               agent                            bare                             ratio")
    print(
        "reads/message  reads/s  messages/s  us/message  reads/s  messages/s  us/message  of both"
    )
    for reads in args.reads:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            with Broker(binary, folder, BROKER) as broker:
                busy = time.process_time()
                bare_s = _measure_bare(broker, args.messages, args.gateways, reads)
                bare_us = (time.process_time() - busy) / args.messages * 1e6
                busy = time.process_time()
                agent_s = asyncio.run(
                    _measure_agent(broker, folder, args.messages, args.gateways, reads)
                )
                agent_us = (time.process_time() - busy) / args.messages * 1e6
        agent, bare = args.messages / agent_s, args.messages / bare_s
        print(
            f"{reads:13}  {agent * reads:7,.0f}  {agent:10,.0f}  {agent_us:10.0f}"
            f"  {bare * reads:7,.0f}  {bare:10,.0f}  {bare_us:10.0f}"
            f"  {agent / bare:.2f} {bare_us / agent_us:.2f}"
        )


def _measure_bare(broker: Broker, messages: int, gateways: int, reads: int) -> float:
    """Seconds from the first message to the last one decoded."""
    times: list[float] = []

    def decode(client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        decode_batch(bytes(message.payload))
        times.append(time.perf_counter())

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    client.on_message = decode
    client.connect("127.0.0.1", broker.port)
    client.subscribe(f"rollcall/{SITE}/+/reads/+/+", 1)
    client.loop_start()
    publisher = _start_publisher(broker, messages, gateways, reads, confirmed=False)
    wait_for(lambda: len(times) == messages, 300.0, "all messages")
    publisher.join()
    client.loop_stop()
    client.disconnect()
    return times[-1] - times[0]


async def _measure_agent(
    broker: Broker, folder: Path, messages: int, gateways: int, reads: int
) -> float:
    """Seconds from the first message to everything committed."""
    (folder / "school.toml").write_text(_school(gateways))
    settings = AgentSettings(
        school=folder / "school.toml", data=folder / "data", mqtt=MqttSettings(url=broker.url)
    )
    agent = Agent(settings)
    running = asyncio.create_task(agent.run())
    await eventually(lambda: agent.broker_connected, 20.0, "the agent")
    started: Queue[float] = SPAWN.Queue()
    publisher = _start_publisher(broker, messages, gateways, reads, True, started)
    await eventually(lambda: not publisher.is_alive(), 300.0, "all to be confirmed")
    totals = await agent.queries.totals()
    agent.stop()
    await running
    ended = time.time()
    if totals.batches != messages:
        sys.exit(f"{totals.batches} batches in the journal, {messages} sent")
    return ended - started.get()


def _start_publisher(
    broker: Broker,
    messages: int,
    gateways: int,
    reads: int,
    confirmed: bool,
    started: "Queue[float] | None" = None,
) -> multiprocessing.process.BaseProcess:
    publisher = SPAWN.Process(
        target=_publish, args=(broker.port, messages, gateways, reads, confirmed, started)
    )
    publisher.start()
    return publisher


def _publish(
    port: int,
    messages: int,
    gateways: int,
    reads: int,
    confirmed: bool,
    started: "Queue[float] | None",
) -> None:
    """Send the stream, with at most a window for each gateway unconfirmed."""
    window = threading.Semaphore(WINDOW * gateways)
    left = messages
    done = threading.Event()

    def on_ack(client: mqtt.Client, userdata: object, message: mqtt.MQTTMessage) -> None:
        nonlocal left
        got = json.loads(message.payload)["got"]
        count = sum(last - first + 1 for _, first, last in got)
        window.release(count)
        left -= count
        if left <= 0:
            done.set()

    listener = mqtt.Client(CallbackAPIVersion.VERSION2)
    listener.on_message = on_ack
    listener.connect("127.0.0.1", port)
    listener.subscribe(f"rollcall/{SITE}/+/ack", 0)
    listener.loop_start()
    with socket.create_connection(("127.0.0.1", port)) as raw:
        raw.sendall(b"\x10\x10\x00\x04MQTT\x04\x02\x00\x00\x00\x04load")
        threading.Thread(target=_discard, args=(raw,), daemon=True).start()
        bodies = [_reads(gateway, reads) for gateway in range(gateways)]
        if started is not None:
            started.put(time.time())
        for number in range(messages):
            if confirmed:
                window.acquire()
            gateway, seq = number % gateways, number // gateways
            raw.sendall(_packet(number, f"gw-{gateway}", seq, bodies[gateway]))
        if confirmed:
            done.wait()
        else:
            raw.sendall(b"\xe0\x00")
            time.sleep(0.5)
    listener.loop_stop()


def _packet(number: int, gateway: str, seq: int, body: bytes) -> bytes:
    """A PUBLISH at QoS 1 of one batch, as it would leave a gateway now."""
    now = round(time.time() * 1000)
    head = b'{"v":1,"t":%d,"up":%d,"sent":%d,"sync":12,"base":0,' % (now - 250, seq * 40, seq * 40)
    topic = TOPICS.reads(gateway, BOOT, seq).encode()
    rest = struct.pack(">H", len(topic)) + topic + struct.pack(">H", number % 65535 + 1)
    rest += head + body
    length = bytearray()
    size = len(rest)
    while True:
        size, digit = divmod(size, 128)
        length.append(digit | (0x80 if size else 0))
        if not size:
            return b"\x32" + bytes(length) + rest


def _reads(gateway: int, reads: int) -> bytes:
    rows = [
        [f"{PREFIX}{gateway * TAGS + n % TAGS:014X}", 1 + n % 2, -57.5 - n % 7, n * 10, 3, 30, 10]
        for n in range(reads)
    ]
    looks = {"1": [14, 980], "2": [13, 910]}
    return json.dumps({"looks": looks, "reads": rows}, separators=(",", ":"))[1:].encode()


def _discard(raw: socket.socket) -> None:
    try:
        while raw.recv(65536):
            pass
    except OSError:
        return  # closed at the end


def _school(gateways: int) -> str:
    doorways = "".join(
        f'[rooms.r{n}]\nkind = "classroom"\n[doorways.d{n}]\nbetween = ["hall", "r{n}"]\n'
        f'gateway = "gw-{n}"\nantennas = {{ 1 = "hall", 2 = "r{n}" }}\n'
        for n in range(gateways)
    )
    head = f'name = "Bench"\nsite = "{SITE}"\ntimezone = "UTC"\nepc_prefixes = ["{PREFIX}"]\n'
    return f'{head}[rooms.hall]\nkind = "hall"\n{doorways}'


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Agent against a bare subscriber.")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--gateways", type=int, default=200)
    parser.add_argument("--reads", type=int, nargs="+", default=[1, 20, 50])
    return parser.parse_args()


if __name__ == "__main__":
    main()
