"""Fixtures and rules for all tests: the tools, a broker, the seed, and no skipping in CI."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from edge.micropython import find_micropython
from tests.support.broker import Broker
from tests.support.counts import SEED, SOAK
from tests.support.tools import IN_CI, find_program, required

# No deadline for one example: two cores run the whole suite, and a slow moment is no fault.
settings.register_profile("sample", max_examples=60, deadline=None, print_blob=True)
settings.register_profile(
    "soak",
    max_examples=1000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("soak" if SOAK else "sample")


@pytest.fixture(scope="session")
def mosquitto_binary() -> str:
    """The path of mosquitto."""
    return required("mosquitto", find_program("mosquitto"))


@pytest.fixture(scope="session")
def micropython_binary() -> list[str]:
    """The words that start MicroPython: `[*micropython_binary, "firmware/main.py", ...]`."""
    return required("MicroPython", find_micropython())


@pytest.fixture(scope="session")
def chromium_binary() -> str:
    """The path of Chromium, for Playwright's `executable_path`."""
    return required("Chromium", find_program("chromium", "chromium-browser"))


@pytest.fixture
def broker(mosquitto_binary: str, tmp_path: Path) -> Iterator[Broker]:
    """A running mosquitto without persistence, ended after the test."""
    with Broker(mosquitto_binary, tmp_path) as running:
        yield running


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    os.environ["ROLLCALL_SEED"] = str(SEED)  # the processes that share the tests take it too
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(SEED)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is for a soak alone out of a sample."""
    for_soak = [item for item in items if not SOAK and item.get_closest_marker("soak")]
    if for_soak:
        config.hook.pytest_deselected(items=for_soak)
        items[:] = [item for item in items if item not in for_soak]


def pytest_report_header() -> str:
    counts = "full" if SOAK else "sample"
    return f"rollcall: {counts} counts, seed {SEED} (ROLLCALL_SEED={SEED} repeats it)"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test is a failure, whatever skipped it."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if IN_CI and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("tests were skipped, which CI=true does not allow", red=True)
