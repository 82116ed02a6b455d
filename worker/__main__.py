"""`python -m worker`: run sessions until asked to stop."""

import structlog

from common.messaging.redis import connect
from common.process.startup import configure, parser, starting
from common.store.database import open_database
from worker import jobs  # noqa: F401 - imported before the forks, once, instead of by each child
from worker.sessions.rq_worker import SessionWorker

PURPOSE = "Run sessions from the queue until SIGTERM or Ctrl-C."
SETTINGS = (
    *("REDIS_URL", "DATABASE_URL", "OLLAMA_HOSTS", "OLLAMA_HOST", "IDLE_BASELINE"),
    *("CONNECT_TIMEOUT", "FIRST_BYTE_TIMEOUT", "SILENCE_TIMEOUT", "REQUEST_TIMEOUT", "LOG_FORMAT"),
)


def main() -> None:
    parser("worker", PURPOSE, SETTINGS).parse_args()
    with starting("worker"):
        config = configure()
        open_database(config.database_url)
    structlog.get_logger("worker").info("waiting for sessions", hosts=", ".join(config.ollama_hosts))
    SessionWorker(connect(config.redis_url)).work(logging_level=None)


if __name__ == "__main__":
    main()
