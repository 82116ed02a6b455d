"""Submit a session again and again, and be killed at another line each time.

`python -m tests.integration.api.submission.killed BODY STEP`

The settings are the environment's. A child is forked for each line that submitting goes through, in our modules and
where RQ writes to the queue, and for each that it comes to again. Submission number N has the idempotency key `line N`
and is killed at line N × STEP. Prints how many there were once one came through; the few beside it do so too.
"""

import gc
import json
import os
import signal
import sys
from http import HTTPStatus
from itertools import count
from types import CodeType
from typing import NoReturn

from flask import Flask
from rq import Queue

from api.app import create_app
from api.routes.sessions import sessions
from api.submission import submit
from common.messaging import events, streams
from common.messaging.jobs import queue
from common.store.changes import writes
from common.store.reads import sessions as stored_sessions
from tests.support.processes.killed_at_lines import disconnect, dying_after

WATCHED = {str(module.__file__) for module in (sessions, submit, events, stored_sessions, queue, writes, streams)}
WRITE = Queue._enqueue_rate_limited_job.__code__
AT_ONCE = 6


def key(number: int) -> str:
    return f"line {number}"


def main() -> None:
    app, body, step = create_app(), json.loads(sys.argv[1]), int(sys.argv[2])
    _submit_nothing(app)
    disconnect()  # no child may inherit a connection
    for first in count(1, AT_ONCE):
        numbers = range(first, first + AT_ONCE)
        children = [os.fork() or _submit(app, body, number, step) for number in numbers]
        ends = {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children}
        if ends != {-signal.SIGKILL}:
            sys.stdout.write(str(numbers[-1]))
            sys.exit(max(ends))


def _submit_nothing(app: Flask) -> None:
    """Do here what the first request does once, and let children share what there is then."""
    assert app.test_client().post("/api/v1/test-sessions", json={}).status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert app.test_client().get("/api/v1/test-sessions").status_code == HTTPStatus.OK
    gc.freeze()


def _submit(app: Flask, body: object, number: int, step: int) -> NoReturn:
    sys.settrace(dying_after(number * step, is_watched))
    answer = app.test_client().post("/api/v1/test-sessions", json=body, headers={"Idempotency-Key": key(number)})
    if answer.status_code != 202:
        sys.stderr.write(answer.get_data(as_text=True))
    os._exit(answer.status_code != 202)


def is_watched(code: CodeType) -> bool:
    """Return whether the lines of this code count."""
    return code.co_filename in WATCHED or code is WRITE


if __name__ == "__main__":
    main()
