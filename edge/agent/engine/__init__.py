"""The pure engine: journal rows in, events out. It imports nothing of the agent around it."""

from edge.agent.engine.core import Engine

__all__ = ["Engine"]
