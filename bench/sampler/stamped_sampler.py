"""`python -m bench.sampler.stamped_sampler`: the sampler itself, with time stamps around the calls of its loop."""

from bench.sampler.stamps import Stamps
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
    sampler.main()  # until SIGTERM, which it now handles itself
    stamps.write()


if __name__ == "__main__":
    main()
