"""Exit 0 if the worker of this container has sent RQ a heartbeat recently."""  # noqa: INP001 - a script that an image holds beside the packages

import socket
import sys
from datetime import UTC, datetime, timedelta

from rq import Worker

from common.config import settings
from common.messaging.redis import connect

SILENCE = timedelta(seconds=60)

workers = Worker.all(connection=connect(settings().redis_url, patient=False))
beats = [worker.last_heartbeat for worker in workers if worker.hostname == socket.gethostname()]
if not any(beat and datetime.now(UTC) - beat < SILENCE for beat in beats):
    sys.exit(f"no worker of {socket.gethostname()} has sent a heartbeat within {SILENCE}")
