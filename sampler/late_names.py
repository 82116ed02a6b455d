"""Names of hosts that DNS did not know when the sampler started, as after a power cut of a whole network.

A host that turns out to be on this machine needs readings too.
"""

import logging
import threading
import time
from collections.abc import Mapping

from common.environment.servers.addresses import OllamaHost
from common.errors import ConfigurationError
from common.machines.hosts_here import ports_here, unknown_to_dns

MIN_PAUSE_S, MAX_PAUSE_S = 1.0, 300.0
logger = logging.getLogger(__name__)


class LateNames(threading.Thread):
    """A thread that asks DNS again, at growing intervals, until it knows all names.

    It ends when it knows them, or when the hosts on this machine are `changed`.
    """

    def __init__(self, hosts: Mapping[str, OllamaHost], chosen: str | None, served: Mapping[str, int | None]) -> None:
        """Make the thread. `chosen` is SAMPLER_HOST, and `served` the hosts that this sampler serves with ports."""
        super().__init__(daemon=True)
        self._hosts, self._chosen, self._served = hosts, chosen, served
        self.changed = False

    def run(self) -> None:
        pause = MIN_PAUSE_S
        unknown = unknown_to_dns(self._hosts)
        if unknown:
            logger.warning(
                "DNS does not know %s. Readings of a host there begin when it does; it is asked again.",
                ", ".join(unknown),
            )
        while unknown and not self.changed:
            time.sleep(pause)
            pause = min(2 * pause, MAX_PAUSE_S)
            unknown = unknown_to_dns(self._hosts)
            self.changed = self._found() != self._served

    def _found(self) -> Mapping[str, int | None]:
        try:
            return ports_here(self._hosts, self._chosen)
        except ConfigurationError as error:
            logger.warning("the hosts on this machine stay as they are: %s", error)
            return self._served
