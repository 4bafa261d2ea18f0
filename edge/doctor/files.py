"""School file and list of devices: can the agent start with them?"""

from pathlib import Path

from edge.contracts.devices import DevicesError, read_devices
from edge.contracts.school import School
from edge.contracts.school_file import SchoolError, load_school
from edge.doctor.finding import Finding


def check_school(file: Path) -> tuple[Finding, School | None]:
    """Read the school file."""
    try:
        school = load_school(file)
    except SchoolError as error:
        return Finding("school file", "bad", f"{file}: {error}"), None
    says = (
        f"{school.name}: {len(school.rooms)} rooms, {len(school.doorways)} doorways,"
        f" {len(school.carts)} carts, {len(school.gateway_ids)} gateways"
    )
    if school.region is None:
        says += "; no `region`, so that no reader may transmit: set it to that of your country"
        return Finding("school file", "odd", says), school
    return Finding("school file", "good", says), school


def check_devices(file: Path) -> Finding:
    """Read the list of devices."""
    try:
        devices, problems = read_devices(file)
    except DevicesError as error:
        return Finding("devices", "bad", str(error))
    if problems:
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        return Finding("devices", "odd", f"{file}: {problems[0]}{more}; mend these lines")
    return Finding("devices", "good", f"{len(devices)} in {file.name}")
