"""An update's manifest: what is in it, under a code that only the agent and this gateway can make.

`rollcall update 1 VERSION`;
`SHA-256 SIZE PATH` for each file, in the order in which the bundle holds them;
`hmac HMAC-SHA-256` of all lines before, under the gateway's own key.
"""

import hashlib

HEAD = "rollcall update 1 "
MOST_BYTES = 16 * 1024
_MOST_FILES = 150
_MOST_FILE = 64 * 1024
_MOST_TOTAL = 384 * 1024
_MOST_PATH = 64
_NAME = "abcdefghijklmnopqrstuvwxyz0123456789_."
_OWN = ("manifest", "manifest.new")  # of the slot itself
_BLOCK = 64  # bytes of SHA-256's block, which HMAC pads the key to
_HEX = 64  # digits of a SHA-256


class BadManifest(ValueError):
    """A manifest that must not be followed; the text says why."""


class Hmac:
    """HMAC-SHA-256 (RFC 2104), in pieces: MicroPython has none. `key` is at most 64 bytes."""

    def __init__(self, key):
        padded = key + bytes(_BLOCK - len(key))
        self._outer = bytes([byte ^ 0x5C for byte in padded])
        self._inner = hashlib.sha256(bytes([byte ^ 0x36 for byte in padded]))

    def update(self, data):
        self._inner.update(data)

    def hexdigest(self):
        return to_hex(hashlib.sha256(self._outer + self._inner.digest()).digest())


class File:
    """One file of an update."""

    def __init__(self, digest, size, path):
        self.digest = digest
        self.size = size
        self.path = path


class Manifest:
    """Read line by line, and as often as wanted, so that it is never in RAM whole.

    Nothing of it may be believed before `files` came to its end once: the code comes last.
    """

    def __init__(self, key):
        self._key = key
        self.version = None
        self.size = 0  # bytes of all files together

    def files(self, lines):
        """Its files one by one; `lines` are bytes, each with its newline. Raises BadManifest."""
        code = Hmac(self._key)
        self.version = None
        self.size = count = 0
        for line in lines:
            text = _text(line)
            if self.version is None:
                self.version = _version(text)
            elif text.startswith("hmac "):
                if not _same(text[5:], code.hexdigest()):
                    raise BadManifest("not made with this gateway's key")
                if not count:
                    raise BadManifest("names no files")
                return
            else:
                file = _file(text)
                self.size += file.size
                count += 1
                if count > _MOST_FILES or self.size > _MOST_TOTAL:
                    raise BadManifest("more than {} files or bytes".format(_MOST_FILES))
                yield file
            code.update(line)
        raise BadManifest("ends without its code")

    def check(self, lines):
        """Read it for its code, version and size alone. Raises BadManifest."""
        for _ in self.files(lines):
            pass


def to_hex(data):
    return "".join(["{:02x}".format(byte) for byte in data])


def _text(line):
    try:
        text = line.decode()
    except ValueError as error:
        raise BadManifest("not text") from error
    if not text.endswith("\n"):
        raise BadManifest("ends within a line")
    return text[:-1]


def _version(text):
    version = text[len(HEAD) :]
    if not text.startswith(HEAD) or not 1 <= len(version) <= 32:
        raise BadManifest("no manifest of this kind")
    return version


def _file(text):
    words = text.split(" ")
    if len(words) != 3 or len(words[0]) != _HEX or not words[1].isdigit() or len(words[1]) > 6:
        raise BadManifest("a line is not SHA-256, size, path")
    if int(words[1]) > _MOST_FILE:
        raise BadManifest("{}: more than {} bytes".format(words[2], _MOST_FILE))
    path = words[2]
    for part in path.split("/"):
        plain = all(letter in _NAME for letter in part)
        if not plain or part.strip(".") == "" or len(path) > _MOST_PATH or path in _OWN:
            raise BadManifest("{}: no path within a slot".format(path))
    return File(words[0], int(words[1]), path)


def _same(one, other):
    """Whether two texts are the same, in a time that does not tell where they differ."""
    if len(one) != len(other):
        return False
    differ = 0
    for left, right in zip(one.encode(), other.encode()):  # noqa: B905 - MicroPython has no strict
        differ |= left ^ right
    return not differ
