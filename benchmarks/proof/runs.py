"""One simulated log for a scenario, module family and seed, kept in the work folder.

A kept log is used again as long as nothing that made it has changed: school, scenario, the
simulator's files and the contracts. So a broken-off report goes on where it was.
"""

import gzip
import hashlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from edge.agent.intake.arrivals import Arrivals
from edge.contracts.readlog import Row, decode_row
from edge.contracts.school import Family, School
from edge.contracts.school_file import parse_school
from edge.contracts.truth import Truth, decode_truth
from simulator.people.devices import make_devices
from simulator.people.timetable import default_start
from simulator.run import plan_run
from simulator.scenarios import find_scenario
from simulator.school_log import write_log

ROOT = Path(__file__).resolve().parents[2]
SCHOOL_FILE = ROOT / "simulator" / "schools" / "demo.toml"
LEAD_S = 600.0  # before the first bell, and after the last one, so that going home is in every log

# Families whose modules have one antenna port each, so that a doorway takes two of them.
_ONE_PORT = frozenset({"m100", "m100-aa"})
# What a log does not depend on; acts and scenarios are looked at one by one.
_NO_PART = ("modules/", "demo/", "mqtt/", "score/", "people/acts/", "scenarios/", "live.py")


class Case(msgspec.Struct, frozen=True):
    """What is simulated: the last lessons of a day that fit in `hours`, `family` at doorways."""

    scenario: str
    family: Family
    seed: int
    hours: float

    def __str__(self) -> str:
        return f"{self.scenario} {self.family} seed {self.seed}"


class Log(msgspec.Struct, frozen=True):
    """A log and its truth, decoded, with a digest of both.

    `passes`: how often a device was carried past a door without going through.
    """

    school: School
    rows: list[Row]
    truth: list[Truth]
    passes: int
    digest: str


def school_with(family: Family) -> tuple[School, str]:
    """Return the demo's school with modules of one family at its doorways, and its text."""
    text = SCHOOL_FILE.read_text(encoding="utf-8")
    for doorway in parse_school(text).doorways.values():
        numbers = sorted(doorway.antennas)
        groups = [[number] for number in numbers] if family in _ONE_PORT else [numbers]
        readers = ", ".join(f'{{ family = "{family}", antennas = {group} }}' for group in groups)
        table = rf"(?m)(^\[gateways\.{re.escape(doorway.gateway)}\][^\[]*?^readers = )[^\n]*"
        text, changed = re.subn(table, lambda found, new=readers: f"{found[1]}[{new}]", text)
        if changed != 1:
            raise ValueError(f"{SCHOOL_FILE.name}: no readers of {doorway.gateway} on one line")
    return parse_school(text), text


def digest_of(case: Case) -> str:
    """Return a digest of all that decides what a case's log holds."""
    scenario = find_scenario(case.scenario)
    own = "".join(_described(value) for value in msgspec.structs.astuple(scenario))
    parts = (repr(case), school_with(case.family)[1], own, _simulator_sources())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def load(case: Case, folder: Path) -> Log:
    """Return a case's log, made if it is not in the folder yet."""
    kept = folder / "logs" / f"{case.scenario}-{case.family}-{case.seed}-{digest_of(case)}"
    if not (kept / "truth.gz").exists() or not (kept / "passes.json").exists():
        _make(case, kept)
    digest = hashlib.sha256()
    with gzip.open(kept / "reads.gz") as lines:
        numbered = enumerate(_hashed(lines, digest.update), 1)
        decoded = (row for number, line in numbered if (row := decode_row(line, number)))
        arrivals = Arrivals()  # every method is given what the journal would hold
        rows = [taken for row in decoded if (taken := arrivals.take(row))]
    with gzip.open(kept / "truth.gz") as lines:
        truth = [decode_truth(line) for line in _hashed(lines, digest.update)]
    passes = msgspec.json.decode((kept / "passes.json").read_bytes(), type=int)
    return Log(school_with(case.family)[0], rows, truth, passes, digest.hexdigest()[:16])


def source_digest(*folders: str) -> str:
    """Return a digest of all Python files under folders or files of the repository."""
    found = hashlib.sha256()
    for folder in folders:
        path = ROOT / folder
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            found.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return found.hexdigest()[:16]


def _make(case: Case, kept: Path) -> None:
    school, text = school_with(case.family)
    devices = make_devices(school, case.seed)
    start_s, length_s = _part_of_day(school, case.hours * 3600)
    run = plan_run(school, text, devices, case.scenario, length_s / 3600, case.seed, start_s)

    kept.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=kept) as made:
        statistics = write_log(run, Path(made), lambda _: True)
        (kept / "passes.json").write_bytes(msgspec.json.encode(statistics.passes))
        for name in ("reads", "truth"):  # truth last: where it is, the log is whole
            packed = gzip.compress((Path(made) / f"{name}.jsonl").read_bytes(), 1, mtime=0)
            whole = Path(made) / f"{name}.gz"
            whole.write_bytes(packed)
            whole.replace(kept / whole.name)


def _part_of_day(school: School, length_s: float) -> tuple[float, float]:
    """Return start and length of a log: the last whole lessons of the first day that fit.

    What is longer than a day begins with the day.
    """
    first = default_start(school)
    if school.bells is None:
        return first, length_s
    day = datetime.fromtimestamp(first, school.zone)
    bells = [datetime.combine(day, begin, school.zone) for begin, _ in school.bells.lessons]
    starts = sorted(bell.timestamp() - LEAD_S for bell in bells)
    last = datetime.combine(day, max(end for _, end in school.bells.lessons), school.zone)
    end = last.timestamp() + LEAD_S
    if end - starts[0] <= length_s:
        return starts[0], length_s
    start = next((start for start in starts if start >= end - length_s), starts[-1])
    return start, end - start


def _hashed(lines: Iterable[bytes], update: Callable[[bytes], object]) -> Iterator[bytes]:
    for line in lines:
        update(line)
        yield line


def _described(value: object) -> str:
    """Say what a scenario's field holds; of what it can call the source is what counts."""
    if isinstance(value, tuple | list):
        return "".join(_described(one) for one in value)
    if isinstance(value, partial):
        return _described((value.func, value.args, sorted(value.keywords.items())))
    if callable(value):
        module = sys.modules[value.__module__]
        return f"{value.__qualname__}\0{inspect.getsource(module)}"
    return repr(value)


@cache
def _simulator_sources() -> str:
    files = (ROOT / "simulator").rglob("*.py")
    names = sorted(file.relative_to(ROOT / "simulator").as_posix() for file in files)
    own = [f"simulator/{name}" for name in names if not name.startswith(_NO_PART)]
    return source_digest(*own, "edge/contracts")
