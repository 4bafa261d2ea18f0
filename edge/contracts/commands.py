"""Commands that a person may send to a gateway: which, and what each takes.

The gateway checks all of it again (`firmware/gateway/actions.py`); this tells what is wrong before
anything is sent. Writing tags and updates have ways of their own.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


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


Command = Annotated[Identify | SelfTest | SetPower | Sweep | Reboot, Field(discriminator="do")]
_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)

ANSWER_S = 10.0  # what a gateway on a poor network takes for what it does at once


def command_of(fields: dict[str, Any]) -> Command:
    """Check a command; raises pydantic's ValidationError with all that is wrong."""
    return _COMMAND.validate_python(fields)


def longest_wait_s(command: Command) -> float:
    """How long its answer may take."""
    return ANSWER_S + (command.args.seconds if isinstance(command, Sweep) else 0)
