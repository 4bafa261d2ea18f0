"""Read the settings that a command was given, or fail with everything that is wrong in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edge.commands.failure import Failure

if TYPE_CHECKING:  # pydantic takes longer to load than most commands to run
    from edge.contracts.settings import AgentSettings


def settings_or_failure(path: Path) -> AgentSettings:
    """Return the checked settings.

    Raises:
        Failure: all their problems in one line, each with its key.
    """
    from edge.contracts.settings import SettingsError, load_settings

    try:
        return load_settings(path)
    except SettingsError as error:
        raise Failure(str(error)) from error
