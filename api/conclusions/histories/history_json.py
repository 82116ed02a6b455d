"""A history as JSON, in the shape of `api/schemas/conclusions/histories.py`."""

from collections.abc import Sequence

from api.conclusions.comparisons.comparison_json import (
    alternatives,
    difference,
    differences,
    metric_fields,
    outcomes,
    test,
)
from api.conclusions.comparisons.words.sentences import change_unit
from api.conclusions.histories.changes import Change
from api.conclusions.histories.history import Finding, History
from api.conclusions.histories.history_query import Answered
from api.conclusions.histories.sentences import outlook, sentence
from api.conclusions.histories.spans import LETTERS, SpanComparison
from common.stats.history.evaluation import Level
from common.store.earlier.history import HistoryEntry
from common.values.free_json import Json
from common.values.units import iso


def answer(found: Answered) -> Json:
    """Return the sessions of a history with their changes, its levels and lasting changes."""
    history, metric = found.history, found.history.metric
    host, options = found.group or (None, None)
    pairs = zip(history.sessions, history.changes, strict=True)
    return {
        **metric_fields(metric),
        "model_name": history.model,
        "test_type": history.test_type,
        "host": host,
        "options": options,
        "points": [_point(session, changes) for session, changes in pairs],
        "steps": [_step(history, finding) for finding in history.findings],
        "levels": [_level(history, level) for level in history.evaluation.levels],
        "outlook": outlook(history),
        "smallest_step": history.evaluation.detectable,
        "smallest_step_unit": change_unit(metric.unit, relative=history.evaluation.relative),
        "missing_sessions": history.missing,
        "older": iso(found.older),
        "without_value": found.without_value,
        "others": [
            {"host": place, "options": others, "sessions": count} for (place, others), count in found.others.items()
        ],
    }


def _reference(session: HistoryEntry) -> Json:
    return {"session_id": session.session_id, "session_name": session.session_name}


def _point(session: HistoryEntry, changes: Sequence[Change]) -> Json:
    statistic = session.statistic
    return {
        **_reference(session),
        "date": iso(session.at),
        **{name: statistic and statistic[name] for name in ("value", "n", "ci95")},
        "point": session.point,
        "grade": session.grade,
        "model_digest": session.model.get("digest"),
        "ollama_version": session.ollama_version,
        "changes": list(map(str, changes)),
    }


def _step(history: History, finding: Finding) -> Json:
    return {
        **difference(finding.lasting.difference, history.metric.unit),
        "kind": "drift" if finding.lasting.drifts else "step",
        "outcome": finding.outcome,
        "sentence": sentence(history, finding),
        "reasons": [],
        "first": _reference(finding.first),
        "last": _reference(finding.last),
        "start": iso(finding.first.at),
        "end": iso(finding.last.at),
        "seen": iso(finding.seen.at),
        "coinciding": list(map(str, finding.changes)),
    }


def _level(history: History, level: Level) -> Json:
    first, last = history.sessions[level.start], history.sessions[level.end - 1]
    return {
        "start": iso(first.at),
        "end": iso(last.at),
        "sessions": level.end - level.start,
        "drifts": level.drifts,
        "first": level.values[0],
        "first_ci95": level.intervals[0],
        "last": level.values[1],
        "last_ci95": level.intervals[1],
    }


def spans_answer(found: SpanComparison) -> Json:
    """Return a comparison of spans of time, in the shape of `api/schemas/conclusions/comparisons.py`."""
    host = found.group[0] if found.group else ""
    named = zip(LETTERS, found.spans, strict=True)
    return {
        "sentence": found.summary.sentence,
        "baseline": "A",
        "columns": [
            {
                "letter": letter,
                "title": found.names.full(letter),
                "against": "A",
                "model_name": found.asked.model,
                "host": host,
                "session_name": None,
                "sessions": [session.session_id for session in span.sessions],
                "start": iso(span.start),
                "end": iso(span.end),
            }
            for letter, span in named
        ],
        "alternatives": alternatives(found.summary, [(found.names.full(letter), letter) for letter in LETTERS]),
        "left_out": 0,
        "differences": differences(found.facts, [*LETTERS]),
        "outcomes": outcomes(found.summary.outcomes),
        "methods": list(found.methods()),
        "together": "",
        "tests": [test(found.test, found.names, [], {})] if found.test.rows else [],
    }
