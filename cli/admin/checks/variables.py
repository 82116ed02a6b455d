"""The variables of the environment: which are set, which are not Gait's, and who can read the files that they name."""

import difflib
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from cli.admin.checks.finding import Finding, failed, ok, warning
from common.environment.documented_settings import SETTINGS
from common.environment.servers.addresses import clean
from common.environment.settings import Settings
from common.environment.variables import PREFIX

OF_THE_CLIENT = ("URL", "API_KEY", "API_KEY_FILE")
"""Variables of the command `gait`."""
SECRET_FILES = tuple(name for entry in SETTINGS for name in entry.names if name.endswith("_FILE"))
"""Variables that name files of keys, passwords and addresses."""
OTHERS_READ, OTHERS_WRITE = stat.S_IROTH, stat.S_IWGRP | stat.S_IWOTH


def check(config: Settings) -> Iterator[Finding]:
    variables = os.environ
    yield from misspelt()
    found = [name for name in _known() if clean(variables.get(name, ""))]
    yield ok("settings", f"valid. Set: {', '.join(found) or 'none, so all have their defaults'}")
    for note in config.notes:
        yield warning("settings", note)
    for name in SECRET_FILES:
        for variable in (name, PREFIX + name):
            if path := clean(variables.get(variable, "")):
                yield _rights(variable, Path(path))


def misspelt() -> Iterator[Finding]:
    """Yield a warning for each variable that looks like Gait's and is not."""
    yield from map(_misspelt, _unknown(os.environ))


def _known() -> list[str]:
    names = [name for entry in SETTINGS for name in entry.names]
    prefixed = [name if name.startswith(PREFIX) else f"{PREFIX}{name}" for name in names]
    return list(dict.fromkeys([*names, *prefixed]))


def _unknown(variables: Mapping[str, str]) -> list[str]:
    """Return the variables that look like Gait's and are not."""
    known = {*_known(), *(PREFIX + name for name in OF_THE_CLIENT)}
    return sorted(name for name in variables if name.startswith(PREFIX) and name not in known)


def _misspelt(name: str) -> Finding:
    close = difflib.get_close_matches(name, _known(), n=1)
    advice = f"If {close[0]} is meant, rename it." if close else "Remove it; docs/settings.md lists all settings."
    return warning(name, f"is ignored, because Gait has no setting of this name. {advice}")


def _rights(variable: str, path: Path) -> Finding:
    if not path.is_file():
        return failed(variable, f"there is no file {path}. Create it, or correct the variable.")
    mode = path.stat().st_mode
    if mode & OTHERS_WRITE:
        return warning(variable, f"{path} can be changed by others than its owner. Run chmod go-w on it.")
    if mode & OTHERS_READ:
        return warning(variable, f"{path} can be read by all users of this machine. Run chmod o-r on it.")
    return ok(variable, f"{path} is readable, and not by all users")
