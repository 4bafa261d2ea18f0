"""`rollcall doctor` at the command line."""

import subprocess
import sys
from pathlib import Path

from tests.agent.schools import TEXT


def test_it_goes_on_after_what_is_wrong_and_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "school.toml").write_text(TEXT)
    config = tmp_path / "rollcall.toml"
    config.write_text('[mqtt]\nurl = "mqtt://127.0.0.1:1"\n')
    command = [sys.executable, "-m", "edge.cli", "doctor", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    said = {line[7:].partition(":")[0]: line[:6].strip() for line in done.stdout.splitlines()}
    assert said["database"] == "look" and said["agent"] == "look"
    assert said["broker"] == "WRONG"
    assert done.stderr == ""
