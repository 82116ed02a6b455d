"""Exit 0 if the worker of this container has sent RQ a heartbeat recently."""  # noqa: INP001 - a script next to the packages in the image

import socket
import sys
from datetime import UTC, datetime, timedelta

from rq import Worker

from common.environment.settings import settings
from common.messaging.redis import connect

TIMEOUT = timedelta(seconds=60)

workers = Worker.all(connection=connect(settings().redis_url, patient=False))
heartbeats = [worker.last_heartbeat for worker in workers if worker.hostname == socket.gethostname()]
if not any(heartbeat and datetime.now(UTC) - heartbeat < TIMEOUT for heartbeat in heartbeats):
    sys.exit(f"No worker of {socket.gethostname()} has sent a heartbeat within {TIMEOUT}.")
