"""Takes the pictures of README and docs from a running demo, so that they never lie.

Usage: make screenshots. The demo runs for a few minutes of its lessons first: what a picture shows
is what the engine had found by then.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
from playwright.sync_api import Browser, sync_playwright  # noqa: E402

from tests.api.conftest import FLAGS  # noqa: E402
from tests.support.ports import free_port  # noqa: E402
from tests.support.tools import find_program  # noqa: E402
from tests.support.waiting import wait_for  # noqa: E402

IMAGES = ROOT / "docs" / "images"
START_S, SETTLE_S, STOP_S = 60.0, 240.0, 20.0
PHONE, DESKTOP = (390, 844), (1280, 720)


class Picture(NamedTuple):
    """One page at one size; `scheme` is "light" or "dark"."""

    name: str
    path: str
    size: tuple[int, int]
    scheme: str = "light"


PICTURES = (
    Picture("carts", "/", DESKTOP),
    Picture("cart-phone", "/carts/c1", PHONE),
    Picture("map", "/map", DESKTOP),
    Picture("devices", "/devices?q=Cart 1", DESKTOP),
    Picture("alerts-phone", "/alerts", PHONE, "dark"),
)


def main() -> None:
    chromium = find_program("chromium", "chromium-browser")
    if chromium is None:
        sys.exit("screenshots: no Chromium; run `make tools`")
    port = free_port()
    command = [sys.executable, "-m", "edge.cli", "demo"]
    command += ["--port", str(port), "--broker-port", str(free_port())]
    log = Path(tempfile.gettempdir()) / "rollcall-screenshots.log"
    with log.open("wb") as said:
        demo = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said, env=os.environ)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: _answers(url) or demo.poll() is not None, START_S, "the demo")
        if demo.poll() is not None:
            sys.exit(f"screenshots: the demo ended; see {log}")
        print(f"the demo runs; taking pictures in {SETTLE_S:.0f} s", flush=True)
        time.sleep(SETTLE_S)  # lessons have to pass: there is nothing to wait for but time
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            for picture in PICTURES:
                _take(browser, url, picture)
            browser.close()
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(STOP_S)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/ready").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _take(browser: Browser, url: str, picture: Picture) -> None:
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        locale="en-US",
    )
    page = context.new_page()
    page.goto(url + picture.path)
    page.wait_for_load_state("load")
    file = IMAGES / f"{picture.name}.png"
    page.screenshot(path=file)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size // 1000} kB", flush=True)
    context.close()


if __name__ == "__main__":
    main()
