"""Test types that send many requests at once."""

from common.catalogue.charts import OFFERED_LOAD, USERS, CurveChart
from common.catalogue.options import Option, context_length, output_tokens, prompt_tokens, repetitions
from common.catalogue.test_type import AnswerKind, AnswerRule, TestType

OBJECTIVES = (
    Option("interTokenObjective", "ms", 100, 1, 60_000, "maximum mean time between its later tokens"),
    prompt_tokens(128),
    output_tokens(64),
    context_length(),
)
TTFT_LIMIT = "maximum time to the first token of a good answer"

DECLARED = (
    TestType(
        name="capacity",
        title="Users served well",
        question="How many users, and how many requests per second, does the server serve well?",
        headline="capacityUsers",
        answer=AnswerRule("capacityRate"),
        represented_by="the search over users",
        options=(
            Option("goodPercent", "%", 95, 50, 99, "share of the answers that must meet both objectives"),
            Option("ttftObjective", "ms", 1000, 1, 600_000, TTFT_LIMIT),
            *OBJECTIVES,
            Option("maxUsers", "users", 64, 1, 256, "largest number of users that is tried"),
            Option("maxSeconds", "s", 1800, 1, 86_400, "time after which each of the two searches ends"),
        ),
        beside=("capacityUsers", "capacityUsersLow", "capacityUsersHigh"),
        alternates=False,
        charts=(CurveChart("How long do users wait?", "timeToFirstToken", USERS, has_p95=True),),
    ),
    TestType(
        name="concurrency",
        title="Many users at once",
        question="How many users can the server serve at once, and how fast is each answer?",
        headline="aggregateTokensPerSecond",
        answer=AnswerRule("kneeUsers"),
        represented_by="the knee",
        options=(
            Option("users", "users", (1, 2, 4, 8, 16), 1, 256, "requests in flight at once"),
            Option("durationSeconds", "s", 30, 0, 86_400, "how long each point is measured, by minRepetitions runs"),
            Option("requestsPerUser", "requests", 5, 1, 1000, "minimum of answers to each user in that time"),
            Option("thinkTime", "ms", 0, 0, 600_000, "mean time of a user from an answer to the next request"),
            prompt_tokens(128),
            output_tokens(64),
            context_length(),
            *repetitions(),
        ),
        beside=("aggregateTokensPerSecond", "parallelSlots", "timeToFirstToken"),
        charts=(
            CurveChart(
                "How much does the server write for each number of users?",
                "aggregateTokensPerSecond",
                USERS,
                marks_knees=True,
            ),
            CurveChart("How long does each user wait?", "timeToFirstToken", USERS, marks_knees=True),
        ),
    ),
    TestType(
        name="open-loop",
        title="Requests per second",
        question="How many requests per second does the server answer well?",
        headline="goodputShare",
        answer=AnswerRule("goodput", AnswerKind.LARGEST),
        represented_by="the first load",
        options=(
            Option("loadPercent", "%", (50, 80, 100), 1, 1000, "loads in percent of the capacity", may_be_empty=True),
            Option(
                "requestsPerSecond",
                "requests/s",
                (),
                0.01,
                10_000,
                "loads as absolute rates; given alone, no loadPercent is measured",
                decimals=2,
                may_be_empty=True,
            ),
            Option("requests", "requests", 100, 5, 10_000, "requests in a run, without durationSeconds"),
            Option(
                "durationSeconds",
                "s",
                None,
                1,
                86_400,
                "time in which requests are sent; null: as long as they take",
            ),
            Option("ttftObjective", "ms", 2000, 1, 600_000, TTFT_LIMIT),
            *OBJECTIVES,
            *repetitions(),
        ),
        alternatives=("loadPercent", "requestsPerSecond"),
        beside=("goodputShare", "capacityRequestsPerSecond", "timeToFirstToken"),
        charts=(
            CurveChart("How long is the wait at each load?", "timeToFirstToken", OFFERED_LOAD, has_p95=True),
            CurveChart("How many requests are answered well?", "goodputShare", OFFERED_LOAD),
        ),
    ),
)
