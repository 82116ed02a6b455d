"""`gait run`: submits a session, and follows it with `--watch`."""

from typing import Any

import click

from cli.arguments.session_body import body_of, session_options
from cli.commands.watching import follow_own
from cli.conditions.fail_on import Condition, condition_option, strict_option
from cli.conditions.regressions import verdict_on
from cli.exit_codes import ExitCode
from cli.invocation import ApiCommand, Invocation, current, print_json
from cli.rendering import estimates, sessions
from cli.rendering.results import failed


@click.command(cls=ApiCommand)
@session_options
@click.option("--watch", "-w", "watches", is_flag=True, help="Follow the session, and show its results.")
@click.option("--estimate", is_flag=True, help="Say how long it would take, and submit nothing.")
@condition_option("regression")
@strict_option
@current
def run(
    gait: Invocation,
    /,
    *,
    watches: bool,
    estimate: bool,
    fail_on: Condition | None,
    strict: bool,
    **fields: Any,  # noqa: ANN401 - of many types
) -> int:
    """Submit a session that measures MODELs.

    Without --watch the command ends when the session is in the queue. Ctrl-C while watching asks whether to cancel the
    session; a second Ctrl-C leaves it running. In a pipe, Ctrl-C leaves it running.

    --fail-on regression watches too, and ends with 3 if a lasting change for the worse is open in what was measured.
    """
    body = body_of(fields)
    if estimate:
        gait.show(gait.client.post("/estimates", body), estimates.rendered)
        return ExitCode.DONE
    answer = gait.client.submit(body)
    if not (watches or fail_on):
        gait.show(answer, sessions.submitted)
        return ExitCode.DONE
    ids = [each["sessionId"] for each in answer["sessions"]]
    failures = _followed(gait, ids)
    if failures or not fail_on:
        return ExitCode.FAILED if failures else ExitCode.DONE
    return verdict_on(gait, ids, strict=strict)


def _followed(gait: Invocation, ids: list[str]) -> bool:
    """Follow sessions one after the other, print each when it has ended, and return whether one has failed."""
    ended = []
    for index, session_id in enumerate(ids):
        gait.say(f"Session {session_id}")
        ended.append(follow_own(gait, session_id, ids[index + 1 :]))
        if not gait.as_json:
            gait.show(ended[-1], sessions.whole)
    if gait.as_json:
        print_json(ended[0] if len(ended) == 1 else {"sessions": ended})
    return any(map(failed, ended))
