"""Time from an SNTP server (RFC 4330), asked where the agent tells none."""

import asyncio
import socket

PORT = 123
FIRST_S = 10  # what the agent has to say the time before somebody else is asked
AGAIN_S = 60
STALE_S = 600  # without a word of the agent for so long SNTP is better than drift
_ANSWER_STEPS, _STEP_S = 20, 0.05
_PACKET_BYTES = 48
_UNIX_FROM_NTP_S = 2208988800
_ERA_S = 1 << 32


def request(cookie):
    """A question; `cookie` are 8 random bytes that the answer must repeat."""
    packet = bytearray(_PACKET_BYTES)
    packet[0] = 0x23  # no warning, version 4, client
    packet[40:48] = cookie
    return bytes(packet)


def unix_ms(answer, cookie):
    """The server's Unix ms as it answered. Raises ValueError where the answer is none to trust."""
    if len(answer) < _PACKET_BYTES:
        raise ValueError("too short")
    if answer[0] & 7 != 4:
        raise ValueError("not from a server")
    if answer[0] >> 6 == 3 or not 1 <= answer[1] <= 15:
        raise ValueError("its clock is not set")
    if answer[24:32] != cookie:
        raise ValueError("not an answer to this question")
    seconds = int.from_bytes(answer[40:44], "big")
    fraction = int.from_bytes(answer[44:46], "big")
    if seconds < 1 << 31:  # from 2036 on the count begins anew
        seconds += _ERA_S
    return (seconds - _UNIX_FROM_NTP_S) * 1000 + (fraction * 1000 >> 16)


async def ask(host, cookie, port=PORT):
    """Unix ms from the server at `host`. Raises OSError or ValueError; blocks only in DNS."""
    address = socket.getaddrinfo(host, port, 0, socket.SOCK_DGRAM)[0][-1]
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        asking.setblocking(False)
        asking.sendto(request(cookie), address)
        for _ in range(_ANSWER_STEPS):
            await asyncio.sleep(_STEP_S)
            try:
                answer = asking.recv(_PACKET_BYTES)
            except OSError:  # nothing came yet, or nobody listens there
                continue
            return unix_ms(answer, cookie)
    finally:
        asking.close()
    raise OSError("no answer")


class Fallback:
    """Keeps `clock` set by `host` while the agent does not. `wrong` counts bad answers."""

    def __init__(self, clock, host, random_bytes, say):
        self._clock = clock
        self._host = host
        self._random_bytes = random_bytes
        self._say = say
        self._has_said = False
        self.wrong = 0

    async def run(self):
        await asyncio.sleep(FIRST_S)
        while True:
            if self.is_wanted():
                await self._ask()
            await asyncio.sleep(AGAIN_S)

    def is_wanted(self):
        """Whether nobody has told the time for long."""
        return not self._clock.is_set or self._clock.sync_s() >= STALE_S

    async def _ask(self):
        try:
            self._clock.set_unix_ms(await ask(self._host, self._random_bytes(8)))
        except ValueError as error:
            self.wrong += 1
            self._tell("warning", "SNTP of {} refused: {}".format(self._host, error))
        except OSError:  # as common as a school that blocks it; the agent's word is enough
            pass
        else:
            self._tell("info", "the clock is set by SNTP of {}".format(self._host))

    def _tell(self, level, text):
        if not self._has_said:
            self._has_said = True
            self._say(level, text)
