"""The name of this boot: 8 hex digits of a counter kept on flash, 8 random ones."""

_FILE = "boot"


def next_boot_id(board, above=0):
    """Count this boot and name it. Returns (16 hex digits, warning or None).

    The count is above `above` too: the newest boot of which batches are still held.
    """
    kept = board.read_file(_FILE)
    warning = None
    counter = 0
    if kept is not None:
        try:
            counter = int(kept.decode(), 16)
        except ValueError:
            warning = "the boot counter was unreadable and starts again"
    counter = (max(counter, above) + 1) & 0xFFFFFFFF
    board.write_file(_FILE, "{:08x}".format(counter).encode())
    random = "".join("{:02x}".format(byte) for byte in board.random_bytes(4))
    return "{:08x}".format(counter) + random, warning
