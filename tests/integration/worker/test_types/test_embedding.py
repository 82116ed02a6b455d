import pytest

from common.errors import OllamaHTTPError, OllamaProtocolError, OllamaUnreachable
from common.ollama.client import Ollama
from common.store.reads import sessions
from testbed.ollama_double import OllamaDouble, Script, Timing
from tests.integration.worker.lab import Lab, find_verdict, rejected
from tests.support.ollama.generations import known
from tests.support.ollama.run_contexts import context_on
from worker.ollama.client import Driver
from worker.ollama.responses import read_embeddings
from worker.test_types.embedding import Embedding
from worker.verdicts.clocks import HEAD_START_NS
from worker.workload.prompts import PromptTemplate

pytestmark = [pytest.mark.usefixtures("tables"), pytest.mark.slow]

TINY = "tiny:latest"


# Ollama's behaviour


def test_each_input_has_its_vector_and_all_tokens_are_counted(url: str) -> None:
    driver, inputs = Driver(Ollama(url)), ["12 some words", "34 other and more words"]
    alone = [known(driver.embed(TINY, [text], 512).answer.server.prompt_tokens) for text in inputs]
    both = driver.embed(TINY, inputs, 512)
    server = both.answer.server
    assert both.count == 2
    assert server.prompt_tokens == sum(alone)
    assert 0 < known(server.load_ns) < known(server.total_ns) <= both.answer.done_ns + HEAD_START_NS
    assert driver.is_loaded(TINY)


def test_an_input_that_exceeds_the_context_is_refused(url: str) -> None:
    with pytest.raises(OllamaHTTPError, match="input length exceeds maximum context length") as refused:
        Driver(Ollama(url)).embed(TINY, ["12 " + "word " * 700], 512)
    assert not refused.value.retry_helps


def test_an_invalid_answer_is_an_error(double: OllamaDouble) -> None:
    for text in (b"[]", b"{}", b'{"embeddings": 7}', b"no json"):
        with pytest.raises(ValueError):  # noqa: PT011 - each in words of its own
            read_embeddings([(5, text)])
    with pytest.raises(OllamaProtocolError, match="out of memory"):
        read_embeddings([(5, b'{"error": "out of memory"}')])
    double.order(Script(at=None, then="cut"))
    with pytest.raises(OllamaUnreachable):
        Driver(Ollama(double.url)).embed(TINY, ["12"], 512)
    double.order(Script(last={"prompt_eval_count": "many"}))
    assert Driver(Ollama(double.url)).embed(TINY, ["12"], 512).answer.server.prompt_tokens is None


# Measurements


def test_each_length_and_batch_size_is_measured(lab: Lab) -> None:
    lab.double.timing = Timing(first=1, each=2)
    test = lab.test("embedding", inputTokens=[32, 64], batchSize=[1, 4], minRepetitions=2)
    metrics = lab.run(test)
    assert [point["point"] for point in metrics["points"]] == [
        {"inputTokens": tokens, "batchSize": batch} for tokens in (32, 64) for batch in (1, 4)
    ]
    assert metrics["headline"]["point"] == {"inputTokens": 64, "batchSize": 4}
    assert abs(metrics["promptTokens"] - 4 * 64) <= 4
    assert metrics["embeddingsPerSecond"] <= 4 / 0.009  # the double waits so long
    assert metrics["promptTokensPerSecond"] <= 4 * 65 / 0.009
    assert metrics["tokensPerSecond"] == metrics["promptTokensPerSecond"]
    assert "4 inputs of 64 tokens per request" in metrics["finding"]


def test_metrics_that_embeddings_lack_are_left_out(lab: Lab) -> None:
    test = lab.test("embedding", inputTokens=32, batchSize=2)
    metrics = lab.run(test)
    known = {"inferenceTime", "tokensPerSecond", "promptTokensPerSecond", "embeddingsPerSecond", "promptTokens"}
    assert set(metrics["statistics"]) == {*known, "loadTime"}
    assert metrics["finding"].startswith("The model makes ")
    (request, *_) = sessions.runs(test)[0].record["requests"]
    assert request["embeddings"] == 2


def test_all_inputs_differ(lab: Lab) -> None:
    lab.run(lab.test("embedding", inputTokens=32, batchSize=[1, 4]))
    inputs = [text for seen in lab.double.requests for text in seen.prompt.split("\n")]
    heads = {text[:12] for text in inputs}
    assert all(head.isdigit() for head in heads)
    assert len(heads) == len(inputs)
    assert {seen.options["num_ctx"] for seen in lab.double.requests} == {512}


@pytest.mark.parametrize(
    ("last", "name"),
    [
        ({"embeddings": [[0.1]]}, "embeddings-missing"),
        ({"prompt_eval_count": 40}, "prompt-length"),
        ({"prompt_eval_count": None}, "prompt-length"),
    ],
)
def test_an_incomplete_answer_is_rejected(lab: Lab, last: dict[str, object], name: str) -> None:
    test = lab.test("embedding", inputTokens=32, batchSize=4, minRepetitions=2)
    metrics = lab.run(test, Script(last=last))
    assert rejected(test) == [[name], []]
    assert find_verdict(metrics, name)["evidence"]["wanted"]


def test_a_run_begins_with_the_model_in_memory(double: OllamaDouble) -> None:
    workload, template = Embedding(), PromptTemplate(5, 0, "")
    context = context_on(double, Embedding.test_type, inputTokens=32).at({"inputTokens": 32})
    workload.templates[32] = template
    for _ in range(2):  # the second finds it there
        workload.before_run(context, "1")
    assert [seen.prompt for seen in double.requests] == [template.prompt("spare 1")]
    assert context.driver.is_loaded(TINY)


def test_it_runs_on_a_real_server(lab: Lab, ollama_url: str) -> None:
    lab.url = ollama_url
    metrics = lab.run(lab.test("embedding", inputTokens=[32, 64], batchSize=[1, 2]))
    assert len(metrics["points"]) == 4
    assert metrics["embeddingsPerSecond"] > 0
    assert abs(metrics["promptTokens"] - 128) <= 4
