"""The traceback of a crash outlasts it and is told once."""

from boot import keep_crash
from gateway import crash

from tests.firmware.fakes import FakeBoard


def told(files):
    said = []
    crash.tell(files, lambda *line: said.append(line))
    return said


def test_a_crash_is_told_once_with_its_end():
    files = FakeBoard()
    assert told(files) == []
    assert keep_crash(files, ValueError("x" * 5000 + " here"))
    level, _, text = told(files)[0]
    assert level == "error" and text.rstrip().endswith("x here") and len(text) == 3000
    assert told(files) == []


def test_flash_that_takes_nothing_does_not_hide_the_crash():
    class Full(FakeBoard):
        def write_file(self, name, data):
            raise OSError("full")

    assert keep_crash(Full(), ValueError("text")) is False
