"""The traceback of a crash outlasts it and is told once."""

from gateway import crash

from tests.firmware.fakes import FakeBoard


def told(files):
    said = []
    crash.tell(files, lambda *line: said.append(line))
    return said


def test_a_crash_is_told_once_with_its_end():
    files = FakeBoard()
    assert told(files) == []
    assert crash.keep(files, "x" * 5000 + "ValueError: here")
    level, _, text = told(files)[0]
    assert level == "error" and text.endswith("ValueError: here") and len(text) == 3000
    assert told(files) == []


def test_flash_that_takes_nothing_does_not_hide_the_crash():
    class Full(FakeBoard):
        def write_file(self, name, data):
            raise OSError("full")

    assert crash.keep(Full(), "text") is False
