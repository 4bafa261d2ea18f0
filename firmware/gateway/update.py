"""Fetches another application into the slot that does not run, and has it started on trial.

Every byte goes to flash in small pieces and is read back from there; the slot becomes one that
may start only when all of it was verified. Until then, and after a power cut at any moment, what
runs now is what starts. The link to the broker rests meanwhile, for a board's memory holds one
TLS session; reads go on, and wait on flash.
"""

import asyncio
import gc
import hashlib
import os

from gateway.https import PIECE, FetchFailed, get, split_url
from gateway.manifest import MOST_BYTES, BadManifest, Manifest, to_hex
from gateway.slot_files import SlotFiles, lines_of

MOST_S = 600  # 150 KB at 1 kB/s, and what littlefs takes
_BACK_S = 60  # for the link to come back, and take the reply
_POLL_S = 0.1
_DRAFT = "manifest.new"
_SPARE_BYTES = 64 * 1024  # left to the outbox


class UpdateFailed(ValueError):
    """Nothing was changed of what starts; the text says why."""


def prepared(gateway, args):
    """{url, manifest}: checks them, returns the coroutine function that updates. ValueError.

    `url` is https://[HOST]:PORT/PATH/, below which `manifest` and `bundle` lie, HOST the broker's
    where it is missing; `manifest` the SHA-256 of the former. `gateway` has `slots`, `settings`,
    `client`, `log` and `reboot()`.
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

    def fetch(name):
        gc.collect()  # TLS needs 16 KiB in one piece
        return get(host, port, path + name, gateway.client.settings.tls)

    async def work():
        await gateway.client.rest()
        try:
            version = await update(slots, key, digest, fetch)
        except UpdateFailed as error:
            gateway.log.say("error", "update: {}".format(error))
            raise
        finally:
            await _back(gateway.client)
        gateway.reboot()
        return {"version": version}

    return work


async def _back(client):
    """Wake the link, and give it time to be there for the reply."""
    client.wake()
    left = _BACK_S
    while not client.connected and left > 0:
        await asyncio.sleep(_POLL_S)
        left -= _POLL_S


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
    manifest = Manifest(key)
    with files.open(_DRAFT) as draft:
        manifest.check(lines_of(draft))
    _check_room(slots.folder.path, manifest.size)
    body = await fetch("bundle")
    try:
        with files.open(_DRAFT) as draft:
            for file in manifest.files(lines_of(draft)):
                await _take(files, file.path, file.size, body)
    finally:
        await body.close()
    buf = bytearray(PIECE)
    with files.open(_DRAFT) as draft:
        for file in manifest.files(lines_of(draft)):
            if files.sha256(file.path, buf, file.size) != file.digest:
                raise BadManifest("{}: not what the manifest says".format(file.path))
            await asyncio.sleep(0)  # between two files the readers have their turn
    files.complete(_DRAFT)
    slots.try_next(slots.spare)
    return manifest.version


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
