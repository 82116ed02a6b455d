"""The environment variables of Gait, as shells, .env files and platforms set them.

Each name may have the prefix GAIT_, which then wins, because other programs use some of the same names. An empty
variable counts as unset. Blanks and quotes around a value are removed, because not every reader of .env files does so.
"""

from collections.abc import Mapping
from pathlib import Path

from common.environment.servers.addresses import clean
from common.errors import ConfigurationError

PREFIX = "GAIT_"
LINK = "tcp://"
"""Beginning of what Kubernetes and Docker links set for a service: GAIT_PORT=tcp://10.0.0.1:8000 for one named gait."""


class Environment:
    """The variables of one process. `notes` are remarks on values that were not taken as they are."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.notes: list[str] = []

    def get(self, name: str) -> str | None:
        """Return the setting's value, or None if it is not set."""
        value = self._value(self.variable(name))
        return value or None

    def variable(self, name: str) -> str:
        """Return the variable that holds the setting: the one with the prefix, if it is set."""
        prefixed = name if name.startswith(PREFIX) else PREFIX + name
        return prefixed if self._value(prefixed) else name

    def secret(self, name: str) -> str | None:
        """Return the value of a setting that may be in a file, which NAME_FILE names and which wins over NAME.

        Raises:
            ConfigurationError: if the file cannot be read or is empty.
        """
        for variable in (PREFIX + name, name):
            file = f"{variable}_FILE"
            if self._value(file):
                text = clean(self.file(file))
                if not text:
                    raise ConfigurationError(f"{file}: the file is empty. Write the value of {name} into it.")
                return text
            if self._value(variable):
                return self._value(variable)
        return None

    def file(self, variable: str) -> str:
        """Return the text of the file that the variable names, or an empty text if the variable is not set.

        Raises:
            ConfigurationError: if the file cannot be read.
        """
        path = self._value(variable)
        try:
            return Path(path).read_text("utf-8-sig") if path else ""
        except OSError as error:
            raise ConfigurationError(f"{variable}: {path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{variable}: {path} is not a text file.") from error

    def _value(self, variable: str) -> str:
        value = clean(self._variables.get(variable, ""))
        return "" if value.startswith(LINK) and variable == f"{PREFIX}PORT" else value
