"""Metrics of many requests at once."""

from common.catalogue.metrics.metric import Metric

DECLARED = (
    Metric(
        "aggregateTokensPerSecond",
        "throughput",
        "tokens/s",
        "higher",
        "tokens that arrived in the measured time of a run / this time",
    ),
    Metric("requestsPerSecond", "requests", "requests/s", "higher", "answers that ended in the same time / this time"),
    Metric(
        "writingAtOnce",
        "answers at once",
        "requests",
        "neither",
        "largest number of answers written at the same time for a tenth of the run",
    ),
    Metric("kneeUsers", "knee", "users", "higher", "smallest number of users that reaches 95 % of peak throughput"),
    Metric(
        "kneeUsersLow",
        "knee, at least",
        "users",
        "higher",
        "smallest number of users whose throughput is not clearly below 95 % of the peak",
    ),
    Metric(
        "kneeUsersHigh",
        "knee, at most",
        "users",
        "higher",
        "smallest number of users whose throughput is clearly above 95 % of the peak",
    ),
    Metric("parallelSlots", "parallel slots", "requests", "higher", "largest number of answers written at once"),
    Metric(
        "offeredRequestsPerSecond",
        "offered load",
        "requests/s",
        "neither",
        "rate at which requests were sent, answered or not",
    ),
    Metric(
        "capacityRequestsPerSecond",
        "capacity",
        "requests/s",
        "higher",
        "requestsPerSecond of a closed loop at its knee",
    ),
    Metric("capacityUsers", "users served well", "users", "higher", "largest number of users whose answers are good"),
    Metric("capacityUsersLow", "users served well, at least", "users", "higher", "number of users that is proven good"),
    Metric("capacityUsersHigh", "users served well, at most", "users", "higher", "one less than is proven too many"),
    Metric("capacityRate", "rate served well", "requests/s", "higher", "largest rate at which answers are good"),
    Metric("capacityRateLow", "rate served well, at least", "requests/s", "higher", "rate that is proven good"),
    Metric("capacityRateHigh", "rate served well, at most", "requests/s", "higher", "rate that is proven too large"),
    Metric("goodput", "goodput", "requests/s", "higher", "requests that met both objectives / duration of the run"),
    Metric("goodputShare", "goodput share", "%", "higher", "share of the requests that met both objectives"),
    Metric("failedRequests", "failed requests", "requests", "lower", "requests that the server did not answer"),
)
