"""Test types about caches, and about what is in memory."""

from common.catalogue.charts import GPU_LAYERS, PROMPT_LENGTH, TURN, CurveChart, RunsChart
from common.catalogue.options import Option, context_length, output_tokens, prompt_tokens, repetitions
from common.catalogue.test_type import AnswerKind, AnswerRule, TestType

DECLARED = (
    TestType(
        name="cold-start",
        title="First answer after loading",
        question="How long does the first answer take when the model is not in memory?",
        headline="timeToFirstToken",
        represented_by="the start from the page cache",
        options=(prompt_tokens(64), output_tokens(16), context_length(), *repetitions()),
        beside=("loadTime",),
        charts=(RunsChart("How long did each cold start take?", "timeToFirstToken"),),
    ),
    TestType(
        name="prefix-cache",
        title="Time saved by the prompt cache",
        question="How much of the wait is saved when the server knows the beginning of a prompt?",
        headline="timeToFirstToken",
        answer=AnswerRule("cacheSaving"),
        represented_by="the longest prompt",
        options=(prompt_tokens(512, 1024, 4096), output_tokens(16), context_length(), *repetitions()),
        beside=("timeToFirstToken", "uncachedTimeToFirstToken"),
        charts=(
            CurveChart(
                "How long is the wait, with a new and with a known beginning?",
                "timeToFirstToken",
                PROMPT_LENGTH,
                "How long was each wait with a known beginning?",
            ),
        ),
    ),
    TestType(
        name="multi-turn",
        title="A conversation",
        question="Does the wait for the first token grow over a conversation?",
        headline="timeToFirstToken",
        answer=AnswerRule("timeToFirstToken", AnswerKind.KEPT, "wait of the last turn"),
        represented_by="the last turn",
        options=(
            Option("turns", "turns", 8, 2, 64, "questions and answers in a conversation"),
            prompt_tokens(64),
            output_tokens(64),
            context_length(),
            *repetitions(),
        ),
        context_terms=(("turns", "promptTokens"), ("turns", "outputTokens")),
        charts=(
            CurveChart("How does the wait grow over the turns?", "timeToFirstToken", TURN, "How long was each wait?"),
        ),
    ),
    TestType(
        name="model-swap",
        title="Switching models",
        question="What does switching between two models cost?",
        headline="timeToFirstToken",
        answer=AnswerRule("swapTime"),
        represented_by="the answer after the other model",
        options=(prompt_tokens(64), output_tokens(16), context_length(), *repetitions()),
        beside=("timeToFirstToken", "swappedOut"),
        charts=(
            RunsChart("How long is the wait for the first token after the other model?", "timeToFirstToken"),
            RunsChart("How much of that is the swap?", "swapTime"),
        ),
    ),
    TestType(
        name="offload-sweep",
        title="Partly on the GPU",
        question="How fast does the model write with only a part of it on the GPU?",
        headline="decodeTokensPerSecond",
        represented_by="the largest share",
        options=(
            Option("offloadPercent", "%", (0, 25, 50, 75, 100), 0, 100, "shares of the layers on the GPU"),
            prompt_tokens(64),
            output_tokens(64),
            context_length(),
            *repetitions(),
        ),
        beside=("vramShare",),
        charts=(
            CurveChart(
                "How fast is the model with each share of its layers on the GPU?",
                "decodeTokensPerSecond",
                GPU_LAYERS,
                "How fast was each answer written?",
            ),
        ),
    ),
)
