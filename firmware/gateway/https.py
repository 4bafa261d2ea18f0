"""Fetches over HTTPS, in small pieces: GET, and a body whose length is said before it comes."""

import asyncio

PIECE = 1024
_MOST_HEADERS = 40


class FetchFailed(Exception):
    """It could not be fetched; the text says why."""


class Body:
    """What comes: `length` bytes, by `read()` in pieces of at most `PIECE`."""

    def __init__(self, reader, writer, length):
        self.length = length
        self._reader = reader
        self._writer = writer

    async def read(self, most):
        """Up to `most` bytes, at least one. Raises FetchFailed where it ends before its length."""
        data = await self._reader.read(min(most, PIECE))
        if not data:
            raise FetchFailed("it broke off")
        return data

    async def close(self):
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError:  # it is closed all the more
            pass


def split_url(url, broker_host):
    """(host, port, path) of an `https:` URL; without a host it is the broker's. ValueError."""
    if not url.startswith("https://") or len(url) > 200:
        raise ValueError("url: not https, or longer than 200")
    for letter in url:
        if not "!" <= letter <= "~":
            raise ValueError("url: not plain ASCII")
    place, slash, path = url[len("https://") :].partition("/")
    host, _, port = place.partition(":")
    port = port or "443"
    if not slash or not port.isdigit() or not 1 <= int(port) <= 65535 or "@" in place:
        raise ValueError("url: not https://HOST:PORT/PATH/")
    return host or broker_host, int(port), "/" + path


async def get(host, port, path, tls):
    """The Body of a 200. Raises FetchFailed or OSError."""
    reader, writer = await asyncio.open_connection(host, port, ssl=tls, server_hostname=host)
    try:
        request = "GET {} HTTP/1.1\r\nHost: {}:{}\r\nAccept-Encoding: identity\r\n"
        writer.write((request + "Connection: close\r\n\r\n").format(path, host, port).encode())
        await writer.drain()
        return Body(reader, writer, await _length(reader))
    except BaseException:
        writer.close()
        raise


async def _length(reader):
    """Content-Length of a 200, its headers read."""
    words = (await reader.readline()).split()
    if len(words) < 2 or words[1] != b"200":
        raise FetchFailed("the agent answers {}".format(b" ".join(words).decode() or "nothing"))
    length = None
    for _ in range(_MOST_HEADERS):
        line = (await reader.readline()).strip()
        if not line:
            if length is None:
                raise FetchFailed("no length told")
            return length
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
    raise FetchFailed("too many headers")
