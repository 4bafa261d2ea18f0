"""A real mosquitto on a free loopback port, that tests may kill and start again."""

import getpass
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import accepts, free_port
from tests.support.waiting import wait_for

START_S = 10.0
STOP_S = 5.0

# No persistence: what the broker held is gone when it dies, and the chain must bear that.
_CONFIG = """\
user {user}
persistence false
log_dest file {log}
log_timestamp_format %H:%M:%S
"""
_LISTENER = """\
listener {port} 127.0.0.1
allow_anonymous true
"""


class Broker:
    """One mosquitto; the port stays the same over restarts. Use it as a context manager."""

    def __init__(
        self,
        binary: str,
        folder: Path,
        extra_config: str = "",
        port: int | None = None,
        agent_port: int | None = None,
    ) -> None:
        """With a `port` the extra configuration holds the listener itself, and one for the agent
        where `agent_port` is another."""
        self.port = port or free_port()
        self.agent_port = agent_port or self.port
        self.log = folder / "mosquitto.log"
        self._binary = binary
        self._config = folder / "mosquitto.conf"
        listener = "" if port else _LISTENER.format(port=self.port)
        text = _CONFIG.format(user=getpass.getuser(), log=self.log) + listener + extra_config
        self._config.write_text(text, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> "Broker":
        """Start it and wait until it takes connections."""
        process = subprocess.Popen(
            [self._binary, "-c", str(self._config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._process = process
        ports = (self.port, self.agent_port)
        wait_for(
            lambda: all(map(accepts, ports)) or process.poll() is not None, START_S, "mosquitto"
        )
        if process.poll() is not None:
            said = self.log.read_text(encoding="utf-8") if self.log.exists() else ""
            raise RuntimeError(f"mosquitto ended with {process.returncode}: {said}")
        return self

    def stop(self) -> None:
        """End it in order; nothing to do where it does not run."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_S)
        self._process = None

    def kill9(self) -> None:
        """As a power cut does: no goodbye to any client, nothing written."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_S)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it hang meanwhile: its connections stay open and nothing moves."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def restart(self, kill: bool = True) -> None:
        """Kill it (or stop it in order) and start it again on the same port."""
        if kill:
            self.kill9()
        else:
            self.stop()
        self.start()

    def __enter__(self) -> "Broker":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
