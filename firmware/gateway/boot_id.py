"""The name of this boot: 8 hex digits of a counter kept on flash, 8 random ones."""

_FILE = "boot"


def next_boot_id(board):
    """Count this boot and name it. Returns (16 hex digits, warning or None)."""
    kept = board.read_file(_FILE)
    warning = None
    counter = 0
    if kept is not None:
        try:
            counter = int(kept.decode(), 16)
        except ValueError:
            warning = "the boot counter was unreadable and starts again"
    counter = (counter + 1) & 0xFFFFFFFF
    board.write_file(_FILE, "{:08x}".format(counter).encode())
    random = "".join("{:02x}".format(byte) for byte in board.random_bytes(4))
    return "{:08x}".format(counter) + random, warning
