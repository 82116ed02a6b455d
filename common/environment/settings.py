"""The settings, read from the environment only here. An invalid value is refused with the allowed values."""

import os
import socket
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast

from marshmallow import ValidationError, fields, validate

from common.environment.data_folder import IN_A_CLONE, data_folder
from common.environment.exposure import ANY, HostNames, Origins, Proxies, TrustedProxies, UrlPrefix
from common.environment.keys.api_keys import api_keys, conceal, named_file
from common.environment.notifications import NAMES, Notifications, NotificationVariables
from common.environment.price import ElectricityPrice, PriceField
from common.environment.servers.addresses import OllamaHost
from common.environment.servers.database_url import DatabaseUrl
from common.environment.servers.hosts import ollama_hosts
from common.environment.servers.redis_url import RedisUrl
from common.environment.timeouts import Limit, TimeLimits
from common.environment.variables import PREFIX, Environment
from common.errors import ConfigurationError

ENVIRONMENTS = ("development", "production")
LOG_FORMATS = ("text", "json")
SECRET = ("REDIS_URL", "DATABASE_URL", "NOTIFY_URLS")
"""Settings that may hold a password, so that no message shows them, and that may be in files."""
DEFAULT_HOST = "127.0.0.1"
MAX_SHOWN = 60
IPV6 = 6


@dataclass(frozen=True)
class Settings:
    """The settings of one process.

    `ollama_hosts` maps a host's name to its server. `sampler_host` is SAMPLER_HOST. `ollama_models` is Ollama's own
    setting for the folder of its models on this machine, which the sampler reads. `container` is the runtime that a
    container reports. `idle_baseline` is how many seconds the idle machine is recorded before each test. `time_limits`
    apply to requests to models. `notes` are remarks on variables that were not taken as they are. The limits of one
    client are in api/http/access/rate_limits.py. `api_keys` and `read_only_keys` are digests. exposure.py explains the
    fields from `allowed_origins` to `script_name`. `data` is the folder of data_folder.py. `retention_days` is None if
    nothing is pruned.
    """

    host: str
    port: int
    environment: str
    redis_url: str = field(repr=False)  # may hold a password
    database_url: str = field(repr=False)  # as above
    ollama_hosts: dict[str, OllamaHost]
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
    max_import_mb: int = 1024
    retention_days: int | None = None
    price_per_kwh: ElectricityPrice | None = None
    time_limits: TimeLimits = field(default_factory=TimeLimits)
    api_keys: tuple[str, ...] = field(repr=False, default=())
    read_only_keys: tuple[str, ...] = field(repr=False, default=())
    allow_anonymous: bool = False
    allowed_origins: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    forwarded_for: Proxies = field(default_factory=Proxies)
    script_name: str = ""
    notifications: Notifications = field(default_factory=Notifications)
    data: Path = IN_A_CLONE
    notes: tuple[str, ...] = ()

    @property
    def needs_key(self) -> bool:
        """Whether keys are configured, so that a request needs one."""
        return bool(self.api_keys or self.read_only_keys)


class _Variables(NotificationVariables):
    """The settings that are one variable each, by their field of Settings."""

    _count = validate.Range(1, 1_000_000)
    _seconds = validate.Range(0.1, 86_400)

    port = fields.Integer(data_key="PORT", load_default=8000, validate=validate.Range(1, 65535))
    environment = fields.String(data_key="GAIT_ENV", load_default="development", validate=validate.OneOf(ENVIRONMENTS))
    redis_url = fields.String(data_key="REDIS_URL", load_default="redis://127.0.0.1:6379/0", validate=RedisUrl())
    database_url = DatabaseUrl(data_key="DATABASE_URL", load_default=None)
    sample_hz = fields.Float(data_key="SAMPLE_HZ", load_default=10.0, validate=validate.Range(0.1, 100))
    idle_baseline = fields.Float(data_key="IDLE_BASELINE", load_default=5.0, validate=validate.Range(0, 60))
    ollama_models = fields.String(data_key="OLLAMA_MODELS", load_default=None)
    container = fields.String(data_key="container", load_default=None)
    requests_per_second = fields.Integer(data_key="REQUESTS_PER_SECOND", load_default=200, validate=_count)
    max_open_sessions = fields.Integer(data_key="MAX_OPEN_SESSIONS", load_default=5000, validate=_count)
    max_runs = fields.Integer(data_key="MAX_RUNS", load_default=20_000, validate=_count)
    max_websockets = fields.Integer(data_key="MAX_WEBSOCKETS", load_default=2000, validate=_count)
    max_import_mb = fields.Integer(data_key="MAX_IMPORT_MB", load_default=1024, validate=_count)
    retention_days = fields.Integer(data_key="RETENTION_DAYS", load_default=None, validate=validate.Range(1, 36_500))
    price_per_kwh = PriceField(data_key="PRICE_PER_KWH", load_default=None)
    connect_s = fields.Float(data_key=Limit.CONNECT, load_default=TimeLimits.connect_s, validate=_seconds)
    first_byte_s = fields.Float(data_key=Limit.FIRST_BYTE, load_default=TimeLimits.first_byte_s, validate=_seconds)
    silence_s = fields.Float(data_key=Limit.SILENCE, load_default=TimeLimits.silence_s, validate=_seconds)
    total_s = fields.Float(data_key=Limit.TOTAL, load_default=TimeLimits.total_s, validate=_seconds)
    allow_anonymous = fields.Boolean(data_key="ALLOW_ANONYMOUS", load_default=False)
    allowed_origins = Origins(data_key="ALLOWED_ORIGINS", load_default=())
    trusted_hosts = HostNames(data_key="TRUSTED_HOSTS", load_default=())
    forwarded_for = TrustedProxies(data_key="FORWARDED_FOR", load_default=Proxies())
    script_name = UrlPrefix(data_key="SCRIPT_NAME", load_default="")
    log_format = fields.String(data_key="LOG_FORMAT", load_default="text", validate=validate.OneOf(LOG_FORMATS))


TIME_LIMITS = ("connect_s", "first_byte_s", "silence_s", "total_s")

_current: list[Settings] = []


def settings() -> Settings:
    """Return the settings of this process, which are read once.

    Raises:
        ConfigurationError: naming each wrong variable and its allowed values.
    """
    return _current[0] if _current else renew()


def renew() -> Settings:
    """Read the settings again, because a file that they name may have changed.

    Raises:
        ConfigurationError: as `settings`. The earlier settings stay.
    """
    _current[:] = [_read(Environment(os.environ))]
    return _current[0]


def conceal_keys() -> None:
    """Let the environment of this process and its children hold only digests of keys."""
    conceal(os.environ)


def forget() -> None:
    """Let the next call of `settings` read them."""
    _current.clear()


def _read(environment: Environment) -> Settings:
    values = _values(environment)
    data = data_folder(environment)
    values["database_url"] = values["database_url"] or f"sqlite:///{data / 'gait.db'}"
    limits = TimeLimits(*(values.pop(name) for name in TIME_LIMITS))
    notifications = Notifications(*(values.pop(name) for name in NAMES))
    hosts = ollama_hosts(environment)
    loaded = Settings(
        **values,
        host=_host(environment),
        time_limits=limits,
        notifications=notifications,
        data=data,
        ollama_hosts=hosts,
        sampler_host=_sampler_host(environment, hosts),
        api_keys=api_keys(environment, "API_KEYS"),
        read_only_keys=api_keys(environment, "READ_ONLY_KEYS"),
        notes=tuple(environment.notes),
    )
    _check_keys(loaded, named_file(environment))
    return loaded


def _check_keys(loaded: Settings, file: str | None) -> None:
    if file and not (loaded.api_keys or loaded.read_only_keys):
        raise ConfigurationError(f"{file}: the file holds no key. Put one key on each line, or unset {file}.")
    if loaded.environment == "production" and not loaded.api_keys:
        raise ConfigurationError("GAIT_ENV=production needs a key. Set API_KEYS or API_KEYS_FILE.")
    if ANY in loaded.allowed_origins and not (loaded.needs_key or loaded.allow_anonymous):
        raise ConfigurationError(
            "ALLOWED_ORIGINS=* without a key lets every site in a visitor's browser use Gait. Name the sites, or set "
            "API_KEYS or API_KEYS_FILE."
        )


def _values(environment: Environment) -> dict[str, Any]:
    schema = _Variables()
    names = [str(each.data_key) for each in schema.fields.values()]
    read = {name: environment.secret(name) if name in SECRET else environment.get(name) for name in names}
    given = {name: value for name, value in read.items() if value is not None}
    try:
        return cast("dict[str, Any]", schema.load(given))
    except ValidationError as error:
        wrong = cast("dict[str, list[str]]", error.messages)
        raise ConfigurationError(
            "; ".join(_problem(environment, name, given[name], " ".join(wrong[name])) for name in wrong)
        ) from error


def _problem(environment: Environment, name: str, value: str, problem: str) -> str:
    """Return a sentence on a wrong value, with the way out if another program needs the variable."""
    variable = environment.variable(name)
    shown = "" if name in SECRET else f" It is {value[:MAX_SHOWN]!r}."
    elsewhere = "" if variable.startswith(PREFIX) else f" If {name} is another program's, set {PREFIX}{name} for Gait."
    return f"{variable}: {problem}{shown}{elsewhere}"


def _host(environment: Environment) -> str:
    """Return the address to listen on: GAIT_HOST, or HOST if it is an IP address of this machine.

    Shells and conda set HOST to a machine's name or an architecture, and others to a server elsewhere.
    """
    value, variable = environment.get("HOST"), environment.variable("HOST")
    if value is None:
        return DEFAULT_HOST
    host = value.removeprefix("[").removesuffix("]")
    if variable.startswith(PREFIX) or host == "localhost" or _is_own_address(host):
        return host
    environment.notes.append(
        f"HOST: {value[:MAX_SHOWN]!r} is not an IP address of this machine, so it is another program's, and the API "
        f"listens on {DEFAULT_HOST}. Set {PREFIX}HOST to choose another address."
    )
    return DEFAULT_HOST


def _is_own_address(text: str) -> bool:
    """Return whether the text is an IP address that this machine can listen on."""
    try:
        family = socket.AF_INET6 if ip_address(text).version == IPV6 else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((text, 0))
    except (ValueError, OSError):
        return False
    return True


def _sampler_host(environment: Environment, hosts: dict[str, OllamaHost]) -> str | None:
    name, machines = environment.get("SAMPLER_HOST"), {host.machine for host in hosts.values()} - {None}
    if name and name not in {*hosts, *machines}:
        raise ConfigurationError(
            f"SAMPLER_HOST: {name!r} is not one of OLLAMA_HOSTS: {', '.join([*hosts, *sorted(map(str, machines))])}"
        )
    return name
