"""`python -m bench.sampler.plain_loop`: a plain psutil loop that reads the same as the sampler."""

import json
import os
import time
from contextlib import suppress

import psutil
from redis import Redis

from bench.sampler.stamps import Stamps

PERIOD_S = 0.1


def main() -> None:
    redis, stamps = Redis.from_url(os.environ["REDIS_URL"]), Stamps()
    while not stamps.wanted:
        stamps.begin()
        redis.xadd("plain", {"json": json.dumps(reading())}, maxlen=36000)
        stamps.end()
        time.sleep(PERIOD_S)
    stamps.write()


def reading() -> dict[str, object]:
    return {
        "cpu": psutil.cpu_percent(percpu=True),
        "frequency": getattr(psutil.cpu_freq(), "current", None),
        "memory": psutil.virtual_memory()._asdict(),
        "swap": psutil.swap_memory()._asdict(),
        "ollama": ollama_processes(),
    }


def ollama_processes() -> list[dict[str, object]]:
    found = []
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.NoSuchProcess):  # it may end at any moment
            if (process.info["name"] or "").startswith("ollama"):
                found.append(process.as_dict(["cpu_times", "memory_info"]))
    return found


if __name__ == "__main__":
    main()
