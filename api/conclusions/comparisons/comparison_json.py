"""A comparison as JSON, in the shape of `api/schemas/conclusions/comparisons.py`."""

from collections.abc import Iterable, Sequence

from api.conclusions.comparisons.alternatives import Names
from api.conclusions.comparisons.compared_tests import ComparedCell, ComparedRow, ComparedTest
from api.conclusions.comparisons.comparison import Comparison
from api.conclusions.comparisons.evaluation.points import ComparedPoint, TestPoints
from api.conclusions.comparisons.evaluation.verdicts import Verdict
from api.conclusions.comparisons.words import sentences
from api.conclusions.comparisons.words.differences import ColumnFact
from api.conclusions.comparisons.words.summary import OutcomeCount, Summary
from common.catalogue.metrics import Metric
from common.catalogue.test_types import TEST_TYPES
from common.catalogue.wording import point_text
from common.stats.censored import known
from common.stats.comparing.comparison import PERCENT, Difference, Outcome
from common.stats.distribution import Median
from common.values.free_json import Json
from common.values.units import iso


def answer(comparison: Comparison) -> Json:
    """Return a comparison of sessions and models."""
    letters = [one.letters for one in comparison.alternatives]
    return {
        "sentence": comparison.summary.sentence,
        "baseline": comparison.baseline.letter,
        "columns": columns(comparison),
        "alternatives": alternatives(comparison.summary, [(one.title, one.letters) for one in comparison.alternatives]),
        "differences": differences([*comparison.facts, *comparison.unlike_options], letters),
        "outcomes": outcomes(comparison.summary.outcomes),
        "methods": comparison.methods,
        "together": comparison.together,
        "tests": [
            test(each, comparison.names, comparison.points_of(each.name), comparison.grades(each.name))
            for each in comparison.tests
        ],
    }


def columns(comparison: Comparison) -> list[Json]:
    return [
        {
            "letter": column.letter,
            "title": comparison.names.full(column.letter),
            "against": comparison.against[column.letter].letter,
            "model_name": column.model["name"],
            "host": column.session.host,
            "sessions": list(column.sessions) or [column.session.id],
            "session_name": column.session.name,
            "start": iso(column.session.created_at),
            "end": iso(column.session.finished_at),
        }
        for column in comparison.shown
    ]


def alternatives(found: Summary, titled: Iterable[tuple[str, Sequence[str]]]) -> list[Json]:
    """Return what is compared, by title and letters, each with its outcomes."""
    summaries = {each.title: each for each in found.alternatives}
    return [
        {
            "title": title,
            "letters": list(letters),
            "sentence": summaries[title].sentence if title in summaries else "",
            "outcomes": outcomes(summaries[title].outcomes) if title in summaries else [],
        }
        for title, letters in titled
    ]


def differences(facts: Iterable[ColumnFact], letters: Sequence[Sequence[str]]) -> list[Json]:
    """Return the facts in which alternatives differ, each with the value of the columns with these letters."""
    return [
        {
            "name": fact.name,
            "values": {letter: value for own, value in zip(letters, fact.values, strict=True) for letter in own},
        }
        for fact in facts
        if fact.differs
    ]


def outcomes(counted: Iterable[OutcomeCount]) -> list[Json]:
    return [{"outcome": each.outcome, "count": each.count, "where": dict(each.where)} for each in counted]


def test(compared: ComparedTest, names: Names, points: Iterable[TestPoints], grades: Json) -> Json:
    """Return one test type in all columns."""
    known_type = TEST_TYPES.get(compared.name)
    headlines = [_row(row, compared, names, is_headline=True) for row in compared.rows]
    return {
        "test_type": compared.name,
        "question": known_type.question if known_type else "",
        "rows": [*headlines, *(_row(row, compared, names, is_headline=False) for row in compared.further)],
        "grades": grades,
        "obstacles": compared.obstacles,
        "failed": compared.failed,
        "points": [_points(each) for each in points],
    }


def _row(row: ComparedRow, compared: ComparedTest, names: Names, *, is_headline: bool) -> Json:
    title = sentences.row_title(row.point, row.metric)
    cells = [_cell(cell, row.metric, title, names, compared.obstacles.get(cell.letter, ())) for cell in row.cells]
    return {**metric_fields(row.metric), "point": row.point, "is_headline": is_headline, "cells": cells}


def metric_fields(metric: Metric) -> Json:
    """Return what a reader needs to know of a metric."""
    return {"metric": metric.name, "label": metric.label, "unit": metric.unit, "better": metric.better}


def _cell(cell: ComparedCell, metric: Metric, title: str, names: Names, obstacles: Sequence[str]) -> Json:
    verdict = _of_cell(cell, metric, title, names, obstacles) if cell.outcome else None
    place = {"letter": cell.letter, "against": cell.against, "absence": cell.absence}
    return {**place, **_value(cell.statistic), "verdict": verdict}


def _of_cell(cell: ComparedCell, metric: Metric, title: str, names: Names, obstacles: Sequence[str]) -> Json:
    """Return the verdict on a cell that has an outcome."""
    subject, pair = names.subject(cell.against, cell.letter, title), names.pair(cell.against, cell.letter)
    if cell.verdict and not cell.incomparable:
        return _verdict(cell.verdict, sentences.verdict_sentence(cell.verdict, subject, pair))
    return _incomparable(metric, sentences.incomparable_sentence(subject, pair, obstacles), obstacles)


def _value(statistic: Median | None) -> Json:
    if statistic is None:
        return {"value": None, "n": 0, "ci95": None, "censored": 0}
    return {name: statistic.get(name, 0) for name in ("value", "n", "ci95", "censored")}


def _verdict(verdict: Verdict, sentence: str) -> Json:
    return {
        **difference(verdict.difference, verdict.metric.unit),
        "outcome": verdict.outcome,
        "sentence": sentence,
        "reasons": sentences.reasons(verdict),
        "method": verdict.method.name.lower(),
        "unchanged_sessions": verdict.unchanged,
    }


def difference(found: Difference, unit: str) -> Json:
    """Return a change with its unit, interval and smallest visible size. What is infinite is null."""
    return {
        "change": known(found.change),
        "change_unit": sentences.change_unit(unit, relative=found.relative),
        "interval": found.interval and [known(bound) for bound in found.interval],
        "confidence": round(PERCENT * (1 - found.level), 3),
        "smallest_change": known(found.detectable),
    }


def _incomparable(metric: Metric, sentence: str, reasons: Sequence[str]) -> Json:
    unknown = dict.fromkeys(("change", "interval", "confidence", "smallest_change", "method"))
    known_of = {"outcome": Outcome.INCOMPARABLE, "sentence": sentence, "reasons": list(reasons)}
    return {**unknown, **known_of, "change_unit": metric.unit, "unchanged_sessions": 0}


def _points(found: TestPoints) -> Json:
    points = [_point(point, found) for point in found.points]
    return {**metric_fields(found.metric), "letter": found.letter, "main": found.main, "points": points}


def _point(compared: ComparedPoint, found: TestPoints) -> Json:
    verdict = compared.verdict
    title, pair = found.metric.label, (point_text(found.main), point_text(compared.point))
    shown = verdict and _verdict(verdict, sentences.verdict_sentence(verdict, title, pair))
    return {"point": compared.point, **_value(compared.statistic), "verdict": shown}
