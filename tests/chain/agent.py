"""The agent as a process of its own, asked over its HTTP API like any client."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self

from tests.support.ports import free_port
from tests.support.waiting import wait_for

START_S = 60.0


class AgentProcess:
    """`rollcall agent` on a folder that survives it; the port stays the same over restarts."""

    def __init__(self, folder: Path, school: str, broker_url: str, *words: str) -> None:
        self._folder = folder
        self._words = words
        self._port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "school.toml").write_text(school)
        self.config = folder / "rollcall.toml"
        self.config.write_text(f'[mqtt]\nurl = "{broker_url}"\n[http]\nport = {self._port}\n')
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it and wait until it has worked its journal through."""
        command = [sys.executable, "-m", "edge.cli", "agent", "--config", str(self.config)]
        command += self._words
        with (self._folder / "agent.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_for(self._knows_its_journal, START_S, "the agent to have worked its journal through")
        return self

    def kill9(self) -> None:
        """As a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Stop it in order."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(10.0)
            self._process = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        """Where it serves its page."""
        return f"http://127.0.0.1:{self._port}"

    def get(self, path: str) -> Any:
        """Return what the API says under `/api/v1`."""
        url = f"http://127.0.0.1:{self._port}/api/v1{path}"
        with urllib.request.urlopen(url, timeout=5.0) as answer:
            return json.load(answer)

    def page(self, path: str) -> tuple[int, str]:
        """Return status and text of any address."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}", timeout=5.0) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def log(self) -> str:
        """Return all it said, for a failing test."""
        return (self._folder / "agent.log").read_text(errors="replace")

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill9()

    def _knows_its_journal(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"the agent ended: {self.log()[-2000:]}")
        try:
            _, text = self.page("/health/ready")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        return "working its journal through" not in text
