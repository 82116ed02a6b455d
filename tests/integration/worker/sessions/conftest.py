import pytest
from redis import Redis

from testbed.ollama_double import OllamaDouble
from tests.integration.worker.sessions.session_lab import Lab
from worker.workload import retry


@pytest.fixture
def lab(redis: Redis, double: OllamaDouble, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr(retry, "BACKOFF_S", 0.001)
    double.last = {"eval_duration": 150_000_000, "prompt_eval_duration": 10_000_000}
    double.models = ("tiny:latest", "small:latest")
    return Lab(redis, double)
