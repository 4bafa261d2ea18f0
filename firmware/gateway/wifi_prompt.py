"""Another Wi-Fi network over the serial line, with any terminal: a gateway is moved without tools.

A person types `wifi`, answers two questions, and the gateway starts again. What else the line
says is not heeded, and nothing but the network can be changed here.
"""

import asyncio
import sys

_MOST_SSID = 32  # bytes, by IEEE 802.11
_PASSWORD = (8, 63)  # characters of a WPA passphrase
_MOST_LINE = 96
_ASK_SSID = "\r\nname of the network (empty: leave it as it is): "
_ASK_PASSWORD = "\r\nits password (empty: an open network): "
_LEFT = "\r\nnothing changed\r\n"


class WifiPrompt:
    """`feed(data)` takes what was typed and returns what to show; `answer` is then set once a
    network was told whole: {"ssid", "password"}."""

    def __init__(self):
        self.answer = None
        self._line = b""
        self._ssid = None
        self._step = self._command

    def feed(self, data):
        """Bytes as a terminal sends them, in any pieces; the text to show."""
        shown = ""
        for byte in data:
            if byte in (0x0D, 0x0A):
                line, self._line = self._line, b""
                if line or byte == 0x0D:  # the second half of a CR LF is no answer
                    shown += self._step(line)
            elif byte in (0x08, 0x7F):
                if self._line and self._step != self._command:
                    shown += "\b \b"
                self._line = self._line[:-1]
            elif byte >= 0x20 and len(self._line) < _MOST_LINE:
                self._line += bytes([byte])
                shown += self._echo(byte)
        return shown

    def _echo(self, byte):
        if self._step == self._command or byte >= 0x80:
            return ""  # a log that is echoed to itself would have no end
        return "*" if self._step == self._password else chr(byte)

    def _command(self, line):
        if line.strip() != b"wifi":
            return ""
        self._step = self._name
        return _ASK_SSID

    def _name(self, line):
        try:
            self._ssid = line.decode()
        except ValueError:
            return "\r\nnot UTF-8" + _ASK_SSID
        if not line:
            self._step = self._command
            return _LEFT
        if len(line) > _MOST_SSID:
            return "\r\nat most {} bytes".format(_MOST_SSID) + _ASK_SSID
        self._step = self._password
        return _ASK_PASSWORD

    def _password(self, line):
        least, most = _PASSWORD
        plain = all(0x20 <= byte < 0x7F for byte in line)
        if line and not (plain and least <= len(line) <= most):
            return "\r\n{} to {} plain characters".format(least, most) + _ASK_PASSWORD
        self._step = self._command
        self.answer = {"ssid": self._ssid, "password": line.decode() or None}
        return "\r\nkept; the gateway starts again\r\n"


async def serve(gateway):
    """Heed the serial line until a network was told; then the gateway starts again.

    `gateway` has `board.wifi.keep(fields)`, which may raise OSError, `restart` and `log`.
    """
    reader = asyncio.StreamReader(sys.stdin.buffer)
    prompt = WifiPrompt()
    while prompt.answer is None:
        data = await reader.read(1)
        if not data:
            return
        shown = prompt.feed(data)
        if shown:
            sys.stdout.write(shown)
    try:
        gateway.board.wifi.keep(prompt.answer)
    except OSError as error:
        gateway.log.say("error", "the network cannot be kept: {}".format(error))
        return
    gateway.restart("wifi changed")
