"""The environment, read here and nowhere else. An unknown value is refused with the list of allowed ones."""

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
"""What a session may name instead of a host, so that no host may be called so."""
HASHED = "sha256:"
DIGEST = re.compile("[0-9a-f]{64}")
MANY = validate.Range(1, 1_000_000)


@dataclass(frozen=True)
class Settings:
    """One process's settings. `ollama_hosts` maps a host's name to the URL of its Ollama; `ollama_models` is the folder
    of the models on this machine, a setting of Ollama's own that the sampler looks at; `container` the runtime that a
    container says it is in; `idle_baseline` for how many seconds the idle machine is looked at before each test;
    `time_limits` are those of requests to models. What one client may have: see api/http/rate_limits.py.
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
        """Which of the hosts a sampler here reads.

        Raises:
            ConfigurationError: where nothing tells; the readings of the wrong machine would be worse than none.
        """
        if self.sampler_host is None:
            raise ConfigurationError(f"SAMPLER_HOST must say which machine this is: {', '.join(self.ollama_hosts)}")
        return self.sampler_host


@cache
def settings() -> Settings:
    """The settings of this process, read once.

    Raises:
        ConfigurationError: naming every variable that is wrong and what it may be.
    """
    env = Env(eager=False)
    values = _plain(env)
    try:
        env.seal()
    except EnvValidationError as error:
        wrong = cast("dict[str, list[str]]", error.error_messages)  # a deferred Env collects them by variable
        raise ConfigurationError("; ".join(f"{name}: {' '.join(wrong[name])}" for name in wrong)) from error
    hosts = _ollama_hosts()
    full = _keys("API_KEYS", os.environ.get("API_KEYS"), os.environ.get("API_KEYS_FILE"))
    reading = _keys("READ_ONLY_KEYS", os.environ.get("READ_ONLY_KEYS"), os.environ.get("READ_ONLY_KEYS_FILE"))
    own = {"ollama_hosts": hosts, "sampler_host": _sampler_host(hosts), "api_keys": full, "read_only_keys": reading}
    loaded = Settings(**{**values, **own})
    if loaded.environment == "production" and not loaded.api_keys:
        raise ConfigurationError("GAIT_ENV=production needs a key: set API_KEYS or API_KEYS_FILE")
    return loaded


def _plain(env: Env) -> dict[str, Any]:
    """What is a variable each. What is wrong with them, `env` collects."""
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
        "requests_per_second": env.int("REQUESTS_PER_SECOND", 200, validate=MANY),
        "max_open_sessions": env.int("MAX_OPEN_SESSIONS", 5000, validate=MANY),
        "max_runs": env.int("MAX_RUNS", 20_000, validate=MANY),
        "max_websockets": env.int("MAX_WEBSOCKETS", 2000, validate=MANY),
        "time_limits": _time_limits(env),
        "log_format": env.str("LOG_FORMAT", "text", validate=validate.OneOf(LOG_FORMATS)),
    }


def _time_limits(env: Env) -> TimeLimits:
    """Of the requests to models, in seconds up to a day."""
    allowed, usual = validate.Range(0.1, 86_400), TimeLimits()
    return TimeLimits(
        env.float("CONNECT_TIMEOUT", usual.connect_s, validate=allowed),
        env.float("FIRST_BYTE_TIMEOUT", usual.first_byte_s, validate=allowed),
        env.float("SILENCE_TIMEOUT", usual.silence_s, validate=allowed),
        env.float("REQUEST_TIMEOUT", usual.total_s, validate=allowed),
    )


def ollama_url(address: str) -> str:
    """The URL meant by an OLLAMA_HOST, which Ollama itself reads as `host`, `host:port` or a URL.

    Raises:
        ConfigurationError: for anything that is none of these.
    """
    parts = urlsplit(address if "://" in address else f"http://{address}")
    try:
        port = parts.port or {"http": OLLAMA_PORT, "https": 443}[parts.scheme]
    except (KeyError, ValueError) as error:
        message = f"OLLAMA_HOST: {address!r} is no address; allowed are host, host:port and http(s)://host:port"
        raise ConfigurationError(message) from error
    # A server that listens on all interfaces is reached on the loopback one.
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(parts.hostname or "", parts.hostname or "")  # noqa: S104 - compared, not bound
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{port}{parts.path.rstrip('/')}"


def _scheme(allowed: tuple[str, ...]) -> validate.Validator:
    return validate.Regexp(
        rf"({'|'.join(scheme.replace('+', '[+]') for scheme in allowed)})://",
        error="the URL must begin with one of: " + ", ".join(f"{scheme}://" for scheme in allowed),
    )


def _ollama_hosts() -> dict[str, str]:
    listed = os.environ.get("OLLAMA_HOSTS", "").strip()
    if not listed:
        return {"local": ollama_url(os.environ.get("OLLAMA_HOST") or f"http://127.0.0.1:{OLLAMA_PORT}")}
    hosts = {}
    for entry in listed.split(","):
        name, separator, address = (part.strip() for part in entry.partition("="))
        if not (separator and address and name.replace("-", "").replace("_", "").isalnum()) or name in hosts:
            raise ConfigurationError(f"OLLAMA_HOSTS: {entry!r} is not name=url with a name of its own")
        if name.lower() in (ANY_HOST, ALL_HOSTS):
            taken = f"{ANY_HOST} and {ALL_HOSTS} are what a session asks for instead of one host"
            raise ConfigurationError(f"OLLAMA_HOSTS: a host cannot be called {name}: {taken}; give it another name")
        hosts[name] = ollama_url(address)
    return hosts


def _sampler_host(hosts: dict[str, str]) -> str | None:
    """The host that is named; untold the only one, that of the name `local`, or the only one on the loopback."""
    name = os.environ.get("SAMPLER_HOST")
    if name and name not in hosts:
        raise ConfigurationError(f"SAMPLER_HOST: {name!r} is none of OLLAMA_HOSTS: {', '.join(hosts)}")
    here = [host for host, url in hosts.items() if urlsplit(url).hostname in LOOPBACK]
    candidates = [name] if name else list(hosts) if len(hosts) == 1 else ["local"] if "local" in hosts else here
    return candidates[0] if len(candidates) == 1 else None


def _keys(name: str, listed: str | None, path: str | None) -> tuple[str, ...]:
    """Keys, or `sha256:` and a key's digest in hexadecimal, listed in a variable or a line each in a file."""
    try:
        text = f"{listed or ''},{Path(path).read_text() if path else ''}"
    except OSError as error:
        raise ConfigurationError(f"{name}_FILE: {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{name}_FILE: {path} is no text; it holds one key a line") from error
    keys = tuple(key.strip() for key in text.replace("\n", ",").split(",") if key.strip())
    if any(key.startswith(HASHED) and not DIGEST.fullmatch(key.removeprefix(HASHED)) for key in keys):
        raise ConfigurationError(f"{name}: behind {HASHED} stand 64 hexadecimal digits: printf %s KEY | sha256sum")
    return keys
