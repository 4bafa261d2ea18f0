"""A log is written as it comes: nothing of it is held, however long the run or large the school."""

import weakref
from pathlib import Path

import pytest

from edge.contracts.school_file import parse_school
from simulator.chain import SHORT_STRETCH_MS, STRETCH_MS
from simulator.people.devices import make_devices
from simulator.run import Run, plan_run
from simulator.school_log import write_log
from simulator.schools.district import district_text


def _run(devices: int, hours: float, buildings: int = 1) -> Run:
    text = district_text(buildings, devices)
    school = parse_school(text)
    made = make_devices(school, seed=4)
    return plan_run(school, text, made, "demo-day", hours, seed=4, start_s=None)


def test_of_all_pieces_only_the_one_at_hand_is_in_memory() -> None:
    run = _run(120, 0.4)
    pieces = run.chain().pieces(run.length_ms)
    seen = []
    for piece in pieces:
        seen.append(weakref.ref(piece))
        del piece
        assert sum(ref() is not None for ref in seen) <= 1
    assert len(seen) == 0.4 * 3_600_000 / STRETCH_MS


def test_each_piece_is_on_its_way_to_the_disk_before_the_next_is_made(tmp_path: Path) -> None:
    sizes = []

    def note(_: float) -> bool:
        sizes.append((tmp_path / "reads.jsonl").stat().st_size)
        return True

    write_log(_run(300, 0.3), tmp_path, note)
    whole = (tmp_path / "reads.jsonl").stat().st_size
    half = sizes[len(sizes) // 2]
    assert 0.2 * whole < half < 0.8 * whole


def test_a_large_school_is_made_in_shorter_pieces_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.chain.MANY_DEVICES", 300)
    run = _run(300, 0.05, buildings=3)
    assert next(iter(run.chain().pieces(run.length_ms))).until_ms == SHORT_STRETCH_MS
    logs = []
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        write_log(run, tmp_path / name, lambda _: True)
        logs.append((tmp_path / name / "reads.jsonl").read_bytes())
    assert logs[0] == logs[1] and logs[0].count(b"\n") > 300
