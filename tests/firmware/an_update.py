"""Updates as an agent makes them, and a fetch that hands them out; on CPython and MicroPython."""

import hashlib

from gateway.https import FetchFailed
from gateway.manifest import HEAD, Hmac, to_hex

KEY = bytes(range(32))


def sha256(data):
    return to_hex(hashlib.sha256(data).digest())


def make(version, files, key=KEY):
    """(manifest, bundle) of (path, content) pairs."""
    text = HEAD + version + "\n"
    for path, data in files:
        text += "{} {} {}\n".format(sha256(data), len(data), path)
    return seal(text, key), b"".join([data for _, data in files])


def seal(text, key=KEY):
    code = Hmac(key)
    code.update(text.encode())
    return (text + "hmac " + code.hexdigest() + "\n").encode()


class Served:
    """`fetch(name)` of these two; `breaks_at` ends the bundle there."""

    def __init__(self, manifest, bundle, breaks_at=None):
        self._all = {"manifest": manifest, "bundle": bundle}
        self._breaks_at = breaks_at
        self.digest = sha256(manifest)

    async def fetch(self, name):
        data = self._all[name]
        return _Body(data, self._breaks_at if name == "bundle" else None)


class _Body:
    def __init__(self, data, breaks_at):
        self.length = len(data)
        self._data = data[:breaks_at]

    async def read(self, most):
        piece, self._data = self._data[: min(most, 700)], self._data[min(most, 700) :]
        if not piece:
            raise FetchFailed("it broke off")
        return piece

    async def close(self):
        pass
