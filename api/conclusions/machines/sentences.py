"""What an owner asks of a machine, and the answers in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.conclusions.machines.capacity import Served
from api.conclusions.machines.memory import Fit
from api.conclusions.machines.overview import ModelOnHost, Overview
from api.conclusions.machines.recent_changes import RecentChanges, recent_changes
from common.values.units import text

MAX_CHANGES = 2

OTHERS = (
    (Fit.TIGHT, "fits only just", "fit only just"),
    (Fit.SPLIT, "runs partly on the CPU", "run partly on the CPU"),
    (Fit.TOO_LARGE, "is too large", "are too large"),
)
"""Where models run that do not simply fit: words for one model, and for several."""


@dataclass(frozen=True)
class AnswerInWords:
    """A question of an owner and its answer."""

    question: str
    answer: str


def answers(found: Overview) -> list[AnswerInWords]:
    """Return the answers to what fits, is fastest and changed, how many users are served, and what tokens cost."""
    return [
        AnswerInWords("What fits?", " ".join(_fitting(found))),
        AnswerInWords("What is fastest?", _fastest(found.models)),
        AnswerInWords("How many users?", _users(found.served)),
        AnswerInWords("What does a token cost?", _cost(found)),
        AnswerInWords("What changed since last week?", " ".join(_changed(recent_changes(found.host)))),
    ]


def _fitting(found: Overview) -> Iterator[str]:
    room, models = found.room, found.models
    if room.main is None:
        yield "The memory of this machine is unknown, because no sampler has described it."
        return
    by_fit = {fit: [model for model in models if model.need.fit == fit] for fit in (*Fit, None)}
    fitting = by_fit[Fit.FITS]
    whole = f"{text(room.main, 'bytes')} of {room.name} with {found.context:,} tokens of context"
    largest = max(fitting, key=lambda model: model.need.known or 0, default=None)
    if largest and len(models) == 1:
        yield f"{largest.name} fits in {whole}."
    elif largest:
        yield f"{len(fitting)} of {len(models)} models fit in {whole}, the largest is {largest.name}."
    else:
        yield f"No model is known to fit in {whole}."
    for fit, one, several in OTHERS:
        if by_fit[fit]:
            yield f"{_named(by_fit[fit])} {one if len(by_fit[fit]) == 1 else several}."
    if by_fit[None]:
        yield f"It is unknown for {_named(by_fit[None])}."


def _changed(found: RecentChanges) -> Iterator[str]:
    """Yield a sentence for each of the newest changes, and one for the slowdowns from before."""
    groups = [*found.slower, *found.faster]
    for group in groups[:MAX_CHANGES]:
        since = "since" if group.first.record["drifts"] else "on"
        yield f"{group.subject} became {group.size} {group.outcome} {since} {group.began:%Y-%m-%d}."
    if len(groups) > MAX_CHANGES:
        yield f"{len(groups) - MAX_CHANGES} more changed."
    if found.over:
        yield f"{len(found.over)} {'slowdown is' if len(found.over) == 1 else 'slowdowns are'} over."
    if not groups and not found.over:
        yield f"Nothing, since {found.since:%Y-%m-%d}."
    if found.before:
        largest = max(found.before, key=lambda group: group.models)
        yield f"From before that, {largest.subject} is still {largest.size} {largest.outcome}."


def _named(models: Sequence[ModelOnHost]) -> str:
    return models[0].name if len(models) == 1 else f"{len(models)} models"


def _fastest(models: Sequence[ModelOnHost]) -> str:
    measured = [model for model in models if model.rate]
    if not measured:
        return "No model has been measured here."
    first = measured[0]
    wait = first.wait.value if first.wait else None
    after = f", after {text(wait, 'ms')} for the first token" if wait is not None else ""
    return f"{first.name} writes {text(first.rate, 'tokens/s')}{after}."


def _users(served: Sequence[Served]) -> str:
    if not served:
        return "No test with many users has been measured here."
    return f"{served[0].sentence} {served[0].objectives.words}"


def _cost(found: Overview) -> str:
    """Return the cheapest model, by price if there is one."""
    known = [(cost, model) for model in found.models for cost in model.costs]
    if not known:
        return "No energy has been measured here."
    cost, model = min(known, key=lambda each: each[0].joules)
    count = f"with {cost.users} users" if cost.users > 1 else "with one user"
    if found.price is None or cost.price is None:
        return f"{model.name} takes the least: {cost.joules:.3g} J/token {count}. Set PRICE_PER_KWH to see prices."
    return f"{model.name} costs the least: {cost.price:.3g} {found.price.currency} for a million tokens {count}."
