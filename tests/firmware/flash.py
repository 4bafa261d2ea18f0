"""Flash that loses power at any byte: a model, and littlefs on a RAM disk (MicroPython)."""

ERASED = 0xFF
_EIO = -5


class PowerCut(Exception):
    """The power went in the middle of a write."""


class Fuse:
    """Counts down written bytes; `left` None: the power stays."""

    def __init__(self):
        self.left = None

    def spend(self, wanted):
        """How many of `wanted` bytes are still written."""
        if self.left is None or wanted <= self.left:
            if self.left is not None:
                self.left -= wanted
            return wanted
        done, self.left = self.left, 0
        return done


class TornFiles:
    """The files of a board in memory. What is appended may tear; a replaced file may not."""

    def __init__(self):
        self.files = {}
        self.fuse = Fuse()
        self.fails = False  # appends stop half way with an OSError

    def again(self):
        """As the next boot finds it."""
        self.fuse = Fuse()
        return self

    def read_file(self, name):
        return bytes(self.files[name]) if name in self.files else None

    def read_into(self, name, buf):
        if name not in self.files:
            raise OSError(2, name)
        data = self.files[name][: len(buf)]
        buf[: len(data)] = data
        return len(data)

    def append_file(self, name, data):
        half = len(data) // 2 if self.fails else len(data)
        self._write(name, self.files.get(name, b""), bytes(data[:half]))
        if self.fails:
            raise OSError(28, "full")

    def write_file(self, name, data):
        self._write(name + ".new", b"", data)
        self._spend_one()
        self.files[name] = self.files.pop(name + ".new")

    def remove_file(self, name):
        self._spend_one()
        self.files.pop(name, None)

    def list_files(self):
        return list(self.files)

    def random_bytes(self, count):
        return bytes(count)

    def _write(self, name, before, data):
        done = self.fuse.spend(len(data))
        self.files[name] = before + data[:done]
        if done < len(data):
            raise PowerCut

    def _spend_one(self):
        if not self.fuse.spend(1):
            raise PowerCut


class RamDisk:
    """A block device as littlefs wants it, whose last write before a power cut is torn."""

    SIZE = 4096

    def __init__(self, data, fuse):
        self._data = data
        self._fuse = fuse
        self._dead = False

    def readblocks(self, block, buf, offset=0):
        at = block * self.SIZE + offset
        buf[:] = self._data[at : at + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        return self._put(block * self.SIZE + offset, buf)

    def ioctl(self, op, arg):
        if op == 4:
            return len(self._data) // self.SIZE
        if op == 5:
            return self.SIZE
        if op == 6:
            return self._put(arg * self.SIZE, bytes([ERASED]) * self.SIZE)
        return 0

    def _put(self, at, data):
        """0, or an I/O error once the power is gone: raising would leap out of littlefs's C code
        and leave it in pieces for the files that still close themselves."""
        if self._dead:
            return _EIO
        done = self._fuse.spend(len(data))
        self._data[at : at + done] = data[:done]
        if done < len(data):
            self._dead = True
            return _EIO
        return 0


class LittleFiles:
    """A host's `Board` whose folder is littlefs on a `RamDisk`. Only on MicroPython."""

    FOLDER = "/cut"

    def __init__(self, blocks=64):
        import vfs

        self._vfs = vfs
        self._data = bytearray(b"\xff" * (blocks * RamDisk.SIZE))
        self._mounted = False
        self.format()

    def format(self):
        """Begin anew, in the same memory."""
        self._vfs.VfsLfs2.mkfs(RamDisk(self._data, Fuse()))

    def again(self):
        from board.host import Board

        if self._mounted:
            self._vfs.umount(self.FOLDER)
        fuse = Fuse()
        self._vfs.mount(self._vfs.VfsLfs2(RamDisk(self._data, fuse)), self.FOLDER)
        self._mounted = True
        board = Board(self.FOLDER)
        board.fuse = fuse
        board.fails = False
        return board
