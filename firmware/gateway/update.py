"""Fetches another application into the slot that does not run, and has it started on trial.

Every byte goes to flash in small pieces and is read back from there; the slot becomes one that
may start only when all of it was verified. Until then, and after a power cut at any moment, what
runs now is what starts.
"""

import asyncio
import hashlib
import os

from gateway.https import PIECE, FetchFailed, get, split_url
from gateway.manifest import MOST_BYTES, BadManifest, read_manifest, to_hex
from gateway.slot_files import SlotFiles, lines_of

MOST_S = 600  # 150 KB at 1 kB/s, and what littlefs takes
_DRAFT = "manifest.new"
_SPARE_BYTES = 64 * 1024  # left to the outbox


class UpdateFailed(ValueError):
    """Nothing was changed of what starts; the text says why."""


def prepared(gateway, args):
    """{url, manifest}: checks them, returns the coroutine function that updates. ValueError.

    `url` is https://[HOST]:PORT/PATH/, below which `manifest` and `bundle` lie, HOST the broker's
    where it is missing; `manifest` the SHA-256 of the former. `gateway` has `slots`, `settings`,
    `board` and `reboot()`.
    """
    url, digest = args.get("url"), args.get("manifest")
    if not isinstance(url, str) or not url.endswith("/"):
        raise ValueError("url: https://HOST:PORT/PATH/")
    host, port, path = split_url(url, gateway.settings.mqtt["host"])
    if not isinstance(digest, str) or len(digest) != 64 or digest.strip("0123456789abcdef"):
        raise ValueError("manifest: a SHA-256 in 64 digits 0-9 a-f")
    slots, key = gateway.slots, gateway.settings.update_key
    if slots is None or slots.running is None:
        raise ValueError("this gateway does not run from a slot: update the machine it runs on")
    if slots.on_trial:
        raise ValueError("what runs is on trial itself until the agent has confirmed a batch")
    if key is None or not gateway.settings.mqtt.get("ca"):
        raise ValueError("this gateway has no update key, or no ca: provision it")

    async def work():
        def fetch(name):
            return get(host, port, path + name, gateway.board.tls(gateway.settings.mqtt))

        version = await update(slots, key, digest, fetch)
        gateway.reboot()
        return {"version": version}

    return work


async def update(slots, key, digest, fetch):
    """Fill the spare slot and have it tried; returns its version. Raises UpdateFailed.

    `fetch(name)` gives the Body of `manifest` or `bundle`; `digest` is the manifest's SHA-256.
    """
    try:
        return await asyncio.wait_for(_update(slots, key, digest, fetch), MOST_S)
    except asyncio.TimeoutError as error:
        raise UpdateFailed("it took longer than {} s".format(MOST_S)) from error
    except (FetchFailed, BadManifest) as error:
        raise UpdateFailed(str(error)) from error
    except (OSError, MemoryError) as error:
        raise UpdateFailed("cannot be fetched or kept: {}".format(repr(error))) from error


async def _update(slots, key, digest, fetch):
    files = SlotFiles(slots.folder.path + "/" + slots.spare)
    files.clear()
    await _take_manifest(files, digest, fetch)
    with files.open(_DRAFT) as file:
        version, listed = read_manifest(lines_of(file), key)
    _check_room(slots.folder.path, sum([file.size for file in listed]))
    body = await fetch("bundle")
    try:
        for file in listed:
            await _take(files, file.path, file.size, body)
    finally:
        await body.close()
    buf = bytearray(PIECE)
    for file in listed:
        if files.sha256(file.path, buf, file.size) != file.digest:
            raise BadManifest("{}: not what the manifest says".format(file.path))
        await asyncio.sleep(0)  # between two files the readers have their turn
    files.complete(_DRAFT)
    slots.try_next(slots.spare)
    return version


async def _take_manifest(files, digest, fetch):
    body = await fetch("manifest")
    try:
        if body.length > MOST_BYTES:
            raise BadManifest("longer than {} bytes".format(MOST_BYTES))
        hashed = hashlib.sha256()
        await _take(files, _DRAFT, body.length, body, hashed)
    finally:
        await body.close()
    if to_hex(hashed.digest()) != digest:
        raise BadManifest("not the manifest that the command names")


async def _take(files, path, size, body, hashed=None):
    """`size` bytes of a body, into a file."""
    with files.create(path) as file:
        while size:
            data = await body.read(size)
            file.write(data)
            if hashed:
                hashed.update(data)
            size -= len(data)


def _check_room(path, size):
    """Refuse what does not fit beside the outbox, where the filesystem tells its room."""
    if hasattr(os, "statvfs"):
        stats = os.statvfs(path or "/")
        free = stats[0] * stats[3]
        if free < size + _SPARE_BYTES:
            raise BadManifest("needs {} bytes of flash, {} are free".format(size, free))
