"""To be woken in time while every core is busy."""

import os

NICE = -5
ADVICE = "CAP_SYS_NICE, or LimitRTPRIO=1 in its systemd unit, lets readings be punctual under full load"


def raise_own() -> str | None:
    """Put this process before ordinary ones, as a real-time one where that is allowed: its work is a millisecond a
    reading, and those who wait for a core are measured by when it was done. Otherwise the reason why not.
    """
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except (AttributeError, OSError):  # not Linux, or no right to it
        return _be_less_nice()
    return None


def _be_less_nice() -> str | None:
    try:
        os.setpriority(os.PRIO_PROCESS, 0, NICE)
    except (AttributeError, OSError) as error:
        return f"this process may not come before others ({error}); {ADVICE}"
    return None
