"""Exit 0 if the newest reading of this sampler's machine is fresh."""  # noqa: INP001 - a script next to the packages in the image

import sys

from common.environment.settings import settings
from common.machines.hosts_here import hosts_here
from common.messaging.redis import clock_ms, connect, readings_of
from common.messaging.streams import read

redis = connect(settings().redis_url, patient=False)
host = next(iter(hosts_here(settings().ollama_hosts, settings().sampler_host)))
stream = readings_of(host)
fresh_ms = round(max(5_000, 2_000 / settings().sample_hz))  # with a low SAMPLE_HZ, readings are further apart

if not read(redis, stream, after=clock_ms(redis) - fresh_ms, count=1):
    sys.exit(f"The stream {stream} has no reading of the last {fresh_ms} ms.")
