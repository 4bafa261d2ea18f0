"""The traceback of what ended a boot, kept on flash and told by the next one."""

_FILE = "crash"
_MOST = 3000  # as much as the log can publish; the end of it says where


def keep(files, text):
    """Keep it, where flash still takes it; whether it did."""
    try:
        files.write_file(_FILE, text.encode()[-_MOST:])
    except (OSError, MemoryError):
        return False
    return True


def tell(files, say):
    """Say once what the boot before kept."""
    kept = files.read_file(_FILE)
    if kept is None:
        return
    try:
        text = kept.decode()
    except ValueError:  # cut inside a character, on MicroPython a UnicodeError
        text = repr(kept)
    say("error", "the boot before ended by a crash", text)
    files.remove_file(_FILE)
