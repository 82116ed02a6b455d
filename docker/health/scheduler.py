"""Exit 0 if the scheduler of this container has sent a heartbeat recently."""  # noqa: INP001 - a script next to the packages in the image

import socket
import sys

from common.environment.settings import settings
from common.messaging.redis import connect
from common.messaging.schedulers import TIMEOUT_MS, running

if socket.gethostname() not in running(connect(settings().redis_url, patient=False)):
    sys.exit(f"No scheduler of {socket.gethostname()} has sent a heartbeat within {TIMEOUT_MS // 1000} s.")
