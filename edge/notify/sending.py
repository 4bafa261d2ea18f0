"""Sends a text by apprise, whose addresses hold passwords and so stand in a file of their own."""

import logging
from pathlib import Path


class NoticeError(Exception):
    """It could not be sent; the text says why, without any address."""


def read_addresses(file: Path) -> list[str]:
    """Apprise's addresses, one a line, `#` before a remark; raises `NoticeError`."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NoticeError(f"{file}: cannot be read: {error}") from error
    found = [line.strip() for line in lines]
    addresses = [line for line in found if line and not line.startswith("#")]
    if not addresses:
        raise NoticeError(f"{file}: holds no address")
    return addresses


def send(file: Path, title: str, body: str) -> None:
    """Send to all addresses; blocks for as long as they take.

    Raises:
        NoticeError: one of them did not take it, or is none. All were tried.
    """
    import apprise  # half a second, and only where notices are sent

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would log addresses
    failed = []
    for number, address in enumerate(read_addresses(file), 1):
        one = apprise.Apprise()
        if not one.add(address):
            failed.append(f"address {number} is none that apprise knows")
        elif not one.notify(body=body, title=title):
            failed.append(f"address {number} ({address.partition(':')[0]}) did not take it")
    if failed:
        raise NoticeError(f"{file.name}: {'; '.join(failed)}")
