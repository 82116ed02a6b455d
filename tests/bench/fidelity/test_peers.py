"""The reports of guidellm and aiperf are read correctly. The samples are real reports cut down to two requests."""

import sys
from pathlib import Path

import psutil
import pytest

from bench.fidelity import peers
from bench.fidelity.answers import Answer
from bench.support import tool_environment
from common.values.free_json import Json
from testbed.waiting import until


def guidellm_answer(prompt: str, start: float, ttft: float) -> Json:
    return {
        "request_args": f'{{"method":null,"stream":true,"body":{{"model":"one","prompt":"{prompt}"}},"files":null}}',
        "request_start_time": start,
        "time_to_first_token_ms": ttft,
        "inter_token_latency_ms": 5.01,
    }


def aiperf_record(phase: str, name: str, ttft: float) -> Json:
    return {
        "metadata": {"x_request_id": name, "benchmark_phase": phase},
        "metrics": {
            "time_to_first_token": {"value": ttft, "unit": "ms"},
            "inter_token_latency": {"value": 5.5, "unit": "ms"},
            "inter_chunk_latency": {"value": [5.0, 6.0], "unit": "ms"},
        },
    }


def test_guidellms_answers_are_found_by_their_prompts_without_the_first() -> None:
    answers = [guidellm_answer("question 1", 20.5, 51.0), guidellm_answer("question 0", 20.0, 60.0)]
    report = {"benchmarks": [{"requests": {"successful": answers}}]}
    assert peers.read_guidellm(report, streams=1) == {"question 1": Answer(51.0, 5.01)}


def test_aiperfs_answers_are_found_by_their_ids_without_the_warm_up() -> None:
    records = [aiperf_record("warmup", "a", 60.0), aiperf_record("profiling", "b", 51.0)]
    assert peers.read_aiperf(records) == {"b": Answer(51.0, 5.5, (5.0, 6.0))}


def test_a_command_that_fails_is_reported_with_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(tool_environment.ToolFailed, match="no such flag"):
        tool_environment.run([sys.executable, "-c", "raise SystemExit('no such flag')"], tmp_path / "broken.log")


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    with pytest.raises(tool_environment.ToolFailed, match="did not finish"):
        tool_environment.run(["sh", "-c", "sleep 60 & echo $!; wait"], tmp_path / "hanging.log", limit_s=0.5)
    child = int((tmp_path / "hanging.log").read_text())
    until(lambda: has_ended(child), "the end of the child")


def has_ended(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
