"""Objectives of an answer: the maximum time to its first token, and the maximum mean time between its later ones."""

from common.catalogue.options import Options
from common.records.runs import Metrics

SECOND_MS = 1000


def is_good(metrics: Metrics, options: Options) -> bool:
    """Return True if an answer met both objectives, by the metrics of its request."""
    first, pace = metrics["timeToFirstToken"], metrics["clientTokensPerSecond"]
    if first is None or pace is None:
        return False
    return bool(first <= options["ttftObjective"] and SECOND_MS / pace <= options["interTokenObjective"])
