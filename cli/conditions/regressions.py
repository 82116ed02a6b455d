"""Open regressions in what a session has measured, for `gait run --fail-on regression`."""

import time
from collections.abc import Sequence

from cli.conditions.fail_on import Evaluation, State, verdict_code
from cli.exit_codes import ExitCode
from cli.invocation import Invocation
from common.values.free_json import Json

POLL_S = 1.0
TIMEOUT_S = 60.0
"""How long Gait may take to evaluate a session that has ended."""
MAX_OPEN = 1000
NOT_EVALUATED = "Gait has not evaluated the session. Check that its scheduler runs."


def verdict_on(gait: Invocation, session_ids: Sequence[str], *, strict: bool) -> ExitCode:
    """Say which regressions are open in the histories of these sessions, and return the exit code."""
    if not all(_is_evaluated(gait, each) for each in session_ids):
        return verdict_code(gait, [Evaluation(State.UNKNOWN, NOT_EVALUATED)], strict=strict)
    found = {each["id"]: each for session_id in session_ids for each in _open(gait, gait.client.session(session_id))}
    return verdict_code(gait, [Evaluation(State.MET, each["sentence"]) for each in found.values()], strict=strict)


def _is_evaluated(gait: Invocation, session_id: str) -> bool:
    """Wait until Gait has evaluated the session's histories."""
    deadline = time.monotonic() + TIMEOUT_S
    while gait.client.get("/regressions", sessionId=session_id, limit=1)["unjudged"]:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


def _open(gait: Invocation, session: Json) -> list[Json]:
    """Return the open regressions of the histories that the session is in."""
    measured = {(model["name"], test["type"]) for model in session["models"] for test in model["tests"]}
    found = gait.client.get("/regressions", host=session["host"], limit=MAX_OPEN)["regressions"]
    return [
        each
        for each in found
        if (each["modelName"], each["testType"]) in measured and _is_in_history(gait, session["id"], each)
    ]


def _is_in_history(gait: Invocation, session_id: str, regression: Json) -> bool:
    """Return whether the session was measured with the options of the regression's history."""
    history = gait.client.get(
        "/histories",
        model=regression["modelName"],
        **{name: regression[name] for name in ("testType", "metric", "host", "options")},
    )
    return any(point["sessionId"] == session_id for point in history["points"])
