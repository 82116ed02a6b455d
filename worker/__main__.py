"""`python -m worker`: announce the test types, then run sessions until asked to stop."""

import sys

import structlog

from common import logs
from common.command_line import parser
from common.config import settings
from common.errors import ConfigurationError
from common.messaging.redis import connect
from common.store import writes
from common.store.database import database, initialise, migrate
from worker import jobs  # noqa: F401 - imported before the forks, once, instead of by each child
from worker.sessions.rq_worker import SessionWorker
from worker.workload.test_type import REGISTRY

PURPOSE = "Run sessions from the queue until SIGTERM or Ctrl-C."
SETTINGS = (
    *("REDIS_URL", "DATABASE_URL", "OLLAMA_HOSTS", "OLLAMA_HOST", "IDLE_BASELINE"),
    *("CONNECT_TIMEOUT", "FIRST_BYTE_TIMEOUT", "SILENCE_TIMEOUT", "REQUEST_TIMEOUT", "LOG_FORMAT"),
)


def main() -> None:
    parser("worker", PURPOSE, SETTINGS).parse_args()
    try:
        config = settings()
    except ConfigurationError as error:
        sys.exit(f"worker: {error}")
    logs.configure(config.log_format)
    announce(config.database_url)
    structlog.get_logger("worker").info("waiting for sessions", hosts=", ".join(config.ollama_hosts))
    SessionWorker(connect(config.redis_url)).work(logging_level=None)


def announce(database_url: str) -> None:
    initialise(database_url)
    migrate()
    with database.connection_context():
        writes.announce([workload.test_type for workload in REGISTRY.values()])


if __name__ == "__main__":
    main()
