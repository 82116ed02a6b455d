"""`python -m bench.sampler.stamped_sampler`: the sampler itself, with time stamps around the calls of its loop."""

from collections.abc import Iterable

from bench.sampler.stamps import Stamps
from sampler import __main__ as sampler
from sampler.machine import Machine
from sampler.publisher import Publisher
from sampler.readings import Reading


def main() -> None:
    stamps = Stamps()

    class StampedMachine(Machine):
        def read(self) -> list[Reading]:
            stamps.begin()
            return super().read()

    class StampedPublisher(Publisher):
        def publish(self, readings: Iterable[Reading]) -> None:
            super().publish(readings)
            stamps.end()

    vars(sampler).update(Machine=StampedMachine, Publisher=StampedPublisher)
    sampler.main()  # until SIGTERM, which it now handles itself
    stamps.write()


if __name__ == "__main__":
    main()
