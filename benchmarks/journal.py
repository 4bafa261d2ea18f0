"""Bytes that the journal takes for a read, as rows and in blocks, on a simulated school's log.

`rollcall simulate school` makes the log; its lines become batches again as gateways send them. The
agent's own journal takes them, and then the packing. What tables and their indexes take is asked of
SQLite (`dbstat`), names and all, free pages not.

    .venv/bin/python -m benchmarks.journal [--school SCHOOL] [--hours 2]
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from edge.agent.journal.packing import CLOSED_AFTER_S, ROWS, pack
from edge.agent.storage.database import FILE_NAME, prepare

DEMO = Path("simulator/schools/demo.toml")
Name = tuple[str, str, int]

_ROW = "INSERT INTO journal (rx, kind, origin, seq, place_ms, body) VALUES (?,'batch',?,?,?,?)"
_SIZE = (
    "SELECT sum(pgsize) FROM dbstat WHERE name IN ('journal', 'journal_names', 'journal_blocks',"
    " 'journal_blocks_oldest', 'block_names', 'forgotten')"
)


def main() -> None:
    """Measure both and print them."""
    args = _arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "edge.cli", "simulate", "school", "--seed", "1"]
        command += ["--hours", str(args.hours), "--school", str(args.school), "--out", name]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        database = folder / FILE_NAME
        prepare(database)
        reads, batches, newest = _fill(database, folder / "reads.jsonl")
        before = _size(database)
        packed = pack(database, newest + CLOSED_AFTER_S + 1)
        after = _size(database)
    left = batches - packed
    print(f"{reads:,} reads in {batches:,} batches; {left:,} of these stay rows (blocks: {ROWS})")
    print(f"as rows   {before / reads:6.1f} bytes a read, {before / batches:6.0f} a batch")
    print(f"in blocks {after / reads:6.1f} bytes a read, {after / batches:6.0f} a batch")


def _fill(database: Path, log: Path) -> tuple[int, int, float]:
    """Journal a log's batches; return how many reads and batches, and the latest arrival."""
    origins: dict[tuple[str, str], int] = {}
    reads = batches = 0
    newest = 0.0
    with closing(sqlite3.connect(database)) as connection, connection:
        for (gateway, boot, seq), rows in _batches(log):
            origin = origins.setdefault((gateway, boot), len(origins) + 1)
            if origin > connection.execute("SELECT count(*) FROM origins").fetchone()[0]:
                connection.execute("INSERT INTO origins VALUES (?,?,?)", (origin, gateway, boot))
            zero, body = _payload(rows, seq)
            rx = max(row["rx"] for row in rows)
            connection.execute(_ROW, (rx, origin, seq, zero, body))
            newest = max(newest, rx)
            reads += sum("epc" in row for row in rows)
            batches += 1
        connection.execute("UPDATE counters SET value = ? WHERE name = 'ledger_pos'", (batches,))
    return reads, batches, newest


def _batches(log: Path) -> Iterator[tuple[Name, list[dict[str, Any]]]]:
    """The lines of each batch, in the order in which its first one came."""
    found: dict[Name, list[dict[str, Any]]] = {}
    with log.open("rb") as lines:
        for line in lines:
            row = json.loads(line)
            if row.get("seq") is not None:
                found.setdefault((row["gateway"], row["boot"], row["seq"]), []).append(row)
    yield from found.items()


def _payload(rows: list[dict[str, Any]], seq: int) -> tuple[int, bytes]:
    """A batch as its gateway sends it, and its zero (Unix ms)."""
    times = [row["t"] for row in rows if row.get("t") is not None] or [rows[0]["rx"]]
    zero = round(min(times) * 1000)
    up = next((row["up"] for row in rows if row.get("up") is not None), seq * 1000)
    sent = up + round(rows[0]["rx"] * 1000) - zero
    looks = next((row["looks"] for row in rows if "looks" in row), {})
    reads = [
        [
            *(row["epc"], row["antenna"], row.get("rssi"), round(row["t"] * 1000) - zero),
            *(row.get("n", 1), _ms(row, "span"), _ms(row, "peak")),
        ]
        for row in rows
        if "epc" in row
    ]
    batch = {"v": 1, "t": zero, "up": up, "sent": sent, "sync": seq % 3600, "base": seq}
    body = json.dumps(batch | {"looks": looks, "reads": reads}, separators=(",", ":"))
    return zero, body.encode()


def _ms(row: dict[str, Any], field: str) -> int:
    return round((row.get(field) or 0.0) * 1000)


def _size(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        (size,) = connection.execute(_SIZE).fetchone()
    return int(size)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Bytes of the journal a read.")
    parser.add_argument("--school", type=Path, default=DEMO)
    parser.add_argument("--hours", type=float, default=2.0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
