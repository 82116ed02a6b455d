"""The commands of sessions and machines on a real server."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from cli.exit_codes import ExitCode
from cli.rendering.values import MIN_ID
from common.store.tables import Session
from tests.integration.cli.conftest import Gait
from tests.support.stored.comparable import SLOWER, STEADY, session
from tests.support.stored.measured import decode, measured
from tests.support.stored.sessions import finished, queued

pytestmark = pytest.mark.usefixtures("redis", "stored")


@pytest.mark.parametrize(
    ("command", "field", "words"),
    [
        (["models"], "models", ["Model", "small:latest"]),
        (["hosts"], "hosts", ["local", "away", "OLLAMA_HOST=127.0.0.1:1 ollama serve"]),
        (["types"], "testTypes", ["decode", "How fast does the model write?"]),
        (["types", "decode"], "options", ["outputTokens", "128"]),
        (["compare", "first", "first"], "tests", ["There is nothing to compare", "tiny:latest on local"]),
        (["history", "tiny"], "points", ["decode of tiny:latest", "100 tok/s", "Too few sessions"]),
        (["leaderboard"], "entries", ["Rank", "tiny", "100 tok/s"]),
        (["list"], "sessions", ["Session", "tiny", "completed"]),
        (["show"], "models", ["tiny:latest", "100 tok/s", "99.5 – 101", "Grade"]),
    ],
)
def test_each_command_has_words_for_people_and_json_for_programs(
    gait: Gait, command: list[str], field: str, words: list[str]
) -> None:
    session("first", {"tiny:latest": {0: STEADY}})
    for width in (60, 80):
        shown = gait(*command, env={"COLUMNS": str(width)})
        assert (shown.exit_code, shown.stderr) == (ExitCode.DONE, "")
        assert max(map(len, shown.stdout.splitlines())) <= width
        assert "\x1b" not in shown.stdout
        assert "\\n" not in shown.stdout
        assert not [line for line in shown.stdout.splitlines() if line != line.rstrip()]
    for word in words:
        assert word in shown.stdout
    assert field in json.loads(gait(*command, "--json").stdout)
    assert field in json.loads(gait("--json", *command).stdout)


def test_a_session_has_several_names(gait: Gait) -> None:
    older, newer = (finished("tiny:latest", name="twice").id for _ in range(2))
    latest = finished("tiny:latest", name=f"twice {newer}").id
    shared = next(index for index, (a, b) in enumerate(zip(older, newer, strict=True)) if a != b)
    for name, found in [
        (older, older),
        (older.upper().replace("-", ""), older),
        (older[: max(shared, MIN_ID) + 1], older),  # a shorter one may begin another test's id
        ("twice", newer),
        ("latest", latest),
    ]:
        assert json.loads(gait("show", name, "--json").stdout)["id"] == found
    ambiguous = gait("show", older[:shared])
    assert (ambiguous.exit_code, "ids begin with" in ambiguous.stderr) == (ExitCode.USAGE, True)
    refused = gait("delete", "twice", "--yes")
    assert (refused.exit_code, "2 sessions are called twice" in refused.stderr) == (ExitCode.USAGE, True)
    unknown = gait("show", "never")
    assert (unknown.exit_code, "`gait list` shows" in unknown.stderr) == (ExitCode.USAGE, True)


def test_ids_in_a_list_tell_its_sessions_apart(gait: Gait) -> None:
    for _ in range(3):
        finished()
    ids = sorted(line.split()[0] for line in gait("list", "--limit", "3").stdout.splitlines()[2:5])
    assert all(one != other and not other.startswith(one) for one, other in pairwise(ids))
    assert all(gait("show", each).exit_code == ExitCode.DONE for each in ids)


def test_a_session_is_edited_cancelled_and_deleted(gait: Gait) -> None:
    waiting = queued().id
    edited = gait("edit", waiting, "--name", "my own", "--tags", "a, b", "--note", "two\nlines", "--pin")
    assert edited.exit_code == ExitCode.DONE
    for words in ("my own", "a, b", "two\n", "Pinned"):
        assert words in edited.stdout
    assert "my own" in gait("list", "--tag", "a", "--status", "queued", "--pinned").stdout
    assert gait("edit", waiting).exit_code == ExitCode.USAGE
    assert "cancelled by request" in gait("cancel", "my own").stdout
    again = gait("cancel", "my own")
    assert (again.exit_code, again.stderr[:31]) == (ExitCode.REFUSED, "The session has already ended w")
    asked = gait("delete", waiting, input="n\n")
    assert (asked.exit_code, "my own" in asked.stderr) == (ExitCode.INTERRUPTED, True)
    assert gait("delete", waiting, input="y\n").exit_code == ExitCode.DONE
    assert not Session.select().where(Session.id == waiting).exists()


def test_a_submitted_session_is_what_the_options_say(gait: Gait) -> None:
    options = ["-o", "decode.outputTokens=64", "-o", "concurrency.users=1,2"]
    command = ["run", "tiny", "small", "--types", "decode,concurrency", *options]
    answer = json.loads(gait(*command, "--effort", "quick", "--tag", "x", "--name", "n", "--json").stdout)
    stored = json.loads(gait("show", answer["sessionId"], "--json").stdout)
    assert (stored["name"], stored["tags"], stored["effort"]) == ("n", ["x"], "quick")
    for model in stored["models"]:
        decode, concurrency = (test["options"] for test in model["tests"])
        assert (decode["outputTokens"], concurrency["users"]) == (64, [1, 2])
    shown = gait("run", "tiny", "--host", "local").stdout
    assert "gait watch" in shown


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["tiny", "-o", "outputTokens=64"], ExitCode.USAGE, "Write it as in decode.outputTokens=64."),
        (["tiny", "-o", "decode.outputTokens=many"], ExitCode.REFUSED, "options.decode.outputTokens: must be"),
        (["tiny", "--types", "nope"], ExitCode.REFUSED, "nope"),
        (["absent"], ExitCode.REFUSED, "absent"),
        (["tiny", "--host", "other"], ExitCode.UNAVAILABLE, "other"),
        ([], ExitCode.USAGE, "Missing argument 'MODEL...'"),
    ],
)
def test_a_wrong_submission_says_what_is_wrong(gait: Gait, arguments: list[str], code: ExitCode, says: str) -> None:
    refused = gait("run", *arguments)
    assert (refused.exit_code, refused.stdout) == (code, "")
    assert says in refused.stderr


def test_a_comparison_fails_if_the_condition_is_met(gait: Gait) -> None:
    for _ in range(5):
        session("before", {"own:latest": {0: STEADY}})
    session("after", {"own:latest": {0: SLOWER}})
    for condition, code, says in [
        ("slower:5%", ExitCode.CHANGED, "Failed: decode: after is slower than before"),
        ("slower:10%", ExitCode.DONE, "Undecided: decode: after is slower than before"),
        ("slower:30%", ExitCode.DONE, ""),
    ]:
        ended = gait("compare", "before", "after", "--fail-on", condition)
        assert (ended.exit_code, ended.stderr[: len(says)]) == (code, says), ended.stderr
    strict = gait("compare", "before", "after", "--fail-on", "slower:10%", "--strict", "--json")
    assert strict.exit_code == ExitCode.UNKNOWN
    assert json.loads(strict.stdout)["outcomes"][0]["outcome"] == "slower"
    alone = gait("compare", "latest/own:latest", "before/own:latest", "--fail-on", "slower")
    assert alone.exit_code == ExitCode.DONE


def test_a_session_is_exported_to_a_file_or_a_pipe(gait: Gait, tmp_path: Path) -> None:
    stored = session("to export", {"tiny:latest": {0: STEADY}})
    piped = gait("export", stored.id, "--format", "csv")
    file = tmp_path / "runs.csv"
    assert gait("export", "to export", "--format", "csv", "--output", str(file)).exit_code == ExitCode.DONE
    assert file.read_bytes() == piped.stdout_bytes
    assert piped.stdout.count("\n") == len(STEADY) + 1
    refused = gait("export", stored.id, "--format", "stone", "--output", str(tmp_path / "stone"))
    assert (refused.exit_code, (tmp_path / "stone").exists()) == (ExitCode.REFUSED, False)


def test_an_exported_session_is_imported_again(gait: Gait, tmp_path: Path) -> None:
    stored = measured({"decode": decode(*STEADY)}, ["moved:latest"], name="to move")
    file = tmp_path / "session.json"
    assert gait("export", stored.id, "-o", str(file)).exit_code == ExitCode.DONE
    there = gait("import", str(file))
    assert there.exit_code == ExitCode.REFUSED
    assert stored.id in there.stderr
    gait("delete", stored.id, "--yes")
    assert "The session was imported." in gait("import", "-", input=file.read_bytes()).stdout
    assert gait("export", stored.id).stdout_bytes == file.read_bytes()
    results = gait("export", "all", "--model", "moved:latest").stdout
    assert results.count("\n") == 2
    assert gait("export", stored.id, "--model", "tiny").exit_code == ExitCode.USAGE


def test_a_schedule_is_added_paused_resumed_and_deleted(gait: Gait) -> None:
    assert "  gait schedule add MODEL" in gait("schedule", "list").stdout
    when = ["--cron", "30 2 * * *", "--time-zone", "Europe/Berlin"]
    added = json.loads(gait("schedule", "add", "tiny", "--name", "nightly", "--tag", "x", *when, "--json").stdout)
    assert (added["session"]["models"], added["session"]["tags"], added["enabled"]) == (["tiny:latest"], ["x"], True)
    for name, command, says in [
        ("nightly", "pause", "paused"),
        (added["id"], "show", "paused"),
        (added["id"][:13], "resume", "30 2 * * *, Europe/Berlin"),
    ]:
        assert says in gait("schedule", command, name).stdout
    listed = gait("schedule", "list", env={"COLUMNS": "60"}).stdout
    assert "nightly" in listed
    assert max(map(len, listed.splitlines())) <= 60
    assert "gait watch" in gait("schedule", "run", "nightly").stdout
    assert gait("schedule", "run", "nightly").exit_code == ExitCode.REFUSED  # its session has not ended
    assert gait("schedule", "show", "weekly").exit_code == ExitCode.USAGE
    assert gait("schedule", "add", "tiny", "--cron", "whenever").exit_code == ExitCode.REFUSED
    assert gait("schedule", "delete", "nightly", "--yes").exit_code == ExitCode.DONE


def test_all_schedules_are_listed(gait: Gait, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.server.client.PAGE", 1)
    for name in ("one", "two", "three"):
        gait("schedule", "add", "tiny", "--name", name, "--cron", "30 2 * * *")
    assert [each["name"] for each in json.loads(gait("schedule", "list", "--json").stdout)["schedules"]] == [
        "three",
        "two",
        "one",
    ]
    for name in ("one", "two", "three"):
        gait("schedule", "delete", name, "--yes")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(gait: Gait, shell: str) -> None:
    assert "_GAIT_COMPLETE" in gait("completion", shell).stdout


@pytest.mark.parametrize(
    ("words", "proposed"), [("gait show l", "latest"), ("gait run s", "small:latest"), ("gait lea", "leaderboard")]
)
def test_a_shell_completes_names_from_the_server(gait: Gait, words: str, proposed: str) -> None:
    asked = {"_GAIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert gait(env=asked).stdout == f"plain,{proposed}\n"
    assert gait(env={**asked, "GAIT_URL": "http://127.0.0.1:9"}).stderr == ""


def test_an_estimate_submits_nothing(gait: Gait) -> None:
    before = json.loads(gait("list", "--json").stdout)["total"]
    assert "Time for 2 tests: " in gait("run", "tiny", "--estimate").stdout
    assert json.loads(gait("list", "--json").stdout)["total"] == before
