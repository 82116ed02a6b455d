"""The options of a session to submit, which `gait run` and `gait schedule add` share."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import click

from cli.arguments.completions import model_names
from cli.errors import WrongUsage
from common.catalogue.effort import DESCRIPTIONS, Effort
from common.values.free_json import Json

DEFAULT_TYPES = "ttft,decode"
EFFORTS = " ".join(f"{effort}: {text}." for effort, text in DESCRIPTIONS.items())
OPTIONS = (
    click.argument("models", nargs=-1, required=True, metavar="MODEL...", shell_complete=model_names),
    click.option(
        "--types", "-t", default=DEFAULT_TYPES, show_default=True, help="Test types, as `gait types` lists them."
    ),
    click.option(
        "--effort",
        type=click.Choice([effort.value for effort in Effort]),
        help=f"How often each point is measured. {EFFORTS} Default: standard.",
    ),
    click.option("--option", "-o", "options", multiple=True, help="An option of a test type: decode.outputTokens=64"),
    click.option("--name", help="A name to find the session by."),
    click.option("--tag", "tags", multiple=True, help="A tag to find the session by; several are possible."),
    click.option("--host", help="A host of `gait hosts`, `any` or `all`. Default: the first."),
    click.option(
        "--order", type=click.Choice(["sequential", "interleaved"]), help="The order of several models' runs."
    ),
    click.option("--repeat", type=click.IntRange(1), help="How many sessions run, one after the other."),
)
NAMES = ("models", "types", "effort", "options", "name", "tags", "host", "order", "repeat")


def session_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def body_of(given: Json) -> Json:
    """Return the body of `POST /test-sessions` that the values of the options say, and take these from `given`."""
    fields = {name: given.pop(name) for name in NAMES}
    types, options = fields.pop("types"), fields.pop("options")
    body = {
        "testTypes": [name.strip() for name in types.split(",") if name.strip()],
        "options": parsed(options),
        **{name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()},
    }
    return {name: value for name, value in body.items() if value}


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
