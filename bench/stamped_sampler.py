"""`python -m bench.stamped_sampler`: the sampler itself, with stamps around what its loop calls."""

from bench.stamps import Stamps
from sampler import __main__ as sampler
from sampler.machine import Machine
from sampler.publisher import Publisher
from sampler.readings import Reading


def main() -> None:
    stamps = Stamps()

    class StampedMachine(Machine):
        def read(self) -> Reading:
            stamps.begin()
            return super().read()

    class StampedPublisher(Publisher):
        def publish(self, reading: Reading) -> None:
            super().publish(reading)
            stamps.end()

    vars(sampler).update(Machine=StampedMachine, Publisher=StampedPublisher)
    sampler.main()  # until SIGTERM, whose handler is its own from here on
    stamps.write()


if __name__ == "__main__":
    main()
