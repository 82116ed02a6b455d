"""gunicorn's settings: `gunicorn -c api/gunicorn.py 'api:create_app()'`.

One process on gevent: with 500 and 1000 WebSockets, threads took four times its CPU and lost messages. There is no
max_requests, which would cut every WebSocket.
"""

import sys
from pathlib import Path
from types import FrameType

import gevent
from gunicorn.config import Config
from gunicorn.errors import AppImportError
from gunicorn.glogging import Logger
from gunicorn.workers.ggevent import GeventWorker

sys.path.insert(0, str(Path(__file__).parents[1]))

# Nothing else of ours is imported before gevent has patched the threads: peewee and redis would keep the real ones.
from common.config import settings
from common.errors import ConfigurationError, GaitError
from common.logs import configure

try:
    environment = settings()
except ConfigurationError as error:
    sys.exit(f"Gait does not start. {error}")


class Log(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's lines among ours, in our format."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        configure(environment.log_format)
        for log in (self.error_log, self.access_log):
            log.handlers[:] = []
            log.propagate = True


class Worker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    wsgi = None
    """The application, once it is loaded."""

    def load_wsgi(self) -> None:
        try:
            super().load_wsgi()
        except GaitError as error:
            raise AppImportError(f"Gait does not start: {error}") from error  # gunicorn prints this one line and exits

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        gevent.spawn(self._say_goodbye)  # not in the signal handler, which must not wait
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        gevent.spawn(self._say_goodbye)
        super().handle_quit(sig, frame)

    def _say_goodbye(self) -> None:
        from api.context import hub_of  # noqa: PLC0415 - not before gevent has patched the threads

        if self.wsgi is not None:
            hub_of(self.wsgi).close()


bind = (
    f"[{environment.host}]:{environment.port}" if ":" in environment.host else f"{environment.host}:{environment.port}"
)
worker_class = Worker
logger_class = Log
workers = 1
worker_connections = 4000
graceful_timeout = 10
accesslog = "-"
access_log_format = "%(m)s %(U)s %(s)s %(M)s ms"
control_socket_disable = True  # nothing here is controlled from outside
