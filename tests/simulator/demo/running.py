"""A `rollcall demo` as a process, for tests that look at it from outside."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.support.ports import free_port


class Demo:
    """A running `rollcall demo` on free ports."""

    def __init__(self, *options: str, temporary: Path | None = None) -> None:
        environment = os.environ | ({"TMPDIR": str(temporary)} if temporary else {})
        self.port = free_port()
        command = [sys.executable, "-m", "edge.cli", "demo", "--port", str(self.port)]
        command += ["--broker-port", str(free_port()), *options]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
        )

    def carts(self) -> list[dict[str, Any]]:
        """What the API says of the carts; nothing while it does not answer."""
        found: list[dict[str, Any]] = self.get("carts") or []
        return found

    def get(self, what: str) -> Any:
        """What the API says of something; None while it does not answer."""
        try:
            address = f"http://127.0.0.1:{self.port}/api/v1/{what}"
            with urllib.request.urlopen(address, timeout=2.0) as answer:
                return json.load(answer)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None

    def children(self) -> list[int]:
        """Process ids of all it started."""
        pid = self.process.pid
        return [int(w) for w in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self) -> None:
        """End it, in order if it will."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
