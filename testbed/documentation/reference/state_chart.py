"""The states of a session: as a chart, and with their status and phases."""

from collections.abc import Iterator

from common.store.reads.states import PHASES, State
from common.store.tables import Phase, Status
from testbed.documentation.reference.markdown import code, table

WIDTH = 12


def chart() -> str:
    """Return a chart in plain text, which GitHub and the site show alike.

    A session passes the states of the status `running` in their order, and ends in one of the others.
    """
    ends = [state for status, states in PHASES.items() if status is not Status.RUNNING for state in states]
    passed = " ──> ".join(PHASES[Status.RUNNING])
    lines = [f"{passed} ──┬─> {ends[0]}"]
    indent = " " * (len(passed) + len(" ──"))
    lines += [f"{indent}{'└' if end is ends[-1] else '├'}─> {end}" for end in ends[1:]]
    phases = "\n".join(f"{state:{WIDTH}}{' ─> '.join(of)}" for state, of in PHASES[Status.RUNNING].items())
    return "\n".join(["```text", *lines, "", f"{'state':{WIDTH}}phases", phases, "```"])


def states() -> str:
    """Return a row for each state, with what answers have under `status` and `phase`."""
    return table(
        ("state", "`status`", "`phase`"), [(code(state), code(status), code(*of)) for state, status, of in _all()]
    )


def _all() -> Iterator[tuple[State, Status, tuple[Phase, ...]]]:
    for status, of in PHASES.items():
        for state, phases in of.items():
            yield state, status, phases
