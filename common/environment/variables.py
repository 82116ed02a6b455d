"""The environment variables of Gait, as shells, .env files and platforms set them.

Each name may have the prefix GAIT_, which then wins, because other programs use some of the same names. An empty
variable counts as unset. Blanks and quotes around a value are removed, because not every reader of .env files does so.
"""

from collections.abc import Mapping

from common.environment.addresses import clean

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

    def _value(self, variable: str) -> str:
        value = clean(self._variables.get(variable, ""))
        return "" if value.startswith(LINK) and variable == f"{PREFIX}PORT" else value
