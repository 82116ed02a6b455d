"""Keys of the API: a list in a variable, and a file that another variable names. Processes keep only their digests."""

import hashlib
import re
from collections.abc import MutableMapping, Sequence

from common.environment.servers.addresses import clean
from common.environment.variables import PREFIX, Environment
from common.errors import ConfigurationError

NAMES = ("API_KEYS", "READ_ONLY_KEYS")
HASH_PREFIX = "sha256:"
COMMENT = "#"
DIGEST = re.compile(f"{HASH_PREFIX}[0-9a-f]{{64}}")
NOT_A_DIGEST = f"{HASH_PREFIX} needs 64 hexadecimal digits after it. Get them by printf %s KEY | sha256sum."


def api_keys(environment: Environment, name: str) -> tuple[str, ...]:
    """Return the digests of the keys that `written_keys` finds, as `digest` writes them."""
    keys = written_keys(environment, name)
    if any(key.startswith(HASH_PREFIX) and not DIGEST.fullmatch(key) for key in keys):
        raise ConfigurationError(f"{name}: {NOT_A_DIGEST}")
    return tuple(map(_digest_of, keys))


def written_keys(environment: Environment, name: str) -> tuple[str, ...]:
    """Return the keys of the variable `name` (separated by commas) and of the file in `name`_FILE (one per line).

    Instead of a key there may be `sha256:` with the key's digest in hexadecimal, in a file also with a description.
    """
    lines = environment.file(environment.variable(f"{name}_FILE")).splitlines()
    return (*_split(environment.get(name) or ""), *(key for line in lines for key in keys_of_line(line)))


def keys_of_line(line: str) -> tuple[str, ...]:
    """Return the keys of a line of a file, without what describes them. A line that begins with # has none."""
    words = line.split()
    if line.lstrip().startswith(COMMENT):
        return ()
    return (words[0],) if is_described(words) else _split(line)


def is_described(words: Sequence[str]) -> bool:
    """Return whether a line of these words is a digest with fields such as `name=ci`."""
    return len(words) > 1 and words[0].startswith(HASH_PREFIX) and all("=" in word for word in words[1:])


def named_file(environment: Environment) -> str | None:
    """Return a variable that names a file of keys, or None."""
    return next((f"{name}_FILE" for name in NAMES if environment.get(f"{name}_FILE")), None)


def conceal(variables: MutableMapping[str, str]) -> None:
    """Replace the keys in environment variables by their digests, which mean the same."""
    for name in (prefix + name for name in NAMES for prefix in ("", PREFIX)):
        if variables.get(name):
            variables[name] = ",".join(map(_digest_of, _split(variables[name])))


def digest(key: bytes) -> str:
    """Return `sha256:` and the digest of a key in hexadecimal."""
    return HASH_PREFIX + hashlib.sha256(key).hexdigest()


def _digest_of(written: str) -> str:
    return written if written.startswith(HASH_PREFIX) else digest(written.encode())


def _split(text: str) -> tuple[str, ...]:
    return tuple(key for each in text.replace("\n", ",").split(",") if (key := clean(each)))
