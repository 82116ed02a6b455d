"""The other model, for a test that needs a second one."""

from dataclasses import replace

from common.errors import TestFailure
from common.ollama.client import InstalledModel
from worker.workload.run_context import RunContext


def context(own: RunContext) -> RunContext:
    """A bench with the other model on it: one of the session's own where there is one, and of those the smallest.

    Raises:
        TestFailure: when the server has no other model that writes.
    """
    for model in _others(own):
        facts = own.driver.server.facts(model.name)
        if not facts.capabilities or "completion" in facts.capabilities:  # old servers list none
            length = min(own.context_length, facts.context_length or own.context_length)
            return replace(own, model=model.name, facts=facts, context_length=length)
    raise TestFailure(
        f"{own.model} is the only model there that writes; pull a second one (ollama pull NAME) to swap with"
    )


def _others(own: RunContext) -> list[InstalledModel]:
    """Another name of the same file is no other model."""
    listed = own.driver.server.models()
    digests = {model.digest for model in listed if model.name == own.model}
    others = [model for model in listed if model.name != own.model and model.digest not in digests]
    return sorted(others, key=lambda model: (model.name not in own.session_models, model.size, model.name))
