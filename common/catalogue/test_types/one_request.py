"""Test types that send one request at a time."""

from common.catalogue.charts import (
    BATCH_SIZE,
    CONTEXT_DEPTH,
    PROMPT_LENGTH,
    CurveChart,
    RunsChart,
    TimeChart,
    TimePanel,
)
from common.catalogue.options import Option, context_length, output_tokens, prompt_tokens, repetitions
from common.catalogue.test_type import AnswerKind, AnswerRule, TestType

DECLARED = (
    TestType(
        name="ttft",
        title="Wait for the first token",
        question="How long does a person wait for the first token of an answer?",
        headline="timeToFirstToken",
        represented_by="the first `promptTokens`",
        options=(prompt_tokens(128, 512, 1024), output_tokens(16), context_length(), *repetitions()),
        beside=("promptTokensPerSecond",),
        charts=(
            CurveChart(
                "How does the wait grow with the prompt?", "timeToFirstToken", PROMPT_LENGTH, "How long was each wait?"
            ),
        ),
        suggested=True,
    ),
    TestType(
        name="prefill",
        title="Reading speed",
        question="How fast does the model read a prompt?",
        headline="promptTokensPerSecond",
        represented_by="the longest prompt",
        options=(
            prompt_tokens(128, 512, 2048, 8192, 16_384),
            output_tokens(16),
            context_length(),
            *repetitions(),
        ),
        beside=("timeToFirstToken", "promptFixedTime", "promptTimePerToken"),
        charts=(
            CurveChart(
                "How fast are prompts of each length read?",
                "promptTokensPerSecond",
                PROMPT_LENGTH,
                "How fast was each prompt read?",
            ),
        ),
    ),
    TestType(
        name="decode",
        title="Writing speed",
        question="How fast does the model write?",
        headline="decodeTokensPerSecond",
        options=(prompt_tokens(64), output_tokens(128), context_length(), *repetitions()),
        beside=("interChunkLatency", "energyPerToken"),
        charts=(RunsChart("How fast was each answer written?", "decodeTokensPerSecond"),),
        suggested=True,
    ),
    TestType(
        name="context-depth",
        title="Writing speed deep in the context",
        question="How much slower does the model write deep in its context?",
        headline="decodeTokensPerSecond",
        answer=AnswerRule("decodeTokensPerSecond", AnswerKind.KEPT, "rate kept at depth"),
        represented_by="the first `promptTokens`",
        options=(prompt_tokens(64, 1024, 4096, 8192), output_tokens(64), context_length(), *repetitions()),
        beside=("decodeTokensPerSecond",),
        charts=(
            CurveChart(
                "How fast are answers written at each depth?",
                "decodeTokensPerSecond",
                CONTEXT_DEPTH,
                "How fast was each answer written?",
            ),
        ),
    ),
    TestType(
        name="sustained",
        title="Speed over minutes",
        question="Does the model keep its rate over minutes?",
        headline="decodeTokensPerSecond",
        answer=AnswerRule("rateRetained"),
        options=(
            prompt_tokens(64),
            output_tokens(256),
            context_length(),
            Option("durationSeconds", "s", 600, 1, 86_400, "how long the model is kept writing"),
        ),
        alternates=False,
        beside=("decodeTokensPerSecond", "firstFifthTokensPerSecond", "lastFifthTokensPerSecond"),
        charts=(
            TimeChart(
                "Does the rate last?",
                "decodeTokensPerSecond",
                (
                    TimePanel("Does the rate last, and do the clocks?", "clock", ("smClock", "cpuFrequency")),
                    TimePanel(
                        "Does the rate fall as the machine warms?", "temperature", ("gpuTemperature", "cpuTemperature")
                    ),
                ),
            ),
        ),
    ),
    TestType(
        name="thinking",
        needs="thinking",
        title="Time spent thinking",
        question="How long does the model think before it answers?",
        headline="timeToAnswer",
        options=(prompt_tokens(256), output_tokens(2048), context_length(), *repetitions()),
        beside=("thinkingTime", "decodeTokensPerSecond"),
        charts=(RunsChart("How long did each answer take to begin?", "timeToAnswer"),),
    ),
    TestType(
        name="determinism",
        title="Same answer again",
        question="Does the model give the same answer to the same prompt?",
        headline="sameAnswer",
        options=(prompt_tokens(64), output_tokens(128), context_length(), *repetitions()),
        beside=("identicalAnswers",),
        charts=(RunsChart("How much of each answer is the same as the first?", "sameAnswer"),),
    ),
    TestType(
        name="embedding",
        needs="embedding",
        title="Embedding speed",
        question="How fast does the model turn texts into vectors?",
        headline="embeddingsPerSecond",
        represented_by="the longest inputs in the largest batch",
        options=(
            Option("inputTokens", "tokens", (32, 128, 512), 16, 131_072, "lengths of the inputs, to 2 %"),
            Option("batchSize", "inputs", (1, 8, 32), 1, 512, "numbers of inputs in each request"),
            context_length(),
            *repetitions(),
        ),
        context_terms=(("inputTokens",),),
        beside=("promptTokensPerSecond",),
        charts=(
            CurveChart(
                "How does the batch size affect the rate?",
                "embeddingsPerSecond",
                BATCH_SIZE,
                "How fast was each request?",
            ),
        ),
    ),
)
