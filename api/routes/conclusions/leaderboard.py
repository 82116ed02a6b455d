"""`GET /leaderboard`: the newest comparable result of each model on each host, ranked."""

from collections.abc import Mapping

from api.conclusions.comparisons.comparison_json import metric_fields
from api.conclusions.histories.history_query import metric_of
from api.conclusions.leaderboard.board import Entry, Wanted, board
from api.conclusions.leaderboard.sentences import board_sentence, entry_sentence
from api.openapi.resource import Resource
from api.routes import unreadable
from api.schemas.conclusions.leaderboard import Leaderboard, LeaderboardQuery
from common.catalogue.metrics import Metric
from common.store.earlier import history
from common.store.earlier.newest import newest
from common.values.free_json import Json
from common.values.units import iso, model_name

resource = Resource("leaderboard", __name__, description="Models and hosts by their newest results.")


@resource.operation("GET", "/leaderboard", name="readLeaderboard", answer=(200, Leaderboard), query=LeaderboardQuery)
def read(query: Json) -> Json:
    """Rank the newest result of each model on each host under one test type, with the same options.

    Entries whose intervals overlap cannot be distinguished. Hosts are compared as they are,
    whatever their hardware. With a `tag`, the newest 2,000 sessions that have it are looked at.
    """
    test_type = query.get("test_type") or (history.newest() or ("", ""))[1]
    metric = metric_of(test_type, query.get("metric"))
    model = model_name(query["model"]) if "model" in query else None
    others = {name: query.get(name) for name in ("host", "tag", "options")}
    return unreadable.one(Wanted(test_type, metric, model=model, **others), _answer)


def _answer(wanted: Wanted) -> Json:
    found, metric = board(wanted), wanted.metric
    names = newest.names([entry.result.test for entry in found.entries])
    return {
        **metric_fields(metric),
        "test_type": wanted.test_type,
        "options": found.options,
        "sentence": board_sentence(found),
        "entries": [_entry(entry, metric, names) for entry in found.entries],
        "without_value": found.without_value,
        "others": [{"options": options, "results": count} for options, count in found.others.items()],
    }


def _entry(entry: Entry, metric: Metric, names: Mapping[str, str | None]) -> Json:
    result, statistic = entry.result, entry.statistic
    return {
        "rank": entry.rank,
        "sentence": entry_sentence(entry, metric),
        "model_name": result.test.model,
        "host": result.test.host,
        "session_id": result.test.session_id,
        "session_name": names.get(result.test.session_id),
        "value": statistic["value"],
        "n": statistic["n"],
        "ci95": statistic.get("ci95"),
        "date": iso(result.test.at),
        "age": round(entry.age.total_seconds(), 3),
        "point": result.point,
        "grade": result.grade,
        "model_digest": result.digest,
        "ollama_version": result.ollama_version,
        "reasons": entry.reasons,
    }
