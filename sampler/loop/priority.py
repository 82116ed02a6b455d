"""The priority of this process, so that readings are punctual while every core is busy."""

import os

NICE = -5
ADVICE = "grant CAP_SYS_NICE, or set LimitRTPRIO=1 in its systemd unit, for punctual readings under full load"


def raise_own() -> str | None:
    """Raise this process's priority, to real time if that is allowed, and return the reason if neither works.

    A reading takes about a millisecond, so that other processes hardly wait for it.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except (AttributeError, OSError):  # not Linux, or not permitted
        return _be_less_nice()
    return None


def _be_less_nice() -> str | None:
    try:
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    except (AttributeError, OSError) as error:
        return f"the priority cannot be raised ({error}); {ADVICE}"
    return None
