"""gunicorn's settings: `gunicorn -c api/gunicorn.py 'api.app:create_app()'`.

It runs one process with gevent: with 500 and 1000 WebSockets, threads used four times the CPU and lost messages.
max_requests is not set, because it would cut every WebSocket.
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

# gunicorn has put the working folder first, where a file of any name may be. It leaves a folder where it is.
sys.path.sort(key=lambda path: path == str(Path.cwd()))
sys.path.insert(0, str(Path(__file__).parents[1]))

import gevent
from gunicorn import util
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.errors import AppImportError
from gunicorn.glogging import Logger
from gunicorn.http.message import Message
from gunicorn.workers.ggevent import GeventWorker

# No other module of Gait is imported before gevent has patched the threads: peewee and redis would keep real threads.
from api.http.client_socket import ClientSocket
from api.live.websocket.open_files import REQUESTS, fitting
from api.monitoring.shared_folder import shared_folder
from common.environment.keys.anonymous import refuse_anonymous
from common.environment.keys.api_keys import conceal
from common.environment.settings import renew, settings
from common.errors import ConfigurationError, GaitError
from common.process.startup import configure, starting

with starting("API"):
    environment = configure()
    websockets = fitting(environment.max_websockets)

DRAIN_TIMEOUT_S = 2
CHUNK_BYTES = 1 << 16
NEW_OBJECTS = 50_000
"""After this number of new objects, cycles are looked for. With Python's 700, a large page waits for 150 searches."""
BODY_HEADERS = ("CONTENT-LENGTH", "TRANSFER-ENCODING")


class Log(Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's log lines in Gait's format."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers[:] = []
            log.propagate = True


class Worker(GeventWorker):  # type: ignore[misc] # gunicorn has no types
    wsgi: Any = None
    """The application, once it is loaded."""

    def load_wsgi(self) -> None:
        gc.disable()  # modules are many objects and hardly any garbage
        try:
            refuse_anonymous(self._addresses(), settings())
            super().load_wsgi()
        except GaitError as error:
            raise AppImportError(
                f"The API does not start: {error}"
            ) from error  # gunicorn prints this one line and exits
        from api.submission import machines  # noqa: PLC0415 - not before gevent has patched the threads
        from api.web import pages  # noqa: PLC0415 - as above

        pages.compile_templates(self.wsgi)
        gevent.spawn(machines.unify, self.wsgi)
        gc.freeze()  # loaded objects stay, and a large page makes enough garbage for a scan of them all
        gc.enable()
        gc.set_threshold(NEW_OBJECTS)

    def _addresses(self) -> list[str]:
        """Return the IP addresses that it listens on. Options of gunicorn's may have replaced the settings."""
        return [each.getsockname()[0] for each in self.sockets if each.family in (socket.AF_INET, socket.AF_INET6)]

    def handle_error(self, _request: object, client: socket.socket, address: object, error: BaseException) -> None:
        from api.http import request_log  # noqa: PLC0415 - not before gevent has patched the threads
        from api.http.requests import malformed  # noqa: PLC0415 - as above

        status, message = malformed.status_and_message(error)
        if status == HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.error("request failed", exc_info=error)
        else:
            request_log.malformed(address, status, type(error).__name__)
        with suppress(OSError):  # the client has left
            util.write_nonblock(client, malformed.http_response(status, message))
        _drain(client)

    def handle_request(self, listener_name: object, req: Message, sock: socket.socket, addr: object) -> None:
        try:
            super().handle_request(listener_name, req, sock, addr)
        except StopIteration:  # the connection ends with this response
            if any(name in BODY_HEADERS for name, _ in req.headers):
                _drain(sock)
            raise

    def handle(self, listener: socket.socket, client: socket.socket, addr: object) -> None:
        """Close a connection that was accepted just before the listener closed; the client connects again."""
        if listener.fileno() < 0:
            client.close()
        else:
            super().handle(listener, ClientSocket(client, addr), addr)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        gevent.spawn(self._close_hubs)  # not in the signal handler, which must not wait
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        gevent.spawn(self._close_hubs)
        super().handle_quit(sig, frame)

    def _close_hubs(self) -> None:
        from api.live.hubs import hubs_of  # noqa: PLC0415 - not before gevent has patched the threads

        if self.wsgi is not None:
            for hub in hubs_of(self.wsgi):
                hub.close()


def _drain(client: socket.socket) -> None:
    """Read the rest of a refused request: unread bytes would reset the connection, and the client lose the response."""
    with gevent.Timeout(DRAIN_TIMEOUT_S, False), suppress(OSError):  # noqa: FBT003 - False makes the timeout silent
        client.shutdown(socket.SHUT_WR)
        while client.recv(CHUNK_BYTES):
            pass


metrics_folder = shared_folder("metrics")


def child_exit(_server: object, worker: Worker) -> None:
    """Remove the open sockets of a dead worker from the metrics, and keep its counters."""
    # If it was imported before a fork, its locks are not gevent's. That is harmless, because nothing waits inside them.
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - it needs raw_env to be set

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # it has no types


def on_starting(server: Arbiter) -> None:
    """Forget the keys that gunicorn has kept with the environment."""
    conceal(server.cfg.env_orig)


def on_reload(server: Arbiter) -> None:
    """Read the files of keys again, after SIGHUP and before the next worker process starts."""
    try:
        renew()
    except ConfigurationError as error:
        server.log.warning("The keys were not read again, and the earlier ones stay valid: %s", error)
    else:
        server.log.info("The keys were read again")


def on_exit(_server: object) -> None:
    shutil.rmtree(metrics_folder, ignore_errors=True)


bind = (
    f"[{environment.host}]:{environment.port}" if ":" in environment.host else f"{environment.host}:{environment.port}"
)
worker_class = Worker
logger_class = Log
workers = 1
raw_env = [
    f"PROMETHEUS_MULTIPROC_DIR={metrics_folder}",  # processes keep their counters in files there
    f"GAIT_SCRIPT_NAME={environment.script_name}",
    "SCRIPT_NAME=",  # gunicorn would fail for every path without it, such as those of health checks
]
# Which proxies are trusted is decided once, in api/http/access/forwarded.py. gunicorn would trust all on this machine.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
worker_connections = websockets + REQUESTS
graceful_timeout = 10
sendfile = False  # it would bypass the deadlines of ClientSocket
control_socket_disable = True  # the control socket is not used
