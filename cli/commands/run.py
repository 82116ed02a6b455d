"""`gait run`: submits a session, and follows it with `--watch`."""

import json
from collections.abc import Sequence

import click

from cli.commands.watching import conclude, follow_own
from cli.errors import WrongUsage
from cli.exit_codes import ExitCode
from cli.invocation import ApiCommand, Invocation, current
from cli.rendering import sessions
from common.catalogue.effort import DESCRIPTIONS, Effort
from common.free_json import Json

DEFAULT_TYPES = "ttft,decode"
EFFORTS = " ".join(f"{effort}: {text}." for effort, text in DESCRIPTIONS.items())


@click.command(cls=ApiCommand)
@click.argument("models", nargs=-1, required=True, metavar="MODEL...")
@click.option("--types", "-t", default=DEFAULT_TYPES, show_default=True, help="Test types, as `gait types` lists them.")
@click.option(
    "--effort",
    type=click.Choice([effort.value for effort in Effort]),
    help=f"How often each point is measured. {EFFORTS}",
)
@click.option("--option", "-o", "options", multiple=True, help="An option of a test type: decode.outputTokens=64")
@click.option("--name", help="A name to find the session by.")
@click.option("--tag", "tags", multiple=True, help="A tag to find the session by; several are possible.")
@click.option("--host", help="A host of `gait hosts`, `any` or `all`. Default: the first.")
@click.option("--order", type=click.Choice(["sequential", "interleaved"]), help="The order of several models' runs.")
@click.option("--repeat", type=click.IntRange(1), help="How many sessions run, one after the other.")
@click.option("--watch", "-w", "watches", is_flag=True, help="Follow the session, and show its results.")
@current
def run(gait: Invocation, /, types: str, options: Sequence[str], *, watches: bool, **fields: object) -> int:
    """Submit a session that measures MODELs.

    Without --watch the command ends when the session is in the queue. Ctrl-C while watching asks whether to cancel the
    session; a second Ctrl-C leaves it running. In a pipe, Ctrl-C leaves it running.
    """
    body = {
        "testTypes": [name.strip() for name in types.split(",") if name.strip()],
        "options": parsed(options),
        **{name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()},
    }
    answer = gait.client.submit({name: value for name, value in body.items() if value})
    if not watches:
        gait.show(answer, sessions.submitted)
        return ExitCode.DONE
    return max(_watched(gait, each["sessionId"]) for each in answer["sessions"])


def _watched(gait: Invocation, session_id: str) -> int:
    gait.say(f"Session {session_id}")
    return conclude(gait, follow_own(gait, session_id))


def parsed(options: Sequence[str]) -> dict[str, Json]:
    """Return options such as `concurrency.users=1,2,4` by test type."""
    by_type: dict[str, Json] = {}
    for text in options:
        name, equals, value = text.partition("=")
        test_type, dot, option = name.partition(".")
        if not (equals and dot and option):
            raise WrongUsage(f"--option {text} is not understood. Write it as in decode.outputTokens=64.")
        by_type.setdefault(test_type, {})[option] = _value(value)
    return by_type


def _value(text: str) -> object:
    """Return a number, a list of numbers, or the text itself, which the server then refuses with its reason."""
    for written in (text, f"[{text}]"):
        try:
            return json.loads(written)
        except ValueError:
            continue
    return text
