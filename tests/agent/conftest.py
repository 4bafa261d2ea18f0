"""Coroutine tests run on asyncio, the loop of the agent."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
