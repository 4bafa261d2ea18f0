"""The whole score of one log: files in, figures out."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from edge.contracts.events import Event, decode_event
from edge.contracts.school import School
from edge.contracts.truth import Truth, decode_truth
from simulator.score.carts import CartScore, score_carts
from simulator.score.crossings import (
    CrossingScore,
    DelayScore,
    ExitScore,
    score_crossings,
    score_exits,
)
from simulator.score.facts import sort_out
from simulator.score.rooms import RoomScore, score_rooms

T = TypeVar("T")


class Score(msgspec.Struct, frozen=True):
    """All figures; None where the truth has nothing to say."""

    crossings: CrossingScore
    rooms: RoomScore
    exits: ExitScore
    carts: CartScore
    delay: DelayScore


class BadFile(ValueError):
    """A file that cannot be scored; its text names file, line and reason."""


def score(events: Iterable[Event], truth: Iterable[Truth], school: School) -> Score:
    """Hold events against truth."""
    facts = sort_out(school, events, truth)
    crossings, delay = score_crossings(facts)
    return Score(crossings, score_rooms(facts), score_exits(facts), score_carts(facts), delay)


def load(events: Path, truth: Path) -> tuple[list[Event], list[Truth]]:
    """Read both files.

    Raises:
        BadFile: one cannot be read, or a line of it is not what it should be.
    """
    return _lines(events, decode_event), _lines(truth, decode_truth)


def _lines(path: Path, decode: Callable[[bytes], T]) -> list[T]:
    try:
        with path.open("rb") as file:
            return [_one(path, n, line, decode) for n, line in enumerate(file, 1) if line.strip()]
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error


def _one(path: Path, number: int, line: bytes, decode: Callable[[bytes], T]) -> T:
    try:
        return decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}: line {number}: {error}") from error
