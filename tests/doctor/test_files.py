"""What the doctor says of school file and devices."""

import re
from pathlib import Path

from edge.doctor.files import check_devices, check_school
from tests.agent.schools import TEXT, epc


def test_a_good_school_file_is_told_by_what_it_holds(tmp_path: Path) -> None:
    file = tmp_path / "school.toml"
    file.write_text(TEXT)
    found, school = check_school(file)
    assert found.verdict == "good" and school is not None
    assert f"{len(school.carts)} carts" in found.says


def test_a_school_file_without_a_region_keeps_every_reader_mute(tmp_path: Path) -> None:
    file = tmp_path / "school.toml"
    file.write_text(re.sub(r"(?m)^region = .*$", "", TEXT))
    found, _ = check_school(file)
    assert found.verdict == "odd" and "no `region`" in found.says


def test_a_broken_school_file_says_where(tmp_path: Path) -> None:
    file = tmp_path / "school.toml"
    file.write_text(TEXT + "\n[carts.c9]\nhome = 3\n")
    found, school = check_school(file)
    assert found.verdict == "bad" and school is None
    assert str(file) in found.says and "c9" in found.says


def test_wrong_lines_of_the_devices_are_odd_and_the_first_is_named(tmp_path: Path) -> None:
    file = tmp_path / "devices.csv"
    file.write_text(f"epc,number\n{epc(1)},1\nnonsense,2\nrubbish,3\n")
    found = check_devices(file)
    assert found.verdict == "odd"
    assert "line 3" in found.says and "and 1 more" in found.says
    assert check_devices(tmp_path / "none.csv").verdict == "bad"
