import pytest

from sampler.tolerant_read import NotReportedError, TolerantReads


def test_a_failing_read_gives_null_and_a_reason_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    degrees = iter([1, None, 2, None])

    def read() -> int:
        value = next(degrees)
        if value is None:
            raise OSError(19, "No such device", "/sys/temp")
        return value

    reads = TolerantReads("gpu 0")
    read_tolerantly = reads.tolerant("temperature", read)
    reason = {"gpu 0 temperature": "No such device: /sys/temp"}
    assert [(read_tolerantly(), reads.missing) for _ in range(4)] == [(1, {}), (None, reason), (2, {}), (None, reason)]
    assert reads.failed == {"gpu 0 temperature"}
    logged = [record.getMessage() for record in caplog.records]
    assert logged == ["gpu 0 temperature is unknown: No such device: /sys/temp"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotReportedError("as on ARM"), "as on ARM"),
        (ValueError("/sys/a does not hold a number"), "/sys/a does not hold a number"),
        (KeyError("size"), "KeyError: 'size'"),
        (OSError("gone"), "OSError: gone"),
        (OSError(5, "Input/output error", "/sys/\udcff\n"), "Input/output error: /sys/??"),
    ],
)
def test_a_reason_says_what_failed_in_printable_characters(error: Exception, reason: str) -> None:
    def fail() -> None:
        raise error

    reads = TolerantReads()
    assert reads.read("a value", fail) is None
    assert reads.missing == {"a value": reason}
    assert bool(reads.failed) != isinstance(error, NotReportedError)
