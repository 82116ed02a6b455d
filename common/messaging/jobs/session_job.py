"""RQ's job for a session."""

from common.messaging.jobs.checked_job import RETRY, CheckedJob
from common.messaging.redis import QUEUE

RUN_SESSION = "worker.jobs.run_session"
"""The job is enqueued by name, because the API does not import the worker."""

SESSION_STOPPED = "worker.jobs.after_cancellation"
"""The worker calls it when it has killed the process of a cancelled session, before the machine's next session."""


class SessionJob(CheckedJob):
    """The job that runs a session. Its id is the session's."""

    function = RUN_SESSION
    fixed_fields = {  # noqa: RUF012 - as declared there
        "origin": (QUEUE,),
        "stopped_callback_name": (SESSION_STOPPED,),
        "retry_intervals": ("[0]",),
        "result": (RETRY,),
    }
