"""`gait models`, `hosts`, `hardware`, `overview`, `types`: what there is to measure, and on what."""

import click

from cli.errors import WrongUsage
from cli.invocation import ApiCommand, Invocation, current
from cli.rendering import machines
from cli.rendering.conclusions import overviews

of_host = click.option("--host", help="A host of `gait hosts`. Default: the first.")


@click.command(cls=ApiCommand)
@of_host
@current
def models(gait: Invocation, host: str | None) -> None:
    """List the models of a host."""
    gait.show(gait.client.get("/models", host=host), machines.models)


@click.command(cls=ApiCommand)
@current
def hosts(gait: Invocation) -> None:
    """List the hosts: their Ollama, their queue and their sampler."""
    gait.show(gait.client.get("/hosts"), machines.hosts)


@click.command(cls=ApiCommand)
@of_host
@current
def hardware(gait: Invocation, host: str | None) -> None:
    """Show the hardware of a host's machine."""
    gait.show(gait.client.get("/hardware", host=host), machines.hardware)


@click.command(cls=ApiCommand)
@of_host
@click.option("--context", type=int, help="Tokens of context that the memory is needed for. Default: 4096.")
@current
def overview(gait: Invocation, host: str | None, context: int | None) -> None:
    """Show what a host's machine can do: the models that fit, their speed, users and cost."""
    gait.show(gait.client.get("/overview", host=host, context=context), overviews.overview)


@click.command(cls=ApiCommand)
@click.argument("name", required=False)
@current
def types(gait: Invocation, name: str | None) -> None:
    """List the test types, or show the options of the one called NAME."""
    document = gait.client.get("/test-types")
    if name is None:
        gait.show(document, machines.test_types)
        return
    by_name = {each["name"]: each for each in document["testTypes"]}
    if name not in by_name:
        raise WrongUsage(f"There is no test type {name}. Use one of {', '.join(by_name)}.")
    gait.show(by_name[name], machines.test_type)
