"""`gait admin`, in the tests' process, on real servers."""

import json
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from click.testing import CliRunner, Result
from redis import Redis

from cli.app import app
from common.environment.keys.api_keys import api_keys, digest
from common.environment.settings import forget
from common.environment.variables import Environment
from common.messaging.jobs.session_job import SessionJob
from common.store.changes import writes
from common.store.database import database, open_database
from common.store.tables import Run, Session
from common.values.units import now
from scheduler import retention
from testbed.ollama_double import OllamaDouble
from tests.support.stored.measured import decode, measured
from tests.support.stored.sessions import claimed, queued


class Admin(Protocol):
    """Runs `gait admin` with arguments."""

    def __call__(self, *arguments: object, **variables: str) -> Result: ...


@pytest.fixture
def admin(sqlite_url: str, redis: Redis, redis_url: str) -> Admin:
    assert redis.ping()

    def run(*arguments: object, **variables: str) -> Result:
        forget()
        usual = {"DATABASE_URL": sqlite_url, "REDIS_URL": redis_url, "OLLAMA_HOSTS": "local=http://127.0.0.1:1"}
        try:
            return CliRunner().invoke(app, ["admin", *map(str, arguments)], env=usual | variables)
        finally:
            forget()

    return run


@pytest.fixture
def stored(sqlite_url: str) -> None:
    open_database(sqlite_url)


def sentences(result: Result) -> str:
    return " ".join(result.output.split())


def test_check_config_says_what_is_wrong_and_what_to_do(admin: Admin, tmp_path: Path) -> None:
    with OllamaDouble("tiny:latest") as ollama:
        good = admin("check-config", "--json", OLLAMA_HOSTS=f"desk={ollama.url}")
        found = {each["subject"]: each for each in json.loads(good.output)["checks"]}
        assert good.exit_code == 0, good.output
        assert found["OLLAMA_HOSTS"]["text"] == f"desk: Ollama {ollama.version}, 1 model"
        assert found["worker"]["outcome"] == found["scheduler"]["outcome"] == "warning"
        assert "up to date" in found["DATABASE_URL"]["text"]
    (tmp_path / "keys").write_text("one")
    (tmp_path / "keys").chmod(0o644)
    bad = admin(
        "check-config",
        REDIS_URL="redis://127.0.0.1:1/0",
        DATABASE_URL=f"sqlite:///{tmp_path}/keys",
        GAIT_RETENTON_DAYS="9",
        API_KEYS_FILE=str(tmp_path / "keys"),
    )
    assert bad.exit_code == 1
    for sentence in (
        "warning GAIT_RETENTON_DAYS: is ignored, because Gait has no setting of this name. If GAIT_RETENTION_DAYS is",
        "can be read by all users of this machine. Run chmod o-r on it.",
        "failed REDIS_URL: Redis cannot be used: Redis does not respond. Check that it is running",
        "failed DATABASE_URL: The database cannot be read: file is not a database. Check DATABASE_URL.",
        "failed OLLAMA_HOSTS: local: Ollama at http://127.0.0.1:1 cannot be reached. Check that it is running",
    ):
        assert sentence in sentences(bad)
    assert max(map(len, bad.output.splitlines())) <= 80 + len(str(tmp_path))
    wrong = admin("check-config", RETENTION_DAYS="0", GAIT_HOST="0.0.0.0")  # noqa: S104 - refused, not bound
    assert wrong.exit_code == 1
    assert "failed settings: RETENTION_DAYS: Must be greater than or equal to 1" in sentences(wrong)
    reachable = admin("check-config", GAIT_HOST="0.0.0.0")  # noqa: S104 - as above
    assert "At 0.0.0.0 other machines reach Gait, and no key is set" in sentences(reachable)


def test_keys_are_made_listed_and_revoked(admin: Admin, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text("old key,older\n")
    path.chmod(0o640)

    def valid() -> tuple[str, ...]:
        return api_keys(Environment({"API_KEYS_FILE": str(path)}), "API_KEYS")

    made = json.loads(admin("keys", "new", "--name", "ci", "--owner", "anna", "--json", API_KEYS_FILE=str(path)).stdout)
    assert valid() == tuple(digest(key.encode()) for key in ("old key", "older", made["key"]))
    assert made["key"] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert admin("keys", "new", "--name", "ci", "--file", path).exit_code == 1
    listed = json.loads(admin("keys", "list", "--json", "--file", path).stdout)["keys"]
    assert [(each["name"], each["owner"]) for each in listed] == [(None, None), (None, None), ("ci", "anna")]
    assert admin("keys", "revoke", listed[2]["id"], "--file", path).exit_code == 0
    assert admin("keys", "revoke", "ci", "--file", path).exit_code == 1
    assert valid() == tuple(digest(key.encode()) for key in ("old key", "older"))
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith("keys")] == ["keys"]


def test_the_last_key_stays_and_a_new_file_is_its_owners_alone(admin: Admin, tmp_path: Path) -> None:
    path = tmp_path / "readers"
    assert admin("keys", "new", "--name", "one", "--read-only", READ_ONLY_KEYS_FILE=str(path)).exit_code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    refused = admin("keys", "revoke", "one", "--file", path)
    assert (refused.exit_code, "is the last key" in refused.output) == (1, True)
    assert "Nothing names a file of keys. Set API_KEYS_FILE to one" in admin("keys", "new", "--name", "x").output
    assert admin("keys", "new", "--name", "a b", "--file", path).exit_code == 2
    path.write_text("sha256:12 name=x\n")
    invalid = admin("keys", "list", "--file", path)
    assert (invalid.exit_code, "needs 64 hexadecimal digits" in invalid.output) == (2, True)


@pytest.mark.usefixtures("stored")
def test_prune_asks_and_tells(admin: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MIN_PAUSE_S", 0)
    measured({"decode": decode(1.0, 2.0)})
    Session.update(finished_at=now() - timedelta(days=9)).execute()
    database.close()
    assert admin("prune").exit_code == 2
    assert json.loads(admin("prune", "--days", 8, "--dry-run", "--json").stdout)["due"] == 1
    assert admin("prune", "--days", 8).exit_code == 130  # nobody answers
    assert Run.select().count() == 2
    assert sentences(admin("prune", "--yes", RETENTION_DAYS="8")) == "Pruned 1 session: 3 rows."
    assert Run.select().count() == 0
    database.close()


@pytest.mark.usefixtures("stored")
def test_requeue_puts_lost_and_failed_sessions_back(admin: Admin, redis: Redis) -> None:
    lost, failed, cancelled = queued(), queued(), queued()
    claim, tests = claimed(failed)
    writes.fail_test(claim, tests[0], "Ollama did not answer.")
    writes.fail_session(claim, "The worker failed.")
    writes.cancel_session(cancelled.id)
    database.close()
    done: Any = json.loads(admin("requeue", "--json").stdout)
    assert done == {"sessions": [{"sessionId": lost.id, "tests": None}]}
    assert json.loads(admin("requeue", "--json").stdout) == {"sessions": []}
    done = json.loads(admin("requeue", failed.id, "--json").stdout)
    assert done == {"sessions": [{"sessionId": failed.id, "tests": 2}]}
    assert [SessionJob.exists(each.id, connection=redis) for each in (lost, failed, cancelled)] == [True, True, False]
    session = Session.get_by_id(failed.id)
    assert (session.status, session.phase, session.message, session.finished_at) == ("running", "queued", None, None)
    for refused, reason in (
        (failed.id, "has not ended"),
        (cancelled.id, "was cancelled"),
        ("x", "There is no session"),
    ):
        answer = admin("requeue", refused)
        assert (answer.exit_code, reason in answer.output) == (1, True), answer.output
    database.close()
    assert admin("requeue", REDIS_URL="redis://127.0.0.1:1/0").exit_code == 6


def test_migrate_checks_applies_and_undoes(admin: Admin, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    missing = json.loads(admin("migrate", "--check", "--json", DATABASE_URL=url).stdout)["pending"]
    assert not (tmp_path / "new.db").exists()
    assert admin("migrate", "--check", DATABASE_URL=url).exit_code == 1
    assert json.loads(admin("migrate", "--json", DATABASE_URL=url).stdout) == {"pending": [], "applied": missing}
    later = [name for name in missing if name > "0020_effort"]
    undone = json.loads(admin("migrate", "--back-to", "0020_effort", "--json", DATABASE_URL=url).stdout)
    assert undone == {"undone": later[::-1]}
    assert json.loads(admin("migrate", "--check", "--json", DATABASE_URL=url).stdout)["pending"] == later
    assert " ".join(admin("migrate", DATABASE_URL=url).stdout.split()) == f"Applied: {', '.join(later)}."
    assert admin("migrate", "--back-to", "0099_none", DATABASE_URL=url).exit_code == 2
    database.close()
