"""Addresses of Ollama servers, read as Ollama reads OLLAMA_HOST (`Host()` in its envconfig/config.go).

Ollama takes any text for a host. Here, text that cannot be an address is refused, so that a typing error shows at once.
"""

import base64
import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

import idna

from common.errors import ConfigurationError

DEFAULT_PORT = 11434
PORTS = {"http": 80, "https": 443}
"""Default ports of addresses that begin with a scheme."""
MAX_PORT = 65535
CLOUD = "ollama.com"
LISTENS_EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound
"""The loopback address of a server that listens on all interfaces."""

SCHEME = r"[a-z][a-z0-9+.-]*"
LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
NAME = re.compile(rf"(?=.{{1,253}}\.?$){LABEL}(\.{LABEL})*\.?")
HOST_AND_PORT = re.compile(r"(?P<host>\[[^\[\]]*\]|[^:]*):(?P<port>[^:]*)")
FORMS = "Use host, host:port, [IPv6]:port or http(s)://host:port/path."


@dataclass(frozen=True)
class OllamaHost:
    """A server: `url` as http(s)://host:port/path, and the `userinfo` of the address, which is secret.

    `machine` is the name of its computer if the settings give one.
    """

    url: str
    userinfo: str = field(default="", repr=False)
    machine: str | None = None

    @property
    def authorization(self) -> str | None:
        """The HTTP header for the address's user and password, or None."""
        if not self.userinfo:
            return None
        user, _, password = self.userinfo.partition(":")
        pair = f"{unquote(user)}:{unquote(password)}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"

    @property
    def address(self) -> str:
        """The URL with user and password, which is secret if it has them."""
        scheme, _, rest = self.url.partition("://")
        return f"{scheme}://{self.userinfo}@{rest}" if self.userinfo else self.url


def ollama_host(variable: str, written: str, machine: str | None = None) -> tuple[OllamaHost, str | None]:
    """Return the host at the address that the variable holds, and a note if its port was replaced, as Ollama does.

    Raises:
        ConfigurationError: if it is not an address of HTTP. The message never holds the user or the password.
    """
    text = clean(written)
    try:
        scheme, userinfo, authority, path = _split(text)
        host, port, invalid = _host_and_port(authority, scheme)
    except ValueError as error:
        raise ConfigurationError(f"{variable}: {concealed(text)!r} is not an address: {error}. {FORMS}") from error
    url = f"{scheme or 'http'}://{f'[{host}]' if ':' in host else host}:{port}{path}"
    note = f"{variable}: {invalid} is not a port (1 to {MAX_PORT}). As in Ollama, {port} is used." if invalid else None
    return OllamaHost(url, userinfo, machine), note


def is_loopback(host: str) -> bool:
    """Return whether the name or IP address is that of the machine itself, without a DNS lookup."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    return bool((getattr(address, "ipv4_mapped", None) or address).is_loopback)


def dns_name(text: str) -> str:
    """Return a DNS name in lower case, as ASCII.

    Raises:
        ValueError: if it is not a name.
    """
    try:
        name = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode()
    except idna.IDNAError as error:
        raise ValueError("its host is not a valid international name") from error
    if not NAME.fullmatch(name):
        raise ValueError("its host is not a name or an IP address")
    return name


def clean(written: str) -> str:
    """Return the text without blanks around it and without the quotes that .env files and `--env-file` leave."""
    return written.strip().strip("\"'").strip()


def concealed(text: str) -> str:
    """Return an address for messages. *** stands for whatever may be secret, however it is written.

    That is all before an @, a query, and a port that is not a number, because `http://user:password` lacks its host.
    """
    named = re.sub(rf"^({SCHEME}://)?.*@", r"\1***@", text, flags=re.IGNORECASE | re.DOTALL)
    plain = re.sub(r"([?#]).*", r"\1***", named, flags=re.DOTALL)
    return re.sub(rf"^((?:{SCHEME}://)?[^/:]*):(?=[^/]*[^0-9/])[^/]+", r"\1:***", plain, flags=re.IGNORECASE)


def _split(text: str) -> tuple[str, str, str, str]:
    """Return scheme (may be empty), userinfo, host with port, and path."""
    found = re.match(rf"(?P<scheme>{SCHEME})://", text, re.IGNORECASE)
    scheme, rest = (found["scheme"].lower(), text[found.end() :]) if found else ("", text)
    if scheme and scheme not in PORTS:
        raise ValueError(f"{scheme}:// is not supported")
    authority, slash, path = rest.partition("/")
    userinfo, _, authority = authority.rpartition("@")
    if "@" in path:
        raise ValueError("write / in a password as %2F, and @ in a path as %40")
    if "?" in rest.rpartition("@")[2] or "#" in rest.rpartition("@")[2]:
        raise ValueError("it cannot have a query or a fragment")
    if re.search(r"[\s\\\x00-\x1f\x7f]", path):
        raise ValueError("its path has blanks or other characters that URLs do not allow")
    if slash and not scheme and (authority.endswith(":") or re.match("/+[^/]", path)):
        raise ValueError(f"{authority}{slash} is not the beginning of an HTTP address")
    if authority == CLOUD and not (scheme or slash):
        scheme = "https"
    return scheme, userinfo, authority, f"/{path}".rstrip("/")


def _host_and_port(authority: str, scheme: str) -> tuple[str, int, str | None]:
    """Return host, port, and the text of a port that is out of range and was replaced by the default."""
    default = PORTS.get(scheme, DEFAULT_PORT)
    found = HOST_AND_PORT.fullmatch(authority)
    host, written = (found["host"], found["port"]) if found else (authority, "")
    host = _host(host.removeprefix("[").removesuffix("]"))
    if not written:
        return host, default, None
    if not re.fullmatch("-?[0-9]+", written):
        raise ValueError("its port is not a number")
    if int(written) == 0:
        raise ValueError("port 0 stands for any free port, so no client can reach it")
    return (host, int(written), None) if 0 < int(written) <= MAX_PORT else (host, default, written)


def _host(text: str) -> str:
    """Return an IP address in its usual form, or a DNS name in lower case, as ASCII."""
    if text in LISTENS_EVERYWHERE:
        return LISTENS_EVERYWHERE[text]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return dns_name(text)
    plain = str(getattr(address, "ipv4_mapped", None) or address)
    return LISTENS_EVERYWHERE.get(plain, plain)
