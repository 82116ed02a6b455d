"""`python -m sampler`: read this machine's sensors and publish the readings, until SIGTERM or Ctrl-C."""

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from types import FrameType

from redis import Redis

from common.environment.documented_settings import Reader, read_by
from common.machines.hosts_here import ports_here
from common.messaging.redis import connect
from common.process.startup import configure, parser, starting
from sampler.gpu.watch import WatchedGpus
from sampler.late_names import LateNames
from sampler.loop import priority
from sampler.loop.only_one import wait_until_alone
from sampler.loop.schedule import ticks
from sampler.machine import Machine
from sampler.publisher import Publisher
from sampler.tolerant_read import TolerantReads

PURPOSE = "Read this machine's sensors and publish the readings, until SIGTERM or Ctrl-C."

logger = logging.getLogger("sampler")


class StopSignal:
    """Flag that SIGTERM and SIGINT set, so that the current reading is finished first."""

    def __init__(self) -> None:
        self.received = False
        signal.signal(signal.SIGTERM, self._note)
        signal.signal(signal.SIGINT, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.received = True


def main() -> None:
    parser("sampler", PURPOSE, read_by(Reader.SAMPLER)).parse_args()
    stop = StopSignal()
    with starting("sampler"):
        settings = configure()
        hosts = ports_here(settings.ollama_hosts, settings.sampler_host)
        # Not patient: Redis stamps a reading on arrival, so a reading that waited would have a wrong time.
        redis = connect(settings.redis_url, patient=False)
    wait_until_alone(settings.redis_url, hosts, stopped=lambda: stop.received)
    late = LateNames(settings.ollama_hosts, settings.sampler_host, hosts)
    late.start()
    _sample(redis, hosts, settings.sample_hz, stopped=lambda: stop.received or late.changed)
    if late.changed and not stop.received:
        logger.info("DNS knows more hosts on this machine: starting again with them")
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - this program itself
    logger.info("stopped")


def _sample(redis: Redis, hosts: Mapping[str, int | None], hz: float, *, stopped: Callable[[], bool]) -> None:
    """Publish a reading at each tick until `stopped`."""
    own = TolerantReads()
    own.note("priority", priority.raise_own())  # before the threads of GPUs and disk, which inherit it
    gpus = WatchedGpus()
    machine = Machine(hosts, gpus)
    publisher = Publisher(
        redis, tuple(hosts), hz, gpus, missing=lambda: machine.missing | own.missing, renew=gpus.renew
    )
    logger.info("reading this machine as host %s, %g times per second", ", ".join(hosts), hz)
    gc.freeze()  # everything loaded so far stays, so the garbage collector need not scan it
    for _ in ticks(hz, stopped=stopped):
        publisher.publish(machine.read())
        machine.prepare()


if __name__ == "__main__":
    main()
