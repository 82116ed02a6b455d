import subprocess
import sys

import pytest

from testbed import ROOT

FIT = """
import resource, sys
soft, hard, wanted = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
from api.live.websocket.open_files import fitting
from common.errors import ConfigurationError
try:
    print(fitting(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
except ConfigurationError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "says"),
    [
        (256, 4000, 2000, "2000 3200"),  # raised as far as needed
        (4000, 4000, 2000, "2000 4000"),  # enough already
        (256, 1400, 2000, "200 1400"),  # raised as far as allowed, and fewer WebSockets
        (256, 1203, 3, "3 1203"),
        (256, 1203, 2000, "the API may open 1203 files, and needs 3200 for 2000 WebSockets. Raise its hard limit"),
    ],
)
def test_websockets_are_held_against_the_limit_of_open_files(soft: int, hard: int, wanted: int, says: str) -> None:
    command = [sys.executable, "-c", FIT, str(soft), str(hard), str(wanted)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.strip().startswith(says)
