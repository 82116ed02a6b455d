"""`gait watch`, and what it shares with `gait run`: a session is followed to its end, which Ctrl-C does not hasten."""

import contextlib
from collections.abc import Callable, Sequence

import click

from cli.arguments.completions import session_names
from cli.arguments.session_names import session_id
from cli.errors import Refused
from cli.exit_codes import ExitCode
from cli.invocation import ApiCommand, Invocation, console, current
from cli.progress.ctrl_c import CtrlC, checking, ctrl_c
from cli.progress.display import display
from cli.progress.messages import RUNNING, messages
from cli.progress.question import confirms
from cli.rendering import sessions
from cli.rendering.results import failed, tests
from common.values.free_json import Json


def follow(gait: Invocation, found: str, presses: CtrlC, idle: Callable[[], None] = lambda: None) -> Json:
    """Show a session's progress until it has ended, and return it. `idle` is called about once a second.

    Raises:
        KeyboardInterrupt: if Ctrl-C is pressed.
    """
    session = gait.client.session(found)
    if session["status"] == RUNNING:
        with display(console(stderr=True), [(model, test["type"]) for model, test in tests(session)]) as shown:
            for message in messages(gait.client, found, checking(presses.wait, idle)):
                shown.show(message)
        session = gait.client.session(found)
    return session


def follow_own(gait: Invocation, found: str, later: Sequence[str] = ()) -> Json:
    """Follow a session that this command submitted, with `later` ones. After Ctrl-C at a terminal, ask what to do.

    Raises:
        KeyboardInterrupt: if the person leaves. The sessions are cancelled if they want that, and go on otherwise.
    """
    with ctrl_c() as presses:
        while True:
            try:
                return follow(gait, found, presses)
            except KeyboardInterrupt:
                presses.answer()
                if not _asks_to_stay(gait, presses, found, later):
                    raise


def _asks_to_stay(gait: Invocation, presses: CtrlC, found: str, later: Sequence[str]) -> bool:
    """Return whether the person wants to go on watching."""
    if gait.can_ask:
        try:
            cancels = confirms("Cancel the session? Ctrl-C leaves it running.", presses)
        except (click.Abort, KeyboardInterrupt):
            gait.say("")
        else:
            if not cancels:
                return True
            for each in (found, *later):
                with contextlib.suppress(Refused):  # it has ended
                    gait.client.cancel(each)
            gait.say("The session is cancelled. Its stored runs stay.")
            return False
    if later:
        gait.say(f"{len(later)} more sessions will follow.")
    gait.say(f"The session goes on. To watch it or to stop it:\n  gait watch {found}\n  gait cancel {found}")
    return False


def conclude(gait: Invocation, session: Json) -> int:
    """Print a session that has ended, and return the exit code for it."""
    gait.show(session, sessions.whole)
    return ExitCode.FAILED if failed(session) else ExitCode.DONE


@click.command(cls=ApiCommand)
@click.argument("session", default="latest", shell_complete=session_names)
@current
def watch(gait: Invocation, session: str) -> int:
    """Follow a session to its end, and show its results. SESSION is an id, its beginning, a name, or `latest`."""
    found = session_id(gait.client, session)
    try:
        with ctrl_c() as presses:
            ended = follow(gait, found, presses)
    except KeyboardInterrupt:
        gait.say(f"\nThe session goes on. To stop it:\n  gait cancel {found}")
        raise
    return conclude(gait, ended)
