"""guidellm and aiperf, used as their users do, against the same server as Gait.

They live in their own environment, which is made once and only on request: it takes several gigabytes. Their results
for each answer are read from their own JSON files. Their first answers, which also open the connections, are left out,
as Gait's are.
"""

import json
import shutil
from pathlib import Path

from bench.fidelity.answers import Answer, Answers
from bench.fidelity.stream import MODEL
from bench.support.tool_environment import HUGGING_FACE, make, run
from common.values.free_json import Json

FOLDER = Path("var/peers")
LOCK = Path("requirements/peers.txt")
TOKENIZER = HUGGING_FACE / "hub" / "models--gait--words"
"""A place in Hugging Face's own cache. Without the network, aiperf looks for a tokenizer only there."""
SNAPSHOT = TOKENIZER / "snapshots" / "1"
WORDS = """
import sys
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
words = Tokenizer(models.WordLevel({"[UNK]": 0, "[EOS]": 1, "word": 2}, unk_token="[UNK]"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
PreTrainedTokenizerFast(tokenizer_object=words, unk_token="[UNK]", eos_token="[EOS]").save_pretrained(sys.argv[1])
"""
LIMIT_S = 90


def install() -> None:
    """Make the environment, unless the pinned versions are there already. Raises ToolFailed."""
    make(FOLDER, LOCK, "guidellm and aiperf", "several gigabytes, minutes", finish=_write_tokenizer)


def _write_tokenizer() -> None:
    """Write a tokenizer that knows the only word of the reference server, so that both count its tokens correctly."""
    SNAPSHOT.mkdir(parents=True, exist_ok=True)
    run([str(_bin("python")), "-c", WORDS, str(SNAPSHOT)], FOLDER / "tokenizer.log")
    (TOKENIZER / "refs").mkdir(exist_ok=True)
    (TOKENIZER / "refs" / "main").write_text(SNAPSHOT.name)


def guidellm(url: str, streams: int, requests: int, tokens: int) -> Answers:
    """Return its answers to this many requests of each stream. Raises ToolFailed."""
    prompts, report = FOLDER / "prompts.jsonl", FOLDER / "guidellm.json"
    total = streams * requests
    prompts.write_text("".join(json.dumps({"prompt": f"question {number}"}) + "\n" for number in range(total)))
    report.unlink(missing_ok=True)
    settings = {
        "backend": f"kind=openai_http,target={url},model={MODEL},request_format=/v1/completions,max_tokens={tokens}",
        "profile": f"kind=concurrent,streams={streams}",
        "constraint": f"kind=max_requests,count={total}",
        "tokenizer": f"kind=hf_auto,model={SNAPSHOT}",
        "data": f"kind=json_file,path={prompts}",
        "output": f"kind=json,path={report}",
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    run([str(_bin("guidellm")), "run", *options, "--disable-progress"], FOLDER / f"guidellm-{streams}.log", LIMIT_S)
    return read_guidellm(json.loads(report.read_text()), streams)


def read_guidellm(report: Json, streams: int) -> Answers:
    """Return the answers without the first request of each stream."""
    answers = report["benchmarks"][0]["requests"]["successful"]
    answers.sort(key=lambda answer: answer["request_start_time"])
    return {
        json.loads(answer["request_args"])["body"]["prompt"]: Answer(
            answer["time_to_first_token_ms"], answer["inter_token_latency_ms"]
        )
        for answer in answers[streams:]
    }


def aiperf(url: str, streams: int, requests: int, tokens: int) -> Answers:
    """Return its answers to this many requests of each stream. Raises ToolFailed."""
    folder = FOLDER / "aiperf"
    shutil.rmtree(folder, ignore_errors=True)
    options = ["--model", MODEL, "--url", url, "--endpoint-type", "completions", "--streaming"]
    options += ["--tokenizer", "gait/words", "--concurrency", str(streams)]
    options += ["--request-count", str(streams * (requests - 1)), "--warmup-request-count", str(streams)]
    options += ["--prompt-input-tokens-mean", "16", "--prompt-output-tokens-mean", str(tokens)]
    options += ["--use-legacy-max-tokens", "--output-artifact-dir", str(folder), "--ui", "none"]
    options += ["--no-gpu-telemetry", "--no-server-metrics"]
    run([str(_bin("aiperf")), "profile", *options], FOLDER / f"aiperf-{streams}.log", LIMIT_S)
    report = (folder / "profile_export.jsonl").read_text()
    return read_aiperf([json.loads(line) for line in report.splitlines()])


def read_aiperf(records: list[Json]) -> Answers:
    """Return the answers without those of its warm-up."""
    counted = [record for record in records if record["metadata"]["benchmark_phase"] == "profiling"]
    return {
        record["metadata"]["x_request_id"]: Answer(
            record["metrics"]["time_to_first_token"]["value"],
            record["metrics"]["inter_token_latency"]["value"],
            tuple(record["metrics"]["inter_chunk_latency"]["value"]),
        )
        for record in counted
    }


def _bin(name: str) -> Path:
    return FOLDER / "venv" / "bin" / name
