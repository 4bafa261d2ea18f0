"""The broker's address as settings and commands take it: `mqtt://` or `mqtts://`, no password."""

from urllib.parse import urlsplit

import msgspec

PASSWORD_VARIABLE = "ROLLCALL_MQTT_PASSWORD"  # of the environment

_PLAIN_PORT, _TLS_PORT = 1883, 8883  # as registered with IANA


class BrokerUrl(msgspec.Struct, frozen=True):
    """A broker's URL taken apart; `tls` for `mqtts://`."""

    host: str
    port: int
    tls: bool
    user: str | None = None


def parse_broker_url(url: str) -> BrokerUrl:
    """Take a broker's URL apart.

    Raises:
        ValueError: with one sentence on what is wrong.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise ValueError(f'"{url}" is not a broker; write mqtt://HOST:PORT or mqtts://HOST:PORT')
    if parts.password is not None:
        raise ValueError(
            "a password does not belong in a URL, where a file or the command line shows it; "
            f"use {PASSWORD_VARIABLE}"
        )
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(f'"{url}": {error}') from error
    if port == 0:
        raise ValueError(f'"{url}": port 0 is no port')
    tls = parts.scheme == "mqtts"
    return BrokerUrl(
        parts.hostname, port or (_TLS_PORT if tls else _PLAIN_PORT), tls, parts.username or None
    )
