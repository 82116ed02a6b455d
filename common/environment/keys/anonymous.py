"""Refusal to serve other machines without keys."""

from collections.abc import Iterable

from common.environment.servers.addresses import is_loopback
from common.environment.settings import Settings
from common.errors import ConfigurationError


def refuse_anonymous(addresses: Iterable[str], config: Settings) -> None:
    """Refuse to listen on these IP addresses if others reach one of them, and nobody needs a key.

    Raises:
        ConfigurationError: saying what to set.
    """
    reachable = [address for address in addresses if not is_loopback(address)]
    if reachable and not (config.needs_key or config.allow_anonymous):
        raise ConfigurationError(
            f"At {reachable[0]} other machines reach Gait, and no key is set. Set API_KEYS or API_KEYS_FILE, or listen "
            "on this machine alone (GAIT_HOST=127.0.0.1). GAIT_ALLOW_ANONYMOUS=1 lets everybody use it without a key."
        )
