"""Chooses which of two installed applications starts: the good one, or one on trial.

Stands beside the slots `a` and `b`, and no update touches it. It stays source on a board, so that
it runs whatever MicroPython's version is. Its choice is kept in one small file that a power cut
leaves as it was or as it is to be.
"""

import json
import os
import sys

SLOTS = ("a", "b")
MANIFEST = "manifest"  # stands in a slot once all else in it was verified
MOST_TRIES = 3  # starts of a slot on trial without a confirmed batch
MOST_STARTS = 5  # in a row that did not go well, until the next one reads no tags: safe mode
LAST_RESORT = 10  # until the other slot is taken: then even safe mode does not last
RESTART = 3  # exit status of an application that wants to be started again
CRASH = "crash"  # in the data folder: what ended a start, until one that gets so far has told it

_FILE = "slots"
_MOST_CRASH = 3000  # as much as the log can publish; the end of it says where


class Folder:
    """The files that the choice is kept in; `path` is "" for a board's flash."""

    def __init__(self, path):
        self.path = path

    def read_file(self, name):
        """The bytes kept under `name`, or None."""
        try:
            with open(self.path + "/" + name, "rb") as file:
                return file.read()
        except OSError:
            return None

    def write_file(self, name, data):
        """Keep `data` under `name`: all of it or, after a power cut, what was there before."""
        path = self.path + "/" + name
        with open(path + ".new", "wb") as file:
            file.write(data)
            file.flush()
            if hasattr(os, "fsync"):
                os.fsync(file.fileno())
        os.rename(path + ".new", path)


class Slots:
    """Which slot is good, which is on trial, and how the starts since went.

    `begin()` once, then `running` (None: nothing is in a slot), `safe` and `note` (why another
    slot runs than before, in words, or None) are known.
    """

    def __init__(self, folder):
        self.folder = folder
        self.running = None
        self.safe = False
        kept = self._kept()
        self.good = kept.get("good")
        self.trial = kept.get("trial")
        self.tries = kept.get("tries", 0)
        self.starts = kept.get("starts", 0)
        self.note = kept.get("note")

    @property
    def on_trial(self):
        """Whether what runs was not confirmed yet."""
        return self.running is not None and self.running == self.trial

    @property
    def spare(self):
        """The slot that an update may fill."""
        return SLOTS[1] if self.running == SLOTS[0] else SLOTS[0]

    def begin(self):
        """Count this start and choose what runs."""
        there = [slot for slot in SLOTS if self.folder.read_file(slot + "/" + MANIFEST)]
        if self.good not in there:
            self.good = there[0] if there else None
        if self.trial is not None and (self.trial not in there or self.trial == self.good):
            self.trial = None
        if self.trial is not None and self.tries >= MOST_TRIES:
            self.note = "update: no batch was confirmed in {} starts, back to before".format(
                self.tries
            )
            self.trial, self.tries, self.starts = None, 0, 0
        if self.trial is not None:
            self.tries += 1
            if self._keep():
                self.running = self.trial
                return
            self.trial = None  # a trial that cannot be counted would have no end
        self.starts += 1
        if self.starts > LAST_RESORT and len(there) > 1:
            self.good = there[1] if self.good == there[0] else there[0]
            self.starts = 1
            self.note = "{} starts in a row ended early: the other slot runs".format(LAST_RESORT)
        self._keep()
        self.running = self.good
        self.safe = self.starts > MOST_STARTS

    def confirmed(self):
        """The agent confirmed a batch of this start: what runs is good."""
        if self.on_trial:
            self.good, self.trial = self.trial, None
        elif not self.starts and not self.note:
            return
        self.tries = self.starts = 0
        self.note = None
        self._keep()

    def went_on(self):
        """This start lasted, or ended in order: it is no boot loop."""
        if self.starts and not self.on_trial:
            self.starts = 0
            self._keep()

    def try_next(self, slot):
        """Start this slot next time, on trial. Raises OSError where that cannot be kept."""
        self.trial, self.tries = slot, 0
        self._write()

    def _keep(self):
        """Whether it could be kept: on full or worn flash the gateway starts all the same."""
        try:
            self._write()
        except OSError:
            return False
        return True

    def _write(self):
        fields = {"good": self.good, "trial": self.trial, "tries": self.tries}
        fields.update({"starts": self.starts, "note": self.note})
        self.folder.write_file(_FILE, json.dumps(fields).encode())

    def _kept(self):
        try:
            fields = json.loads(self.folder.read_file(_FILE) or b"{}")
        except ValueError:
            return {}
        return fields if isinstance(fields, dict) else {}


def start(path="", arguments=("/settings.json", "--data", "/data")):
    """Run the application of the slot that is chosen; on a board that never returns."""
    slots = Slots(Folder(path))
    slots.begin()
    if slots.running is not None:
        sys.path.insert(0, path + "/" + slots.running)
    try:
        from main import main

        status = main(list(arguments), slots)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a bug, no memory, a damaged file: start again
        keep_crash(Folder(arguments[2]), error)
        sys.stderr.write(traceback_text(error))
        status = 1
    _end(status)


def keep_crash(files, error):
    """Keep its traceback, where flash still takes it; whether it did."""
    try:
        files.write_file(CRASH, traceback_text(error).encode()[-_MOST_CRASH:])
    except (OSError, MemoryError):
        return False
    return True


def traceback_text(error):
    if hasattr(sys, "print_exception"):  # MicroPython
        import io

        text = io.StringIO()
        sys.print_exception(error, text)
        return text.getvalue()
    import traceback

    return "".join(traceback.format_exception(type(error), error, error.__traceback__))


def _end(status):
    """A board begins anew; on a PC whoever started this decides."""
    try:
        from machine import reset
    except ImportError:
        sys.exit(status)
    import time

    time.sleep(5)  # a moment for Ctrl-C on the serial line
    reset()
