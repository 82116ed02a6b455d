"""`python -m sampler`: reads this machine's hardware and publishes it, until SIGTERM or Ctrl-C."""

import gc
import logging
import signal
from types import FrameType

from common.messaging.redis import connect
from common.startup import configure, parser, starting
from sampler import gpu, priority
from sampler.inventory import missing
from sampler.machine import Machine
from sampler.publisher import Publisher
from sampler.schedule import beats

PURPOSE = "Read this machine's hardware and publish it, until SIGTERM or Ctrl-C."
SETTINGS = ("REDIS_URL", "OLLAMA_HOSTS", "OLLAMA_HOST", "OLLAMA_MODELS", "SAMPLER_HOST", "SAMPLE_HZ", "LOG_FORMAT")

logger = logging.getLogger("sampler")


class StopSignal:
    """Whether SIGTERM or SIGINT has come; what is in hand is finished first."""

    def __init__(self) -> None:
        self.came = False
        signal.signal(signal.SIGTERM, self._note)
        signal.signal(signal.SIGINT, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.came = True


def main() -> None:
    parser("sampler", PURPOSE, SETTINGS).parse_args()
    stop = StopSignal()
    with starting("sampler"):
        settings = configure()
        host = settings.this_machine()
    gpus = gpu.find()
    machine = Machine(host, gpus, settings.ollama_hosts[host])
    # Impatient, because a reading that waited for Redis would be dated by its arrival.
    publisher = Publisher(connect(settings.redis_url, patient=False), host, settings.sample_hz, gpus)
    logger.info("reading this machine as host %s, %g times a second", host, settings.sample_hz)
    missing.note("priority", priority.raise_own())
    gc.freeze()  # what is there now stays, and need not be looked through again and again
    for _ in beats(settings.sample_hz, stopped=lambda: stop.came):
        publisher.publish(machine.read())
        machine.prepare()
    logger.info("stopped")


if __name__ == "__main__":
    main()
