"""The methods on a log: the engine, each baseline with its best settings, and an oracle.

Results are kept.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from benchmarks.baselines import BASELINES, Baseline
from benchmarks.proof.ceiling import ceiling
from benchmarks.proof.figures import Figures, figures
from benchmarks.proof.runs import Log, source_digest
from edge.agent.engine import Engine
from edge.contracts.events import Event

ENGINE = "engine"
CEILING = "ceiling"
METHODS = (ENGINE, *BASELINES, CEILING)

# A setting is as good as the sum of these: one for doorways, one for rooms, one for carts.
CHOSEN_BY = ("crossings.f1", "rooms.online", "carts.exact")

_SCORED_BY = ("simulator/score", "edge/contracts", "benchmarks/proof/figures.py")


def of_engine(log: Log, folder: Path) -> Figures:
    """Return the engine's figures on a log."""
    return _kept(log, folder, source_digest("edge/agent/engine", *_SCORED_BY), _engine_events)


def of_baseline(log: Log, folder: Path, rule: Baseline) -> Figures:
    """Return the figures of a baseline with its settings on a log."""
    name = f"{rule!r} {source_digest('benchmarks/baselines', *_SCORED_BY)}"
    return _kept(log, folder, name, lambda log: rule.events(log.school, log.rows))


def of_ceiling(log: Log, folder: Path) -> Figures:
    """Return the figures of an oracle: no method can have better ones."""
    name = f"ceiling {source_digest('benchmarks/proof/ceiling.py', *_SCORED_BY)}"
    return _kept(log, folder, name, lambda log: ceiling(log.school, log.rows, log.truth))


def best_setting(tried: Sequence[tuple[Baseline, Sequence[Figures]]]) -> Baseline:
    """Return the rule whose settings did best over the logs it was tried on."""
    return max(tried, key=lambda one: sum(_worth(log) for log in one[1]))[0]


def _worth(log: Figures) -> float:
    return sum(log.lines[line] or 0.0 for line in CHOSEN_BY)


def _engine_events(log: Log) -> list[Event]:
    engine = Engine(log.school)
    events: list[Event] = []
    for row in log.rows:
        events.extend(engine.feed(row))
    events.extend(engine.flush())
    return events


def _kept(log: Log, folder: Path, name: str, run: Callable[[Log], list[Event]]) -> Figures:
    """Take a result from the folder, or run and keep it."""
    key = hashlib.sha256(f"{log.digest}\0{name}".encode()).hexdigest()[:24]
    file = folder / "results" / f"{key}.json"
    if file.exists():
        return msgspec.json.decode(file.read_bytes(), type=Figures)
    result = figures(run(log), log.truth, log.school, log.passes)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(result))
    part.replace(file)
    return result
