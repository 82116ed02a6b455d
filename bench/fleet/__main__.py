"""`python -m bench.fleet`: measure a modelled fleet into a database, and say how to look at it.

The worker's own code measures computed servers, so that forty nights take minutes.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from redis import Redis
from rich.progress import track

from bench.fleet.nights import NIGHTS, plans
from bench.support.modelled.sessions import Maker
from bench.support.silent_log import silence
from common.environment.data_folder import IN_A_CLONE
from common.store.database import database, open_database
from local.redis_server import redis_server

FOLDER = IN_A_CLONE / "fleet"
DATABASE = FOLDER / "gait.db"


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    arguments.add_argument("--nights", type=int, default=NIGHTS)
    arguments.add_argument("--database", default=f"sqlite:///{DATABASE}", help="where to, as DATABASE_URL")
    asked = arguments.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    fill(asked.database, asked.nights)
    print(f"DATABASE_URL={asked.database} make run")


def fill(url: str, nights: int) -> None:
    """Measure the fleet into an empty database."""
    silence()
    wanted = list(plans(nights))
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder) / "redis", Path(folder) / "log") as redis:
        open_database(url)
        with database.connection_context():
            maker = Maker(Redis.from_url(redis))
            for plan in track(wanted, "Measuring", disable=not sys.stderr.isatty()):
                maker.make(plan)


if __name__ == "__main__":
    main()
