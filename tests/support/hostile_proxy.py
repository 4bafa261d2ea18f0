"""A TCP proxy before a broker that does to MQTT what networks, brokers and power do."""

import asyncio
import socket
import struct
import time
from typing import Self

from tests.support.loop_thread import LoopThread

_PUBLISH, _PUBACK, _CONNACK = 3, 4, 2
_PIECE = 4096
_HELD = 256  # pieces on their way; more wait with their sender
_POLL_S = 0.01


class HostileProxy:
    """Passes on between its own port and the broker's, as its switches say at that moment.

    `frozen` holds bytes back; `deaf` takes and drops them, as a half-open connection does;
    `delay_s` (of each piece, not between them) and `bytes_s` apply in both directions; of what
    the broker sends, `swallow` (`puback` or the last word of a topic) never arrives;
    `session_present` says so in each CONNACK.
    """

    def __init__(self, broker_port: int) -> None:
        self.port = 0
        self.connections = 0
        self.taken = 0  # bytes that clients sent, passed on or not
        self.calm()
        self._broker_port = broker_port
        self._thread = LoopThread("proxy")
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def calm(self) -> None:
        """Pass everything on, as it comes."""
        self.frozen = self.deaf = self.session_present = False
        self.delay_s = 0.0
        self.bytes_s: int | None = None
        self.swallow = ""
        self.swallowed = 0

    def reset(self) -> None:
        """End every connection by RST, in both directions."""
        self._thread.call(self._reset())

    def __enter__(self) -> Self:
        self._thread.__enter__()
        self._thread.call(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.call(self._close())
        self._thread.__exit__()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            opened = await asyncio.open_connection("127.0.0.1", self._broker_port)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, opened[1]}
        up = asyncio.create_task(self._pass(reader, opened[1], filtered=False))
        down = asyncio.create_task(self._pass(opened[0], writer, filtered=True))
        self._tasks |= {up, down}
        await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
        for task in (up, down):
            task.cancel()
        for each in (writer, opened[1]):
            each.close()
            self._writers.discard(each)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, filtered: bool
    ) -> None:
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_HELD)
        taking = asyncio.create_task(self._take(reader, pieces, counted=not filtered))
        waiting = b""
        try:
            while True:
                at, data = await pieces.get()
                await self._hold(at)
                if not data:
                    return
                if filtered:
                    packets, waiting = _split(waiting + data)
                    data = b"".join(filter(None, map(self._changed, packets)))
                if not self.deaf:
                    await self._write(writer, data)
        except OSError:
            return
        finally:
            taking.cancel()

    async def _take(
        self,
        reader: asyncio.StreamReader,
        pieces: asyncio.Queue[tuple[float, bytes]],
        counted: bool,
    ) -> None:
        """Each piece with the moment it came, so that none waits twice; an empty one is the end."""
        data = b"begin"
        while data:
            try:
                data = await reader.read(_PIECE)
            except OSError:
                data = b""
            self.taken += len(data) if counted else 0
            await pieces.put((time.monotonic(), data))

    async def _hold(self, at: float) -> None:
        """Until what came at this moment may go on."""
        while (  # noqa: ASYNC110 - set from another thread
            left := at + self.delay_s - time.monotonic()
        ) > 0 or self.frozen:
            await asyncio.sleep(_POLL_S if self.frozen else min(_POLL_S, left))

    async def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        while (bytes_s := self.bytes_s) and data:
            piece, data = data[: bytes_s // 20], data[bytes_s // 20 :]
            writer.write(piece)
            await asyncio.sleep(0.05)
        writer.write(data)
        await writer.drain()

    def _changed(self, packet: bytes) -> bytes:
        kind = packet[0] >> 4
        if kind == _CONNACK and self.session_present:
            return packet[:2] + b"\x01" + packet[3:]
        is_wanted = (kind == _PUBACK and self.swallow == "puback") or (
            kind == _PUBLISH and self.swallow and _topic(packet).endswith("/" + self.swallow)
        )
        if is_wanted:
            self.swallowed += 1
            return b""
        return packet

    async def _reset(self) -> None:
        for writer in list(self._writers):
            found = writer.get_extra_info("socket")
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def _close(self) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in list(self._writers):
            writer.transport.abort()


def _split(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole MQTT packets, and the beginning of the next one."""
    packets = []
    while len(data) >= 2:
        length, at, shift = 0, 1, 0
        while at < len(data):
            length |= (data[at] & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 0x80:
                break
        else:
            break
        if len(data) < at + length:
            break
        packets.append(data[: at + length])
        data = data[at + length :]
    return packets, data


def _topic(packet: bytes) -> str:
    at = 1
    while packet[at] & 0x80:
        at += 1
    length = packet[at + 1] << 8 | packet[at + 2]
    return packet[at + 3 : at + 3 + length].decode()
