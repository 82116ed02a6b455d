from pathlib import Path

import pytest

from common.environment.price import ElectricityPrice
from common.environment.servers.addresses import OllamaHost
from common.environment.settings import Settings, settings
from common.environment.timeouts import TimeLimits
from common.errors import ConfigurationError
from tests.unit.common.environment.environment import digests, read

pytestmark = pytest.mark.usefixtures("empty_environment")


def test_the_defaults_are_those_of_one_machine() -> None:
    assert settings() == Settings(
        host="127.0.0.1",
        port=8000,
        environment="development",
        redis_url="redis://127.0.0.1:6379/0",
        database_url="sqlite:///var/gait.db",
        ollama_hosts={"local": OllamaHost("http://127.0.0.1:11434")},
        sampler_host=None,
        sample_hz=10,
        log_format="text",
        idle_baseline=5,
        ollama_models=None,
        requests_per_second=200,
        max_open_sessions=5000,
        max_runs=20_000,
        max_websockets=2000,
        time_limits=TimeLimits(connect_s=5, first_byte_s=600, silence_s=120, total_s=3600),
        api_keys=(),
    )


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),  # noqa: S104 - nothing is bound
        ("PORT", "80", "port", 80),
        ("REDIS_URL", "rediss://u:p@h:1/2", "redis_url", "rediss://u:p@h:1/2"),
        ("REDIS_URL", "unix:///run/redis.sock", "redis_url", "unix:///run/redis.sock"),
        ("DATABASE_URL", "postgresql+psycopg://h/db", "database_url", "postgresql://h/db"),
        ("SAMPLE_HZ", "0.5", "sample_hz", 0.5),
        ("IDLE_BASELINE", "0", "idle_baseline", 0),
        ("IDLE_BASELINE", "60", "idle_baseline", 60),
        ("REQUESTS_PER_SECOND", "1", "requests_per_second", 1),
        ("MAX_OPEN_SESSIONS", "1000000", "max_open_sessions", 1_000_000),
        ("MAX_RUNS", "7", "max_runs", 7),
        ("MAX_WEBSOCKETS", "7", "max_websockets", 7),
        ("CONNECT_TIMEOUT", "0.1", "time_limits", TimeLimits(connect_s=0.1)),
        ("FIRST_BYTE_TIMEOUT", "1200", "time_limits", TimeLimits(first_byte_s=1200)),
        ("SILENCE_TIMEOUT", "2.5", "time_limits", TimeLimits(silence_s=2.5)),
        ("REQUEST_TIMEOUT", "86400", "time_limits", TimeLimits(total_s=86_400)),
        ("LOG_FORMAT", "json", "log_format", "json"),
        ("PRICE_PER_KWH", " 0.32 EUR ", "price_per_kwh", ElectricityPrice(0.32, "EUR")),
        ("PRICE_PER_KWH", "12€", "price_per_kwh", ElectricityPrice(12, "€")),
        ("OLLAMA_MODELS", "/models", "ollama_models", "/models"),
        ("API_KEYS", " a, b ,,c", "api_keys", digests("a", "b", "c")),
        ("API_KEYS", "", "api_keys", ()),
        ("API_KEYS", "'a', \"b\"", "api_keys", digests("a", "b")),
        # Another program's variables of the same names, and those of links to a service named gait.
        ("HOST", "x86_64-conda-linux-gnu", "host", "127.0.0.1"),
        ("HOST", "gpu-box.local", "host", "127.0.0.1"),
        ("HOST", "203.0.113.7", "host", "127.0.0.1"),
        ("HOST", "0.0.0.0:8000", "host", "127.0.0.1"),
        ("HOST", "localhost", "host", "localhost"),
        ("GAIT_HOST", "gpu-box.local", "host", "gpu-box.local"),
        ("GAIT_HOST", "[::1]", "host", "::1"),
        ("GAIT_PORT", "8001", "port", 8001),
        ("GAIT_PORT", "tcp://10.0.0.1:8000", "port", 8000),
        ("GAIT_REQUEST_TIMEOUT", "60", "time_limits", TimeLimits(total_s=60)),
        # What .env files and `docker run --env-file` leave.
        ("PORT", "", "port", 8000),
        ("PORT", '" 8001 "', "port", 8001),
        ("LOG_FORMAT", "'json'", "log_format", "json"),
        ("SAMPLER_HOST", " ", "sampler_host", None),
        ("SAMPLER_HOST", "'local'", "sampler_host", "local"),
        ("READ_ONLY_KEYS", "c,d", "read_only_keys", digests("c", "d")),
    ],
)
def test_each_variable_is_read(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, field: str, value: object
) -> None:
    assert getattr(read(monkeypatch, **{name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("PORT", "0", ["1", "65535"]),
        ("PORT", "65536", ["1", "65535"]),
        ("PORT", "http", ["integer"]),
        ("GAIT_ENV", "staging", ["development", "production"]),
        ("LOG_FORMAT", "xml", ["text", "json"]),
        *[("PRICE_PER_KWH", value, ["10000", "0.30 EUR"]) for value in ("0.3", "EUR", "0 EUR", "-1 EUR", "nan EUR")],
        ("SAMPLE_HZ", "0", ["0.1", "100"]),
        ("SAMPLE_HZ", "1000", ["0.1", "100"]),
        ("SAMPLE_HZ", "nan", ["nan or infinity"]),
        ("IDLE_BASELINE", "-1", ["0", "60"]),
        ("IDLE_BASELINE", "61", ["0", "60"]),
        ("IDLE_BASELINE", "nan", ["nan or infinity"]),
        ("REQUESTS_PER_SECOND", "0", ["1", "1000000"]),
        ("MAX_OPEN_SESSIONS", "-1", ["1", "1000000"]),
        ("MAX_RUNS", "many", ["integer"]),
        ("MAX_WEBSOCKETS", "0", ["1", "1000000"]),
        *[
            (f"{name}_TIMEOUT", value, allowed)
            for name in ("CONNECT", "FIRST_BYTE", "SILENCE", "REQUEST")
            for value, allowed in (("0", ["0.1", "86400"]), ("86401", ["0.1", "86400"]), ("long", ["number"]))
        ],
        ("REDIS_URL", "http://h", ["redis://", "rediss://", "unix://"]),
        ("REDIS_URL", "localhost", ["redis://", "rediss://", "unix://"]),
        *[
            ("REDIS_URL", f"redis://:hunter2@{rest}", ["wrong part", "%XX"])
            for rest in ("h:port/0", "h:99999", "[::1/0")
        ],
        ("DATABASE_URL", "mysql://h/db", ["sqlite:///", "postgresql://"]),
        ("SAMPLER_HOST", "elsewhere", ["local"]),
        ("API_KEYS_FILE", "/nowhere/keys", ["/nowhere/keys", "No such file"]),
        ("READ_ONLY_KEYS_FILE", "/nowhere/keys", ["/nowhere/keys", "No such file"]),
        ("API_KEYS", "sha256:beef", ["64 hexadecimal digits", "sha256sum"]),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_allowed_values(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, allowed: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(monkeypatch, **{name: text})
    message = str(refused.value)
    assert all(text in message for text in allowed), message
    assert message.startswith(name.removesuffix("_FILE"))
    assert (text in message) == (name not in {"REDIS_URL", "DATABASE_URL", "API_KEYS"}), message


def test_the_prefix_wins_over_the_shared_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, PORT="other", GAIT_PORT="8001", HOST="10.0.0.1", GAIT_HOST="::1").port == 8001
    with pytest.raises(ConfigurationError, match=r"^GAIT_PORT: .* It is 'x'[.]$"):
        read(monkeypatch, GAIT_PORT="x")
    monkeypatch.delenv("GAIT_PORT")
    with pytest.raises(ConfigurationError, match="If PORT is another program's, set GAIT_PORT for Gait"):
        read(monkeypatch)


def test_a_variable_that_is_not_taken_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    (note,) = read(monkeypatch, HOST="x86_64-conda-linux-gnu").notes
    assert note.startswith("HOST: 'x86_64-conda-linux-gnu' is not an IP address of this machine")
    assert "Set GAIT_HOST" in note


def test_all_wrong_values_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"PORT.*LOG_FORMAT"):
        read(monkeypatch, PORT="x", LOG_FORMAT="y")


def test_addresses_with_passwords_may_be_in_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("redis://:hunter2@h\n")
    assert read(monkeypatch, REDIS_URL="redis://other", REDIS_URL_FILE=str(file)).redis_url == "redis://:hunter2@h"
    assert read(monkeypatch, GAIT_REDIS_URL="redis://first").redis_url == "redis://first"
    file.write_text("a=http://u:hunter2@h,\nb=h\n")
    assert list(read(monkeypatch, OLLAMA_HOSTS_FILE=str(file)).ollama_hosts) == ["a", "b"]
    monkeypatch.delenv("OLLAMA_HOSTS_FILE")
    for text, problem in (("\n", "the file is empty"), ("http://hunter2", "The URL must begin with")):
        file.write_text(text)
        with pytest.raises(ConfigurationError, match=problem) as refused:
            read(monkeypatch, GAIT_REDIS_URL_FILE=str(file))
        assert "hunter" not in str(refused.value)
    with pytest.raises(ConfigurationError, match="GAIT_REDIS_URL_FILE: /nowhere cannot be read"):
        read(monkeypatch, GAIT_REDIS_URL_FILE="/nowhere")


def test_production_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="Set API_KEYS or API_KEYS_FILE"):
        read(monkeypatch, GAIT_ENV="production")
    with pytest.raises(ConfigurationError, match="Set API_KEYS or API_KEYS_FILE"):
        read(monkeypatch, API_KEYS=" , ")
    assert read(monkeypatch, API_KEYS="k").environment == "production"


def test_secrets_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"API_KEYS": "hunter1", "REDIS_URL": "redis://:hunter2@h", "DATABASE_URL": "postgresql://u:hunter3@h/db"}
    assert "hunter" not in repr(read(monkeypatch, **secrets))
    with pytest.raises(ConfigurationError) as refused:
        read(monkeypatch, REDIS_URL="http://:hunter2@h", DATABASE_URL="mysql://u:hunter3@h/db", PORT="x")
    assert "hunter" not in str(refused.value)


def test_the_environment_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(monkeypatch, PORT="81")
    monkeypatch.setenv("PORT", "82")
    assert settings() is first
