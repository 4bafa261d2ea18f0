"""A Chromium for the pages' tests."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

# Nothing leaves the machine, and no window is asked for.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")  # while Playwright runs, its loop is this thread's
def browser(chromium_binary: str) -> Iterator[Browser]:
    """One browser for a module's tests; each opens a context of its own."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_binary, args=FLAGS)
        yield running
        running.close()
