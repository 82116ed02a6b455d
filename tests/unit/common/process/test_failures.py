"""Descriptions of exceptions in logs and messages, which quote no data."""

import pytest
import requests
from peewee import DataError, IntegrityError, OperationalError
from psycopg.errors import UntranslatableCharacter
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ReadOnlyError, ResponseError

from common.errors import OllamaError
from common.process.failures import describe, trace

SECRET = "once upon a time"


def _raised(error: BaseException) -> BaseException:
    with pytest.raises(type(error)) as info:
        raise error
    return info.value


@pytest.mark.parametrize(
    ("error", "headline"),
    [
        (ValueError(SECRET), "ValueError"),
        (KeyError(SECRET), "KeyError"),
        (UnicodeEncodeError("utf-8", SECRET, 0, 1, "surrogates not allowed"), "UnicodeEncodeError"),
        (DataError(UntranslatableCharacter(SECRET), SECRET), "DataError: UntranslatableCharacter"),
        (IntegrityError(f"duplicate key\nDETAIL: {SECRET}"), "IntegrityError"),
        (OperationalError(f"database is locked\nCONTEXT: {SECRET}"), "OperationalError: database is locked"),
        (requests.ConnectionError(f"http://user:{SECRET}@host/"), "ConnectionError"),
        (FileNotFoundError(2, "No such file or directory", SECRET), "FileNotFoundError: No such file or directory"),
        (ResponseError(f"ERR unknown command with args: {SECRET}"), "ResponseError: ERR"),
        (ReadOnlyError("You can't write against a read only replica."), "ReadOnlyError: You can't write"),
        (RedisConnectionError("Error 111 connecting to h:1."), "ConnectionError: Error 111 connecting to h:1."),
    ],
)
def test_an_error_is_described_by_its_type_and_place(error: BaseException, headline: str) -> None:
    described, logged = describe(_raised(error)), trace(_raised(error))
    assert described.startswith(headline)
    assert " in tests/unit/common/process/test_failures.py, line " in described
    assert headline in logged.splitlines()[-1]
    assert "raise error" in logged
    assert SECRET not in described + logged


def test_gaits_own_errors_keep_their_message() -> None:
    assert describe(_raised(OllamaError("Ollama is away."))) == "Ollama is away."


def test_a_trace_has_the_causes() -> None:
    error = _raised(OllamaError("The answer lacks a field."))
    error.__cause__ = _raised(KeyError(SECRET))
    logged = trace(error)
    assert [line for line in logged.splitlines() if "Error" in line and "raise" not in line] == [
        "KeyError",
        "OllamaError: The answer lacks a field.",
    ]
    assert SECRET not in logged
