"""`rollcall install` and `upgrade`: this machine runs the agent by itself from now on."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edge.commands.failure import Failure
from edge.commands.school_argument import school_or_failure

if TYPE_CHECKING:
    from edge.provision.machine import Plan

Root = Annotated[Path, typer.Option(help="Where the machine's files are; no command is run else.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Program = Annotated[
    Path | None, typer.Option(help="The `rollcall` that the machine is to run; this one else.")
]


def install(
    school: Annotated[
        Path | None, typer.Option(help="The school file; needed the first time.")
    ] = None,
    root: Root = Path("/"),
    hostname: Annotated[
        str, typer.Option(help='The machine\'s name, for http://NAME.local; "" leaves it.')
    ] = "rollcall",
    program: Program = None,
    dry_run: DryRun = False,
) -> None:
    """Set this Raspberry Pi up: user, unit, broker, time, name. Again when gateways change."""
    _install(root, school, hostname, _program(program), dry_run)


def upgrade(root: Root = Path("/"), program: Program = None, dry_run: DryRun = False) -> None:
    """Let the machine run this `rollcall` in place of the one before, which is kept, data too."""
    import sqlite3

    from edge.agent.storage.database import FILE_NAME, DatabaseError
    from edge.agent.upkeep.backup import back_up
    from edge.provision.install import give, under
    from edge.provision.machine import DATA, UNIT, USER, program_of

    database, unit = under(root, DATA) / FILE_NAME, under(root, UNIT)
    if not unit.exists():
        raise Failure(f"{unit}: nothing is installed here; use `rollcall install`")
    runs, new = program_of(unit.read_text(encoding="utf-8")), _program(program)
    if runs == new:
        said = "put the new one into a folder of its own, so that the old one stays; or `install`"
        raise Failure(f"{new}: the machine runs this program already; {said}")
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    copy = database.parent / "backups" / f"before-upgrade-{stamp}.db"
    kept = unit.with_name(f"rollcall.service.before-{stamp}")
    print(f"{copy}: the database as it is")
    print(f"{kept}: the unit as it is; the environment of {runs} stays where it is")
    if not dry_run:
        try:
            if database.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                back_up(database, copy, lambda _share: None)
                give(copy.parent, USER)
                give(copy, USER)
            kept.write_bytes(unit.read_bytes())
        except (OSError, sqlite3.Error, DatabaseError) as error:
            raise Failure(f"nothing was changed: {error}") from error
    _install(root, None, "", new, dry_run)


def _install(root: Path, school: Path | None, hostname: str, program: Path, dry_run: bool) -> None:
    from edge.provision.install import InstallError, under
    from edge.provision.machine import SCHOOL, machine_plan, missing_packages

    source = school or under(root, SCHOOL)
    if school is None and not source.exists():
        raise Failure("name the school file: --school school.toml")
    school_or_failure(source)
    missing = missing_packages(root)
    if missing and root == Path("/"):
        raise Failure(f"install first: sudo apt-get install {' '.join(missing)}")
    plan = machine_plan(program, source.read_bytes(), hostname, replace_school=school is not None)
    try:
        (_say if dry_run else _do)(root, plan, hostname)
    except (InstallError, OSError) as error:
        raise Failure(str(error)) from error


def _say(root: Path, plan: Plan, _: str) -> None:
    from edge.provision.install import is_due, under
    from edge.provision.machine import BROKER

    for file in plan.files:
        does = "write" if is_due(root, file) else "keep"
        print(f"{does:6} {under(root, file.path)} ({file.mode:o}, {file.owner})")
    print(f"{'make':6} {under(root, BROKER)} (as `rollcall broker provision`)")
    for command in plan.commands:
        print(f"{'run':6} {' '.join(command.words)}: {command.why}")


def _do(root: Path, plan: Plan, hostname: str) -> None:
    from edge.provision.authority import AuthorityError
    from edge.provision.broker import provision_broker
    from edge.provision.install import InstallError, give, give_tree, run, under, write_files
    from edge.provision.machine import BROKER, DATA, MOSQUITTO, SCHOOL, USER, Command, broker_copies

    here = root == Path("/")
    users = [file for file in plan.files if file.path.parent.name == "sysusers.d"]
    written = write_files(root, users)
    if here:
        run(Command(("systemd-sysusers",), "make the user"))
    written += write_files(root, plan.files)
    school = school_or_failure(under(root, SCHOOL))
    folder = under(root, BROKER)
    hosts = [f"{hostname}.local", hostname] if hostname else []
    try:
        provision_broker(school, folder, hosts)
    except AuthorityError as error:
        raise InstallError(str(error)) from error
    under(root, DATA).chmod(0o750)
    give(under(root, DATA), USER)
    give_tree(folder, USER)
    written += write_files(root, broker_copies(folder))
    under(root, MOSQUITTO).chmod(0o700)
    give(under(root, MOSQUITTO), "mosquitto")
    for path in written:
        print(f"wrote  {under(root, path)}")
    for command in plan.commands:
        if here:
            run(command)
        print(f"{'ran' if here else 'to run':6} {' '.join(command.words)}: {command.why}")


def _program(given: Path | None) -> Path:
    program = (given or Path(sys.argv[0])).absolute()
    if program.parts[1:2] in (("home",), ("root",)):
        raise Failure(f"{program}: the agent's user cannot read it there; put Rollcall into /opt")
    return program
