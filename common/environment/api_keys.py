"""Keys of the API: a list in a variable, and a file that another variable names."""

import re
from pathlib import Path

from common.environment.addresses import clean
from common.environment.variables import Environment
from common.errors import ConfigurationError

HASH_PREFIX = "sha256:"
DIGEST = re.compile("[0-9a-f]{64}")


def api_keys(environment: Environment, name: str) -> tuple[str, ...]:
    """Return the keys of the variable `name` (separated by commas) and of the file in `name`_FILE (one per line).

    Instead of a key there may be `sha256:` with the key's digest in hexadecimal.
    """
    text = f"{environment.get(name) or ''},{_file(environment, f'{name}_FILE')}"
    keys = tuple(key for each in text.replace("\n", ",").split(",") if (key := clean(each)))
    if any(key.startswith(HASH_PREFIX) and not DIGEST.fullmatch(key.removeprefix(HASH_PREFIX)) for key in keys):
        command = "printf %s KEY | sha256sum"
        raise ConfigurationError(f"{name}: {HASH_PREFIX} needs 64 hexadecimal digits after it. Get them by {command}.")
    return keys


def _file(environment: Environment, name: str) -> str:
    path = environment.get(name)
    try:
        return Path(path).read_text() if path else ""
    except OSError as error:
        raise ConfigurationError(f"{name}: {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}: {path} is not a text file. Put one key on each line.") from error
