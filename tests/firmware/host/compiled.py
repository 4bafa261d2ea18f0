"""The firmware as a board has it: .mpy files, so that no compiler fills the heap.

On a board the application is frozen: its code lies in flash. Debian's MicroPython cannot freeze,
and there the code takes more heap than a board has (objects are twice as large on 64 bit). So a
small board's heap is given beside the code: what `100k` says is what is left for data.
"""

import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from edge.provision.application import FOLDER, compile_application

_CODE = (
    "import main, gateway.actions, gateway.sntp; "
    "from drivers.families import driver_of; driver_of({family!r})"
)
_PATH = "import sys; sys.path.insert(0, {folder!r}); "
_START = _PATH + "import main; sys.exit(main.main(sys.argv[1:]))"
_MEASURE = _PATH + "import gc; a = gc.mem_alloc(); {code}; gc.collect(); print(gc.mem_alloc() - a)"
_UNITS = {"wk": 2048, "k": 1024}  # a word is 8 bytes here and 4 on a board


@cache
def compiled() -> Path:
    """A folder with the whole firmware as an update brings it, made once a session."""
    folder = Path(mkdtemp(prefix="rollcall-mpy-"))
    (folder / "boot.py").write_bytes((FOLDER / "boot.py").read_bytes())
    for path, content in compile_application("host").files:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


@cache
def code_bytes(micropython: str, family: str) -> int:
    """What the gateway's code takes of the heap here, and would not where it is frozen."""
    program = _MEASURE.format(folder=str(compiled()), code=_CODE.format(family=family))
    words = [micropython, "-X", "heapsize=4m", "-c", program]
    return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def small_board(micropython: list[str], heap: str, family: str = "m100") -> list[str]:
    """The words that start the compiled gateway with `heap` ("100k", "100wk") beside its code."""
    start = _START.format(folder=str(compiled()))
    return [*micropython, "-X", f"heapsize={heap_bytes(micropython, heap, family)}", "-c", start]


def heap_bytes(micropython: list[str], heap: str, family: str = "m100") -> int:
    """Bytes of heap that leave `heap` ("100k", "100wk") beside the code."""
    number = heap.rstrip("wk")
    return int(number) * _UNITS[heap[len(number) :]] + code_bytes(*micropython, family)
