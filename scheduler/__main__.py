"""`python -m scheduler`: do what is due until asked to stop."""

import signal
from contextlib import suppress

import structlog
from redis.exceptions import RedisError

from api.http.redis import redis
from common.environment.documented_settings import Reader, read_by
from common.messaging import schedulers
from common.process.startup import configure, parser, starting
from scheduler.application import create_application
from scheduler.duties import DUTIES
from scheduler.loop import Loop
from scheduler.notifications.sending import services

PURPOSE = "Do what is due, such as the sessions of schedules, until SIGTERM or Ctrl-C."


def main() -> None:
    parser("scheduler", PURPOSE, read_by(Reader.SCHEDULER)).parse_args()
    with starting("scheduler"):
        config = configure()
        services.check(config.notifications)
        app = create_application(config)
    loop = Loop(app, DUTIES)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        loop.start()
        structlog.get_logger("scheduler").info("doing what is due", duties=", ".join(duty.name for duty in DUTIES))
        while True:
            signal.pause()
    loop.stop()
    with app.app_context(), suppress(RedisError):  # a heartbeat also ends by itself
        schedulers.end(redis())


if __name__ == "__main__":
    main()
