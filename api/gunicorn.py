"""gunicorn's settings: `gunicorn -c api/gunicorn.py 'api.app:create_app()'`.

One process on gevent: with 500 and 1000 WebSockets, threads took four times its CPU and lost messages. There is no
max_requests, which would cut every WebSocket.
"""

import gc
import shutil
import socket
import sys
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from types import FrameType
from typing import Any

import gevent
from gunicorn import util
from gunicorn.config import Config
from gunicorn.errors import AppImportError
from gunicorn.glogging import Logger
from gunicorn.http.message import Message
from gunicorn.workers.ggevent import GeventWorker

sys.path.insert(0, str(Path(__file__).parents[1]))

# Nothing else of ours is imported before gevent has patched the threads: peewee and redis would keep the real ones.
from api.monitoring.shared_folder import shared_folder
from common.errors import GaitError
from common.startup import configure, starting

with starting("API"):
    environment = configure()

LINGER_S = 2
PIECE = 1 << 16
BODY = ("CONTENT-LENGTH", "TRANSFER-ENCODING")


class Log(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's lines among ours, in our format."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers[:] = []
            log.propagate = True


class Worker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    wsgi: Any = None
    """The application, once it is loaded."""

    def load_wsgi(self) -> None:
        try:
            super().load_wsgi()
        except GaitError as error:
            raise AppImportError(
                f"The API does not start: {error}"
            ) from error  # gunicorn prints this one line and exits
        from api.web import pages  # noqa: PLC0415 - not before gevent has patched the threads

        pages.compile_templates(self.wsgi)
        gc.freeze()  # what is loaded stays: a large page makes garbage enough that all of it would be looked through

    def handle_error(self, _request: object, client: socket.socket, _address: object, error: BaseException) -> None:
        from api.http import malformed  # noqa: PLC0415 - not before gevent has patched the threads

        status, message = malformed.judged(error)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("a request failed", exc_info=error)
        else:
            self.log.warning("a request was refused with %s: %s", status.value, type(error).__name__)
        with suppress(OSError):  # the client has left
            util.write_nonblock(client, malformed.answer(status, message))
        _drain(client)

    def handle_request(self, listener_name: object, req: Message, sock: socket.socket, addr: object) -> None:
        try:
            super().handle_request(listener_name, req, sock, addr)
        except StopIteration:  # the connection ends with this answer
            if any(name in BODY for name, _ in req.headers):
                _drain(sock)
            raise

    def handle(self, listener: socket.socket, client: socket.socket, addr: object) -> None:
        """What was accepted just before the listener was closed has no address any more, and comes again elsewhere."""
        if listener.fileno() < 0:
            client.close()
        else:
            super().handle(listener, client, addr)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        gevent.spawn(self._say_goodbye)  # not in the signal handler, which must not wait
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        gevent.spawn(self._say_goodbye)
        super().handle_quit(sig, frame)

    def _say_goodbye(self) -> None:
        from api.app_state import hubs_of  # noqa: PLC0415 - not before gevent has patched the threads

        if self.wsgi is not None:
            for hub in hubs_of(self.wsgi):
                hub.close()


def _drain(client: socket.socket) -> None:
    """Let a client that was refused finish what it sends: a reset, for what lies unread, would take the answer away."""
    with gevent.Timeout(LINGER_S, False), suppress(OSError):  # noqa: FBT003 - gevent's way to end in silence
        client.shutdown(socket.SHUT_WR)
        while client.recv(PIECE):
            pass


metrics_folder = shared_folder("metrics")


def child_exit(_server: object, worker: Worker) -> None:
    """The sockets of a worker that is gone are open no more; what it has counted stays."""
    # Where it was imported before a fork its locks are not gevent's, which does no harm: nothing waits inside them.
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - it needs raw_env in force

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # it has no types


def on_exit(_server: object) -> None:
    shutil.rmtree(metrics_folder, ignore_errors=True)


bind = (
    f"[{environment.host}]:{environment.port}" if ":" in environment.host else f"{environment.host}:{environment.port}"
)
worker_class = Worker
logger_class = Log
workers = 1
raw_env = [f"PROMETHEUS_MULTIPROC_DIR={metrics_folder}"]  # processes add up what they count in files there
worker_connections = 4000
graceful_timeout = 10
accesslog = "-"
access_log_format = "%(m)s %(U)s %(s)s %(M)s ms"
control_socket_disable = True  # nothing here is controlled from outside
