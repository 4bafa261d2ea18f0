"""Commands that a person may send to a gateway: which, and what each takes.

The gateway checks all of it again (`firmware/gateway/actions.py`); this tells what is wrong before
anything is sent. Tags are written by the desk's page, firmware by `rollcall gateway update`.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

_WORDS = "^([0-9A-F]{4})+$"  # upper-case hex, whole 16-bit words


class _Args(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NoArgs(_Args):
    """Nothing."""


class IdentifySeconds(_Args):
    """How long."""

    seconds: int = Field(default=30, ge=1, le=300)


class SweepSeconds(_Args):
    """How long."""

    seconds: int = Field(default=5, ge=1, le=60)


class Power(_Args):
    """The antenna's number in the school, and how strongly it sends.

    With `seconds` on trial: the gateway then goes back to what it had, by itself.
    """

    antenna: int = Field(ge=1, le=16)
    dbm: float = Field(ge=0, le=33)
    seconds: int | None = Field(default=None, ge=1, le=3600)


class Identify(_Args):
    """Its light flickers, so that it is found."""

    do: Literal["identify"]
    args: IdentifySeconds = IdentifySeconds()


class SelfTest(_Args):
    """It says how its parts are."""

    do: Literal["selftest"]
    args: NoArgs = NoArgs()


class SetPower(_Args):
    """One antenna's power, until the gateway's next start or settings, or on trial."""

    do: Literal["set_power"]
    args: Power


class Sweep(_Args):
    """Which of the school's tags each antenna hears."""

    do: Literal["sweep"]
    args: SweepSeconds = SweepSeconds()


class Reboot(_Args):
    """It starts again, in order."""

    do: Literal["reboot"]
    args: NoArgs = NoArgs()


class NoEpc(_Args):
    """Whichever tag lies there."""


class NewEpc(_Args):
    """Which tag, by its own number and the EPC it has; which EPC it gets; its password, if any."""

    tid: str = Field(pattern=_WORDS, min_length=8, max_length=128)
    old_epc: str = Field(pattern=_WORDS, max_length=124)
    new_epc: str = Field(pattern=_WORDS, min_length=4, max_length=124)
    password: int = Field(default=0, ge=0, le=0xFFFFFFFF)


class ReadTag(_Args):
    """EPC and TID of the one tag at a desk's antenna, the school's or not."""

    do: Literal["read_tid"] = "read_tid"
    args: NoEpc = NoEpc()


class WriteEpc(_Args):
    """A tag gets another EPC, and is read back by it."""

    do: Literal["write_epc"] = "write_epc"
    args: NewEpc


Command = Annotated[Identify | SelfTest | SetPower | Sweep | Reboot, Field(discriminator="do")]
TagCommand = ReadTag | WriteEpc  # a desk's alone: no API sends these to a doorway or a cart
_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)

ANSWER_S = 10.0  # what a gateway on a poor network takes for what it does at once


def command_of(fields: dict[str, Any]) -> Command:
    """Check a command; raises pydantic's ValidationError with all that is wrong."""
    return _COMMAND.validate_python(fields)


def longest_wait_s(command: Command | TagCommand) -> float:
    """How long its answer may take."""
    return ANSWER_S + (command.args.seconds if isinstance(command, Sweep) else 0)
