"""Free TCP ports of this machine; tests never take a default."""

import socket


def free_port() -> int:
    """A loopback port that nobody listens on now. Prefer binding port 0 where that is possible."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether something takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
