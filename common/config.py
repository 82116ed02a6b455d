"""The settings, read from the environment only here. An invalid value is refused with the allowed values."""

import os
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from environs import Env, EnvValidationError, validate

from common.errors import ConfigurationError
from common.timeouts import TimeLimits

ENVIRONMENTS = ("development", "production")
LOG_FORMATS = ("text", "json")
DATABASE_SCHEMES = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")
REDIS_SCHEMES = ("redis", "rediss", "unix")
OLLAMA_PORT = 11434
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ANY_HOST, ALL_HOSTS = "any", "all"
"""Values that a session may give instead of a host, so no host can have these names."""
HASH_PREFIX = "sha256:"
DIGEST = re.compile("[0-9a-f]{64}")
COUNT_RANGE = validate.Range(1, 1_000_000)


@dataclass(frozen=True)
class Settings:
    """The settings of one process.

    `ollama_hosts` maps a host's name to its URL. `ollama_models` is Ollama's own setting for the folder of its models
    on this machine, which the sampler reads. `container` is the runtime that a container reports. `idle_baseline` is
    how many seconds the idle machine is recorded before each test. `time_limits` apply to requests to models. The
    limits of one client are in api/http/rate_limits.py.
    """

    host: str
    port: int
    environment: str
    redis_url: str = field(repr=False)  # may hold a password
    database_url: str = field(repr=False)  # may hold a password
    ollama_hosts: dict[str, str]
    sampler_host: str | None
    sample_hz: float
    log_format: str
    idle_baseline: float = 5.0
    ollama_models: str | None = None
    container: str | None = None
    requests_per_second: int = 200
    max_open_sessions: int = 5000
    max_runs: int = 20_000
    max_websockets: int = 2000
    time_limits: TimeLimits = field(default_factory=TimeLimits)
    api_keys: tuple[str, ...] = field(repr=False, default=())
    read_only_keys: tuple[str, ...] = field(repr=False, default=())

    def this_machine(self) -> str:
        """Return the host that a sampler on this machine reads.

        Raises:
            ConfigurationError: if it is unknown, because readings of the wrong machine are worse than none.
        """
        if self.sampler_host is None:
            raise ConfigurationError(f"SAMPLER_HOST must name this machine: one of {', '.join(self.ollama_hosts)}")
        return self.sampler_host


@cache
def settings() -> Settings:
    """Return the settings of this process, which are read once.

    Raises:
        ConfigurationError: naming each wrong variable and its allowed values.
    """
    env = Env(eager=False)
    values = _values(env)
    try:
        env.seal()
    except EnvValidationError as error:
        wrong = cast("dict[str, list[str]]", error.error_messages)  # a deferred Env collects them by variable
        raise ConfigurationError("; ".join(f"{name}: {' '.join(wrong[name])}" for name in wrong)) from error
    hosts = _ollama_hosts()
    full = _keys("API_KEYS", os.environ.get("API_KEYS"), os.environ.get("API_KEYS_FILE"))
    read_only = _keys("READ_ONLY_KEYS", os.environ.get("READ_ONLY_KEYS"), os.environ.get("READ_ONLY_KEYS_FILE"))
    parsed = {"ollama_hosts": hosts, "sampler_host": _sampler_host(hosts)}
    loaded = Settings(**{**values, **parsed, "api_keys": full, "read_only_keys": read_only})
    if loaded.environment == "production" and not loaded.api_keys:
        raise ConfigurationError("GAIT_ENV=production needs a key. Set API_KEYS or API_KEYS_FILE.")
    return loaded


def _values(env: Env) -> dict[str, Any]:
    """Return the settings that are one variable each. `env` collects their errors."""
    return {
        "host": env.str("HOST", "127.0.0.1"),
        "port": env.int("PORT", 8000, validate=validate.Range(1, 65535)),
        "environment": env.str("GAIT_ENV", "development", validate=validate.OneOf(ENVIRONMENTS)),
        "redis_url": env.str("REDIS_URL", "redis://127.0.0.1:6379/0", validate=_scheme(REDIS_SCHEMES)),
        "database_url": env.str("DATABASE_URL", "sqlite:///var/gait.db", validate=_scheme(DATABASE_SCHEMES)),
        "sample_hz": env.float("SAMPLE_HZ", 10.0, validate=validate.Range(0.1, 100)),
        "idle_baseline": env.float("IDLE_BASELINE", 5.0, validate=validate.Range(0, 60)),
        "ollama_models": env.str("OLLAMA_MODELS", None),
        "container": env.str("container", None),
        "requests_per_second": env.int("REQUESTS_PER_SECOND", 200, validate=COUNT_RANGE),
        "max_open_sessions": env.int("MAX_OPEN_SESSIONS", 5000, validate=COUNT_RANGE),
        "max_runs": env.int("MAX_RUNS", 20_000, validate=COUNT_RANGE),
        "max_websockets": env.int("MAX_WEBSOCKETS", 2000, validate=COUNT_RANGE),
        "time_limits": _time_limits(env),
        "log_format": env.str("LOG_FORMAT", "text", validate=validate.OneOf(LOG_FORMATS)),
    }


def _time_limits(env: Env) -> TimeLimits:
    """Return the time limits of requests to models, in seconds up to a day."""
    allowed, default = validate.Range(0.1, 86_400), TimeLimits()
    return TimeLimits(
        env.float("CONNECT_TIMEOUT", default.connect_s, validate=allowed),
        env.float("FIRST_BYTE_TIMEOUT", default.first_byte_s, validate=allowed),
        env.float("SILENCE_TIMEOUT", default.silence_s, validate=allowed),
        env.float("REQUEST_TIMEOUT", default.total_s, validate=allowed),
    )


def ollama_url(address: str) -> str:
    """Return the URL of an OLLAMA_HOST, which may be `host`, `host:port` or a URL, as for Ollama itself.

    Raises:
        ConfigurationError: if it is none of these.
    """
    parts = urlsplit(address if "://" in address else f"http://{address}")
    try:
        port = parts.port or {"http": OLLAMA_PORT, "https": 443}[parts.scheme]
    except (KeyError, ValueError) as error:
        message = f"OLLAMA_HOST: {address!r} is not an address. Use host, host:port or http(s)://host:port."
        raise ConfigurationError(message) from error
    # A server that listens on all interfaces is reached by the loopback address.
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(parts.hostname or "", parts.hostname or "")  # noqa: S104 - compared, not bound
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}"


def _scheme(allowed: tuple[str, ...]) -> validate.Validator:
    return validate.Regexp(
        rf"({'|'.join(scheme.replace('+', '[+]') for scheme in allowed)})://",
        error="The URL must begin with one of: " + ", ".join(f"{scheme}://" for scheme in allowed),
    )


def _ollama_hosts() -> dict[str, str]:
    listed = os.environ.get("OLLAMA_HOSTS", "").strip()
    if not listed:
        return {"local": ollama_url(os.environ.get("OLLAMA_HOST") or f"http://127.0.0.1:{OLLAMA_PORT}")}
    hosts = {}
    for entry in listed.split(","):
        name, separator, address = (part.strip() for part in entry.partition("="))
        if not (separator and address and name.replace("-", "").replace("_", "").isalnum()) or name in hosts:
            raise ConfigurationError(f"OLLAMA_HOSTS: {entry!r} is not name=url with a unique name.")
        if name.lower() in (ANY_HOST, ALL_HOSTS):
            reserved = f"{ANY_HOST} and {ALL_HOSTS} are reserved for sessions"
            raise ConfigurationError(f"OLLAMA_HOSTS: a host cannot be named {name}: {reserved}. Use another name.")
        hosts[name] = ollama_url(address)
    return hosts


def _sampler_host(hosts: dict[str, str]) -> str | None:
    """Return SAMPLER_HOST, else the only host, the host named `local`, or the only one on the loopback address."""
    name = os.environ.get("SAMPLER_HOST")
    if name and name not in hosts:
        raise ConfigurationError(f"SAMPLER_HOST: {name!r} is not one of OLLAMA_HOSTS: {', '.join(hosts)}")
    loopback = [host for host, url in hosts.items() if urlsplit(url).hostname in LOOPBACK]
    candidates = [name] if name else list(hosts) if len(hosts) == 1 else ["local"] if "local" in hosts else loopback
    return candidates[0] if len(candidates) == 1 else None


def _keys(name: str, listed: str | None, path: str | None) -> tuple[str, ...]:
    """Return the keys of a variable (separated by commas) and of a file (one per line).

    Instead of a key there may be `sha256:` with the key's digest in hexadecimal.
    """
    try:
        text = f"{listed or ''},{Path(path).read_text() if path else ''}"
    except OSError as error:
        raise ConfigurationError(f"{name}_FILE: {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}_FILE: {path} is not a text file. Put one key on each line.") from error
    keys = tuple(key.strip() for key in text.replace("\n", ",").split(",") if key.strip())
    if any(key.startswith(HASH_PREFIX) and not DIGEST.fullmatch(key.removeprefix(HASH_PREFIX)) for key in keys):
        command = "printf %s KEY | sha256sum"
        raise ConfigurationError(f"{name}: {HASH_PREFIX} needs 64 hexadecimal digits after it. Get them by {command}.")
    return keys
