"""Hold what the engine said against what really happened."""

from simulator.score.report import Score, load, score

__all__ = ["Score", "load", "score"]
