"""Settings from an environment of the tests' own."""

import hashlib

import pytest

from common.environment.settings import Settings, forget, settings

NAMES = (
    *("PORT", "HOST", "ENV", "DATA", "API_KEYS", "API_KEYS_FILE", "REDIS_URL", "DATABASE_URL", "OLLAMA_HOST"),
    *("OLLAMA_HOSTS", "OLLAMA_MODELS", "SAMPLER_HOST", "SAMPLE_HZ", "LOG_FORMAT", "IDLE_BASELINE"),
    *("READ_ONLY_KEYS", "READ_ONLY_KEYS_FILE", "REDIS_URL_FILE", "DATABASE_URL_FILE", "OLLAMA_HOSTS_FILE"),
    *("REQUESTS_PER_SECOND", "MAX_OPEN_SESSIONS", "MAX_RUNS", "MAX_WEBSOCKETS"),
    *("CONNECT_TIMEOUT", "FIRST_BYTE_TIMEOUT", "SILENCE_TIMEOUT", "REQUEST_TIMEOUT"),
)
VARIABLES = (*NAMES, "XDG_DATA_HOME", *(f"GAIT_{name}" for name in NAMES))


def digests(*keys: str) -> tuple[str, ...]:
    return tuple(f"sha256:{hashlib.sha256(key.encode()).hexdigest()}" for key in keys)


def read(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    forget()
    return settings()
