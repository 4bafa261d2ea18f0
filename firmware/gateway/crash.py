"""Tells what ended the start before: the traceback that boot.py's `keep_crash` left on flash."""

from boot import CRASH


def tell(files, say):
    """Say it once."""
    kept = files.read_file(CRASH)
    if kept is None:
        return
    try:
        text = kept.decode()
    except ValueError:  # cut inside a character, on MicroPython a UnicodeError
        text = repr(kept)
    say("error", "the boot before ended by a crash", text)
    files.remove_file(CRASH)
