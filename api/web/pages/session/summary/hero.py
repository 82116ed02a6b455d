"""The answer of a whole session in a few words: which model is the best, by how much, and whom it serves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api.web.pages.presentation.formatting import range_text, text
from api.web.pages.session.facts import MetricFact
from api.web.pages.session.measured_test import unit
from api.web.pages.session.sections import TestTypeSection
from api.web.pages.session.summary.ranking import FIRST_TOKEN, RankedModel, Ranking
from common.catalogue.metrics import METRICS
from common.stats.ratio import percent

VERBS = {
    "Speed": "writes",
    "First token": "answers after",
    "Reading": "reads",
    "Vectors": "embeds",
    "Users": "serves",
}
BEST = {"Speed": "writes fastest", "First token": "answers first", "Reading": "reads fastest"}
MAX_NAMED = 3


@dataclass(frozen=True)
class Hero:
    """The `headline`, and `sentences` that follow it. `model` is the one that it is about, if it is one."""

    headline: str
    sentences: Sequence[str]
    model: RankedModel | None


def hero(ranking: Ranking | None, sections: Sequence[TestTypeSection]) -> Hero | None:
    """Return what to say first; None while nothing is known."""
    if ranking is None:
        return _failed(sections)
    first = ranking.best or ranking.models[0]
    if len([each for each in ranking.models if ranking.by in each.facts]) <= 1:
        return Hero(_alone(first, ranking.by), list(_served(first, ranking, sections)), first)
    if ranking.best is None:
        return Hero(_equal(ranking), [], None)
    return Hero(f"{first.model} {BEST.get(ranking.by, 'is ahead')}", list(_ahead(first, ranking, sections)), first)


def _failed(sections: Sequence[TestTypeSection]) -> Hero | None:
    cells = [cell for section in sections for cell in section.cells]
    failed = sum(cell.status == "failed" for cell in cells)
    is_over = not any(cell.measured or cell.status not in ("failed", "not run") for cell in cells)
    return Hero("Nothing was measured", [], None) if failed and is_over else None


def _alone(model: RankedModel, by: str) -> str:
    return (
        f"{model.model} {VERBS[by]} {_value(model.facts[by])}"
        if by in VERBS
        else f"{model.model}: {_value(model.facts[by])}"
    )


def _equal(ranking: Ranking) -> str:
    """Return the headline of models of which none is clearly ahead."""
    return f"No model is clearly ahead in {ranking.by[:1].lower()}{ranking.by[1:]}"


def _ahead(first: RankedModel, ranking: Ranking, sections: Sequence[TestTypeSection]) -> Iterator[str]:
    best = first.facts[ranking.by]
    second = next(each for each in ranking.models if each is not first and ranking.by in each.facts)
    yield f"{_value(best)}{_lead(best, second.facts[ranking.by], second.model)}."
    yield from _served(first, ranking, sections)


def _lead(best: MetricFact, other: MetricFact, model: str) -> str:
    """Return by how much the best value is better than that of another model."""
    if not best.statistic or not other.statistic:
        return ""
    lower = METRICS[best.metric].better == "lower"
    ratio = percent(*((other.statistic, best.statistic) if lower else (best.statistic, other.statistic)))
    if ratio is None or ratio["value"] is None:
        return ""
    low, high = ratio["ci95"] or (None, None)
    share = None if low is None or high is None else range_text([low - 100, high - 100], "%")
    more = "faster" if METRICS[best.metric].is_speed else "better"
    return f", {text(ratio['value'] - 100, '%')}{f' ({share})' if share else ''} {more} than {model}"


def _served(model: RankedModel, ranking: Ranking, sections: Sequence[TestTypeSection]) -> Iterator[str]:
    """Yield what else decides whether a model is good enough: the wait for the first token, and the users."""
    wait, users = (model.facts.get(title) for title in (FIRST_TOKEN.title, "Users"))
    if wait and ranking.by != FIRST_TOKEN.title:
        yield f"The first token arrives after {_value(wait)}."
    if users and users.value is not None:
        people = "1 user" if users.value == 1 else f"{users.value:.0f} users"
        if users.metric == "capacityUsers":
            yield f"It serves {people} well at once."
        elif users.value < _most_users(model.model, sections):
            yield f"More than {people} at once gain nothing."
        else:
            yield f"More than {people} at once were not tested."


def _most_users(model: str, sections: Sequence[TestTypeSection]) -> float:
    """Return the largest number of users that a model was tested with, 0 if it was not."""
    cells = (cell for section in sections if section.test_type == "concurrency" for cell in section.cells)
    measured = [cell.measured for cell in cells if cell.model == model and cell.measured]
    return max((float(point.get("users") or 0) for test in measured for point, _ in test.points), default=0.0)


def _value(fact: MetricFact) -> str:
    return text(fact.value or 0.0, unit(fact.metric))
