"""Read the settings that a command was given, or fail with everything that is wrong in them."""

from pathlib import Path

from edge.commands.failure import Failure
from edge.contracts.settings import AgentSettings, SettingsError, load_settings


def settings_or_failure(path: Path) -> AgentSettings:
    """Return the checked settings.

    Raises:
        Failure: all their problems in one line, each with its key.
    """
    try:
        return load_settings(path)
    except SettingsError as error:
        raise Failure(str(error)) from error
