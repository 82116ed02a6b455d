"""`python -m worker`: run sessions until asked to stop."""

import sys
from typing import NoReturn

import structlog

from common.environment.documented_settings import Reader, read_by
from common.messaging.redis import connect
from common.messaging.redis_errors import RedisRefused
from common.process.startup import configure, parser, starting
from common.store.database import open_database
from worker import jobs  # noqa: F401 - imported before the forks, once, instead of by each child
from worker.sessions.rq_worker import SessionWorker

PURPOSE = "Run sessions from the queue until SIGTERM or Ctrl-C."


def main() -> None:
    parser("worker", PURPOSE, read_by(Reader.WORKER)).parse_args()
    with starting("worker"):
        config = configure()
        redis = connect(config.redis_url, refused=end)
        open_database(config.database_url)
    structlog.get_logger("worker").info("waiting for sessions", hosts=", ".join(config.ollama_hosts))
    worker = SessionWorker(redis)
    worker.work(logging_level=None)
    if not worker.is_stopping:
        sys.exit("The worker has ended because of the error in the log above.")


def end(error: RedisRefused) -> NoReturn:
    sys.exit(f"The worker ends: {error}")


if __name__ == "__main__":
    main()
