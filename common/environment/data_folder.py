"""The folder of what Gait keeps on this machine: its SQLite database, and what the local stack starts and logs."""

from pathlib import Path

from common import ROOT
from common.environment.variables import PREFIX, Environment
from common.errors import ConfigurationError

NAME = f"{PREFIX}DATA"
SHARED = "XDG_DATA_HOME"
"""The desktop's own variable for the folder of all programs."""
IN_A_CLONE = Path("var")
"""Below the working folder, which is the clone."""
USUAL = Path("~/.local/share/gait")


def data_folder(environment: Environment) -> Path:
    """Return the folder that GAIT_DATA names, or else `var` in a clone, and a folder of the user if Gait is installed.

    Raises:
        ConfigurationError: if GAIT_DATA begins with a ~ that stands for no folder.
    """
    chosen, shared = environment.get(NAME), environment.get(SHARED)
    if chosen:
        return _expanded(chosen)
    if (ROOT / "pyproject.toml").is_file():
        return IN_A_CLONE
    if shared and Path(shared).is_absolute():  # the XDG specification ignores other paths
        return Path(shared) / "gait"
    try:
        return USUAL.expanduser()
    except RuntimeError:  # a user without a home, as in containers
        return IN_A_CLONE


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError as error:
        raise ConfigurationError(f"{NAME}: the folder that ~ stands for is unknown. Write the whole path.") from error
