"""Every setting, as docs/settings.md and the help of each process describe it: `make reference` writes the page."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Reader(StrEnum):
    """A process that reads settings."""

    WEB = "web"
    WORKER = "worker"
    SAMPLER = "sampler"
    SCHEDULER = "scheduler"


@dataclass(frozen=True)
class SettingEntry:
    """A setting, or several that mean the same.

    `default` and `meaning` are Markdown, with links as from docs/settings.md. `readers` is empty if all processes read
    it.
    """

    names: tuple[str, ...]
    default: str
    meaning: str
    readers: tuple[Reader, ...] = ()


def read_by(process: Reader) -> tuple[str, ...]:
    """Return the names of the settings that the process reads."""
    return tuple(_names(process))


def _names(process: Reader) -> Iterator[str]:
    for entry in SETTINGS:
        if not entry.readers or process in entry.readers:
            yield from entry.names


WEB, WORKER, SAMPLER, SCHEDULER = (Reader.WEB,), (Reader.WORKER,), (Reader.SAMPLER,), (Reader.SCHEDULER,)

SETTINGS = (
    SettingEntry(("GAIT_PORT", "GAIT_HOST"), "8000, 127.0.0.1", "where the API listens", WEB),
    SettingEntry(("GAIT_ENV",), "development", "`production` refuses to start without an API key", WEB),
    SettingEntry(
        ("API_KEYS", "API_KEYS_FILE"),
        "none",
        "keys, separated by commas, or one per line in the file; if set, a key is required "
        "([operating.md](operating.md#keys))",
        WEB,
    ),
    SettingEntry(
        ("READ_ONLY_KEYS", "READ_ONLY_KEYS_FILE"), "none", "keys that allow no change ([security.md](security.md))", WEB
    ),
    SettingEntry(
        ("ALLOW_ANONYMOUS",),
        "no",
        "`1` lets everybody who reaches the API use it without a key; otherwise it listens on other addresses than "
        "this machine's loopback only with keys ([security.md](security.md#who-may-do-what))",
        WEB,
    ),
    SettingEntry(
        ("ALLOWED_ORIGINS",),
        "none",
        "sites whose scripts may use the API, such as `https://lab.example,http://localhost:3000`, or `*` "
        "([security.md](security.md#other-sites))",
        WEB,
    ),
    SettingEntry(
        ("TRUSTED_HOSTS",),
        "this machine's names without keys, any name with keys",
        "names in URLs that Gait answers to: `gait.example`, `.gait.example` with all names below, or `*` "
        "([security.md](security.md#names))",
        WEB,
    ),
    SettingEntry(
        ("FORWARDED_FOR",),
        "none",
        "proxies whose `X-Forwarded-…` headers count: addresses and networks, or their number "
        "([proxies.md](proxies.md))",
        WEB,
    ),
    SettingEntry(
        ("SCRIPT_NAME",),
        "none",
        "the path of a proxy before Gait's own, such as `/gait` ([proxies.md](proxies.md))",
        WEB,
    ),
    SettingEntry(
        ("REDIS_URL", "REDIS_URL_FILE"),
        "redis://127.0.0.1:6379/0",
        "redis://user:password@host:port/database, rediss:// for TLS, or unix:///path?db=0. `make demo` and `make run` "
        "start their own Redis",
    ),
    SettingEntry(
        ("DATABASE_URL", "DATABASE_URL_FILE"),
        "`gait.db` in `GAIT_DATA`",
        "a file below the working folder, sqlite:////data/gait.db for an absolute path, or "
        "postgresql://user:password@host/name ([below](#database_url))",
        (*WEB, *WORKER, *SCHEDULER),
    ),
    SettingEntry(
        ("GAIT_DATA",),
        "`var` in a clone, else `~/.local/share/gait`",
        "the folder of the SQLite database, and of what `gait up`, `gait demo` and `make run` start and log. "
        "`XDG_DATA_HOME` counts too",
        (*WEB, *WORKER, *SCHEDULER),
    ),
    SettingEntry(
        ("OLLAMA_HOSTS", "OLLAMA_HOSTS_FILE"),
        "local=`OLLAMA_HOST`",
        "the Ollama servers under test: `name=url,name@machine=url` ([operating.md](operating.md#several-machines))",
    ),
    SettingEntry(("OLLAMA_HOST",), "http://127.0.0.1:11434", "the only server, if `OLLAMA_HOSTS` is not set"),
    SettingEntry(
        ("OLLAMA_MODELS",),
        "Ollama's own",
        "folder of the models, so that the sampler describes the right disk",
        SAMPLER,
    ),
    SettingEntry(
        ("SAMPLER_HOST",),
        "if there is only one candidate",
        "the machine that this sampler runs on, or a host on it "
        "([operating.md](operating.md#several-hosts-on-one-machine))",
        SAMPLER,
    ),
    SettingEntry(("SAMPLE_HZ",), "10", "readings per second", SAMPLER),
    SettingEntry(
        ("IDLE_BASELINE",),
        "5",
        "seconds for which the idle machine is recorded before each test; 0 skips it "
        "([operating.md](operating.md#the-idle-baseline))",
        WORKER,
    ),
    SettingEntry(
        ("REQUESTS_PER_SECOND",),
        "200",
        "requests of one client, as a mean over ten seconds ([operating.md](operating.md#limits))",
        WEB,
    ),
    SettingEntry(("MAX_OPEN_SESSIONS",), "5000", "waiting and running sessions of one key", (*WEB, *SCHEDULER)),
    SettingEntry(("MAX_RUNS",), "20000", "runs of one session", (*WEB, *SCHEDULER)),
    SettingEntry(("MAX_WEBSOCKETS",), "2000", "open WebSockets of all clients", WEB),
    SettingEntry(
        ("PRICE_PER_KWH",),
        "none",
        "price of a kilowatt-hour with its currency, such as `0.30 EUR`, to give prices of a million tokens "
        "([phases-and-energy.md](measuring/phases-and-energy.md#what-a-token-costs))",
        WEB,
    ),
    SettingEntry(("MAX_IMPORT_MB",), "1024", "largest session that is imported, in megabytes", WEB),
    SettingEntry(
        ("CONNECT_TIMEOUT", "FIRST_BYTE_TIMEOUT", "SILENCE_TIMEOUT", "REQUEST_TIMEOUT"),
        "5, 600, 120, 3600",
        "seconds that an Ollama may take ([operating.md](operating.md#time-outs))",
        WORKER,
    ),
    SettingEntry(
        ("NOTIFY_URLS", "NOTIFY_URLS_FILE"),
        "none",
        "services that are notified, as [apprise](https://appriseit.com/services/) writes them, such as "
        "`ntfy://topic` or `mailtos://user:password@mail.example`, separated by blanks or line breaks "
        "([notifications.md](notifications.md#services))",
        SCHEDULER,
    ),
    SettingEntry(
        ("NOTIFY_EVENTS",),
        "all",
        "the events that they are sent, such as `session.failed,regression.opened` "
        "([notifications.md](notifications.md#events))",
        SCHEDULER,
    ),
    SettingEntry(
        ("WEBHOOK_NETWORKS",),
        "none",
        "loopback, link-local and special addresses that webhooks may reach all the same, such as `127.0.0.1,::1` "
        "([security.md](security.md#webhooks))",
        (*WEB, *SCHEDULER),
    ),
    SettingEntry(
        ("PUBLIC_URL",),
        "none",
        "where people find Gait's pages, such as `https://gait.example`, for links in notifications",
        SCHEDULER,
    ),
    SettingEntry(
        ("RETENTION_DAYS",),
        "none",
        "days after a session's end for which its runs, readings and log lines are kept, from 1 to 36500; its metrics "
        "are always kept ([operating.md](operating.md#retention))",
        SCHEDULER,
    ),
    SettingEntry(("LOG_FORMAT",), "text", "or `json`"),
)
