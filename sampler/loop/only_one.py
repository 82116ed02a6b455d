"""One sampler per machine and host: the readings of two would be mixed."""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable

from common.process.held_names import hold

WAIT_S = 0.2
logger = logging.getLogger(__name__)


def wait_until_alone(redis_url: str, hosts: Iterable[str], stopped: Callable[[], bool]) -> None:
    """Wait while another sampler on this machine publishes readings of one of the hosts to this Redis.

    It may be one that is about to stop, or one that was started for each host.
    """
    for host in sorted(hosts):
        name = f"gait-sampler-{hashlib.sha256(f'{redis_url} {host}'.encode()).hexdigest()[:32]}"
        alone = hold(name)
        if not alone:
            logger.warning("another sampler on this machine serves host %s: waiting until it stops", host)
        while not alone and not stopped():
            time.sleep(WAIT_S)
            alone = hold(name)
