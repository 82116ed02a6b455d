"""The options of REDIS_URL. redis-py would end the process with a traceback at a wrong one, or ignore it."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from redis import ConnectionPool
from redis.exceptions import RedisError

from common.errors import ConfigurationError

OPTIONS = frozenset(
    {
        *("db", "username", "password", "protocol", "client_name", "max_connections"),
        *("socket_timeout", "socket_connect_timeout", "socket_keepalive", "health_check_interval"),
    }
)
FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
TLS_OPTIONS = OPTIONS | {*FILES, "ssl_ca_path", "ssl_cert_reqs", "ssl_check_hostname", "ssl_password"}


def check(url: str) -> None:
    """Check the options and the number of the database, without connecting. Messages never show the URL's values.

    Raises:
        ConfigurationError: naming the wrong option and the known ones.
    """
    parts = urlsplit(url)
    _check_place(parts.scheme, unquote(parts.path))
    known = TLS_OPTIONS if parts.scheme == "rediss" else OPTIONS
    given = parse_qs(parts.query, keep_blank_values=True)
    unknown = sorted(given.keys() - known)
    if unknown:
        needs_tls = " Options of TLS need rediss://." if TLS_OPTIONS.issuperset(unknown) else ""
        raise ConfigurationError(
            f"REDIS_URL: {unknown[0]!r} is not an option.{needs_tls} Use one of: {', '.join(sorted(known))}."
        )
    for name in FILES:
        if name in given and not Path(given[name][0]).is_file():
            raise ConfigurationError(f"REDIS_URL: the file of {name} does not exist. Correct its path.")
    _check_values(url)


def _check_place(scheme: str, path: str) -> None:
    place = path.strip("/")
    if scheme == "unix":
        if not place:
            raise ConfigurationError("REDIS_URL: the path of the socket is missing. Use unix:///PATH?db=0.")
    elif place and not (place.isascii() and place.isdigit()):
        raise ConfigurationError("REDIS_URL: the database after the last / is not a number. Use one, such as /0.")


def _check_values(url: str) -> None:
    pool = None
    try:
        pool = ConnectionPool.from_url(url)
        pool.make_connection()
    except (ValueError, TypeError, RedisError) as error:
        raise ConfigurationError(
            "REDIS_URL: an option has a wrong value. Numbers are plain, protocol is 2 or 3, and ssl_cert_reqs is none, "
            "optional or required."
        ) from error
    finally:
        if pool:
            pool.close()
