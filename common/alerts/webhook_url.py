"""The URL of a webhook: what it may look like, and what of it may be shown."""

import socket
from contextlib import suppress
from ipaddress import IPv4Address
from urllib.parse import SplitResult, urlsplit

from common.alerts.forbidden_addresses import Network, forbidden

MAX_LENGTH = 2000


def check(url: str, allowed: tuple[Network, ...] = ()) -> None:
    """Refuse a URL that no event could be sent to. A name is resolved only when an event is sent.

    Raises:
        ValueError: with a sentence that says what to write.
    """
    parts = _parts(url)
    if "@" in parts.netloc:
        raise ValueError("must not have a user or a password. Check the signature instead.")
    if parts.fragment:
        raise ValueError("must not have a fragment, which is never sent.")
    kind = _kind(str(parts.hostname), allowed)
    if kind:
        raise ValueError(
            f"must not lead to this address ({kind}), because it may be Gait's own machine. "
            "Its operator can allow it with WEBHOOK_NETWORKS."
        )


def shortened(url: str) -> str:
    """Return the URL without its path and query, which may hold a token."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/…"


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or any(character.isspace() or ord(character) < ord(" ") for character in url) or "\\" in url:
        raise ValueError("must be a whole URL such as https://lab.example/hook.")
    return parts


def _kind(host: str, allowed: tuple[Network, ...]) -> str | None:
    """Return the kind of a forbidden address, or None for others and for names."""
    if host == "localhost" or host.endswith(".localhost"):
        return forbidden("127.0.0.1", allowed)
    with suppress(OSError):  # also 2130706433, 0x7f.1 and 0177.0.0.1, as the system's resolver reads them
        return forbidden(str(IPv4Address(socket.inet_aton(host))), allowed)
    with suppress(ValueError):
        return forbidden(host, allowed)
    return None
