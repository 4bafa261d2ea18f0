"""Device records, and the CSV they come from and go to."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from edge.contracts.csv_lines import LineProblem, csv_text

if TYPE_CHECKING:
    import _csv

COLUMNS = ("epc", "asset_tag", "serial", "model", "home", "cart", "number")
MAX_EPC_HEX = 124  # 31 words, the most a tag's PC word can announce


class Device(msgspec.Struct, frozen=True):
    """One of the school's devices; what is not known is None."""

    epc: str
    asset_tag: str | None = None
    serial: str | None = None
    model: str | None = None
    home: str | None = None
    cart: str | None = None
    number: str | None = None

    @property
    def label(self) -> str:
        """What stands on the lid, else the asset tag, else the end of the EPC."""
        return self.number or self.asset_tag or self.epc[-4:]


class DevicesError(ValueError):
    """A file that is no device list at all; its text says why."""


def read_devices(path: Path) -> tuple[list[Device], list[LineProblem]]:
    """Read a CSV of devices: the good ones, and what is wrong with the others.

    Raises:
        DevicesError: the file cannot be read, is not UTF-8, or has no `epc` column.
    """
    try:
        return devices_in(path.read_bytes())
    except OSError as error:
        raise DevicesError(f"{path}: {error.strerror}") from error
    except DevicesError as error:
        raise DevicesError(f"{path}: {error}") from error


def devices_in(content: bytes) -> tuple[list[Device], list[LineProblem]]:
    """Read what such a file holds; see `read_devices`."""
    try:
        return parse_devices(csv_text(content))
    except UnicodeDecodeError as error:
        raise DevicesError("not UTF-8 text; save it as CSV UTF-8") from error


def parse_devices(text: str) -> tuple[list[Device], list[LineProblem]]:
    """Parse the CSV; see `read_devices`."""
    reader = csv.reader(io.StringIO(text))
    try:
        return _parse_rows(reader)
    except csv.Error as error:
        raise DevicesError(f"line {reader.line_num}: {error}") from error


def write_devices(devices: Iterable[Device]) -> str:
    """Write the CSV that `parse_devices` reads."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for device in devices:
        writer.writerow([getattr(device, column) or "" for column in COLUMNS])
    return out.getvalue()


def normal_epc(text: str) -> str | None:
    """Upper-case hex without spaces, or None when it is no EPC."""
    epc = "".join(text.split()).upper()
    if not epc or len(epc) % 4 or len(epc) > MAX_EPC_HEX:
        return None
    return epc if all(digit in "0123456789ABCDEF" for digit in epc) else None


def _parse_rows(
    reader: "_csv.Reader",
) -> tuple[list[Device], list[LineProblem]]:
    header = [name.strip().lower() for name in next(reader, [])]
    if "epc" not in header:
        raise DevicesError(f"no epc column; a header of any of {', '.join(COLUMNS)} is needed")
    devices: dict[str, Device] = {}
    problems: list[LineProblem] = []
    unknown = [name for name in header if name and name not in COLUMNS]
    if unknown:
        problems.append(LineProblem(1, f"columns ignored: {', '.join(unknown)}", refused=False))
    for cells in reader:
        line = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        epc = normal_epc(values.get("epc", ""))
        if epc is None:
            reason = f'epc "{values.get("epc", "")}" is not hex of whole 16-bit words'
            problems.append(LineProblem(line, reason))
        elif epc in devices:
            problems.append(LineProblem(line, f"epc {epc} stands in an earlier line too"))
        else:
            known = {name: values.get(name) or None for name in COLUMNS if name != "epc"}
            devices[epc] = Device(epc=epc, **known)
    return list(devices.values()), problems
