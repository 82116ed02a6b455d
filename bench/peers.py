"""guidellm and aiperf, driven as their users do, against the same server as Gait.

They live in an environment of their own, which is made once and only when asked for: with what they need it is several
gigabytes. What they report of each answer is read from their own JSON files; their first answers, which also open the
connections, are left out as Gait's are.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bench.answers import Answer, Answers

FOLDER = Path("var/peers")
LOCK = Path("requirements/peers.txt")
HUGGING_FACE = FOLDER / "huggingface"
TOKENIZER = HUGGING_FACE / "hub" / "models--gait--words"
"""As Hugging Face's own cache has it: aiperf finds a tokenizer nowhere else when it may not use the network."""
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
LAST_LINES = 5

Json = dict[str, Any]


class PeerFailed(Exception):
    """What a person needs to know of it."""


def install() -> None:
    """Make the environment, unless what is pinned is there already. Raises PeerFailed."""
    environment(FOLDER, LOCK, "guidellm and aiperf", "several gigabytes, minutes", finish=_write_tokenizer)


def environment(folder: Path, lock: Path, names: str, size: str, *, finish: Callable[[], None] = lambda: None) -> None:
    """Install what `lock` pins into `folder`, unless it is there already, and `finish`. Raises PeerFailed."""
    stamp = folder / "installed"
    if stamp.exists() and stamp.read_text() == lock.read_text():
        return
    print(f"Installing {names} into {folder} (once; {size})", flush=True)
    folder.mkdir(parents=True, exist_ok=True)
    log, pip = folder / "install.log", [str(folder / "venv/bin/python"), "-m", "pip", "--disable-pip-version-check"]
    _run([sys.executable, "-m", "venv", "--clear", str(folder / "venv")], log)
    _run([*pip, "install", "--require-hashes", "--requirement", str(lock)], log)
    finish()
    stamp.write_text(lock.read_text())


def _write_tokenizer() -> None:
    """One that knows the only word of the paced server, so that both count its tokens as they are."""
    SNAPSHOT.mkdir(parents=True, exist_ok=True)
    _run([str(_bin("python")), "-c", WORDS, str(SNAPSHOT)], FOLDER / "tokenizer.log")
    (TOKENIZER / "refs").mkdir(exist_ok=True)
    (TOKENIZER / "refs" / "main").write_text(SNAPSHOT.name)


def guidellm(url: str, streams: int, requests: int, tokens: int) -> Answers:
    """Its answers to as many requests of each stream. Raises PeerFailed."""
    prompts, report = FOLDER / "prompts.jsonl", FOLDER / "guidellm.json"
    total = streams * requests
    prompts.write_text("".join(json.dumps({"prompt": f"question {number}"}) + "\n" for number in range(total)))
    report.unlink(missing_ok=True)
    settings = {
        "backend": f"kind=openai_http,target={url},model=paced,request_format=/v1/completions,max_tokens={tokens}",
        "profile": f"kind=concurrent,streams={streams}",
        "constraint": f"kind=max_requests,count={total}",
        "tokenizer": f"kind=hf_auto,model={SNAPSHOT}",
        "data": f"kind=json_file,path={prompts}",
        "output": f"kind=json,path={report}",
    }
    options = [word for name, value in settings.items() for word in (f"--{name}", value)]
    _run([str(_bin("guidellm")), "run", *options, "--disable-progress"], FOLDER / f"guidellm-{streams}.log", LIMIT_S)
    return read_guidellm(json.loads(report.read_text()), streams)


def read_guidellm(report: Json, streams: int) -> Answers:
    """Without the requests that were sent first, one of each stream."""
    answers = report["benchmarks"][0]["requests"]["successful"]
    answers.sort(key=lambda answer: answer["request_start_time"])
    return {
        json.loads(answer["request_args"])["body"]["prompt"]: Answer(
            answer["time_to_first_token_ms"], answer["inter_token_latency_ms"]
        )
        for answer in answers[streams:]
    }


def aiperf(url: str, streams: int, requests: int, tokens: int) -> Answers:
    """Its answers to as many requests of each stream. Raises PeerFailed."""
    folder = FOLDER / "aiperf"
    shutil.rmtree(folder, ignore_errors=True)
    options = ["--model", "paced", "--url", url, "--endpoint-type", "completions", "--streaming"]
    options += ["--tokenizer", "gait/words", "--concurrency", str(streams)]
    options += ["--request-count", str(streams * (requests - 1)), "--warmup-request-count", str(streams)]
    options += ["--prompt-input-tokens-mean", "16", "--prompt-output-tokens-mean", str(tokens)]
    options += ["--use-legacy-max-tokens", "--output-artifact-dir", str(folder), "--ui", "none"]
    options += ["--no-gpu-telemetry", "--no-server-metrics"]
    _run([str(_bin("aiperf")), "profile", *options], FOLDER / f"aiperf-{streams}.log", LIMIT_S)
    report = (folder / "profile_export.jsonl").read_text()
    return read_aiperf([json.loads(line) for line in report.splitlines()])


def read_aiperf(records: list[Json]) -> Answers:
    """Without those of its warm-up."""
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


def _run(command: list[str], log: Path, limit_s: float | None = None) -> None:
    """Run the command with its output in the log. Raises PeerFailed with the log's last lines."""
    offline = {"HF_HOME": str(HUGGING_FACE.resolve()), "HF_HUB_OFFLINE": "1", "NO_PROXY": "127.0.0.1"}
    with (
        log.open("w") as output,
        subprocess.Popen(
            command, stdout=output, stderr=output, env=os.environ | offline, start_new_session=True
        ) as process,
    ):
        try:
            process.wait(limit_s)
        except subprocess.TimeoutExpired as error:
            raise PeerFailed(f"{log.stem} was not done after {limit_s} s; its log is {log}") from error
        finally:
            _end(process)
    if process.returncode:
        last = "\n".join(log.read_text().splitlines()[-LAST_LINES:])
        raise PeerFailed(f"{log.stem} failed; the whole log is {log}\n{last}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """With all that it started: a peer that is stopped leaves its workers behind."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
